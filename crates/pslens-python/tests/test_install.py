"""pslens in psutil's place, in programs that know nothing of it; beside psutil, which is installed here."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import zipfile

import pytest

INSTALL = "import pslens\npslens.install_as_psutil()\n"
RUN = ("-m", "pslens", "run")


def python(*arguments, code=None, **keywords):
    """Runs Python with arguments, or with a program as text."""
    if code is not None:
        arguments = ("-c", textwrap.dedent(code), *arguments)
    keywords.setdefault("capture_output", True)
    keywords.setdefault("text", True)
    return subprocess.run([sys.executable, *arguments], timeout=60, **keywords)


def output(*arguments, **keywords):
    done = python(*arguments, **keywords)
    assert done.returncode == 0, done.stderr
    return done.stdout


def installed(code):
    return output(code=INSTALL + textwrap.dedent(code))


# What `install_as_psutil` does.


def test_import_psutil_gives_this_package():
    assert installed("import psutil; print(psutil is pslens, psutil.Process().__class__)") == (
        "True <class 'psutil.Process'>\n"
    )


CLASSES = """
memory, duplex = psutil.virtual_memory(), psutil.NIC_DUPLEX_FULL
print(psutil.Process, psutil.Popen, psutil.NoSuchProcess)
things = memory, duplex, psutil.AF_LINK, psutil.IOPRIO_CLASS_RT
print(*(f"{type(thing).__module__}.{type(thing).__name__}" for thing in things))
"""


def test_what_classes_say_of_themselves():
    expected = output(code=f"import psutil\n{CLASSES}")
    assert installed(f"import psutil\n{CLASSES}") == expected
    # Also if they were made before.
    after = output(code=f"import pslens as psutil\n{CLASSES}\n{INSTALL}\nimport psutil\n{CLASSES}")
    assert after.splitlines()[2:] == expected.splitlines()


def test_what_classes_say_without_the_name_psutil():
    """Exceptions are psutil's all the same, for those who look at their texts."""
    told = output(code=f"import pslens as psutil\n{CLASSES}").split()
    assert told[1::2][:3] == ["'pslens.Process'>", "'pslens.Popen'>", "'psutil.NoSuchProcess'>"]
    assert told[6:] == [
        "pslens._ntuples.svmem",
        "pslens._enums.NicDuplex",
        "pslens._enums.AddressFamily",
        "pslens._enums.IOPriority",
    ]


def test_nothing_of_psutil_is_loaded():
    modules = installed(
        """
        import sys, psutil, psutil._common, psutil._pslinux
        psutil.Process().as_dict()
        for name, module in sys.modules.items():
            if name.partition(".")[0] == "psutil":
                print(name, module.__name__)
        """
    )
    assert modules.splitlines() == [
        "psutil pslens",
        "psutil._common pslens._psutil._common",
        "psutil._pslinux pslens._psutil._pslinux",
    ]


def test_installing_twice_is_installing_once():
    assert (
        installed(
            """
            import sys
            before = list(sys.meta_path)
            import psutil._common
            pslens.install_as_psutil()
            print(before == sys.meta_path, sys.modules["psutil._common"] is psutil._common)
            """
        )
        == "True True\n"
    )


def test_who_has_psutil_already_keeps_it():
    assert (
        output(
            code="""
            import sys, psutil as before, psutil._common as common
            import pslens
            pslens.install_as_psutil()
            import psutil, psutil._common
            print(before.__name__, psutil.__name__, psutil._common.__name__)
            print(before.Process().pid == psutil.Process().pid, common.bytes2human(1 << 20))
            print([name for name in sys.modules if name.startswith("psutil._psutil")])
            """
        )
        == "psutil pslens pslens._psutil._common\nTrue 1.0M\n[]\n"
    )


def test_a_program_that_forgets_psutil_gets_this_package_again():
    assert (
        installed("import psutil, sys; del sys.modules['psutil']; import psutil; print(psutil is pslens)")
        == "True\n"
    )


