"""What the package shows on Windows, as far as it is Python: tried anywhere, with a native half that has nothing.

What psutil shows there is read from the sources that come with it. The rest needs Windows: `../windows`.
"""

import ast
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

SOURCES = Path(psutil.__file__).parent

# Programs start with this: from here on everything takes this system for Windows.
PRETEND = """
import enum, importlib, json, os, pickle, socket, subprocess, sys, types

native = types.ModuleType("pslens._native")
native.__version__ = "0"
native.Process = type("Process", (), {"__module__": "pslens"})
native._as_dict_attrnames = set
native.__getattr__ = lambda name: len
del socket.AF_UNIX, os.register_at_fork
sys.modules["pslens._native"] = native
sys.platform = "win32"
import pslens
"""


def told(program):
    """What a program prints as JSON that takes this system for Windows."""
    program = PRETEND + textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def tree(name):
    return ast.parse((SOURCES / f"{name}.py").read_text())


def listed(module, name):
    """A list that a module of psutil assigns to a name."""
    [value] = [
        node.value
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    ]
    return ast.literal_eval(value)


def test_every_name_of_psutil_is_there():
    shown = told("print(json.dumps([name for name in pslens.__all__ if hasattr(pslens, name)]))")
    assert len(set(shown)) == len(shown)
    own = listed(tree("_pswindows"), "__extra__all__")
    assert len(own) > 10
    everywhere = listed(tree("__init__"), "__all__")
    later = ["cpu_freq", "getloadavg", "sensors_battery"]
    assert {*own, *everywhere, *later} <= set(shown)


def test_names_of_other_systems_are_absent():
    names = [
        "PROCFS_PATH", "SYSFS_PATH", "RLIM_INFINITY", "RLIMIT_NOFILE", "IOPRIO_CLASS_NONE",
        "sensors_temperatures", "sensors_fans", "_pslinux", "_psposix", "CONN_IDLE",
    ]  # fmt: skip
    assert told(f"print(json.dumps([name for name in {names} if hasattr(pslens, name)]))") == []
    systems = told(
        "print(json.dumps({name: getattr(pslens, name) for name in "
        "['WINDOWS', 'LINUX', 'POSIX', 'MACOS', 'OSX', 'BSD', 'SUNOS', 'AIX']}))"
    )
    assert [name for name, is_here in systems.items() if is_here] == ["WINDOWS"]


def test_named_tuples_have_psutils_fields():
    source = (SOURCES / "_ntuples.py").read_text()
    # The module asks another one which system this is.
    systems = {name: name == "WINDOWS" for name in "AIX BSD FREEBSD LINUX MACOS SUNOS WINDOWS".split()}
    kept = [node for node in ast.parse(source).body if "_common" not in ast.unparse(node)]
    classes = dict(systems)
    exec(compile(ast.Module(kept, []), "_ntuples.py", "exec"), classes)
    expected = {name: list(value._fields) for name, value in classes.items() if hasattr(value, "_fields")}
    assert len(expected) > 25
    fields = told("""
        from pslens import _ntuples
        print(json.dumps({name: getattr(_ntuples, name)._fields for name in _ntuples.__all__}))
        """)
    assert {name: fields[name] for name in expected} == expected
    # What later versions of psutil have.
    assert {name: fields[name] for name in fields.keys() - expected} == {
        "pfootprint": ["uss"],
        "ppagefaults": ["minor", "major"],
    }


def test_constants_are_members_of_psutils_enumerations():
    members = {}
    for node in tree("_pswindows").body:
        if isinstance(node, ast.ClassDef) and node.name in ("IOPriority", "Priority"):
            members[node.name] = [ast.unparse(line.targets[0]) for line in node.body]
    assert len(members) == 2
    enumerations = told("""
        from pslens import _enums
        print(json.dumps({
            cls.__name__: {
                name: [int(value), str(type(value))]
                for name in cls.__members__ for value in [getattr(pslens, name)]
            }
            for cls in (_enums.IOPriority, _enums.Priority, _enums.AddressFamily)
        }))
        """)
    for name, constants in members.items():
        assert list(enumerations[name]) == constants
    numbers = {name: number for values in enumerations.values() for name, (number, _) in values.items()}
    # As <winbase.h> and <winternl.h> have them.
    assert numbers == {
        "IOPRIO_VERYLOW": 0,
        "IOPRIO_LOW": 1,
        "IOPRIO_NORMAL": 2,
        "IOPRIO_HIGH": 3,
        "IDLE_PRIORITY_CLASS": 0x40,
        "BELOW_NORMAL_PRIORITY_CLASS": 0x4000,
        "NORMAL_PRIORITY_CLASS": 0x20,
        "ABOVE_NORMAL_PRIORITY_CLASS": 0x8000,
        "HIGH_PRIORITY_CLASS": 0x80,
        "REALTIME_PRIORITY_CLASS": 0x100,
        "AF_LINK": -1,
    }
    for name, values in enumerations.items():
        assert {kind for _, kind in values.values()} == {f"<enum '{name}'>"}


