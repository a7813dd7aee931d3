"""Glances: its lines on the standard output, and the interface of its web server."""

import ast
import json
import socket
import subprocess
import urllib.error
import urllib.request

import pslens
import pytest
from support import PATIENCE, as_psutil, eventually, extensions


def test_lines_on_the_standard_output():
    arguments = ("-m", "glances", "--stdout", "cpu.user,mem.used,load", "--stop-after", "2")
    with as_psutil(*arguments, stdout=subprocess.PIPE) as glances:
        first = [glances.stdout.readline() for _ in range(3)]
        # It waits for the second round.
        assert extensions(glances.pid) == {"pslens"}
        rest, _ = glances.communicate(timeout=PATIENCE)
    assert glances.returncode == 0
    lines = [line.partition(": ") for line in [*first, *rest.splitlines()]]
    assert [name for name, _, _ in lines] == ["cpu.user", "mem.used", "load"] * 2
    for number in range(0, 6, 3):
        user, used, load = (ast.literal_eval(value) for _, _, value in lines[number : number + 3])
        assert 0 <= user <= 100
        memory = pslens.virtual_memory()
        assert abs(used - memory.used) < memory.total / 4
        assert load["cpucore"] == pslens.cpu_count()
        assert load["min15"] == pytest.approx(pslens.getloadavg()[2], abs=1)


@pytest.fixture(scope="module")
def server():
    """The process of the web server, and a function that asks it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ("-m", "glances", "-w", "--disable-webui", "--disable-check-update", "--disable-autodiscover")
    with as_psutil(*arguments, "-B", "127.0.0.1", "-p", str(port), stdout=subprocess.DEVNULL) as glances:

        def ask(what):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/4/{what}", timeout=PATIENCE) as answer:
                return json.load(answer)

        def ready():
            assert glances.poll() is None, "glances has ended"
            try:
                return ask("status")
            except urllib.error.URLError:
                return None

        eventually(ready, "the start of the web server")
        yield pslens.Process(glances.pid), ask


def test_the_server_runs_on_pslens(server):
    process, ask = server
    assert "7.2.2" in json.dumps(ask("psutilversion"))
    assert extensions(process.pid) == {"pslens"}


def test_memory(server):
    _, ask = server
    told, memory = ask("mem"), pslens.virtual_memory()
    assert told["total"] == memory.total
    assert abs(told["available"] - memory.available) < memory.total / 4
    assert told["percent"] == pytest.approx(
        100 * (told["total"] - told["available"]) / told["total"], abs=0.1
    )
    assert ask("memswap")["total"] == pslens.swap_memory().total


def test_cpu(server):
    _, ask = server
    kinds = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")

    def measured():
        # Zeros, until it has two samples.
        cpus = ask("percpu")
        return cpus if all(sum(cpu[kind] for kind in kinds) for cpu in cpus) else None

    cpus = eventually(measured, "a second sample of the CPUs")
    assert len(cpus) == pslens.cpu_count()
    for cpu in cpus:
        assert sum(cpu[kind] for kind in kinds) == pytest.approx(100, abs=1)
        assert cpu["total"] == pytest.approx(100 - cpu["idle"], abs=1)
    interrupts = eventually(lambda: ask("cpu").get("interrupts_gauge"), "a second sample of the counters")
    assert 0 < interrupts <= pslens.cpu_stats().interrupts


def test_processes(server):
    process, ask = server
    # It shows this one in its list when it has read it.
    rows = eventually(lambda: {row["pid"]: row for row in ask("processlist")}, "a list of processes")
    own = rows[process.pid]
    assert own["name"] == process.name()
    assert own["cmdline"] == process.cmdline()
    assert own["nice"] == process.nice()
    assert own["num_threads"] > 0
    assert own["memory_info"]["rss"] == pytest.approx(process.memory_info().rss, rel=0.5)
    assert own["cpu_times"]["user"] <= process.cpu_times().user
    pids = pslens.pids()
    assert abs(ask("processcount")["total"] - len(pids)) < 100
    assert set(rows) & set(pids)


def test_disks_and_network(server):
    _, ask = server
    mounted = {partition.mountpoint: partition for partition in pslens.disk_partitions(all=True)}
    # What it shows by default; there may be none in a container.
    for row in ask("fs"):
        partition = mounted[row["mnt_point"]]
        assert (row["device_name"], row["fs_type"]) == (partition.device, partition.fstype)
        assert row["size"] == pslens.disk_usage(row["mnt_point"]).total
    for row in ask("network"):
        counters = pslens.net_io_counters(pernic=True)[row["interface_name"]]
        assert 0 <= row["bytes_recv_gauge"] <= counters.bytes_recv
