"""The system, compared with what Python and psutil know of the same one."""

import os
import shutil
import socket
import time

import psutil
import pytest
from conftest import on_wine

import pslens


def test_cpus():
    assert pslens.cpu_count() == psutil.cpu_count() == os.cpu_count()
    assert pslens.cpu_count(logical=False) == psutil.cpu_count(logical=False)
    one, other = pslens.cpu_times(), psutil.cpu_times()
    assert one == pytest.approx(other, rel=0.01, abs=2)
    assert len(pslens.cpu_times(percpu=True)) == len(pslens.cpu_percent(percpu=True)) == os.cpu_count()
    busy = pslens.cpu_percent(interval=0.1)
    assert 0.0 <= busy <= 100.0
    shares = pslens.cpu_times_percent(interval=0.1)
    assert 99.0 <= shares.user + shares.system + shares.idle <= 101.0
    assert pslens.cpu_stats().soft_interrupts == 0
    assert pslens.cpu_freq().current == pytest.approx(psutil.cpu_freq().current, rel=0.2)


def test_the_load_average_begins_with_the_first_question():
    first = pslens.getloadavg()
    assert len(first) == 3 and all(average >= 0.0 for average in first)
    assert pslens.getloadavg() == first or pslens.getloadavg() != first


def test_memory():
    one, other = pslens.virtual_memory(), psutil.virtual_memory()
    assert (type(one).__name__, one._fields, one.total) == ("svmem", other._fields, other.total)
    assert one.available == one.free == pytest.approx(other.available, rel=0.2)
    assert one.used == one.total - one.available


@on_wine("does not know its page files")
def test_swap():
    swap = pslens.swap_memory()
    assert (swap.sin, swap.sout) == (0, 0) and swap.used + swap.free == swap.total


def test_the_heap_of_this_process():
    before = pslens.heap_info()
    assert before.heap_used > 0 and before.heap_count >= 1
    kept = bytearray(64 << 20)
    assert sum(pslens.heap_info()[:2]) >= sum(before[:2]) + len(kept)
    del kept
    assert pslens.heap_trim() is None


def test_volumes(tmp_path):
    partitions = pslens.disk_partitions(all=True)
    drives = {partition.mountpoint for partition in partitions}
    assert {os.path.splitdrive(path)[0] + "\\" for path in (os.getcwd(), os.environ["SYSTEMROOT"])} <= drives
    for everything in (True, False):
        # What is mounted in directories psutil finds in another way, for which not everybody has the rights.
        ours, theirs = (
            [row for row in module.disk_partitions(all=everything) if len(row.mountpoint) == len("C:\\")]
            for module in (pslens, psutil)
        )
        assert ours == theirs
    for path in (str(tmp_path), os.fsencode(tmp_path), tmp_path):
        usage = pslens.disk_usage(path)
        assert usage.total == shutil.disk_usage(tmp_path).total
        assert 0.0 <= usage.percent <= 100.0
    with pytest.raises(FileNotFoundError) as raised:
        pslens.disk_usage(tmp_path / "absent")
    assert raised.value.winerror in (2, 3)


@on_wine("has no disks, only volumes")
def test_disks():
    assert pslens.disk_io_counters(perdisk=True).keys() == psutil.disk_io_counters(perdisk=True).keys()


def test_interfaces():
    # psutil computes speeds with 32 bits, which do not hold more than 4294 Mbit/s.
    ours, theirs = (
        {name: row._replace(speed=min(row.speed, 4294)) for name, row in module.net_if_stats().items()}
        for module in (pslens, psutil)
    )
    assert ours == theirs
    ours, theirs = pslens.net_if_addrs(), psutil.net_if_addrs()
    assert ours.keys() == theirs.keys()
    for name, rows in theirs.items():
        assert [row[:2] for row in ours[name]] == [row[:2] for row in rows]
        assert [type(row.family) for row in ours[name]] == [
            pslens._enums.AddressFamily if row.family == pslens.AF_LINK else socket.AddressFamily for row in rows
        ]
    counters = pslens.net_io_counters(pernic=True)
    assert counters.keys() == psutil.net_io_counters(pernic=True).keys()


def test_broadcast_addresses_are_not_dropped():
    """psutil computes them and then forgets them."""
    rows = [row for rows in pslens.net_if_addrs().values() for row in rows if row.address == "127.0.0.1"]
    assert [(row.netmask, row.broadcast) for row in rows] == [("255.0.0.0", "127.255.255.255")]


def test_the_machine():
    assert 0 < pslens.boot_time() <= time.time()
    for user in pslens.users():
        assert (user.terminal, user.pid) == (None, None)
    battery = pslens.sensors_battery()
    assert battery == psutil.sensors_battery()


def test_pids():
    assert pslens.pids() == sorted(pslens.pids())
    assert os.getpid() in pslens.pids() and pslens.pid_exists(os.getpid())
    assert {process.pid for process in pslens.process_iter()} <= set(pslens.pids()) | {os.getpid()}


def test_services():
    services = {service.name(): service for service in pslens.win_service_iter()}
    assert {name: service.as_dict() for name, service in services.items()} == {
        service.name(): service.as_dict() for service in psutil.win_service_iter()
    }
    name = next(iter(services))
    service = pslens.win_service_get(name)
    assert service == services[name] and str(service) == str(psutil.win_service_get(name))
    with pytest.raises(pslens.NoSuchProcess) as raised:
        pslens.win_service_get(name + "???")
    assert raised.value.name == name + "???" and raised.value.pid is None


def test_errors_have_the_numbers_of_windows():
    with pytest.raises(OSError) as raised:
        pslens.disk_usage("Q:\\no\\such\\folder")
    assert raised.value.winerror and raised.value.strerror and "os error" not in str(raised.value)
    assert raised.value.filename == "Q:\\no\\such\\folder"
