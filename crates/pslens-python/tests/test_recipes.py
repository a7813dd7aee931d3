"""What psutil's documents show programs doing with it: each recipe, as a program would write it."""

import collections
import datetime
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

import pslens as psutil


@pytest.fixture
def tree(python):
    """A process with a child and a grandchild, all of which sleep."""
    program = """
import subprocess, sys, time
if int(sys.argv[1]):
    child = subprocess.Popen([sys.executable, "-u", "-c", sys.argv[2], "0", ""], stdout=subprocess.PIPE)
    grandchild = int(child.stdout.readline())
    print(child.pid, grandchild)
else:
    child = subprocess.Popen(["sleep", "1000"])
    print(child.pid)
time.sleep(1000)
"""
    parent = python(program, "1", program)
    child, grandchild = map(int, parent.line.split())
    yield psutil.Process(parent.pid), psutil.Process(child), psutil.Process(grandchild)
    for pid in (child, grandchild):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def test_find_processes_by_name(start):
    sleeper = start("sleep", "1000")
    assert sleeper.pid in [p.pid for p in psutil.process_iter(["name"]) if p.info["name"] == "sleep"]


def test_find_processes_by_name_path_or_first_argument(start):
    sleeper = start("sleep", "1000")
    found = []
    for p in psutil.process_iter(["name", "exe", "cmdline"]):
        path, arguments = p.info["exe"], p.info["cmdline"]
        if "sleep" in (p.info["name"], path and os.path.basename(path), arguments and arguments[0]):
            found.append(p.pid)
    assert sleeper.pid in found


def test_find_processes_by_asking_one_after_the_other(start):
    sleeper = start("sleep", "1000")
    found = []
    for p in psutil.process_iter():
        name = ""
        try:
            name = p.name()
            p.cmdline()
            p.exe()
        except (psutil.AccessDenied, psutil.ZombieProcess):
            pass
        except psutil.NoSuchProcess:
            continue
        if name == "sleep":
            found.append(p.pid)
    assert sleeper.pid in found


def test_kill_a_process_and_everything_below_it(tree):
    parent, child, grandchild = tree
    ended = []
    family = parent.children(recursive=True)
    assert family == [child, grandchild]
    family.append(parent)
    for p in family:
        p.send_signal(signal.SIGTERM)
    gone, alive = psutil.wait_procs(family, timeout=5, callback=ended.append)
    assert (set(gone), alive) == (set(family), [])
    assert set(ended) == set(family)
    assert parent.returncode == -signal.SIGTERM


def test_terminate_and_kill_those_that_do_not_listen(python):
    deaf = python("import signal, time; signal.signal(15, signal.SIG_IGN); print(1); time.sleep(1000)")
    willing = python("import time; print(1); time.sleep(1000)")
    ours = {deaf.pid, willing.pid}
    told = []
    procs = [p for p in psutil.Process().children() if p.pid in ours]
    for p in procs:
        p.terminate()
    gone, alive = psutil.wait_procs(procs, timeout=1, callback=told.append)
    assert ([p.pid for p in gone], [p.pid for p in alive]) == ([willing.pid], [deaf.pid])
    for p in alive:
        p.kill()
    gone, alive = psutil.wait_procs(alive, timeout=5, callback=told.append)
    assert ([p.pid for p in gone], alive) == ([deaf.pid], [])
    assert {p.pid: p.returncode for p in told} == {willing.pid: -15, deaf.pid: -9}


def test_processes_of_a_user(start):
    sleeper = start("sleep", "1000")
    me = psutil.Process().username()
    mine = [(p.pid, p.info["name"]) for p in psutil.process_iter(["name", "username"]) if p.info["username"] == me]
    assert (sleeper.pid, "sleep") in mine


def test_processes_that_run(python):
    busy = python("print(1)\nwhile True: pass")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        procs = psutil.process_iter(["pid", "status"])
        if busy.pid in [p.pid for p in procs if p.info["status"] == psutil.STATUS_RUNNING]:
            return
    pytest.fail("a process that never sleeps was never seen running")


def test_processes_that_write_logs(python, tmp_path):
    log = tmp_path / "program.log"
    writer = python(f"import time; f = open({str(log)!r}, 'w'); print(1); time.sleep(1000)")
    found = {}
    for p in psutil.process_iter(["name", "open_files"]):
        for file in p.info["open_files"] or []:
            if os.path.splitext(file.path)[1] == ".log":
                found.setdefault(p.pid, []).append(file.path)
    assert found[writer.pid] == [str(log)]


