//! Linux: one function per file of `pslens_parse::linux`.

use core::hint::black_box;

use pslens_parse::linux as parse;

use crate::{Target, drain};

pub(crate) const TARGETS: &[Target] = &[
    Target {
        name: "linux_cpu_list",
        run: linux_cpu_list,
        fixtures: &[
            "sys/devices/system/cpu/online",
            "sys/devices/system/cpu/offline",
            "sys/devices/system/cpu/cpu0/topology/*_list",
        ],
    },
    Target {
        name: "linux_cpuinfo",
        run: linux_cpuinfo,
        fixtures: &["proc/cpuinfo"],
    },
    Target {
        name: "linux_diskstats",
        run: linux_diskstats,
        fixtures: &["proc/diskstats"],
    },
    Target {
        name: "linux_filesystems",
        run: linux_filesystems,
        fixtures: &["proc/filesystems"],
    },
    Target {
        name: "linux_loadavg",
        run: linux_loadavg,
        fixtures: &["proc/loadavg"],
    },
    Target {
        name: "linux_meminfo",
        run: linux_meminfo,
        fixtures: &["proc/meminfo"],
    },
    Target {
        name: "linux_mountinfo",
        run: linux_mountinfo,
        fixtures: &["proc/*/mountinfo"],
    },
    Target {
        name: "linux_mounts",
        run: linux_mounts,
        fixtures: &["proc/*/mounts"],
    },
    Target {
        name: "linux_net_dev",
        run: linux_net_dev,
        fixtures: &["proc/net/dev"],
    },
    Target {
        name: "linux_net_tcp",
        run: linux_net_tcp,
        fixtures: &["proc/net/tcp*", "proc/net/udp*"],
    },
    Target {
        name: "linux_net_unix",
        run: linux_net_unix,
        fixtures: &["proc/net/unix"],
    },
    Target {
        name: "linux_netlink",
        run: linux_netlink,
        fixtures: &[],
    },
    Target {
        name: "linux_partitions",
        run: linux_partitions,
        fixtures: &["proc/partitions"],
    },
    Target {
        name: "linux_pid_cgroup",
        run: linux_pid_cgroup,
        fixtures: &["proc/*/cgroup"],
    },
    Target {
        name: "linux_pid_cmdline",
        run: linux_pid_cmdline,
        fixtures: &["proc/*/cmdline"],
    },
    Target {
        name: "linux_pid_environ",
        run: linux_pid_environ,
        fixtures: &["proc/*/environ"],
    },
    Target {
        name: "linux_pid_fdinfo",
        run: linux_pid_fdinfo,
        fixtures: &["proc/*/fdinfo/0"],
    },
    Target {
        name: "linux_pid_io",
        run: linux_pid_io,
        fixtures: &["proc/*/io"],
    },
    Target {
        name: "linux_pid_limits",
        run: linux_pid_limits,
        fixtures: &["proc/*/limits"],
    },
    Target {
        name: "linux_pid_link",
        run: linux_pid_link,
        fixtures: &[],
    },
    Target {
        name: "linux_pid_maps",
        run: linux_pid_maps,
        fixtures: &["proc/*/maps"],
    },
    Target {
        name: "linux_pid_smaps",
        run: linux_pid_smaps,
        fixtures: &["proc/*/smaps*"],
    },
    Target {
        name: "linux_pid_stat",
        run: linux_pid_stat,
        fixtures: &["proc/*/stat", "proc/*/task/*/stat"],
    },
    Target {
        name: "linux_pid_statm",
        run: linux_pid_statm,
        fixtures: &["proc/*/statm"],
    },
    Target {
        name: "linux_pid_status",
        run: linux_pid_status,
        fixtures: &["proc/*/status"],
    },
    Target {
        name: "linux_rtnetlink_addr",
        run: linux_rtnetlink_addr,
        fixtures: &[],
    },
    Target {
        name: "linux_rtnetlink_link",
        run: linux_rtnetlink_link,
        fixtures: &[],
    },
    Target {
        name: "linux_sock_diag_inet",
        run: linux_sock_diag_inet,
        fixtures: &[],
    },
    Target {
        name: "linux_sock_diag_unix",
        run: linux_sock_diag_unix,
        fixtures: &[],
    },
    Target {
        name: "linux_stat",
        run: linux_stat,
        fixtures: &["proc/stat"],
    },
    Target {
        name: "linux_sys_block_stat",
        run: linux_sys_block_stat,
        fixtures: &["sys/block/*/stat"],
    },
    Target {
        name: "linux_sys_hwmon",
        run: linux_sys_hwmon,
        fixtures: &["sys/class/hwmon/*/*"],
    },
    Target {
        name: "linux_sys_power_supply",
        run: linux_sys_power_supply,
        fixtures: &["sys/class/power_supply/*/*"],
    },
    Target {
        name: "linux_sys_thermal",
        run: linux_sys_thermal,
        fixtures: &["sys/class/thermal/*/*"],
    },
    Target {
        name: "linux_sys_uevent",
        run: linux_sys_uevent,
        fixtures: &["sys/class/block/*/uevent"],
    },
    Target {
        name: "linux_tty_drivers",
        run: linux_tty_drivers,
        fixtures: &["proc/tty/drivers"],
    },
    Target {
        name: "linux_vmstat",
        run: linux_vmstat,
        fixtures: &["proc/vmstat"],
    },
    Target {
        name: "linux_zoneinfo",
        run: linux_zoneinfo,
        fixtures: &["proc/zoneinfo"],
    },
];

