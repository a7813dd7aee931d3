"""What a process tells of itself, and what can be done to it, as psutil documents it."""

import os
import pwd
import resource
import signal
import socket
import sys
import time

import pytest

import pslens as psutil

ROOT = os.geteuid() == 0


def test_construction(start):
    child = start()
    assert psutil.Process(child.pid).pid == child.pid
    assert psutil.Process().pid == os.getpid()
    assert psutil.Process(pid=child.pid) == psutil.Process(child.pid)
    child.kill()
    child.wait()
    with pytest.raises(psutil.NoSuchProcess, match="process PID not found") as error:
        psutil.Process(child.pid)
    assert error.value.pid == child.pid


@pytest.mark.parametrize("pid", [1 << 31, 1 << 64, 10**30])
def test_pids_that_nobody_can_have(pid):
    with pytest.raises(psutil.NoSuchProcess, match="process PID out of range") as error:
        psutil.Process(pid)
    assert error.value.pid == pid


def test_pids_that_are_none():
    with pytest.raises(ValueError, match=r"pid must be a positive integer \(got -1\)"):
        psutil.Process(-1)
    for pid in ("1", 1.5, [1]):
        with pytest.raises(TypeError):
            psutil.Process(pid)


def test_identity(start, sleeper):
    again = psutil.Process(sleeper.pid)
    other = psutil.Process(start().pid)
    assert sleeper == again and hash(sleeper) == hash(again)
    assert sleeper != other and sleeper != sleeper.pid
    assert len({sleeper, again, other}) == 2


def test_subclasses_and_attributes(sleeper):
    class Named(psutil.Process):
        def __init__(self, label, pid):
            self.label = label
            super().__init__(pid)

        def name(self):
            return f"{self.label}: {super().name()}"

    mine = Named("x", sleeper.pid)
    assert mine.name() == "x: sleep"
    assert mine.as_dict(["name", "pid"]) == {"name": "x: sleep", "pid": sleeper.pid}
    assert mine == sleeper
    sleeper.whatever = 1
    assert sleeper.whatever == 1
    sleeper.name = lambda: "replaced"
    assert sleeper.as_dict(["name"]) == {"name": "replaced"}


def test_texts(start):
    child = start()
    process = psutil.Process(child.pid)
    text = str(process)
    assert text == repr(process)
    assert text.startswith(f"pslens.Process(pid={child.pid}, name='sleep', status='")
    assert "started=" not in text
    process.create_time()
    assert f", started='{time.strftime('%H:%M')}" in str(process)
    child.kill()
    process.wait()
    assert f"pid={child.pid}, name='sleep', status='terminated', exitcode=<Negsignal.SIGKILL: -9>" in str(
        process
    )


def test_names_and_arguments(python):
    program = "print('go')\nimport time\ntime.sleep(1000)"
    process = psutil.Process(python(program, "a b", "").pid)
    assert process.name() == os.path.basename(process.cmdline()[0]) or process.exe().endswith(process.name())
    assert process.cmdline() == [sys.executable, "-u", "-c", program, "a b", ""]
    assert os.path.samefile(process.exe(), "/proc/%d/exe" % process.pid)
    assert psutil.Process().exe() == os.path.realpath(sys.executable)


def test_environ(start):
    process = psutil.Process(start("sleep", "1000", env={"A": "1=2", "B": ""}).pid)
    assert process.environ() == {"A": "1=2", "B": ""}


def test_cwd(start, tmp_path):
    assert psutil.Process(start(cwd=tmp_path).pid).cwd() == str(tmp_path)
    assert psutil.Process().cwd() == os.getcwd()


def test_create_time(start):
    before = time.time()
    process = psutil.Process(start().pid)
    assert before - 1.1 <= process.create_time() <= time.time() + 0.1
    assert process.create_time() == psutil.Process(process.pid).create_time()


