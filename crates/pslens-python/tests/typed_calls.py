"""What the type checkers must understand: answers that depend on arguments.

Checked by mypy and pyright, where `assert_type` is compared, and run, where the calls are made.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from typing import IO, Any, Literal

from typing_extensions import assert_type

import pslens
from pslens import _ntuples


def of_the_system(several: bool, kind: str) -> None:
    assert_type(pslens.cpu_times(), _ntuples.scputimes)
    assert_type(pslens.cpu_times(percpu=True), "list[_ntuples.scputimes]")
    assert_type(pslens.cpu_times(several), "_ntuples.scputimes | list[_ntuples.scputimes]")
    assert_type(pslens.cpu_percent(), float)
    assert_type(pslens.cpu_percent(None, True), "list[float]")
    assert_type(pslens.cpu_percent(percpu=several), "float | list[float]")
    assert_type(pslens.cpu_times_percent(percpu=True), "list[_ntuples.scputimes]")
    assert_type(pslens.cpu_freq(), "_ntuples.scpufreq | None")
    assert_type(pslens.cpu_freq(percpu=True), "list[_ntuples.scpufreq]")
    assert_type(pslens.cpu_count(logical=False), "int | None")

    assert_type(pslens.disk_io_counters(), "_ntuples.sdiskio | None")
    assert_type(pslens.disk_io_counters(perdisk=True, nowrap=False), "dict[str, _ntuples.sdiskio]")
    assert_type(pslens.net_io_counters(), "_ntuples.snetio | None")
    assert_type(pslens.net_io_counters(pernic=True, nowrap=False), "dict[str, _ntuples.snetio]")
    pslens.disk_io_counters.cache_clear()
    pslens.net_io_counters.cache_clear()

    for internet in pslens.net_connections():
        # What is not empty is an address.
        if internet.laddr:
            assert_type(internet.laddr.port, int)
        assert_type(internet.pid, "int | None")
    for local in pslens.net_connections(kind="unix"):
        assert_type(local.laddr, str)
    for anything in pslens.net_connections("all"):
        assert_type(anything.raddr, "_ntuples.addr | tuple[()] | str")
    assert_type(pslens.net_connections(kind), "list[_ntuples.sconn[Any]]")

    # So that what is for other systems is not looked at.
    assert_type(pslens.WINDOWS, Literal[False])
    assert_type(pslens.STATUS_ZOMBIE, Literal["zombie"])


def of_processes(several: bool) -> None:
    scan = pslens.process_iter(attrs=["pid", "name"], ad_value=None)
    assert_type(scan, "Generator[pslens.Process, None, None]")
    assert_type(next(scan).info, "dict[str, Any]")
    scan.close()
    pslens.process_iter.cache_clear()

    process = pslens.Process()
    with process.oneshot() as nothing:
        assert_type(nothing, None)
    assert_type(process.parent(), "pslens.Process | None")
    assert_type(process.terminal(), "str | None")
    assert_type(process.memory_maps(), "list[_ntuples.pmmap_grouped]")
    assert_type(process.memory_maps(grouped=False), "list[_ntuples.pmmap_ext]")
    assert_type(process.memory_maps(several), "list[_ntuples.pmmap_grouped] | list[_ntuples.pmmap_ext]")
    assert_type(process.as_dict(("pid", "name")), "dict[str, Any]")
    assert_type(process.nice(), int)
    assert_type(process.ionice(), _ntuples.pionice)
    assert_type(process.cpu_affinity(), "list[int]")
    assert_type(process.rlimit(pslens.RLIMIT_NOFILE), "tuple[int, int]")
    # What sets returns nothing, which checkers would object to if it were used.
    process.nice(process.nice())
    process.cpu_affinity(process.cpu_affinity())
    process.rlimit(pslens.RLIMIT_NOFILE, process.rlimit(pslens.RLIMIT_NOFILE))
    assert_type(pslens.Process.attrs, "frozenset[str]")


def of_children() -> None:
    with pslens.Popen([sys.executable, "-c", "print('hi')"], stdout=subprocess.PIPE, text=True) as child:
        assert_type(child.stdout, "IO[Any] | None")
        assert_type(child.communicate(timeout=60), "tuple[Any, Any]")
        gone, alive = pslens.wait_procs([child], timeout=60, callback=lambda process: process.poll())
    assert_type(gone, "list[pslens.Popen]")
    assert not alive
    try:
        pslens.Process(child.pid)
    except pslens.NoSuchProcess as error:
        assert_type((error.pid, error.name), "tuple[int, str | None]")


if __name__ == "__main__":
    of_the_system(several=False, kind="inet")
    of_processes(several=True)
    of_children()