def test_a_priority_without_a_name_is_its_number():
    assert told("""
        from pslens._enums import priority
        print(json.dumps([repr(priority(number)) for number in (0x20, 0x21)]))
        """) == ["<Priority.NORMAL_PRIORITY_CLASS: 32>", "33"]


def test_in_psutils_place_everything_is_of_psutils_modules():
    assert told("""
        pslens.install_as_psutil()
        import psutil, psutil._pswindows
        from psutil import *
        from psutil._pswindows import IOPriority, Priority, WindowsService, cext, getpagesize
        assert psutil._psplatform is psutil._pswindows and cext.version == 722 and getpagesize() > 0
        assert psutil._pswindows.CONN_DELETE_TCB == "DELETE_TCB"
        try:
            import psutil._pslinux
        except ModuleNotFoundError as error:
            absent = error.name
        kinds = [type(psutil.AF_LINK), type(psutil.IOPRIO_LOW), Priority, psutil._common.NicDuplex]
        print(json.dumps([absent, *(kind.__module__ for kind in kinds)]))
        """) == ["psutil._pslinux", *["psutil._pswindows"] * 3, "psutil._common"]


def test_private_names_are_those_of_windows():
    environment, kinds, refusals = told("""
        from pslens._psutil import _common, _pswindows
        errors = [PermissionError(), OSError(), OSError(0, ""), FileNotFoundError()]
        errors[2].winerror = 1314
        print(json.dumps([
            _common.parse_environ_block("Path=C:;=C:=x;\\u00e4=b;".replace(";", chr(0))),
            sorted(_common.conn_tmap),
            [_pswindows.is_permission_err(error) for error in errors],
        ]))
        """)
    assert environment == {"PATH": "C:", "Ä": "b"}
    assert kinds == ["all", "inet", "inet4", "inet6", "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6"]
    assert refusals == [True, False, True, False]


# A native half with two services, one of which tells nothing, and a third that was removed.
SERVICES = """
class Service:
    def __init__(self, name):
        if name not in ("alg", "mute", "gone"):
            raise FileNotFoundError("windows service")
        self.name, self.display_name = name, name.title()

    def refuse(self):
        if self.name == "mute":
            raise PermissionError("windows service")
        if self.name == "gone":
            raise FileNotFoundError("windows service")

    def config(self):
        self.refuse()
        return "C:\\\\alg.exe -x", "LocalSystem", "manual"

    def state(self):
        self.refuse()
        return "running", 44

    def description(self):
        self.refuse()
        return "Helps."

native._Service = Service
native._services = lambda: [Service("alg"), Service("mute")]

def refusal(call, *arguments):
    try:
        call(*arguments)
    except pslens.Error as error:
        return [type(error).__name__, error.pid, error.name, error.msg, type(error.__cause__).__name__]
"""


def test_services_tell_what_they_are():
    assert told(SERVICES + """
service = pslens.win_service_get("alg")
methods = [name for name in dir(service) if not name.startswith("_")]
print(json.dumps([service.as_dict(), {name: getattr(service, name)() for name in methods if name != "as_dict"}]))
""") == [{
        "name": "alg",
        "display_name": "Alg",
        "binpath": "C:\\alg.exe -x",
        "username": "LocalSystem",
        "start_type": "manual",
        "status": "running",
        "pid": 44,
        "description": "Helps.",
    }] * 2  # fmt: skip


def test_services_are_described_and_compared_as_in_psutil():
    text, shown, equal, listed_names = told(SERVICES + """
from pslens._services import WindowsService
one, other = pslens.win_service_iter()
print(json.dumps([
    str(one), repr(one) == f"<{one} at {id(one)}>",
    [one == WindowsService("alg", "x"), one != WindowsService("alg", "x"), one == other, one == "alg"],
    [one.name(), other.name()],
]))
try:
    hash(one)
except TypeError:
    pass
else:
    raise AssertionError("psutil's have no hash")
""")
    assert text == "WindowsService(name='alg', display_name='Alg')"
    assert shown
    assert equal == [True, False, False, False]
    assert listed_names == ["alg", "mute"]


@pytest.mark.parametrize("method", ["binpath", "username", "start_type", "status", "pid", "description", "as_dict"])
def test_what_a_service_does_not_tell_is_psutils_exception(method):
    assert told(SERVICES + f"""
print(json.dumps([
    refusal(pslens.win_service_get("mute").{method}),
    refusal(pslens.win_service_get("gone").{method}),
    refusal(pslens.win_service_get, "none"),
]))
""") == [
        ["AccessDenied", None, "mute", "service 'mute' is not querable (not enough privileges)", "PermissionError"],
        ["NoSuchProcess", None, "gone", "service 'gone' does not exist", "FileNotFoundError"],
        ["NoSuchProcess", None, "none", "service 'none' does not exist", "FileNotFoundError"],
    ]  # fmt: skip
