//! Physical memory and swap.
