"""The names that psutil has, and how they are spelled."""

import inspect
import sys

import pytest

import pslens

# What psutil 7.2.2 shows on Linux.
SIGNATURES = {
    "pids": "()",
    "pid_exists": "(pid)",
    "process_iter": "(attrs=None, ad_value=None)",
    "wait_procs": "(procs, timeout=None, callback=None)",
    "virtual_memory": "()",
    "swap_memory": "()",
    "cpu_times": "(percpu=False)",
    "cpu_percent": "(interval=None, percpu=False)",
    "cpu_times_percent": "(interval=None, percpu=False)",
    "cpu_count": "(logical=True)",
    "cpu_stats": "()",
    "cpu_freq": "(percpu=False)",
    "net_io_counters": "(pernic=False, nowrap=True)",
    "net_connections": "(kind='inet')",
    "net_if_addrs": "()",
    "net_if_stats": "()",
    "disk_io_counters": "(perdisk=False, nowrap=True)",
    "disk_partitions": "(all=False)",
    "disk_usage": "(path)",
    "sensors_temperatures": "(fahrenheit=False)",
    "sensors_fans": "()",
    "sensors_battery": "()",
    "users": "()",
    "boot_time": "()",
    "heap_info": "()",
    "heap_trim": "()",
    "Process": "(pid=None)",
    "Process.as_dict": "(self, attrs=None, ad_value=None)",
    "Process.children": "(self, recursive=False)",
    "Process.connections": "(self, kind='inet')",
    "Process.cpu_affinity": "(self, cpus=None)",
    "Process.cpu_percent": "(self, interval=None)",
    "Process.ionice": "(self, ioclass=None, value=None)",
    "Process.memory_maps": "(self, grouped=True)",
    "Process.memory_percent": "(self, memtype='rss')",
    "Process.net_connections": "(self, kind='inet')",
    "Process.nice": "(self, value=None)",
    "Process.rlimit": "(self, resource, limits=None)",
    "Process.send_signal": "(self, sig)",
    "Process.wait": "(self, timeout=None)",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_parameters_have_psutils_names_and_defaults(name):
    thing = pslens
    for part in name.split("."):
        thing = getattr(thing, part)
    if thing is pslens.Process and sys.version_info < (3, 10):
        pytest.skip("this Python does not tell the parameters of classes that are not its own")
    signature = str(inspect.signature(thing)).replace(", /", "")
    assert signature == SIGNATURES[name]


def test_every_name_is_there_and_listed():
    assert len(set(pslens.__all__)) == len(pslens.__all__)
    assert set(pslens.__all__) <= set(dir(pslens))
    for name in pslens.__all__:
        assert getattr(pslens, name) is not None


def test_names_of_other_systems_are_absent():
    for name in ("win_service_iter", "HIGH_PRIORITY_CLASS", "IOPRIO_HIGH", "CONN_IDLE", "RLIMIT_SWAP"):
        assert not hasattr(pslens, name)
    assert not hasattr(pslens.Process, "num_handles")


def test_everything_has_a_docstring():
    for name in pslens.__all__:
        thing = getattr(pslens, name)
        if callable(thing):
            assert inspect.getdoc(thing), name
    for name, method in inspect.getmembers(pslens.Process, callable):
        if not name.startswith("_"):
            assert inspect.getdoc(method), name
