"""Processes and system information, with the interface of psutil 7.2.2.

    import pslens as psutil

Everything that psutil has is here under its name and answers as psutil does. `pslens.install_as_psutil()`
and `python -m pslens run PROGRAM` point programs at it that say `import psutil`.
"""

import os as _os
import sys as _sys

from . import _native
from ._exceptions import AccessDenied, Error, NoSuchProcess, TimeoutExpired, ZombieProcess
from ._functions import bytes2human, disk_io_counters, net_io_counters, process_iter
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

# The interface that this package has, which is what programs ask about.
__version__ = "7.2.2"
version_info = (7, 2, 2)
# And what it is itself.
__pslens_version__ = _native.__version__

WINDOWS = _sys.platform == "win32"
POSIX = LINUX = not WINDOWS
MACOS = OSX = BSD = FREEBSD = NETBSD = OPENBSD = SUNOS = AIX = False

STATUS_RUNNING = "running"
STATUS_SLEEPING = "sleeping"
STATUS_DISK_SLEEP = "disk-sleep"
STATUS_STOPPED = "stopped"
STATUS_TRACING_STOP = "tracing-stop"
STATUS_ZOMBIE = "zombie"
STATUS_DEAD = "dead"
STATUS_WAKING = "waking"
STATUS_IDLE = "idle"
STATUS_LOCKED = "locked"
STATUS_WAITING = "waiting"
STATUS_PARKED = "parked"

CONN_ESTABLISHED = "ESTABLISHED"
CONN_SYN_SENT = "SYN_SENT"
CONN_SYN_RECV = "SYN_RECV"
CONN_FIN_WAIT1 = "FIN_WAIT1"
CONN_FIN_WAIT2 = "FIN_WAIT2"
CONN_TIME_WAIT = "TIME_WAIT"
CONN_CLOSE = "CLOSE"
CONN_CLOSE_WAIT = "CLOSE_WAIT"
CONN_LAST_ACK = "LAST_ACK"
CONN_LISTEN = "LISTEN"
CONN_CLOSING = "CLOSING"
CONN_NONE = "NONE"

__all__ = [
    # Exceptions.
    "AccessDenied", "Error", "NoSuchProcess", "TimeoutExpired", "ZombieProcess",
    # About this package.
    "__version__", "install_as_psutil", "version_info",
    # Constants.
    "AIX", "BSD", "FREEBSD", "LINUX", "MACOS", "NETBSD", "OPENBSD", "OSX", "POSIX", "SUNOS", "WINDOWS",
    "STATUS_DEAD", "STATUS_DISK_SLEEP", "STATUS_IDLE", "STATUS_LOCKED", "STATUS_PARKED", "STATUS_RUNNING",
    "STATUS_SLEEPING", "STATUS_STOPPED", "STATUS_TRACING_STOP", "STATUS_WAITING", "STATUS_WAKING",
    "STATUS_ZOMBIE",
    "CONN_CLOSE", "CONN_CLOSE_WAIT", "CONN_CLOSING", "CONN_ESTABLISHED", "CONN_FIN_WAIT1", "CONN_FIN_WAIT2",
    "CONN_LAST_ACK", "CONN_LISTEN", "CONN_NONE", "CONN_SYN_RECV", "CONN_SYN_SENT", "CONN_TIME_WAIT",
    "AF_LINK", "NIC_DUPLEX_FULL", "NIC_DUPLEX_HALF", "NIC_DUPLEX_UNKNOWN", "POWER_TIME_UNKNOWN",
    "POWER_TIME_UNLIMITED",
    # Processes.
    "Popen", "Process", "pid_exists", "pids", "process_iter", "wait_procs",
    # The system.
    "boot_time", "bytes2human", "cpu_count", "cpu_freq", "cpu_percent", "cpu_stats", "cpu_times",
    "cpu_times_percent", "disk_io_counters", "disk_partitions", "disk_usage", "getloadavg",
    "net_connections", "net_connections_without_owners", "net_if_addrs", "net_if_stats", "net_io_counters",
    "sensors_battery", "swap_memory", "users", "virtual_memory",
]  # fmt: skip

