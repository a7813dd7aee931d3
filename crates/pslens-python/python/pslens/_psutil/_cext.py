"""What psutil has in C, as far as it is asked for by name."""

from __future__ import annotations

import mmap
from typing import NoReturn

import pslens


class Cext:
    """The same on every system."""

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
        return mmap.PAGESIZE

    @staticmethod
    def set_debug(value: object) -> None:
        """There are no debug messages."""


class Absent:
    """A part of psutil that is done in Rust here: there to be imported, not to be used."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        raise NotImplementedError(f"psutil's own {self.name} is no part of pslens")
