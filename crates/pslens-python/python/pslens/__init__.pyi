from typing import Final

from ._enums import (
    AF_LINK,
    IOPRIO_CLASS_BE,
    IOPRIO_CLASS_IDLE,
    IOPRIO_CLASS_NONE,
    IOPRIO_CLASS_RT,
    NIC_DUPLEX_FULL,
    NIC_DUPLEX_HALF,
    NIC_DUPLEX_UNKNOWN,
    POWER_TIME_UNKNOWN,
    POWER_TIME_UNLIMITED,
)
from ._exceptions import AccessDenied, Error, NoSuchProcess, TimeoutExpired, ZombieProcess
from ._functions import bytes2human, disk_io_counters, net_io_counters, process_iter
from ._install import install_as_psutil
from ._native import (
    RLIMIT_AS,
    RLIMIT_CORE,
    RLIMIT_CPU,
    RLIMIT_DATA,
    RLIMIT_FSIZE,
    RLIMIT_LOCKS,
    RLIMIT_MEMLOCK,
    RLIMIT_MSGQUEUE,
    RLIMIT_NICE,
    RLIMIT_NOFILE,
    RLIMIT_NPROC,
    RLIMIT_RSS,
    RLIMIT_RTPRIO,
    RLIMIT_RTTIME,
    RLIMIT_SIGPENDING,
    RLIMIT_STACK,
    RLIM_INFINITY,
    Process,
    boot_time,
    cpu_count,
    cpu_freq,
    cpu_percent,
    cpu_stats,
    cpu_times,
    cpu_times_percent,
    disk_partitions,
    disk_usage,
    getloadavg,
    heap_info,
    heap_trim,
    net_connections,
    net_connections_without_owners,
    net_if_addrs,
    net_if_stats,
    pid_exists,
    pids,
    sensors_battery,
    sensors_fans,
    sensors_temperatures,
    swap_memory,
    users,
    virtual_memory,
)
from ._popen import Popen, wait_procs

# psutil's private names.
from ._psutil import (
    _common as _common,
    _cpu_busy_time as _cpu_busy_time,
    _cpu_tot_time as _cpu_tot_time,
    _pslinux as _pslinux,
    _psposix as _psposix,
    _set_debug as _set_debug,
)
from ._psutil import _pslinux as _psplatform

# The names that `import *` takes; those of the C library's allocator only where there is glibc.
__all__ = [
    "AF_LINK",
    "AIX",
    "AccessDenied",
    "BSD",
    "CONN_CLOSE",
    "CONN_CLOSE_WAIT",
    "CONN_CLOSING",
    "CONN_ESTABLISHED",
    "CONN_FIN_WAIT1",
    "CONN_FIN_WAIT2",
    "CONN_LAST_ACK",
    "CONN_LISTEN",
    "CONN_NONE",
    "CONN_SYN_RECV",
    "CONN_SYN_SENT",
    "CONN_TIME_WAIT",
    "Error",
    "FREEBSD",
    "IOPRIO_CLASS_BE",
    "IOPRIO_CLASS_IDLE",
    "IOPRIO_CLASS_NONE",
    "IOPRIO_CLASS_RT",
    "LINUX",
    "MACOS",
    "NETBSD",
    "NIC_DUPLEX_FULL",
    "NIC_DUPLEX_HALF",
    "NIC_DUPLEX_UNKNOWN",
    "NoSuchProcess",
    "OPENBSD",
    "OSX",
    "POSIX",
    "POWER_TIME_UNKNOWN",
    "POWER_TIME_UNLIMITED",
    "PROCFS_PATH",
    "Popen",
    "Process",
    "RLIMIT_AS",
    "RLIMIT_CORE",
    "RLIMIT_CPU",
    "RLIMIT_DATA",
    "RLIMIT_FSIZE",
    "RLIMIT_LOCKS",
    "RLIMIT_MEMLOCK",
    "RLIMIT_MSGQUEUE",
    "RLIMIT_NICE",
    "RLIMIT_NOFILE",
    "RLIMIT_NPROC",
    "RLIMIT_RSS",
    "RLIMIT_RTPRIO",
    "RLIMIT_RTTIME",
    "RLIMIT_SIGPENDING",
    "RLIMIT_STACK",
    "RLIM_INFINITY",
    "STATUS_DEAD",
    "STATUS_DISK_SLEEP",
    "STATUS_IDLE",
    "STATUS_LOCKED",
    "STATUS_PARKED",
    "STATUS_RUNNING",
    "STATUS_SLEEPING",
    "STATUS_STOPPED",
    "STATUS_TRACING_STOP",
    "STATUS_WAITING",
    "STATUS_WAKING",
    "STATUS_ZOMBIE",
    "SUNOS",
    "SYSFS_PATH",
    "TimeoutExpired",
    "WINDOWS",
    "ZombieProcess",
    "boot_time",
    "bytes2human",
    "cpu_count",
    "cpu_freq",
    "cpu_percent",
    "cpu_stats",
    "cpu_times",
    "cpu_times_percent",
    "disk_io_counters",
    "disk_partitions",
    "disk_usage",
    "getloadavg",
    "heap_info",
    "heap_trim",
    "install_as_psutil",
    "net_connections",
    "net_connections_without_owners",
    "net_if_addrs",
    "net_if_stats",
    "net_io_counters",
    "pid_exists",
    "pids",
    "process_iter",
    "sensors_battery",
    "sensors_fans",
    "sensors_temperatures",
    "swap_memory",
    "users",
    "version_info",
    "virtual_memory",
    "wait_procs",
    "__version__",
]

__version__: Final = "7.2.2"
version_info: tuple[int, int, int]
__pslens_version__: str

PROCFS_PATH: str
SYSFS_PATH: str

_MODULES: dict[str, str]
_pmap: dict[int, Process]
_as_dict_attrnames: set[str]

POSIX: Final = True
LINUX: Final = True
WINDOWS: Final = False
MACOS: Final = False
OSX: Final = False
BSD: Final = False
FREEBSD: Final = False
NETBSD: Final = False
OPENBSD: Final = False
SUNOS: Final = False
AIX: Final = False

STATUS_RUNNING: Final = "running"
STATUS_SLEEPING: Final = "sleeping"
STATUS_DISK_SLEEP: Final = "disk-sleep"
STATUS_STOPPED: Final = "stopped"
STATUS_TRACING_STOP: Final = "tracing-stop"
STATUS_ZOMBIE: Final = "zombie"
STATUS_DEAD: Final = "dead"
STATUS_WAKING: Final = "waking"
STATUS_IDLE: Final = "idle"
STATUS_LOCKED: Final = "locked"
STATUS_WAITING: Final = "waiting"
STATUS_PARKED: Final = "parked"

CONN_ESTABLISHED: Final = "ESTABLISHED"
CONN_SYN_SENT: Final = "SYN_SENT"
CONN_SYN_RECV: Final = "SYN_RECV"
CONN_FIN_WAIT1: Final = "FIN_WAIT1"
CONN_FIN_WAIT2: Final = "FIN_WAIT2"
CONN_TIME_WAIT: Final = "TIME_WAIT"
CONN_CLOSE: Final = "CLOSE"
CONN_CLOSE_WAIT: Final = "CLOSE_WAIT"
CONN_LAST_ACK: Final = "LAST_ACK"
CONN_LISTEN: Final = "LISTEN"
CONN_CLOSING: Final = "CLOSING"
CONN_NONE: Final = "NONE"
