"""Functions about the whole system, as psutil documents them: shapes, units, relations between values."""

import os
import socket
import time

import pytest

import pslens as psutil


def test_cpu_times():
    times = psutil.cpu_times()
    assert times._fields[:4] == ("user", "nice", "system", "idle")
    assert all(isinstance(value, float) and value >= 0 for value in times)
    later = psutil.cpu_times()
    assert sum(later) >= sum(times)
    each = psutil.cpu_times(percpu=True)
    assert len(each) == psutil.cpu_count()
    # The kernel adds them up at slightly different moments.
    assert sum(cpu.idle for cpu in each) == pytest.approx(times.idle, rel=0.01, abs=5)
    assert sum(cpu.user for cpu in each) == pytest.approx(times.user, rel=0.01, abs=5)


def test_cpu_times_are_the_kernels():
    with open("/proc/stat") as file:
        ticks = file.readline().split()[1:]
    kernel = [int(tick) / os.sysconf("SC_CLK_TCK") for tick in ticks]
    for name, mine, theirs in zip(psutil.cpu_times()._fields, psutil.cpu_times(), kernel):
        assert mine == pytest.approx(theirs, rel=0.01, abs=2), name


@pytest.mark.parametrize("percpu", [False, True])
@pytest.mark.parametrize("function", [psutil.cpu_percent, psutil.cpu_times_percent])
def test_percentages_are_between_0_and_100(function, percpu):
    for interval in (None, 0.0, 0.05):
        answer = function(interval, percpu)
        assert isinstance(answer, list) is percpu
        for value in answer if percpu else [answer]:
            for share in value if isinstance(value, tuple) else [value]:
                assert 0.0 <= share <= 100.0
                assert share == round(share, 1)


def test_shares_of_the_time_add_up():
    share = psutil.cpu_times_percent(interval=0.2)
    counted_twice = share.guest + share.guest_nice
    assert sum(share) - counted_twice == pytest.approx(100.0, abs=1.0)


@pytest.mark.parametrize("function", [psutil.cpu_percent, psutil.cpu_times_percent])
def test_negative_intervals_are_refused(function):
    with pytest.raises(ValueError, match=r"interval is not positive \(got -1\)"):
        function(interval=-1)


def test_a_busy_cpu_is_busy(python):
    python("print('go')\nwhile True: pass")
    assert psutil.cpu_percent(interval=0.3) > 20
    assert max(psutil.cpu_percent(interval=0.3, percpu=True)) > 50


def test_cpu_count():
    logical, cores = psutil.cpu_count(), psutil.cpu_count(logical=False)
    assert logical == os.sysconf("SC_NPROCESSORS_ONLN")
    assert cores is None or 1 <= cores <= logical


def test_cpu_stats():
    before, after = psutil.cpu_stats(), psutil.cpu_stats()
    assert before._fields == ("ctx_switches", "interrupts", "soft_interrupts", "syscalls")
    assert 0 < before.ctx_switches <= after.ctx_switches
    assert 0 < before.interrupts <= after.interrupts
    assert before.syscalls == 0


def test_cpu_freq():
    overall, each = psutil.cpu_freq(), psutil.cpu_freq(percpu=True)
    if overall is None:
        assert each == []
        return
    assert overall._fields == ("current", "min", "max")
    assert overall.current > 0
    assert len(each) <= psutil.cpu_count()


def test_getloadavg():
    mine, theirs = psutil.getloadavg(), os.getloadavg()
    assert isinstance(mine, tuple)
    assert mine == pytest.approx(theirs, abs=1)


def test_virtual_memory():
    memory = psutil.virtual_memory()
    assert memory._fields == (
        "total", "available", "percent", "used", "free", "active", "inactive", "buffers", "cached", "shared",
        "slab",
    )  # fmt: skip
    assert 0 < memory.available <= memory.total
    assert memory.used == memory.total - memory.available
    assert memory.percent == round(memory.used / memory.total * 100, 1)
    assert memory.total == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE")


def test_swap_memory():
    swap = psutil.swap_memory()
    assert swap._fields == ("total", "used", "free", "percent", "sin", "sout")
    assert swap.used == swap.total - swap.free
    assert 0.0 <= swap.percent <= 100.0


def test_heap():
    before = psutil.heap_info()
    assert before._fields == ("heap_used", "mmap_used")
    block = bytearray(64 << 20)
    assert psutil.heap_info().mmap_used >= before.mmap_used + len(block)
    assert psutil.heap_trim() is None


def test_disk_partitions():
    every, physical = psutil.disk_partitions(all=True), psutil.disk_partitions()
    assert every[0]._fields == ("device", "mountpoint", "fstype", "opts")
    assert {part.mountpoint for part in physical} <= {part.mountpoint for part in every}
    assert any(part.mountpoint == "/" for part in every)
    assert all(isinstance(field, str) for part in every for field in part)


