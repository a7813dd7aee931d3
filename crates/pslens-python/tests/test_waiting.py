"""Waiting for processes, programs started here, and interruptions."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import pslens as psutil


def test_exit_codes(start):
    for code in (0, 3, 255):
        process = psutil.Process(start(sys.executable, "-c", f"raise SystemExit({code})").pid)
        assert process.wait() == code
        assert process.wait(timeout=0) == code


def test_signals_are_negative_numbers_with_names(start):
    process = psutil.Process(start().pid)
    process.kill()
    code = process.wait()
    assert code == -9
    assert (code.name, repr(code)) == ("SIGKILL", "<Negsignal.SIGKILL: -9>")
    process = psutil.Process(start().pid)
    process.send_signal(signal.SIGRTMIN + 2)
    assert process.wait() == -(signal.SIGRTMIN + 2)


@pytest.mark.parametrize("timeout", [0, 0.01, 1e-9])
def test_time_runs_out(sleeper, timeout):
    sleeper.name()
    with pytest.raises(psutil.TimeoutExpired) as error:
        sleeper.wait(timeout)
    assert (error.value.seconds, error.value.pid, error.value.name) == (timeout, sleeper.pid, "sleep")


def test_what_is_no_time(sleeper):
    with pytest.raises(ValueError, match=r"timeout must be positive or zero \(got -1\)"):
        sleeper.wait(-1)
    with pytest.raises(TypeError, match=r"timeout must be an int or float \(got <class 'str'>\)"):
        sleeper.wait("1")
    with pytest.raises(ValueError):
        sleeper.wait(float("nan"))


def test_somebody_elses_child(python):
    program = """
import subprocess, sys
child = subprocess.Popen(["sleep", "1000"])
print(child.pid)
child.wait()
sys.stdin.read()
"""
    process = psutil.Process(int(python(program).line))
    with pytest.raises(psutil.TimeoutExpired):
        process.wait(0.01)
    process.kill()
    assert process.wait(10) is None
    assert not psutil.pid_exists(process.pid)


def test_a_zombie_has_ended_when_it_is_reaped(python):
    program = """
import os, sys
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(pid)
sys.stdin.readline()
os.waitpid(pid, 0)
sys.stdin.read()
"""
    parent = python(program)
    zombie = psutil.Process(int(parent.line))
    with pytest.raises(psutil.TimeoutExpired):
        zombie.wait(0.01)
    assert psutil.wait_procs([zombie], timeout=0.01) == ([], [zombie])
    parent.stdin.write(b"reap\n")
    parent.stdin.flush()
    assert psutil.wait_procs([zombie], timeout=10) == ([zombie], [])
    assert zombie.wait() is None


def test_wait_procs(start):
    processes = [psutil.Process(start().pid) for _ in range(4)]
    for process in processes[:3]:
        process.terminate()
    seen = []
    gone, alive = psutil.wait_procs(processes, timeout=0.5, callback=seen.append)
    assert set(gone) == set(processes[:3]) == set(seen)
    assert alive == [processes[3]]
    assert all(process.returncode == -signal.SIGTERM for process in gone)
    assert not hasattr(processes[3], "returncode")
    processes[3].kill()
    assert psutil.wait_procs(iter(processes))[1] == []
    assert psutil.wait_procs([]) == ([], [])


def test_what_wait_procs_refuses(sleeper):
    with pytest.raises(ValueError, match="timeout must be a positive integer, got -1"):
        psutil.wait_procs([sleeper], timeout=-1)
    with pytest.raises(TypeError, match="callback 1 is not a callable"):
        psutil.wait_procs([sleeper], callback=1)


def test_a_callback_that_raises_ends_the_wait(start):
    processes = [psutil.Process(start("true").pid), psutil.Process(start().pid)]

    def callback(process):
        raise KeyError(process.pid)

    with pytest.raises(KeyError):
        psutil.wait_procs(processes, callback=callback)


def test_wait_procs_takes_whatever_can_wait(start):
    mixed = [start("true"), psutil.Popen(["true"]), psutil.Process(start("true").pid)]
    gone, alive = psutil.wait_procs(mixed, timeout=10)
    assert set(gone) == set(mixed) and alive == []
    assert [thing.returncode for thing in mixed] == [0, 0, 0]
    stubborn = start()
    assert psutil.wait_procs([stubborn], timeout=0.05) == ([], [stubborn])


def test_popen():
    with psutil.Popen(
        [sys.executable, "-c", "print(input())"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert isinstance(process, psutil.Process)
        assert process.ppid() == os.getpid()
        assert process.args[0] == sys.executable
        assert process.communicate("hello\n") == ("hello\n", None)
        assert process.wait() == process.returncode == process.poll() == 0
    assert "stdout" in dir(process) and "cpu_times" in dir(process)
    with pytest.raises(AttributeError, match="has no attribute 'foo'"):
        process.foo


def test_popen_of_what_is_over_already():
    process = psutil.Popen(["true"])
    while psutil.pid_exists(process.pid) and process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert process.wait() == 0
    assert process.returncode == 0
    for method in (process.kill, process.name, process.children):
        with pytest.raises(psutil.NoSuchProcess):
            method()
    with pytest.raises(FileNotFoundError):
        psutil.Popen(["/no/such/program"])


def test_popen_kills_what_it_started():
    process = psutil.Popen(["sleep", "1000"])
    process.terminate()
    assert process.wait(timeout=10) == -signal.SIGTERM
    assert process.returncode == -signal.SIGTERM


@pytest.mark.parametrize(
    "wait",
    [
        "process.wait()",
        "process.wait(1000)",
        "psutil.wait_procs([process])",
        "process.cpu_percent(interval=1000)",
        "psutil.cpu_percent(interval=1000)",
    ],
)
def test_waits_can_be_interrupted(python, wait):
    program = f"""
import signal
import pslens as psutil
# It may be ignored, as in what a shell starts in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)
process = psutil.Process({os.getpid()})
print("go")
try:
    {wait}
except KeyboardInterrupt:
    print("interrupted")
"""
    child = python(program)
    while psutil.Process(child.pid).status() == psutil.STATUS_RUNNING:
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    assert child.stdout.readline() == b"interrupted\n"


def test_signal_handlers_run_while_waiting(python, sleeper):
    program = f"""
import signal
import pslens as psutil
signal.signal(signal.SIGUSR1, lambda *_: print("handled"))
process = psutil.Process({sleeper.pid})
print("go")
print(process.wait())
"""
    child = python(program)
    while psutil.Process(child.pid).status() == psutil.STATUS_RUNNING:
        time.sleep(0.01)
    child.send_signal(signal.SIGUSR1)
    assert child.stdout.readline() == b"handled\n"
    sleeper.kill()
    os.waitpid(sleeper.pid, 0)
    assert child.stdout.readline() == b"None\n"


def test_other_threads_run_while_one_waits(sleeper):
    ended = threading.Event()

    def wait():
        sleeper.wait()
        ended.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    # This needs the interpreter, which the other thread must have given up.
    assert not ended.wait(0.1)
    sleeper.kill()
    waiting.join(10)
    assert ended.is_set()
