"""Threads, forks, interpreters: the lock is free while the system is asked, and nothing is left locked."""

import subprocess
import sys
import threading
import time

import pytest

import pslens as psutil


SYSTEM = [
    "pids", "cpu_times", "virtual_memory", "swap_memory", "net_io_counters", "disk_io_counters",
    "net_connections", "net_if_addrs", "net_if_stats", "disk_partitions", "cpu_stats", "boot_time", "users",
    "cpu_percent", "cpu_times_percent", "cpu_count", "cpu_freq", "getloadavg", "sensors_temperatures",
    "sensors_fans", "sensors_battery", "heap_info", "heap_trim",
]  # fmt: skip

EVERYTHING = {
    **{name: getattr(psutil, name) for name in SYSTEM},
    "disk_usage": lambda: psutil.disk_usage("/"),
    "pid_exists": lambda: psutil.pid_exists(1),
    "Process": psutil.Process,
    "process_iter": lambda: next(psutil.process_iter()),
    **{
        f"Process.{name}": (lambda name=name: getattr(psutil.Process(), name)())
        for name in (*psutil.Process.attrs - {"pid"}, "as_dict", "children", "parents", "is_running")
    },
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_lock_is_free_while_the_system_is_asked(name):
    call = EVERYTHING[name]
    call()
    turns = [0]
    over = threading.Event()

    def count():
        while not over.is_set():
            turns[0] += 1
            time.sleep(0)

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=count)
    thread.start()
    # From here on the other thread runs only where this one gives the lock up by itself.
    sys.setswitchinterval(1000)
    try:
        before = turns[0]
        for _ in range(100_000):
            call()
            if turns[0] != before:
                break
    finally:
        sys.setswitchinterval(interval)
        over.set()
        thread.join()
    assert turns[0] > before, "the lock was held all the time"


def test_many_threads_ask_at_once(sleeper):
    """One object and every function in eight threads: every answer is right, nobody waits for ever."""
    wrong = []
    begin = threading.Barrier(8)

    def work(number):
        try:
            begin.wait()
            for turn in range(30):
                with sleeper.oneshot():
                    assert sleeper.name() == "sleep"
                    assert sleeper.pid == sleeper.as_dict(["pid"])["pid"]
                assert sleeper.is_running()
                assert sleeper.cpu_percent() >= 0
                getattr(psutil, SYSTEM[(turn + number) % len(SYSTEM)])()
                for process in psutil.process_iter(["name", "cpu_percent", "username"]):
                    assert process.info.keys() == {"name", "cpu_percent", "username"}
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    assert wrong == []


def test_a_look_belongs_to_its_thread(python):
    process = psutil.Process(python("print('go')\nwhile True: pass").pid)
    seen = []
    with process.oneshot():
        held = process.cpu_times()
        psutil.cpu_percent(interval=0.1)
        thread = threading.Thread(target=lambda: seen.append(process.cpu_times()))
        thread.start()
        thread.join()
        assert process.cpu_times() == held
    assert seen[0].user > held.user


def test_percentages_are_the_threads_own():
    psutil.cpu_percent()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(psutil.cpu_percent()))
    thread.start()
    thread.join()
    # Its first call, whatever others did before.
    assert answers == [0.0]


@pytest.mark.parametrize("run", range(4))
def test_fork_in_a_threaded_program(python, run):
    """While other threads are in the middle of everything, children can do everything."""
    program = """
import os, threading
import pslens as psutil

over = False
me = psutil.Process()

def work():
    while not over:
        psutil.net_io_counters(), psutil.disk_io_counters(), psutil.cpu_percent(), me.as_dict(), me.name()
        with me.oneshot():
            me.cpu_times()
        for _ in psutil.process_iter(["name"]):
            pass

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(40):
    pid = os.fork()
    if pid == 0:
        try:
            psutil.net_io_counters(), psutil.disk_io_counters(), psutil.cpu_percent()
            assert me.name() and psutil.Process().ppid() == me.pid and psutil.Process() != me
            with me.oneshot():
                me.cpu_times()
            assert os.getpid() in [process.pid for process in psutil.process_iter(["name"])]
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    child = psutil.Process(pid)
    assert child.wait(timeout=30) == 0
over = True
for thread in threads:
    thread.join()
print("good")
"""
    assert python(program).line == "good"


def test_a_second_interpreter_is_told_plainly():
    """Either it works there, or the import says why not."""
    program = """
import pslens
try:
    import _interpreters as interpreters
except ImportError:
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        interpreters = None
if interpreters is None:
    print("good")
else:
    interpreter = interpreters.create()
    code = '''
try:
    import pslens
    assert pslens.Process().pid and pslens.virtual_memory().total
except ImportError as error:
    assert "interpreter" in str(error), error
'''
    run = getattr(interpreters, "exec", None) or interpreters.run_string
    failed = run(interpreter, code)
    print(failed or "good")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("good", 0), done.stderr


@pytest.mark.skipif(not hasattr(sys, "_is_gil_enabled"), reason="this interpreter always has its lock")
def test_a_free_threaded_interpreter_stays_free():
    assert not sys._is_gil_enabled() or not __import__("sysconfig").get_config_var("Py_GIL_DISABLED")
