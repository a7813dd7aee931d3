import socket
import sys
from typing import Generic, NamedTuple

from typing_extensions import TypeVar

from ._enums import AddressFamily, BatteryTime, IOPriority, NicDuplex

__all__ = [
    "addr",
    "pconn",
    "pcputimes",
    "pctxsw",
    "pfootprint",
    "pfullmem",
    "pgids",
    "pheap",
    "pio",
    "pionice",
    "pmem",
    "pmmap_ext",
    "pmmap_grouped",
    "popenfile",
    "ppagefaults",
    "pthread",
    "puids",
    "sbattery",
    "sconn",
    "scpufreq",
    "scpustats",
    "scputimes",
    "sdiskio",
    "sdiskpart",
    "sdiskusage",
    "sfan",
    "shwtemp",
    "snetio",
    "snicaddr",
    "snicstats",
    "sswap",
    "suser",
    "svmem",
]

# The system.

class sswap(NamedTuple):
    total: int
    used: int
    free: int
    percent: float
    sin: int
    sout: int

class scpustats(NamedTuple):
    ctx_switches: int
    interrupts: int
    soft_interrupts: int
    syscalls: int

class scpufreq(NamedTuple):
    current: float
    min: float
    max: float

class sdiskpart(NamedTuple):
    device: str
    mountpoint: str
    fstype: str
    opts: str

class sdiskusage(NamedTuple):
    total: int
    used: int
    free: int
    percent: float

class snetio(NamedTuple):
    bytes_sent: int
    bytes_recv: int
    packets_sent: int
    packets_recv: int
    errin: int
    errout: int
    dropin: int
    dropout: int

class snicaddr(NamedTuple):
    family: socket.AddressFamily | AddressFamily
    address: str
    netmask: str | None
    broadcast: str | None
    ptp: str | None

class snicstats(NamedTuple):
    isup: bool
    duplex: NicDuplex
    speed: int
    mtu: int
    flags: str

class addr(NamedTuple):
    ip: str
    port: int

# Internet sockets have an address or `()`, local ones a path: `kind` tells which of them are listed.
_Address = TypeVar("_Address", default=addr | tuple[()] | str)

class sconn(NamedTuple, Generic[_Address]):
    fd: int
    family: socket.AddressFamily
    type: socket.SocketKind
    laddr: _Address
    raddr: _Address
    status: str
    pid: int | None

class shwtemp(NamedTuple):
    label: str
    current: float
    high: float | None
    critical: float | None

class sfan(NamedTuple):
    label: str
    current: int

class sbattery(NamedTuple):
    percent: float
    secsleft: int | BatteryTime
    power_plugged: bool | None

# A process.

class ppagefaults(NamedTuple):
    minor: int
    major: int

class pconn(NamedTuple, Generic[_Address]):
    fd: int
    family: socket.AddressFamily
    type: socket.SocketKind
    laddr: _Address
    raddr: _Address
    status: str

class pthread(NamedTuple):
    id: int
    user_time: float
    system_time: float

class puids(NamedTuple):
    real: int
    effective: int
    saved: int

class pgids(NamedTuple):
    real: int
    effective: int
    saved: int

class pionice(NamedTuple):
    ioclass: IOPriority
    value: int

class pctxsw(NamedTuple):
    voluntary: int
    involuntary: int

if sys.platform == "win32":
    class svmem(NamedTuple):
        total: int
        available: int
        percent: float
        used: int
        free: int

    class scputimes(NamedTuple):
        user: float
        system: float
        idle: float
        interrupt: float
        dpc: float

    class sdiskio(NamedTuple):
        read_count: int
        write_count: int
        read_bytes: int
        write_bytes: int
        read_time: int
        write_time: int

    class suser(NamedTuple):
        name: str
        terminal: str | None
        host: str | None
        started: float
        pid: int | None

    class pheap(NamedTuple):
        heap_used: int
        mmap_used: int
        heap_count: int

    class pcputimes(NamedTuple):
        user: float
        system: float
        children_user: float
        children_system: float

    class pmem(NamedTuple):
        rss: int
        vms: int
        num_page_faults: int
        peak_wset: int
        wset: int
        peak_paged_pool: int
        paged_pool: int
        peak_nonpaged_pool: int
        nonpaged_pool: int
        pagefile: int
        peak_pagefile: int
        private: int

    class pfullmem(NamedTuple):
        rss: int
        vms: int
        num_page_faults: int
        peak_wset: int
        wset: int
        peak_paged_pool: int
        paged_pool: int
        peak_nonpaged_pool: int
        nonpaged_pool: int
        pagefile: int
        peak_pagefile: int
        private: int
        uss: int

    class pfootprint(NamedTuple):
        uss: int

    class pmmap_grouped(NamedTuple):
        path: str
        rss: int

    class pmmap_ext(NamedTuple):
        addr: str
        perms: str
        path: str
        rss: int

    class popenfile(NamedTuple):
        path: str
        fd: int

    class pio(NamedTuple):
        read_count: int
        write_count: int
        read_bytes: int
        write_bytes: int
        other_count: int
        other_bytes: int

else:
    class svmem(NamedTuple):
        total: int
        available: int
        percent: float
        used: int
        free: int
        active: int
        inactive: int
        buffers: int
        cached: int
        shared: int
        slab: int

    # As current kernels have it; very old ones count fewer kinds.
    class scputimes(NamedTuple):
        user: float
        nice: float
        system: float
        idle: float
        iowait: float
        irq: float
        softirq: float
        steal: float
        guest: float
        guest_nice: float

    class sdiskio(NamedTuple):
        read_count: int
        write_count: int
        read_bytes: int
        write_bytes: int
        read_time: int
        write_time: int
        read_merged_count: int
        write_merged_count: int
        busy_time: int

    class suser(NamedTuple):
        name: str
        terminal: str | None
        host: str
        started: float
        pid: int | None

    class pheap(NamedTuple):
        heap_used: int
        mmap_used: int

    class pcputimes(NamedTuple):
        user: float
        system: float
        children_user: float
        children_system: float
        iowait: float

    class pmem(NamedTuple):
        rss: int
        vms: int
        shared: int
        text: int
        lib: int
        data: int
        dirty: int

    class pfullmem(NamedTuple):
        rss: int
        vms: int
        shared: int
        text: int
        lib: int
        data: int
        dirty: int
        uss: int
        pss: int
        swap: int

    class pfootprint(NamedTuple):
        uss: int
        pss: int
        swap: int

    class pmmap_grouped(NamedTuple):
        path: str
        rss: int
        size: int
        pss: int
        shared_clean: int
        shared_dirty: int
        private_clean: int
        private_dirty: int
        referenced: int
        anonymous: int
        swap: int

    class pmmap_ext(NamedTuple):
        addr: str
        perms: str
        path: str
        rss: int
        size: int
        pss: int
        shared_clean: int
        shared_dirty: int
        private_clean: int
        private_dirty: int
        referenced: int
        anonymous: int
        swap: int

    class popenfile(NamedTuple):
        path: str
        fd: int
        position: int
        mode: str
        flags: int

    class pio(NamedTuple):
        read_count: int
        write_count: int
        read_bytes: int
        write_bytes: int
        read_chars: int
        write_chars: int

    def scputimes_with(count: int) -> type[scputimes]: ...