/// `/sys/devices/system/cpu/online` and its kin.
pub fn linux_cpu_list(data: &[u8]) {
    drain(data, parse::cpu_list::rows(data));
}

/// `/proc/cpuinfo`.
pub fn linux_cpuinfo(data: &[u8]) {
    drain(data, parse::cpuinfo::rows(data));
}

/// `/proc/diskstats`.
pub fn linux_diskstats(data: &[u8]) {
    drain(data, parse::diskstats::rows(data));
}

/// `/proc/filesystems`.
pub fn linux_filesystems(data: &[u8]) {
    drain(data, parse::filesystems::rows(data));
}

/// `/proc/loadavg`.
pub fn linux_loadavg(data: &[u8]) {
    let _ = black_box(parse::loadavg::parse(data));
}

/// `/proc/meminfo`.
pub fn linux_meminfo(data: &[u8]) {
    let _ = black_box(parse::meminfo::parse(data));
    drain(data, parse::meminfo::rows(data));
}

/// `/proc/[pid]/mountinfo`.
pub fn linux_mountinfo(data: &[u8]) {
    drain(data, parse::mountinfo::rows(data));
}

/// `/proc/[pid]/mounts`.
pub fn linux_mounts(data: &[u8]) {
    drain(data, parse::mounts::rows(data));
    let _ = black_box(parse::mounts::unescape(data));
}

/// `/proc/net/dev`.
pub fn linux_net_dev(data: &[u8]) {
    drain(data, parse::net_dev::rows(data));
}

/// `/proc/net/{tcp,tcp6,udp,udp6}`.
pub fn linux_net_tcp(data: &[u8]) {
    use parse::net_tcp::ByteOrder;
    drain(data, parse::net_tcp::rows(data, ByteOrder::Little));
    drain(data, parse::net_tcp::rows(data, ByteOrder::Big));
}

/// `/proc/net/unix`.
pub fn linux_net_unix(data: &[u8]) {
    drain(data, parse::net_unix::rows(data));
}

/// Netlink messages and their attributes.
pub fn linux_netlink(data: &[u8]) {
    drain(data, parse::netlink::rows(data));
    drain(data, parse::netlink::attributes(data));
}

/// `/proc/partitions`.
pub fn linux_partitions(data: &[u8]) {
    drain(data, parse::partitions::rows(data));
}

/// `/proc/[pid]/cgroup`.
pub fn linux_pid_cgroup(data: &[u8]) {
    drain(data, parse::pid_cgroup::rows(data));
}

/// `/proc/[pid]/cmdline`.
pub fn linux_pid_cmdline(data: &[u8]) {
    drain(data, parse::pid_cmdline::arguments(data));
}

/// `/proc/[pid]/environ`.
pub fn linux_pid_environ(data: &[u8]) {
    drain(data, parse::pid_environ::variables(data));
}

/// `/proc/[pid]/fdinfo/[fd]`.
pub fn linux_pid_fdinfo(data: &[u8]) {
    let _ = black_box(parse::pid_fdinfo::parse(data));
}

/// `/proc/[pid]/io`.
pub fn linux_pid_io(data: &[u8]) {
    let _ = black_box(parse::pid_io::parse(data));
}

/// `/proc/[pid]/limits`.
pub fn linux_pid_limits(data: &[u8]) {
    drain(data, parse::pid_limits::rows(data));
}

