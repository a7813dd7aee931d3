//! Counters that wrap.