def test_status(sleeper, zombie):
    assert psutil.Process().status() == psutil.STATUS_RUNNING
    assert sleeper.status() in (psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)
    assert zombie.status() == psutil.STATUS_ZOMBIE
    sleeper.suspend()
    while sleeper.status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)
    sleeper.resume()
    while sleeper.status() == psutil.STATUS_STOPPED:
        time.sleep(0.01)


def test_users_and_groups():
    me = psutil.Process()
    assert me.uids() == os.getresuid()
    assert me.gids() == os.getresgid()
    assert me.uids()._fields == me.gids()._fields == ("real", "effective", "saved")
    assert type(me.uids()).__name__ == "puids" and type(me.gids()).__name__ == "pgids"
    assert me.username() == pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.skipif(not ROOT, reason="only root may have a user without a name")
def test_a_user_without_a_name(python):
    program = "import os\nos.setresuid(76543, 76543, 76543)\nprint('go')\nimport time\ntime.sleep(1000)"
    assert psutil.Process(python(program).pid).username() == "76543"


def test_terminal(python):
    program = """
import os, pty, time
pid, fd = pty.fork()
if pid == 0:
    print(os.ttyname(0))
    time.sleep(1000)
print(pid, os.read(fd, 100).decode())
time.sleep(1000)
"""
    pid, terminal = python(program).line.split()
    assert psutil.Process(int(pid)).terminal() == terminal


def test_threads(python):
    program = """
import threading, time
for _ in range(3):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
print('go')
time.sleep(1000)
"""
    process = psutil.Process(python(program).pid)
    assert process.num_threads() == 4
    threads = process.threads()
    assert len(threads) == 4
    assert threads[0]._fields == ("id", "user_time", "system_time")
    assert process.pid in [thread.id for thread in threads]


def test_cpu_times(python):
    process = psutil.Process(python("print('go')\nwhile True: pass").pid)
    time.sleep(0.2)
    times = process.cpu_times()
    assert times._fields == ("user", "system", "children_user", "children_system", "iowait")
    assert 0.05 < times.user + times.system < 5
    assert process.cpu_num() in range(os.cpu_count())
    mine, theirs = psutil.Process().cpu_times(), os.times()
    assert mine.user == pytest.approx(theirs.user, abs=0.1)
    assert mine.children_user == pytest.approx(theirs.children_user, abs=0.1)


def test_cpu_percent(python, sleeper):
    process = psutil.Process(python("print('go')\nwhile True: pass").pid)
    assert process.cpu_percent() == 0.0
    time.sleep(0.3)
    assert process.cpu_percent() > 20
    assert process.cpu_percent(interval=0.2) > 20
    assert sleeper.cpu_percent(interval=0.05) < 20
    with pytest.raises(ValueError, match=r"interval is not positive \(got -1\)"):
        process.cpu_percent(-1)


def test_memory():
    me = psutil.Process()
    memory = me.memory_info()
    assert memory._fields == ("rss", "vms", "shared", "text", "lib", "data", "dirty")
    assert 0 < memory.rss <= memory.vms
    assert memory.lib == memory.dirty == 0
    full = me.memory_full_info()
    assert full._fields == (*memory._fields, "uss", "pss", "swap")
    assert 0 < full.uss <= full.pss <= full.rss * 1.1
    assert me.memory_footprint()._fields == ("uss", "pss", "swap")
    total = psutil.virtual_memory().total
    assert me.memory_percent() == pytest.approx(memory.rss / total * 100, rel=0.2)
    assert me.memory_percent("uss") < me.memory_percent("vms")
    with pytest.raises(ValueError, match="invalid memtype 'foo'; valid types are"):
        me.memory_percent("foo")
    block = b"x" * (32 << 20)
    assert me.memory_info().rss >= memory.rss + len(block) // 2


def test_memory_maps():
    me = psutil.Process()
    grouped, each = me.memory_maps(), me.memory_maps(grouped=False)
    assert each[0]._fields == ("addr", "perms", *grouped[0]._fields)
    assert len({row.path for row in grouped}) == len(grouped) < len(each)
    assert any(row.path == "[stack]" for row in grouped)
    assert sum(row.rss for row in grouped) == pytest.approx(sum(row.rss for row in each), rel=0.2)
    start, end = each[0].addr.split("-")
    assert int(end, 16) - int(start, 16) == each[0].size


