"""Private names of psutil that programs use all the same. Nothing of this package needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pslens._ntuples import scputimes


def _cpu_tot_time(times: scputimes) -> float:
    """All CPU time of a `cpu_times()`: what guests used is part of what users used."""
    return sum(times) - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0)


def _cpu_busy_time(times: scputimes) -> float:
    """CPU time of a `cpu_times()` in which something was done."""
    return _cpu_tot_time(times) - times.idle - getattr(times, "iowait", 0)


def _set_debug(value: object) -> None:
    """Switches psutil's debug messages on or off; this package has none of its own."""
    from . import _common

    _common.PSUTIL_DEBUG = bool(value)