def test_reload():
    assert (
        installed(
            """
            import importlib, psutil
            psutil.PROCFS_PATH = "/elsewhere"
            again = importlib.reload(psutil)
            print(again is psutil, psutil.PROCFS_PATH, isinstance(psutil.Process(), psutil.Process))
            try:
                psutil.Process(2**30)
            except psutil.NoSuchProcess:
                print("caught")
            """
        )
        == "True /proc True\ncaught\n"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "import psutil._common; psutil._common.bytes2human",
        "import psutil._common as module; module.bytes2human",
        "from psutil import _common; _common.bytes2human",
        "from psutil._common import bytes2human, NoSuchProcess, STATUS_RUNNING, POWER_TIME_UNKNOWN",
        "from psutil._pslinux import CLOCK_TICKS, PAGESIZE, open_binary, open_text, AddressFamily",
        "import psutil; psutil._psplatform.CLOCK_TICKS; psutil._pslinux.IOPriority",
        "import psutil; psutil._common.conn_tmap; psutil._psposix",
        "from psutil import _psplatform; _psplatform.open_text",
        "from psutil._psposix import wait_pid, Negsignal",
        "from psutil._ntuples import svmem, scputimes",
        "import importlib; importlib.import_module('psutil._ntuples').pmem",
    ],
)
def test_private_modules_can_be_imported_as_from_psutil(statement):
    output(code=statement)
    installed(statement)


@pytest.mark.parametrize("name", ["_install", "_native", "_exceptions", "_psutil", "tests"])
def test_modules_of_this_package_are_not_psutils(name):
    done = python(code=f"{INSTALL}\nimport psutil.{name}")
    assert done.stderr.splitlines()[-1] == f"ModuleNotFoundError: No module named 'psutil.{name}'"


# Pickles. What one writes the other reads.

PICKLED = """
import pickle, signal, subprocess, sys
import psutil
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
process = psutil.Process(child.pid)
process.kill()
things = [
    process.wait(),
    psutil.virtual_memory(),
    psutil.cpu_times(),
    psutil.disk_usage("/"),
    psutil.Process().memory_info(),
    psutil.net_if_addrs(),
    psutil.net_if_stats(),
    psutil.Process().ionice(),
    psutil.POWER_TIME_UNKNOWN,
    psutil.Error("boom"),
    psutil.NoSuchProcess(1, "name", "message"),
    psutil.ZombieProcess(2, ppid=1),
    psutil.AccessDenied(0),
    psutil.TimeoutExpired(1.5, pid=3),
]
"""
DUMP = PICKLED + "sys.stdout.write(pickle.dumps([(repr(t), t) for t in things], int(sys.argv[1])).hex())"
LOAD = """
import pickle, sys
import psutil
for text, thing in pickle.loads(bytes.fromhex(sys.stdin.read())):
    assert repr(thing) == text, (repr(thing), text)
    if isinstance(thing, tuple):
        assert type(thing) is getattr(psutil._ntuples, type(thing).__name__), type(thing)
    elif isinstance(thing, Exception):
        assert type(thing) is getattr(psutil, type(thing).__name__)
        assert thing.__dict__.keys() <= {"pid", "ppid", "name", "msg", "seconds"}
    print(type(thing).__name__)
"""


@pytest.mark.parametrize("protocol", [0, 2, 5])
@pytest.mark.parametrize("writer", ["", INSTALL], ids=["psutil writes", "pslens writes"])
@pytest.mark.parametrize("reader", ["", INSTALL], ids=["psutil reads", "pslens reads"])
def test_pickles_go_from_one_to_the_other(writer, reader, protocol):
    written = output(str(protocol), code=writer + DUMP)
    types = output(code=reader + LOAD, input=written)
    assert (
        types.split()
        == (
            "Negsignal svmem scputimes sdiskusage pmem dict dict pionice BatteryTime"
            " Error NoSuchProcess ZombieProcess AccessDenied TimeoutExpired"
        ).split()
    )


def test_pickles_without_the_name_psutil():
    """Who imports pslens only need not have psutil, and who has it does not get it."""
    output(
        code="""
        import pickle, sys
        import pslens
        errors = [pslens.NoSuchProcess(1), pslens.Error("x")]
        things = [pslens.virtual_memory(), pslens.POWER_TIME_UNKNOWN, *errors]
        for thing in things:
            again = pickle.loads(pickle.dumps(thing))
            assert type(again) is type(thing) and repr(again) == repr(thing)
        assert "psutil" not in sys.modules
        import psutil
        assert type(pickle.loads(pickle.dumps(things[2]))) is pslens.NoSuchProcess
        """
    )