def test_counters():
    me = psutil.Process()
    switches, faults, io = me.num_ctx_switches(), me.page_faults(), me.io_counters()
    assert switches.voluntary + switches.involuntary > 0
    assert faults.minor > 0 and faults.major >= 0
    assert io._fields == (
        "read_count", "write_count", "read_bytes", "write_bytes", "read_chars", "write_chars",
    )  # fmt: skip
    with open("/dev/zero", "rb", buffering=0) as file:
        file.read(12345)
    assert me.io_counters().read_chars >= io.read_chars + 12345


def test_open_files(tmp_path):
    me = psutil.Process()
    count = me.num_fds()
    with open(tmp_path / "file", "a+") as file:
        assert me.num_fds() == count + 1
        file.write("four")
        file.flush()
        (row,) = (row for row in me.open_files() if row.fd == file.fileno())
        assert row._fields == ("path", "fd", "position", "mode", "flags")
        assert (row.path, row.position, row.mode) == (str(tmp_path / "file"), 4, "a+")
        assert row.flags & os.O_APPEND
    assert me.num_fds() == count


def test_connections():
    me = psutil.Process()
    with socket.create_server(("127.0.0.1", 0)) as server:
        (row,) = (row for row in me.net_connections() if row.fd == server.fileno())
        assert row._fields == ("fd", "family", "type", "laddr", "raddr", "status")
        assert (row.laddr, row.status) == (server.getsockname(), psutil.CONN_LISTEN)
        with pytest.warns(DeprecationWarning, match="use net_connections") as warned:
            assert row in me.connections("tcp")
        assert warned[0].filename == __file__
        assert me.net_connections(kind="udp") == []
    with pytest.raises(ValueError, match="invalid kind argument 'x'"):
        me.net_connections("x")


def test_older_names():
    me = psutil.Process()
    with pytest.warns(DeprecationWarning, match=r"memory_info_ex\(\) is deprecated") as warned:
        assert type(me.memory_info_ex()).__name__ == "pmem"
    assert warned[0].filename == __file__
    assert "memory_info_ex" not in me.as_dict()


def test_parents_and_children(python):
    program = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import subprocess\\nsubprocess.run(['sleep', '1000'])"])
