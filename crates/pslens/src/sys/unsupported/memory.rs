//! Physical memory and swap: none.