for _name in dir(_native):
    # Numbers of resources; and what the C library's allocator tells. Not every C library has these.
    if _name.startswith("RLIM") or _name in ("heap_info", "heap_trim"):
        globals()[_name] = getattr(_native, _name)
        __all__.append(_name)
del _name

# What `Process.as_dict` can have.
_as_dict_attrnames = _native._as_dict_attrnames()
Process.attrs = frozenset(_as_dict_attrnames)

# The objects of `process_iter`, by pid.
_pmap = {}

# Names whose modules cost more to import than all of the above.
_LATER = {
    **dict.fromkeys(("Popen", "wait_procs"), "_popen"),
    **dict.fromkeys(("install_as_psutil",), "_install"),
    **dict.fromkeys(
        (
            "AF_LINK", "NIC_DUPLEX_FULL", "NIC_DUPLEX_HALF", "NIC_DUPLEX_UNKNOWN", "POWER_TIME_UNKNOWN",
            "POWER_TIME_UNLIMITED",
        ),
        "_enums",
    ),
}  # fmt: skip

# Modules of psutil that programs reach for as attributes.
_MODULES = {"_common": "_psutil._common", "_enums": "_enums", "_ntuples": "_ntuples"}

# What only one system has.
if WINDOWS:
    CONN_DELETE_TCB = "DELETE_TCB"
    _own = {
        "_enums": (
            "ABOVE_NORMAL_PRIORITY_CLASS", "BELOW_NORMAL_PRIORITY_CLASS", "HIGH_PRIORITY_CLASS",
            "IDLE_PRIORITY_CLASS", "NORMAL_PRIORITY_CLASS", "REALTIME_PRIORITY_CLASS",
            "IOPRIO_HIGH", "IOPRIO_LOW", "IOPRIO_NORMAL", "IOPRIO_VERYLOW",
        ),
        "_services": ("win_service_get", "win_service_iter"),
    }  # fmt: skip
    __all__ += ["CONN_DELETE_TCB"]
    _MODULES.update(_psplatform="_psutil._pswindows", _pswindows="_psutil._pswindows")
else:
    from ._native import sensors_fans, sensors_temperatures

    # Where the kernel is read. Looked up at every call.
    PROCFS_PATH = "/proc"
    SYSFS_PATH = "/sys"
    _own = {
        "_enums": ("IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE", "IOPRIO_CLASS_NONE", "IOPRIO_CLASS_RT"),
    }
    __all__ += ["PROCFS_PATH", "SYSFS_PATH", "sensors_fans", "sensors_temperatures"]
    _MODULES.update(
        _pslinux="_psutil._pslinux", _psplatform="_psutil._pslinux", _psposix="_psutil._psposix"
    )
for _module, _names in _own.items():
    _LATER.update(dict.fromkeys(_names, _module))
    __all__ += _names
del _own, _module, _names


def __getattr__(name):
    from importlib import import_module

    if name in _LATER:
        value = getattr(import_module("." + _LATER[name], __name__), name)
    elif name in _MODULES:
        value = import_module("." + _MODULES[name], __name__)
    elif name in ("_cpu_busy_time", "_cpu_tot_time", "_set_debug"):
        value = getattr(import_module("._psutil", __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_LATER})


def _before_fork():
    """Imports what is imported later, if another thread may be about to.

    A child of `fork` would wait for ever for a module that a thread which it does not have was importing.
    """
    import _thread

    if _thread._count():
        import time  # noqa: F401

        from . import _enums, _ntuples

        for name in _ntuples.__all__:
            getattr(_ntuples, name)


if POSIX:
    _os.register_at_fork(before=_before_fork)
