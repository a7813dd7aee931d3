"""`psutil._pslinux`, also known as `psutil._psplatform`: names that programs import from there."""

from __future__ import annotations

import os
from typing import Any

import pslens
from pslens import *  # noqa: F403 - the functions, which psutil defines here
from pslens._enums import AddressFamily, IOPriority
from pslens._psutil import _common, _psposix
from pslens._psutil._cext import Absent, Cext
from pslens._psutil._common import (
    bcat,
    cat,
    debug,
    decode,
    get_procfs_path,
    isfile_strict,
    open_binary,
    open_text,
    path_exists_strict,
)

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PAGESIZE = os.sysconf("SC_PAGESIZE")
HAS_PROC_IO_PRIORITY = HAS_CPU_AFFINITY = True

__all__ = [
    "AddressFamily", "CLOCK_TICKS", "IOPriority", "PAGESIZE", "bcat", "cat", "cext", "debug",
    "decode", "get_procfs_path", "isfile_strict", "open_binary", "open_text", "path_exists_strict",
]  # fmt: skip
__all__ += pslens.__all__


cext = Cext
RootFsDeviceFinder = Absent("RootFsDeviceFinder")
calculate_avail_vmem = Absent("calculate_avail_vmem")


def __getattr__(name: str) -> Any:
    return getattr(_common, name)