def test_old_pickles_of_named_tuples():
    """psutil 5 and 6 had the classes elsewhere."""
    assert (
        installed(
            """
            import pickle
            print(pickle.loads(b"cpsutil._common\\nsdiskusage\\n(I1\\nI2\\nI3\\nF4.5\\ntR."))
            print(pickle.loads(b"cpsutil._pslinux\\npio\\n(I1\\nI2\\nI3\\nI4\\nI5\\nI6\\ntR."))
            """
        )
        == "sdiskusage(total=1, used=2, free=3, percent=4.5)\n"
        "pio(read_count=1, write_count=2, read_bytes=3, write_bytes=4, read_chars=5, write_chars=6)\n"
    )


def test_exceptions_that_a_program_derives_can_be_pickled(tmp_path):
    (tmp_path / "program.py").write_text(
        INSTALL
        + textwrap.dedent(
            """
            import pickle
            import psutil

            class Lost(psutil.NoSuchProcess):
                pass

            error = Lost(1, msg="lost")
            error.attempts = 3
            again = pickle.loads(pickle.dumps(error))
            print(type(again) is Lost, again.pid, again.msg, again.attempts)
            """
        )
    )
    assert output(tmp_path / "program.py") == "True 1 lost 3\n"


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_multiprocessing(tmp_path, method):
    """A program that installs at its top does so in the processes that it is imported by."""
    (tmp_path / "program.py").write_text(
        INSTALL
        + textwrap.dedent(
            """
            import multiprocessing, sys
            import psutil

            def work(memory):
                assert type(memory) is psutil._ntuples.svmem
                return psutil.__name__, psutil.virtual_memory(), psutil.NoSuchProcess(1)

            def fail(pid):
                psutil.Process(pid)

            if __name__ == "__main__":
                with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
                    name, memory, error = pool.apply(work, (psutil.virtual_memory(),))
                    assert type(memory) is type(psutil.virtual_memory())
                    print(name, repr(error))
                    try:
                        pool.apply(fail, (2**30,))
                    except psutil.NoSuchProcess as error:
                        print(error.pid)
            """
        )
    )
    assert output(tmp_path / "program.py", method) == (
        "pslens psutil.NoSuchProcess(pid=1, msg='process no longer exists')\n1073741824\n"
    )


# `python -m pslens run`. It is compared with Python itself.

SHOW = """
import builtins, json, sys, threading
main = sys.modules["__main__"]
shown = {
    "argv": sys.argv,
    "path": sys.path,
    "own": sorted(set(globals()) - {"__annotations__"}),
    "is main": vars(main) is globals(),
    "builtins": __builtins__ is builtins,
    "code": sys._getframe().f_code.co_filename,
    **{name: repr(globals().get(name)).partition(" object at")[0] for name in (
        "__name__", "__file__", "__package__", "__cached__", "__doc__", "__loader__",
    )},
    "spec": __spec__ and (__spec__.name, __spec__.origin, __spec__.parent),
}
"""
TELL = SHOW + "print(json.dumps(shown))\n"


@pytest.fixture
def programs(tmp_path):
    """The same program in all forms that Python runs."""
    for folder in ("scripts", "package", "folder"):
        (tmp_path / folder).mkdir()
    for place in (
        "scripts/program.py",
        "folder/__main__.py",
        "package/__init__.py",
        "package/__main__.py",
        "package/module.py",
        "top.py",
    ):
        (tmp_path / place).write_text(TELL if "__init__" not in place else "")
    (tmp_path / "link.py").symlink_to("scripts/program.py")
    with zipfile.ZipFile(tmp_path / "archive.pyz", "w") as archive:
        archive.writestr("__main__.py", TELL)
    output("-m", "compileall", "-q", "-b", tmp_path / "scripts")
    return tmp_path


@pytest.mark.parametrize("flags", [(), ("-I",)], ids=["", "isolated"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("scripts/program.py",),
        ("./scripts/../scripts/program.py", "-m", "--", "run", ""),
        ("link.py", "x"),
        ("scripts/program.pyc",),
        ("folder", "x"),
        ("archive.pyz",),
        ("-m", "top", "-m", "x"),
        ("-m", "package", "x"),
        ("-m", "package.module"),
    ],
    ids=" ".join,
)
def test_the_program_sees_what_python_would_show_it(programs, arguments, flags):
    # Isolated, the current folder is not looked in.
    if flags and arguments[0] == "-m":
        arguments = ("-m", "this")
        assert output(*flags, *RUN, *arguments, cwd=programs) == output(*flags, *arguments, cwd=programs)
        return
    expected = json.loads(output(*flags, *arguments, cwd=programs))
    assert json.loads(output(*flags, *RUN, *arguments, cwd=programs)) == expected