print('go')
time.sleep(1000)
"""
    parent = psutil.Process(python(program).pid)
    while len(parent.children(recursive=True)) < 2:
        time.sleep(0.01)
    (child,) = parent.children()
    (grandchild,) = child.children()
    assert parent.children(recursive=True) == [child, grandchild]
    assert grandchild.parents()[:3] == [child, parent, psutil.Process()]
    assert (child.ppid(), child.parent()) == (parent.pid, parent)
    assert psutil.Process(1).parent() is None
    for process in (grandchild, child):
        process.kill()


def test_oneshot(sleeper):
    with sleeper.oneshot():
        with sleeper.oneshot():
            first = (sleeper.name(), sleeper.cpu_times(), sleeper.uids())
        assert (sleeper.name(), sleeper.cpu_times(), sleeper.uids()) == first
    before = psutil.Process().num_ctx_switches()
    me = psutil.Process()
    with me.oneshot():
        held = me.num_ctx_switches()
        time.sleep(0.01)
        assert me.num_ctx_switches() == held
    assert sum(me.num_ctx_switches()) > sum(held) >= sum(before)


def test_oneshot_ends_with_an_exception(sleeper):
    with pytest.raises(KeyError), sleeper.oneshot():
        sleeper.name()
        raise KeyError
    sleeper.kill()
    sleeper.wait()
    with pytest.raises(psutil.NoSuchProcess):
        sleeper.name()


def test_as_dict(sleeper, zombie):
    everything = sleeper.as_dict()
    assert set(everything) == psutil.Process.attrs
    for name in ("cpu_percent", "memory_percent", "cpu_times", "num_ctx_switches", "memory_info", "io_counters"):
        everything.pop(name)
    for name, value in everything.items():
        method = getattr(sleeper, name)
        same = method() if callable(method) else method
        if name in ("memory_full_info", "memory_maps", "cpu_num", "status", "threads"):
            assert type(value) is type(same)
        else:
            assert value == same, name
    assert sleeper.as_dict(attrs={"pid", "name"}) == {"pid": sleeper.pid, "name": "sleep"}
    assert sleeper.as_dict(["memory_footprint", "page_faults"]).keys() == {"memory_footprint", "page_faults"}
    assert set(sleeper.as_dict([])) == set(sleeper.as_dict())
    nothing = object()
    dead = zombie.as_dict(["pid", "status", "exe", "cmdline", "environ"], ad_value=nothing)
    assert dead.pop("pid") == zombie.pid
    assert dead.pop("status") == "zombie"
    assert all(value is nothing for value in dead.values())


def test_as_dict_of_names_that_are_none(sleeper):
    with pytest.raises(ValueError, match="^invalid attr name 'foo'$"):
        sleeper.as_dict(["foo", "pid"])
    with pytest.raises(ValueError, match="^invalid attr names "):
        sleeper.as_dict(["foo", "bar"])
    with pytest.raises(TypeError, match="invalid attrs type <class 'str'>"):
        sleeper.as_dict("name")


def test_zombies(zombie):
    assert zombie.is_running()
    assert zombie.ppid() > 0 and zombie.name()
    for method in (zombie.cmdline, zombie.exe, zombie.cwd, zombie.environ, zombie.memory_maps):
        with pytest.raises(psutil.ZombieProcess) as error:
            method()
        assert error.value.pid == zombie.pid
    assert "status='zombie'" in str(zombie)


def test_the_gone(start):
    child = start()
    process = psutil.Process(child.pid)
    child.kill()
    child.wait()
    assert not process.is_running()
    methods = set(psutil.Process.attrs) - {"pid"}
    methods |= {"children", "parent", "parents", "kill", "terminate", "suspend", "resume", "as_dict"}
    for name in methods:
        with pytest.raises(psutil.NoSuchProcess) as error:
            getattr(process, name)()
        assert error.value.pid == child.pid, name
    for setter in (
        lambda: process.nice(1), lambda: process.ionice(2, 0), lambda: process.cpu_affinity([0]),
        lambda: process.rlimit(psutil.RLIMIT_NOFILE, (1, 1)), lambda: process.send_signal(0),
    ):  # fmt: skip
        with pytest.raises(psutil.NoSuchProcess):
            setter()


def test_nice(sleeper):
    assert sleeper.nice() == os.getpriority(os.PRIO_PROCESS, sleeper.pid)
    assert sleeper.nice(7) is None
    assert sleeper.nice() == 7
    assert sleeper.nice(value=100) is None
    assert sleeper.nice() == 19
    with pytest.raises(TypeError):
        sleeper.nice("1")


def test_ionice(sleeper):
    assert sleeper.ionice().ioclass is psutil.IOPRIO_CLASS_NONE
    sleeper.ionice(psutil.IOPRIO_CLASS_BE, value=5)
    assert sleeper.ionice() == (psutil.IOPRIO_CLASS_BE, 5)
    sleeper.ionice(psutil.IOPRIO_CLASS_BE)
    assert sleeper.ionice() == (2, 0)
    sleeper.ionice(ioclass=psutil.IOPRIO_CLASS_IDLE)
    assert sleeper.ionice().ioclass is psutil.IOPRIO_CLASS_IDLE
    with pytest.raises(ValueError, match="'ioclass' argument must be specified"):
        sleeper.ionice(value=1)
    with pytest.raises(ValueError, match="ioclass accepts no value"):
        sleeper.ionice(psutil.IOPRIO_CLASS_IDLE, 1)
    for value in (8, -1, 1 << 40):
        with pytest.raises(ValueError, match="value not in 0-7 range"):
            sleeper.ionice(psutil.IOPRIO_CLASS_BE, value)
    with pytest.raises(ValueError):
        sleeper.ionice(9)


def test_rlimit(sleeper):
    for name in ("AS", "CORE", "CPU", "DATA", "FSIZE", "MEMLOCK", "NOFILE", "NPROC", "RSS", "STACK"):
        number = getattr(psutil, f"RLIMIT_{name}")
        assert number == getattr(resource, f"RLIMIT_{name}")
        assert sleeper.rlimit(number) == resource.prlimit(sleeper.pid, number)
    sleeper.rlimit(psutil.RLIMIT_NOFILE, (100, 200))
    assert resource.prlimit(sleeper.pid, resource.RLIMIT_NOFILE) == (100, 200)
    sleeper.rlimit(psutil.RLIMIT_CPU, limits=(psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    assert sleeper.rlimit(psutil.RLIMIT_CPU) == (-1, -1)
    with pytest.raises(ValueError, match=r"second argument must be a \(soft, hard\) tuple, got \(1,\)"):
        sleeper.rlimit(psutil.RLIMIT_NOFILE, (1,))
    with pytest.raises(ValueError):
        sleeper.rlimit(psutil.RLIMIT_NOFILE, (2, 1))
    with pytest.raises(ValueError):
        sleeper.rlimit(999)


def test_cpu_affinity(sleeper):
    every = sleeper.cpu_affinity()
    assert every == sorted(os.sched_getaffinity(sleeper.pid))
    sleeper.cpu_affinity([every[0]])
    assert sleeper.cpu_affinity() == [every[0]]
    sleeper.cpu_affinity(set(every))
    assert sleeper.cpu_affinity() == every
    sleeper.cpu_affinity([every[-1]])
    sleeper.cpu_affinity([])
    assert sleeper.cpu_affinity() == every
    for cpus in ([len(every) + 1000], [-1], range(10000, 10010)):
        with pytest.raises(ValueError, match="invalid CPU .*; choose between"):
            sleeper.cpu_affinity(cpus)
    with pytest.raises(TypeError):
        sleeper.cpu_affinity(["0"])


def test_signals(python):
    program = """
