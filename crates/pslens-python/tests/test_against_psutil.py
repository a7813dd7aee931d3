"""psutil 7.2.2 itself, asked in the same process at the same moment: names, shapes, values."""

import enum
import inspect
import itertools
import math

import psutil
import pytest

import pslens

assert psutil.__name__ == "psutil" and psutil.__version__ == "7.2.2"


def public(module):
    return {name for name in dir(module) if not name.startswith("_")}


def test_every_name_is_there():
    # Modules of the standard library that psutil happens to show.
    modules = {name for name in public(psutil) if inspect.ismodule(getattr(psutil, name))}
    assert public(psutil) - modules - public(pslens) == {"debug"}
    assert set(psutil.__all__) <= set(pslens.__all__)
    assert public(psutil.Process) <= public(pslens.Process)
    further = {"attrs", "memory_footprint", "memory_info_ex", "page_faults"}
    assert public(pslens.Process) - public(psutil.Process) == further
    assert psutil._as_dict_attrnames == pslens._as_dict_attrnames == pslens.Process.attrs


def test_constants_are_the_same():
    compared = 0
    for name in psutil.__all__:
        theirs, mine = getattr(psutil, name), getattr(pslens, name)
        if isinstance(theirs, (str, int, tuple, bool)):
            assert mine == theirs, name
            assert isinstance(mine, enum.Enum) == isinstance(theirs, enum.Enum), name
            assert repr(mine) == repr(theirs), name
            compared += 1
    assert compared > 60


def functions(module):
    for name in psutil.__all__:
        thing = getattr(module, name)
        if inspect.isroutine(thing):
            yield name, thing


def parameters(thing):
    """Names and defaults; `self` of methods in C is positional only, which is no difference to a caller."""
    return [(p.name, p.default) for p in inspect.signature(thing).parameters.values() if p.name != "self"]


def test_parameters_are_the_same():
    mine = dict(functions(pslens))
    for name, theirs in functions(psutil):
        if name == "getloadavg":
            continue  # that of `os`, which tells nobody
        assert parameters(mine[name]) == parameters(theirs), name
    for name in public(psutil.Process) - {"pid"}:
        theirs, own = getattr(psutil.Process, name), getattr(pslens.Process, name)
        assert parameters(own) == parameters(theirs), name
    for name in ("Popen", "NoSuchProcess", "ZombieProcess", "AccessDenied", "TimeoutExpired"):
        assert parameters(getattr(pslens, name)) == parameters(getattr(psutil, name)), name


def shape(value):
    """What a program can tell of a value without looking at numbers."""
    if isinstance(value, list) and value and type(value[0]).__name__ == "pconn":
        return {tuple(row) for row in value}  # in no order
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return (type(value).__name__, value._fields, tuple(shape(field) for field in value))
    if isinstance(value, enum.Enum):
        return (type(value).__name__, value.name)
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value).__name__


SYSTEM = {
    "cpu_times": {}, "cpu_times percpu": {"percpu": True}, "cpu_percent": {}, "cpu_percent percpu": {"percpu": True},
    "cpu_times_percent": {}, "cpu_times_percent percpu": {"percpu": True}, "cpu_count": {},
    "cpu_count cores": {"logical": False}, "cpu_stats": {}, "cpu_freq": {}, "cpu_freq percpu": {"percpu": True},
    "getloadavg": {}, "virtual_memory": {}, "swap_memory": {}, "disk_partitions": {},
    "disk_partitions all": {"all": True}, "disk_usage": {"path": "/"}, "disk_io_counters": {},
    "disk_io_counters perdisk": {"perdisk": True}, "net_io_counters": {}, "net_io_counters pernic": {"pernic": True},
    "net_if_addrs": {}, "net_if_stats": {}, "users": {}, "boot_time": {}, "sensors_temperatures": {},
    "sensors_fans": {}, "sensors_battery": {}, "heap_info": {}, "pids": {},
}  # fmt: skip


@pytest.mark.parametrize("case", SYSTEM)
def test_the_system_has_the_same_shape(case):
    name, keywords = case.split()[0], SYSTEM[case]
    mine = getattr(pslens, name)(**keywords)
    theirs = getattr(psutil, name)(**keywords)
    assert shape(mine) == shape(theirs)


# These depend on the time between two calls, on the call itself, or (the load) are rounded by the kernel.
INCOMPARABLE = {"cpu_percent", "cpu_times_percent", "heap_info", "getloadavg"}