/// Targets of the links below `/proc/[pid]`.
pub fn linux_pid_link(data: &[u8]) {
    black_box(parse::pid_link::socket_inode(data));
    black_box(parse::pid_link::deleted(data));
    black_box(parse::pid_link::before_nul(data));
}

/// `/proc/[pid]/maps`.
pub fn linux_pid_maps(data: &[u8]) {
    drain(data, parse::pid_maps::rows(data));
    let _ = black_box(parse::pid_maps::unescape(data));
}

/// `/proc/[pid]/smaps` and `smaps_rollup`.
pub fn linux_pid_smaps(data: &[u8]) {
    drain(data, parse::pid_smaps::rows(data));
    let _ = black_box(parse::pid_smaps::rollup(data));
    let _ = black_box(parse::pid_smaps::footprint(data));
}

/// `/proc/[pid]/stat`: two decoders that must agree.
pub fn linux_pid_stat(data: &[u8]) {
    let whole = parse::pid_stat::parse(data);
    let identity = parse::pid_stat::identity(data);
    if let Ok(stat) = black_box(whole) {
        assert_eq!(identity, Ok((stat.state, stat.ppid, stat.starttime)));
    }
}

/// `/proc/[pid]/statm`.
pub fn linux_pid_statm(data: &[u8]) {
    let _ = black_box(parse::pid_statm::parse(data));
}

/// `/proc/[pid]/status`.
pub fn linux_pid_status(data: &[u8]) {
    if let Ok(status) = black_box(parse::pid_status::parse(data)) {
        drain(data, status.comm());
    }
}

/// `RTM_NEWADDR` messages.
pub fn linux_rtnetlink_addr(data: &[u8]) {
    let _ =
        black_box(parse::rtnetlink_addr::parse(data)).map(|addr| addr.map(|addr| addr.netmask()));
}

/// `RTM_NEWLINK` messages.
pub fn linux_rtnetlink_link(data: &[u8]) {
    let _ = black_box(parse::rtnetlink_link::parse(data));
}

/// `sock_diag` messages of internet sockets.
pub fn linux_sock_diag_inet(data: &[u8]) {
    let _ = black_box(parse::sock_diag_inet::parse(data));
}

/// `sock_diag` messages of unix sockets.
pub fn linux_sock_diag_unix(data: &[u8]) {
    let _ = black_box(parse::sock_diag_unix::parse(data));
}

/// `/proc/stat`.
pub fn linux_stat(data: &[u8]) {
    let _ = black_box(parse::stat::parse(data));
    let _ = black_box(parse::stat::parse_cpu(data));
    drain(data, parse::stat::rows(data));
}

/// `/sys/block/[device]/stat`.
pub fn linux_sys_block_stat(data: &[u8]) {
    let _ = black_box(parse::sys_block_stat::parse(data));
}

/// `/sys/class/hwmon`: names and contents of attributes.
pub fn linux_sys_hwmon(data: &[u8]) {
    let _ = black_box(parse::sys_hwmon::parse(data));
    let _ = black_box(parse::sys_hwmon::parse_name(data));
}

/// `/sys/class/power_supply`.
pub fn linux_sys_power_supply(data: &[u8]) {
    use parse::sys_power_supply::{parse, parse_scope, parse_status, parse_type};
    let _ = black_box((
        parse(data),
        parse_scope(data),
        parse_status(data),
        parse_type(data),
    ));
}

/// `/sys/class/thermal`.
pub fn linux_sys_thermal(data: &[u8]) {
    use parse::sys_thermal::{parse, parse_trip_name, parse_trip_type};
    let _ = black_box((parse(data), parse_trip_name(data), parse_trip_type(data)));
}

/// `uevent` files.
pub fn linux_sys_uevent(data: &[u8]) {
    drain(data, parse::sys_uevent::rows(data));
}

/// `/proc/tty/drivers`.
pub fn linux_tty_drivers(data: &[u8]) {
    drain(data, parse::tty_drivers::rows(data));
}

/// `/proc/vmstat`.
pub fn linux_vmstat(data: &[u8]) {
    let _ = black_box(parse::vmstat::parse(data));
    drain(data, parse::vmstat::rows(data));
}

/// `/proc/zoneinfo`.
pub fn linux_zoneinfo(data: &[u8]) {
    drain(data, parse::zoneinfo::rows(data));
}