def test_disk_usage(tmp_path):
    usage, theirs = psutil.disk_usage("/"), os.statvfs("/")
    assert usage.total == theirs.f_blocks * theirs.f_frsize
    assert usage.free == pytest.approx(theirs.f_bavail * theirs.f_frsize, rel=0.05)
    assert usage.percent == pytest.approx(usage.used / (usage.used + usage.free) * 100, abs=0.1)
    for path in (b"/", tmp_path, "."):
        assert psutil.disk_usage(path).total > 0
    with open(tmp_path / "file", "w") as file:
        assert psutil.disk_usage(file.fileno()).total == psutil.disk_usage(tmp_path).total


def test_disk_usage_of_nothing(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        psutil.disk_usage(str(tmp_path / "none"))
    assert error.value.filename == str(tmp_path / "none")
    with pytest.raises(TypeError):
        psutil.disk_usage(None)
    with pytest.raises(ValueError, match="null"):
        psutil.disk_usage("a\0b")


def test_disk_io_counters():
    total, each = psutil.disk_io_counters(), psutil.disk_io_counters(perdisk=True)
    if total is None:
        assert psutil.disk_io_counters(perdisk=True) == {}
        return
    assert total._fields == (
        "read_count", "write_count", "read_bytes", "write_bytes", "read_time", "write_time",
        "read_merged_count", "write_merged_count", "busy_time",
    )  # fmt: skip
    # Partitions are part of their disks.
    assert total.read_bytes <= sum(disk.read_bytes for disk in each.values())
    assert psutil.disk_io_counters(nowrap=False).read_count >= 0


def test_net_io_counters():
    total, each = psutil.net_io_counters(), psutil.net_io_counters(pernic=True)
    assert total._fields == (
        "bytes_sent", "bytes_recv", "packets_sent", "packets_recv", "errin", "errout", "dropin", "dropout",
    )  # fmt: skip
    assert set(each) == {name for _, name in socket.if_nameindex()}
    assert sum(nic.bytes_sent for nic in each.values()) >= total.bytes_sent


def test_counters_that_start_again_go_on(tmp_path, other_root):
    def counters(received):
        folder = tmp_path / "net"
        folder.mkdir(exist_ok=True)
        (folder / "dev").write_text(
            "Inter-|   Receive                                                |  Transmit\n"
            " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"
            f"  eth0: {received} 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n"
        )

    other_root(tmp_path)
    psutil.net_io_counters.cache_clear()
    counters(4_294_967_290)
    assert psutil.net_io_counters().bytes_recv == 4_294_967_290
    counters(10)
    assert psutil.net_io_counters().bytes_recv == 4_294_967_300
    assert psutil.net_io_counters(pernic=True)["eth0"].bytes_recv == 4_294_967_300
    assert psutil.net_io_counters(nowrap=False).bytes_recv == 10
    psutil.net_io_counters.cache_clear()
    assert psutil.net_io_counters().bytes_recv == 10
    psutil.net_io_counters.cache_clear()
    (tmp_path / "net" / "dev").write_text("headings\nheadings\n")
    assert psutil.net_io_counters() is None
    assert psutil.net_io_counters(pernic=True) == {}


def test_net_connections():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client, server.accept()[0] as accepted:
            rows = psutil.net_connections(kind="tcp4")
            mine = {row.fd: row for row in rows if row.pid == os.getpid()}
            listening = mine[server.fileno()]
            assert listening.status == psutil.CONN_LISTEN
            assert listening.laddr == ("127.0.0.1", server.getsockname()[1])
            assert listening.laddr.port == server.getsockname()[1]
            assert listening.raddr == ()
            connected = mine[client.fileno()]
            assert connected.status == psutil.CONN_ESTABLISHED
            assert connected.raddr.ip == "127.0.0.1"
            assert connected.family is socket.AF_INET
            assert connected.type is socket.SOCK_STREAM
            assert mine[accepted.fileno()].raddr == connected.laddr
            nobodys = psutil.net_connections_without_owners("tcp4")
            assert {row.laddr for row in mine.values()} <= {row.laddr for row in nobodys}
            assert all((row.fd, row.pid) == (-1, None) for row in nobodys)


def test_net_connections_of_local_sockets(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "with blanks"))
        server.listen()
        rows = psutil.net_connections(kind="unix")
        (row,) = (row for row in rows if (row.pid, row.fd) == (os.getpid(), server.fileno()))
        assert row.laddr == str(tmp_path / "with blanks")
        assert (row.raddr, row.status, row.family) == ("", psutil.CONN_NONE, socket.AF_UNIX)


def test_kinds_of_connections():
    kinds = ("all", "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6", "inet", "inet4", "inet6", "unix")
    for kind in kinds:
        for row in psutil.net_connections(kind):
            assert (row.family is socket.AF_UNIX) <= (kind in ("all", "unix"))
    for kind in ("tcp5", "", 4):
        with pytest.raises(ValueError, match="invalid kind argument .*; valid ones are:"):
            psutil.net_connections(kind)


