"""Named tuples: the shapes of all answers, with psutil's names in psutil's order.

Each class is made when it is first asked for: making all of them takes longer than importing the rest.
"""

import sys

# The same everywhere.
_FIELDS = {
    # The system.
    "sswap": "total used free percent sin sout",
    "scpustats": "ctx_switches interrupts soft_interrupts syscalls",
    "scpufreq": "current min max",
    "sdiskpart": "device mountpoint fstype opts",
    "sdiskusage": "total used free percent",
    "snetio": "bytes_sent bytes_recv packets_sent packets_recv errin errout dropin dropout",
    "snicaddr": "family address netmask broadcast ptp",
    "snicstats": "isup duplex speed mtu flags",
    "sconn": "fd family type laddr raddr status pid",
    "addr": "ip port",
    "shwtemp": "label current high critical",
    "sfan": "label current",
    "sbattery": "percent secsleft power_plugged",
    "suser": "name terminal host started pid",
    # A process.
    "ppagefaults": "minor major",
    "pconn": "fd family type laddr raddr status",
    "pthread": "id user_time system_time",
    "puids": "real effective saved",
    "pgids": "real effective saved",
    "pionice": "ioclass value",
    "pctxsw": "voluntary involuntary",
}

if sys.platform == "win32":
    _MEMORY = (
        "rss vms num_page_faults peak_wset wset peak_paged_pool paged_pool peak_nonpaged_pool"
        " nonpaged_pool pagefile peak_pagefile private"
    )
    _FIELDS |= {
        "svmem": "total available percent used free",
        "scputimes": "user system idle interrupt dpc",
        "sdiskio": "read_count write_count read_bytes write_bytes read_time write_time",
        "pheap": "heap_used mmap_used heap_count",
        "pcputimes": "user system children_user children_system",
        "pmem": _MEMORY,
        "pfullmem": f"{_MEMORY} uss",
        "pfootprint": "uss",
        "pmmap_grouped": "path rss",
        "pmmap_ext": "addr perms path rss",
        "popenfile": "path fd",
        "pio": "read_count write_count read_bytes write_bytes other_count other_bytes",
    }
else:
    _MEMORY = "rss vms shared text lib data dirty"
    _MAPPING = (
        "path rss size pss shared_clean shared_dirty private_clean private_dirty referenced anonymous swap"
    )
    _FIELDS |= {
        "svmem": "total available percent used free active inactive buffers cached shared slab",
        "sdiskio": "read_count write_count read_bytes write_bytes read_time write_time"
        " read_merged_count write_merged_count busy_time",
        "pheap": "heap_used mmap_used",
        "pcputimes": "user system children_user children_system iowait",
        "pmem": _MEMORY,
        "pfullmem": f"{_MEMORY} uss pss swap",
        "pfootprint": "uss pss swap",
        "pmmap_grouped": _MAPPING,
        "pmmap_ext": f"addr perms {_MAPPING}",
        "popenfile": "path fd position mode flags",
        "pio": "read_count write_count read_bytes write_bytes read_chars write_chars",
    }

# Of Linux: kernels before 2.6.11 count the first seven only; each further one came later.
_CPU_TIMES = "user nice system idle iowait irq softirq steal guest guest_nice"

__all__ = sorted({*_FIELDS, "scputimes"})

# What the classes give as the module that they are of.
_module = __name__


def belong_to(module):
    """From here on texts and pickles name this module, which has to have the same classes."""
    global _module
    _module = module
    for name in __all__:
        if name in globals():
            globals()[name].__module__ = module


def _new(name, fields):
    from collections import namedtuple

    return namedtuple(name, fields, module=_module)


def _make(name, fields):
    return globals().setdefault(name, _new(name, fields))


def scputimes_with(count):
    """The class for a kernel that counts this many kinds of CPU time."""
    fields = _CPU_TIMES.split()[:count]
    known = globals().get("scputimes")
    if known is None:
        return _make("scputimes", fields)
    if len(known._fields) == count:
        return known
    # Another machine's, by PROCFS_PATH.
    return _new("scputimes", fields)


def __getattr__(name):
    if name in _FIELDS:
        return _make(name, _FIELDS[name])
    if name == "scputimes":
        from pslens._native import _cpu_times_fields

        return scputimes_with(_cpu_times_fields())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