import signal, sys
signal.signal(signal.SIGUSR1, lambda *_: print("USR1"))
print("go")
while True: signal.pause()
"""
    child = python(program)
    process = psutil.Process(child.pid)
    process.send_signal(0)
    process.send_signal(signal.SIGUSR1)
    assert child.stdout.readline() == b"USR1\n"
    process.send_signal(int(signal.SIGUSR1))
    assert child.stdout.readline() == b"USR1\n"
    with pytest.raises(OSError):
        process.send_signal(1000)
    with pytest.raises(TypeError):
        process.send_signal("TERM")
    process.terminate()
    assert process.wait() == -signal.SIGTERM


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_another_users_process(python, sleeper):
    program = f"""
import os, sys
import pslens as psutil
# Everything is imported before the rights to read it are given up.
psutil.Process().as_dict()
os.setresuid(65534, 65534, 65534)
process = psutil.Process({sleeper.pid})
assert process.name() == "sleep" and process.username() == "root" and process.memory_info().rss
denied = []
for name, call in {{
    "environ": process.environ, "cwd": process.cwd, "open_files": process.open_files, "kill": process.kill,
    "memory_maps": process.memory_maps, "io_counters": process.io_counters, "nice": lambda: process.nice(3),
}}.items():
    try:
        call()
    except psutil.AccessDenied as error:
        assert (error.pid, error.name) == (process.pid, "sleep")
        denied.append(name)
nothing = process.as_dict(["environ", "cwd", "name"], ad_value="-")
print(" ".join(denied), nothing["environ"], nothing["cwd"], nothing["name"])
"""
    told = python(program).line
    assert told == "environ cwd open_files kill memory_maps io_counters nice - - sleep"
