"""A small `top`: the machine in a few lines, and the processes that use it most.

python top.py [SECONDS [ROWS]]
"""

from __future__ import annotations

import sys
import time
from typing import NamedTuple

import pslens
from pslens import bytes2human


class Row(NamedTuple):
    """One line of the table."""

    cpu: float
    memory: float
    rss: int
    pid: int
    user: str
    name: str


def summary() -> str:
    """Load, CPUs, memory, disks and network of the whole machine."""
    memory, swap = pslens.virtual_memory(), pslens.swap_memory()
    uptime = time.time() - pslens.boot_time()
    load = " ".join(f"{average:.2f}" for average in pslens.getloadavg())
    lines = [
        f"up {uptime / 3600:.1f} h, {len(pslens.users())} users, load {load}",
        "cpus " + " ".join(f"{percent:5.1f}%" for percent in pslens.cpu_percent(percpu=True)),
        f"memory {memory.percent}% of {bytes2human(memory.total)}, swap {swap.percent}%",
    ]
    network = pslens.net_io_counters()
    if network is not None:
        lines.append(f"network {bytes2human(network.bytes_recv)} in, {bytes2human(network.bytes_sent)} out")
    battery = pslens.sensors_battery()
    if battery is not None:
        lines.append(f"battery {battery.percent:.0f}%")
    listening = {
        connection.laddr.port
        for connection in pslens.net_connections("tcp")
        if connection.laddr and connection.status == pslens.CONN_LISTEN
    }
    lines.append("listening on " + (", ".join(map(str, sorted(listening))) or "nothing"))
    return "\n".join(lines)


def rows(processes: list[pslens.Process]) -> list[Row]:
    """What the processes have used since they were last asked, those first that used most."""
    found: list[Row] = []
    for process in processes:
        try:
            with process.oneshot():
                rss = process.memory_info().rss
                percent = process.memory_percent()
                row = Row(
                    process.cpu_percent(), percent, rss, process.pid, process.username(), process.name()
                )
        except pslens.NoSuchProcess:
            continue
        except pslens.AccessDenied as denied:
            print(f"not shown: {denied.pid}", file=sys.stderr)
            continue
        found.append(row)
    return sorted(found, reverse=True)


def main(seconds: str = "1", count: str = "15") -> None:
    """Measures for some seconds and prints."""
    processes = list(pslens.process_iter())
    # The first answers have nothing to compare with.
    rows(processes)
    pslens.cpu_percent(percpu=True)
    time.sleep(float(seconds))
    print(summary())
    print(f"\n{'PID':>8} {'USER':<10} {'CPU%':>6} {'MEM%':>6} {'RSS':>8} NAME")
    for row in rows(processes)[: int(count)]:
        rss = bytes2human(row.rss)
        print(f"{row.pid:>8} {row.user:<10.10} {row.cpu:>6.1f} {row.memory:>6.1f} {rss:>8} {row.name}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