@pytest.mark.parametrize(
    "program",
    [
        "pass",
        "import sys; sys.exit()",
        "import sys; sys.exit(7)",
        "import sys; sys.exit('a text')",
        "raise SystemExit(True)",
        "raise KeyError('x')",
        "def f(:",
        "import nothing_of_this_name",
        "raise KeyboardInterrupt",
        "import os; os._exit(9)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import atexit; atexit.register(print, 'bye'); print('hello')",
    ],
)
def test_the_end_of_the_program_is_the_end(tmp_path, program):
    path = tmp_path / "program.py"
    path.write_text(program)
    for arguments in ((path,), ("-m", "program")):
        expected = python(*arguments, cwd=tmp_path)
        done = python(*RUN, *arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (expected.returncode, expected.stdout)
        assert done.stderr.splitlines()[-3:] == expected.stderr.splitlines()[-3:]


def test_the_program_is_main_until_the_end(tmp_path):
    (tmp_path / "program.py").write_text(
        textwrap.dedent(
            """
            import atexit, pickle, threading

            class Mine:
                pass

            def late():
                threading.main_thread().join()
                print(type(pickle.loads(pickle.dumps(Mine()))) is Mine, "in a thread")

            threading.Thread(target=late).start()
            atexit.register(lambda: print(type(pickle.loads(pickle.dumps(Mine()))) is Mine, "at exit"))
            """
        )
    )
    assert output(*RUN, tmp_path / "program.py") == "True in a thread\nTrue at exit\n"


def test_the_program_gets_this_package_and_what_it_starts_does_not(tmp_path):
    (tmp_path / "program.py").write_text(
        textwrap.dedent(
            """
            import subprocess, sys
            import psutil
            print(psutil.__name__, flush=True)
            if len(sys.argv) == 1:
                subprocess.check_call([sys.executable, __file__, "child"])
            """
        )
    )
    assert output(*RUN, tmp_path / "program.py") == "pslens\npsutil\n"
    assert output(*RUN, "-m", "program", cwd=tmp_path) == "pslens\npsutil\n"


def test_an_interrupt_reaches_the_program(tmp_path):
    (tmp_path / "program.py").write_text(
        textwrap.dedent(
            """
            import signal
            # It may be ignored, as in what a shell starts in the background.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            print("ready", flush=True)
            input()
            """
        )
    )
    command = [sys.executable, *RUN, tmp_path / "program.py"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as program:
        assert program.stdout.readline() == "ready\n"
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=60)
    assert program.returncode == -signal.SIGINT
    assert errors.endswith("KeyboardInterrupt\n")


USAGE = "usage: python -m pslens run PROGRAM|-m MODULE [ARG ...]"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("", "the command is missing"),
        ("walk program.py", "no command is called 'walk'"),
        ("run", "the program is missing"),
        ("run -m", "the name of the module is missing"),
        ("run -c pass", "no option is called '-c'; those of Python stand before -m pslens"),
        ("run absent.py", "cannot open 'absent.py': No such file or directory"),
    ],
)
def test_wrong_calls_get_one_line(arguments, why):
    done = python("-m", "pslens", *arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"python -m pslens: {why}; {USAGE}\n"


def test_a_module_that_is_not_there():
    done = python(*RUN, "-m", "nothing_of_this_name")
    assert done.returncode == 1
    assert done.stderr == f"{sys.executable}: No module named nothing_of_this_name\n"


def test_help():
    assert output("-m", "pslens", "--help").splitlines()[0] == USAGE


def test_running_as_another_environment_does(tmp_path):
    """PYTHONSAFEPATH: no folder is put in front of the path."""
    (tmp_path / "program.py").write_text("import sys; print(sys.path)")
    safe = {**os.environ, "PYTHONSAFEPATH": "1"}
    path = tmp_path / "program.py"
    assert output(*RUN, path, env=safe) == output(path, env=safe)
