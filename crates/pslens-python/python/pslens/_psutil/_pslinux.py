"""`psutil._pslinux`, also known as `psutil._psplatform`: names that programs import from there."""

from __future__ import annotations

import os
from typing import Any, NoReturn

import pslens
from pslens import *  # noqa: F403 - the functions, which psutil defines here
from pslens._enums import AddressFamily, IOPriority
from pslens._psutil import _common, _psposix
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


class cext:
    """What psutil has in C, as far as it is asked for by name."""

    # By this psutil finds out whether its halves belong together.
    version = int(pslens.__version__.replace(".", ""))

    @staticmethod
    def check_pid_range(pid: int) -> None:
        """Raises OverflowError if no process can have this pid."""
        if not -(1 << 31) <= pid < 1 << 31:
            raise OverflowError("signed integer is greater than maximum")

    @staticmethod
    def getpagesize() -> int:
        """The size of a page of memory, in bytes."""
        return PAGESIZE

    @staticmethod
    def set_debug(value: object) -> None:
        """There are no debug messages."""


class _Absent:
    """A part of psutil that is done in Rust here: there to be imported, not to be used."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        raise NotImplementedError(f"psutil's own {self.name} is no part of pslens")


RootFsDeviceFinder = _Absent("RootFsDeviceFinder")
calculate_avail_vmem = _Absent("calculate_avail_vmem")


def __getattr__(name: str) -> Any:
    return getattr(_common, name)
