//! Linux: one module per kernel file, named after it (`/proc/[pid]/stat` is `pid_stat`).

pub mod cpu_list;
pub mod cpuinfo;
mod find;
pub mod loadavg;
pub mod meminfo;
pub mod pid_cmdline;
pub mod pid_environ;
pub mod pid_stat;
pub mod pid_statm;
pub mod pid_status;
pub mod stat;
pub mod vmstat;
pub mod zoneinfo;
