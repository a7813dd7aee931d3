//! Partitions, usage, I/O counters.
