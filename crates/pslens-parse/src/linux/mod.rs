//! Linux: one module per kernel file, named after it (`/proc/[pid]/stat` is `pid_stat`).

pub mod loadavg;
