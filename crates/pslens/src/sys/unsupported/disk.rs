//! Partitions, usage, I/O counters: none.
