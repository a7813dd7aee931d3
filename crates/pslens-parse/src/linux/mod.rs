//! Linux: one module per kernel file, named after it (`/proc/[pid]/stat` is `pid_stat`).

mod find;
pub mod cpu_list;
pub mod cpuinfo;
pub mod diskstats;
pub mod filesystems;
pub mod loadavg;
pub mod meminfo;
pub mod mountinfo;
pub mod mounts;
pub mod partitions;
pub mod pid_cmdline;
pub mod pid_environ;
pub mod pid_maps;
pub mod pid_smaps;
pub mod pid_stat;
pub mod pid_statm;
pub mod pid_status;
pub mod stat;
pub mod sys_block_stat;
pub mod sys_hwmon;
pub mod sys_power_supply;
pub mod sys_thermal;
pub mod sys_uevent;
pub mod vmstat;
pub mod zoneinfo;
