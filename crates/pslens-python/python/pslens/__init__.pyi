import sys
from typing import Final

from ._enums import (
    AF_LINK,
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
    _set_debug as _set_debug,
)

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
    "Popen",
    "Process",
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

_MODULES: dict[str, str]
_pmap: dict[int, Process]
_as_dict_attrnames: set[str]

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

# What only one system has.
if sys.platform == "win32":
    from ._enums import (
        ABOVE_NORMAL_PRIORITY_CLASS,
        BELOW_NORMAL_PRIORITY_CLASS,
        HIGH_PRIORITY_CLASS,
        IDLE_PRIORITY_CLASS,
        IOPRIO_HIGH,
        IOPRIO_LOW,
        IOPRIO_NORMAL,
        IOPRIO_VERYLOW,
        NORMAL_PRIORITY_CLASS,
        REALTIME_PRIORITY_CLASS,
    )
    from ._psutil import _pswindows as _pswindows
    from ._psutil import _pswindows as _psplatform
    from ._services import win_service_get, win_service_iter

    POSIX: Final = False
    LINUX: Final = False
    WINDOWS: Final = True

    CONN_DELETE_TCB: Final = "DELETE_TCB"

    __all__ += [
        "ABOVE_NORMAL_PRIORITY_CLASS",
        "BELOW_NORMAL_PRIORITY_CLASS",
        "CONN_DELETE_TCB",
        "HIGH_PRIORITY_CLASS",
        "IDLE_PRIORITY_CLASS",
        "IOPRIO_HIGH",
        "IOPRIO_LOW",
        "IOPRIO_NORMAL",
        "IOPRIO_VERYLOW",
        "NORMAL_PRIORITY_CLASS",
        "REALTIME_PRIORITY_CLASS",
        "win_service_get",
        "win_service_iter",
    ]
else:
    from ._enums import IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE, IOPRIO_CLASS_NONE, IOPRIO_CLASS_RT
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
        sensors_fans,
        sensors_temperatures,
    )
    from ._psutil import _pslinux as _pslinux
    from ._psutil import _pslinux as _psplatform
    from ._psutil import _psposix as _psposix

    POSIX: Final = True
    LINUX: Final = True
    WINDOWS: Final = False

    PROCFS_PATH: str
    SYSFS_PATH: str

    __all__ += [
        "IOPRIO_CLASS_BE",
        "IOPRIO_CLASS_IDLE",
        "IOPRIO_CLASS_NONE",
        "IOPRIO_CLASS_RT",
        "PROCFS_PATH",
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
        "SYSFS_PATH",
        "sensors_fans",
        "sensors_temperatures",
    ]