def test_processes_above_an_amount_of_memory(python):
    big = python("text = 'x' * (64 << 20); print(1); input()")
    above = [p.pid for p in psutil.process_iter(["memory_info"]) if p.info["memory_info"].rss > 64 << 20]
    assert big.pid in above


def test_the_largest_and_the_busiest(python):
    big = python("text = 'x' * (256 << 20); print(1); input()")
    busy = python("print(1)\nwhile sum(__import__('os').times()[:2]) < 0.5: pass\nprint(2); input()")
    busy.stdout.readline()
    by_memory = sorted(psutil.process_iter(["memory_percent"]), key=lambda p: p.info["memory_percent"])
    assert big.pid in [p.pid for p in by_memory[-10:]]
    by_time = [(sum(p.info["cpu_times"][:2]), p.pid) for p in psutil.process_iter(["name", "cpu_times"])]
    assert all(seconds >= 0 for seconds, _ in by_time)
    assert dict((pid, seconds) for seconds, pid in by_time)[busy.pid] >= 0.5


def test_all_processes_as_a_dictionary(start):
    sleeper = start("sleep", "1000")
    procs = {p.pid: p.info for p in psutil.process_iter(["name", "username"])}
    assert procs[sleeper.pid]["name"] == "sleep"
    assert sorted(procs[sleeper.pid]) == ["name", "username"]


def test_iterate_and_expect_some_to_be_gone(start):
    start("sleep", "1000")
    rows = []
    for p in psutil.process_iter():
        try:
            rows.append(p.as_dict(attrs=["pid", "name", "username"]))
        except psutil.NoSuchProcess:
            pass
    assert os.getpid() in [row["pid"] for row in rows]


def test_warn_when_memory_runs_out():
    threshold = 100 * 1024 * 1024
    memory = psutil.virtual_memory()
    assert (memory.available <= threshold) is (memory.total - memory.used <= threshold)
    assert 0 <= memory.percent <= 100


def test_bytes_for_people():
    # The documents of 4.4 and 5.3 have programs carry this function with them; now it is there.
    expected = [(0, "0.0B"), (10_000, "9.8K"), (100_001_221, "95.4M"), (1 << 30, "1.0G")]
    assert [(n, psutil.bytes2human(n)) for n, _ in expected] == expected


def test_show_when_a_process_was_started(sleeper):
    started = datetime.datetime.fromtimestamp(sleeper.create_time())
    assert abs((datetime.datetime.now() - started).total_seconds()) < 60
    started.strftime("%Y-%m-%d %H:%M:%S")
    booted = datetime.datetime.fromtimestamp(psutil.boot_time())
    assert booted <= started


def test_wait_for_processes_with_a_callback(start):
    procs = [psutil.Process(start(sys.executable, "-c", f"raise SystemExit({code})").pid) for code in (0, 1, 7)]
    codes = []
    gone, alive = psutil.wait_procs(procs, timeout=10, callback=lambda p: codes.append(p.returncode))
    assert (set(gone), alive, sorted(codes)) == (set(procs), [], [0, 1, 7])


def test_a_program_that_is_also_a_process():
    program = [sys.executable, "-c", "print('hello')"]
    p = psutil.Popen(program, stdout=subprocess.PIPE)
    assert p.name().startswith("python")
    assert p.uids().real == os.getuid()
    assert p.username() == psutil.Process().username()
    assert p.communicate() == (b"hello\n", None)
    assert p.wait(timeout=2) == p.returncode == 0
    with psutil.Popen(["sleep", "1000"]) as p:
        assert p.is_running()
        p.terminate()
    assert p.returncode == -signal.SIGTERM


def test_several_values_in_one_shot(sleeper):
    with sleeper.oneshot():
        values = (sleeper.name(), sleeper.cpu_times(), sleeper.cpu_percent(), sleeper.create_time(), sleeper.ppid())
    assert values[0] == "sleep"
    assert values[-1] == os.getpid()