STABLE = {
    "cpu_count", "cpu_count cores", "disk_partitions", "disk_partitions all", "net_if_addrs", "net_if_stats",
    "users", "boot_time",
}  # fmt: skip


@pytest.mark.parametrize("case", [case for case in SYSTEM if case.split()[0] not in INCOMPARABLE])
def test_the_system_has_the_same_values(case):
    """Numbers that move lie between two of the other's answers; the rest is equal."""
    name, keywords = case.split()[0], SYSTEM[case]
    ask = lambda module: flat(getattr(module, name)(**keywords))  # noqa: E731
    for attempt in itertools.count():
        before, mine, after = ask(psutil), ask(pslens), ask(psutil)
        wrong = [key for key in mine if not between(before.get(key), mine[key], after.get(key))]
        if mine.keys() == before.keys() and not wrong:
            return
        assert case not in STABLE and attempt < 20, [(k, before.get(k), mine[k], after.get(k)) for k in wrong]


def flat(value, path=()):
    """Every single value with the way to it."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        return {path: value}
    return {key: each for step, inner in items for key, each in flat(inner, (*path, step)).items()}


def between(before, mine, after):
    if not isinstance(mine, (int, float)) or isinstance(mine, bool) or before is None or after is None:
        return mine in (before, after)
    low, high = min(before, after), max(before, after)
    return low <= mine <= high or math.isclose(mine, before, rel_tol=1e-12)


@pytest.mark.parametrize("kind", ["inet", "tcp", "udp", "unix", "all"])
def test_sockets_are_the_same(kind):
    def known(module):
        # psutil loses names with blanks and the second owner of an internet socket.
        return {row for row in map(tuple, module.net_connections(kind))}

    for attempt in range(20):
        if known(pslens) == known(psutil):
            return
    assert known(pslens) == known(psutil)


# What changes from one look to the next.
MOVING = {
    "cpu_percent", "cpu_times", "cpu_num", "io_counters", "memory_full_info", "memory_info", "memory_maps",
    "memory_percent", "num_ctx_switches", "num_fds", "open_files", "status", "threads", "net_connections",
}  # fmt: skip


def answer(process, name):
    try:
        method = getattr(process, name)
        return method() if callable(method) else method
    except (psutil.Error, pslens.Error) as error:
        return type(error).__name__, error.pid


@pytest.mark.parametrize("name", sorted(pslens.Process.attrs))
def test_processes_are_the_same(name):
    different = []
    compared = 0
    pids = psutil.pids()
    # Machines with thousands are for `cargo xtask crosscheck`.
    for pid in {*pids[:20], *pids[-40:]}:
        try:
            theirs, mine = psutil.Process(pid), pslens.Process(pid)
        except (psutil.NoSuchProcess, pslens.NoSuchProcess):
            continue
        for attempt in range(10):
            # Processes end meanwhile: then both are asked once more.
            one, other = answer(theirs, name), answer(mine, name)
            same = shape(one) == shape(other) if name in MOVING else one == other
            if same:
                break
        else:
            if name == "environ" and isinstance(one, tuple) and other == {}:
                continue  # a kernel thread, which psutil takes for gone
            if mine.is_running():
                different.append((pid, one, other))
        compared += 1
    assert compared > 1
    assert different == []


def test_exceptions_are_the_same():
    for name, arguments in {
        "Error": (), "NoSuchProcess": (1,), "ZombieProcess": (1, "x", 2), "AccessDenied": (3, "y", "z"),
        "TimeoutExpired": (4, 5, "n"),
    }.items():  # fmt: skip
        mine, theirs = getattr(pslens, name)(*arguments), getattr(psutil, name)(*arguments)
        assert (str(mine), repr(mine), vars(mine)) == (str(theirs), repr(theirs), vars(theirs))
        assert type(mine).__module__ == type(theirs).__module__
        assert [base.__name__ for base in type(mine).__mro__] == [base.__name__ for base in type(theirs).__mro__]


def test_named_tuples_are_the_same():
    theirs = {name: value for name, value in vars(psutil._ntuples).items() if hasattr(value, "_fields")}
    theirs["scputimes"] = psutil._ntuples.scputimes
    for name, class_ in theirs.items():
        mine = getattr(pslens._ntuples, name)
        assert (mine.__name__, mine._fields, mine.__bases__) == (class_.__name__, class_._fields, (tuple,)), name