def test_net_if_addrs():
    interfaces = psutil.net_if_addrs()
    assert interfaces["lo"][0]._fields == ("family", "address", "netmask", "broadcast", "ptp")
    (v4,) = (addr for addr in interfaces["lo"] if addr.family == socket.AF_INET)
    assert (v4.address, v4.netmask) == ("127.0.0.1", "255.0.0.0")
    (link,) = (addr for addr in interfaces["lo"] if addr.family == psutil.AF_LINK)
    assert link.address == "00:00:00:00:00:00"
    for addresses in interfaces.values():
        assert [addr.family for addr in addresses] == sorted(addr.family for addr in addresses)


def test_net_if_stats():
    stats = psutil.net_if_stats()
    assert set(stats) == {name for _, name in socket.if_nameindex()}
    loopback = stats["lo"]
    assert loopback._fields == ("isup", "duplex", "speed", "mtu", "flags")
    assert loopback.isup is True
    assert loopback.duplex is psutil.NIC_DUPLEX_UNKNOWN
    assert loopback.speed == 0
    assert "loopback" in loopback.flags.split(",")


def test_sensors(tmp_path, other_root):
    # This machine may have none; that is no error.
    assert isinstance(psutil.sensors_temperatures(), dict)
    assert isinstance(psutil.sensors_fans(), dict)
    psutil.sensors_battery()
    chip = tmp_path / "class/hwmon/hwmon0"
    chip.mkdir(parents=True)
    for name, text in {
        "name": "coretemp", "temp1_input": "47500", "temp1_label": "Core 0", "temp1_max": "90000",
        "fan1_input": "3200", "fan1_label": "cpu",
    }.items():  # fmt: skip
        (chip / name).write_text(text + "\n")
    other_root("/proc", tmp_path)
    (reading,) = psutil.sensors_temperatures()["coretemp"]
    assert reading == ("Core 0", 47.5, 90.0, 90.0)
    (reading,) = psutil.sensors_temperatures(fahrenheit=True)["coretemp"]
    assert (reading.current, reading.high) == (117.5, 194.0)
    assert psutil.sensors_fans() == {"coretemp": [("cpu", 3200)]}


def test_sensors_battery(tmp_path, other_root):
    battery = tmp_path / "class/power_supply/BAT0"
    battery.mkdir(parents=True)

    def state(**values):
        for name, value in values.items():
            (battery / name).write_text(f"{value}\n")

    other_root("/proc", tmp_path)
    state(type="Battery", status="Discharging", energy_now=30, energy_full=40, power_now=10)
    assert psutil.sensors_battery() == (75.0, 3 * 3600, False)
    state(status="Charging")
    assert psutil.sensors_battery().power_plugged is True
    assert psutil.sensors_battery().secsleft is psutil.POWER_TIME_UNLIMITED
    state(status="Discharging", power_now=0)
    assert psutil.sensors_battery().secsleft is psutil.POWER_TIME_UNKNOWN


def test_boot_time():
    with open("/proc/stat") as file:
        (btime,) = (line.split()[1] for line in file if line.startswith("btime"))
    assert psutil.boot_time() == float(btime)


def test_users():
    for user in psutil.users():
        assert user._fields == ("name", "terminal", "host", "started", "pid")
        assert user.name
        assert 0 < user.started <= time.time()


def test_pids():
    pids = psutil.pids()
    assert pids == sorted(pids)
    assert os.getpid() in pids
    assert all(psutil.pid_exists(pid) for pid in (os.getpid(), os.getppid()))


def test_pid_exists(start):
    child = start()
    assert psutil.pid_exists(child.pid)
    child.kill()
    child.wait()
    assert not psutil.pid_exists(child.pid)
    for pid in (-1, 0, 1 << 40):
        assert not psutil.pid_exists(pid)
    with pytest.raises(TypeError):
        psutil.pid_exists("1")


def test_a_procfs_that_is_not_there(other_root, tmp_path):
    other_root(tmp_path)
    for function in (
        psutil.virtual_memory, psutil.swap_memory, psutil.cpu_times, psutil.cpu_stats, psutil.boot_time,
        psutil.net_connections, psutil.net_io_counters, psutil.disk_partitions, psutil.net_if_stats,
    ):  # fmt: skip
        with pytest.raises(OSError):
            function()
    with pytest.raises(psutil.NoSuchProcess):
        psutil.Process()
    assert psutil.pids() == []
    assert list(psutil.process_iter()) == []


def test_bytes2human():
    for number, text in {0: "0.0B", 1023: "1023.0B", 1024: "1.0K", 10000: "9.8K", 100001221: "95.4M"}.items():
        assert psutil.bytes2human(number) == text
    assert psutil.bytes2human(-2048) == "-2.0K"
    assert psutil.bytes2human(3 << 40, format="%(value)d %(symbol)s") == "3 T"