def test_percentages_over_time():
    for _ in range(2):
        assert 0 <= psutil.cpu_percent(interval=0.05) <= 100
        each = psutil.cpu_percent(interval=0.05, percpu=True)
        assert len(each) == psutil.cpu_count() and all(0 <= share <= 100 for share in each)
        shares = psutil.cpu_times_percent(interval=0.2)
        assert all(0 <= share <= 100 for share in shares)
        assert sum(shares) > 0
    p = psutil.Process()
    assert p.cpu_percent(interval=0.05) >= 0
    # An average over all CPUs, as the documents compute it.
    assert p.cpu_percent() / psutil.cpu_count() >= 0


def test_usable_cpus():
    assert len(psutil.Process().cpu_affinity()) <= psutil.cpu_count()


def test_pin_a_process_and_let_it_go(sleeper):
    every = list(range(psutil.cpu_count()))
    was = sleeper.cpu_affinity()
    sleeper.cpu_affinity([was[0]])
    assert sleeper.cpu_affinity() == [was[0]]
    sleeper.cpu_affinity([])
    assert set(was) <= set(sleeper.cpu_affinity()) <= set(every)


def test_priorities(sleeper):
    assert sleeper.nice() == 0
    sleeper.nice(10)
    assert sleeper.nice() == 10
    sleeper.ionice(psutil.IOPRIO_CLASS_IDLE)
    assert sleeper.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE
    sleeper.ionice(psutil.IOPRIO_CLASS_BE, value=7)
    assert sleeper.ionice() == (psutil.IOPRIO_CLASS_BE, 7)


def test_limits(sleeper):
    sleeper.rlimit(psutil.RLIMIT_NOFILE, (128, 128))
    sleeper.rlimit(psutil.RLIMIT_FSIZE, (1024, 1024))
    assert sleeper.rlimit(psutil.RLIMIT_NOFILE) == (128, 128)
    assert sleeper.rlimit(psutil.RLIMIT_FSIZE) == (1024, 1024)
    _, hard = sleeper.rlimit(psutil.RLIMIT_NPROC)
    assert hard == psutil.RLIM_INFINITY or hard > 0


def test_suspend_and_resume(sleeper):
    sleeper.suspend()
    deadline = time.monotonic() + 5
    while sleeper.status() != psutil.STATUS_STOPPED and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sleeper.status() == psutil.STATUS_STOPPED
    sleeper.resume()
    while sleeper.status() == psutil.STATUS_STOPPED and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sleeper.status() in (psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING)


def test_who_listens_where():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        rows = [c for c in psutil.net_connections(kind="inet") if c.laddr and c.laddr.port == port]
        assert [(c.status, c.pid, c.raddr) for c in rows] == [(psutil.CONN_LISTEN, os.getpid(), ())]
        own = [c.laddr for c in psutil.Process().net_connections() if c.status == psutil.CONN_LISTEN]
        assert ("127.0.0.1", port) in own


def test_traffic_between_two_moments():
    before = psutil.net_io_counters(pernic=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as one, server.accept()[0] as other:
            one.sendall(b"x" * 100_000)
            left = 100_000
            while left:
                left -= len(other.recv(left))
    after = psutil.net_io_counters(pernic=True)
    assert after["lo"].bytes_sent - before["lo"].bytes_sent >= 100_000


def test_addresses_of_interfaces():
    families = collections.defaultdict(list)
    for name, addresses in psutil.net_if_addrs().items():
        for address in addresses:
            families[name].append((address.family, address.address))
    assert (socket.AF_INET, "127.0.0.1") in families["lo"]
    assert psutil.net_if_stats()["lo"].isup


def test_space_on_every_partition():
    for partition in psutil.disk_partitions(all=False):
        if not os.path.isdir(partition.mountpoint):
            continue
        usage = psutil.disk_usage(partition.mountpoint)
        assert usage.used + usage.free <= usage.total
        assert 0 <= usage.percent <= 100


def test_sensors_that_may_be_missing():
    temperatures = psutil.sensors_temperatures(fahrenheit=True)
    fans = psutil.sensors_fans()
    assert all(isinstance(name, str) and entries for name, entries in [*temperatures.items(), *fans.items()])
    battery = psutil.sensors_battery()
    assert battery is None or 0 <= battery.percent <= 100


def test_is_there_such_a_process(start):
    child = start("sleep", "1000")
    assert psutil.pid_exists(child.pid) and child.pid in psutil.pids()
    p = psutil.Process(child.pid)
    p.terminate()
    p.wait()
    assert not psutil.pid_exists(child.pid)
    assert not p.is_running()
    with pytest.raises(psutil.NoSuchProcess):
        p.name()
