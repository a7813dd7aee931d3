//! Linux: one module per kernel file, named after it (`/proc/[pid]/stat` is `pid_stat`).

mod find;
pub mod loadavg;
pub mod pid_cmdline;
pub mod pid_environ;
pub mod pid_stat;
pub mod pid_statm;
pub mod pid_status;
