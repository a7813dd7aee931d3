"""`process_iter`: the same objects again, attributes, processes that come and go."""

import os
import types
from unittest import mock

import pytest

import pslens as psutil


@pytest.fixture(autouse=True)
def forget():
    psutil.process_iter.cache_clear()
    yield
    psutil.process_iter.cache_clear()


def test_everybody_in_order():
    iterator = psutil.process_iter()
    assert isinstance(iterator, types.GeneratorType)
    pids = [process.pid for process in iterator]
    assert pids == sorted(pids)
    assert os.getpid() in pids


def test_the_same_objects_again(sleeper):
    def find():
        return next(process for process in psutil.process_iter() if process.pid == sleeper.pid)

    first = find()
    assert find() is first
    assert first == sleeper
    psutil.process_iter.cache_clear()
    assert find() is not first


def test_an_iteration_that_is_broken_off_keeps_what_it_knows(sleeper):
    known = {process.pid: process for process in psutil.process_iter()}
    for process in psutil.process_iter(["name"]):
        break
    for process in psutil.process_iter():
        assert known.get(process.pid) in (None, process)
    assert sleeper.pid in psutil._pmap


def test_the_gone_are_forgotten(start):
    child = start()
    list(psutil.process_iter())
    assert child.pid in psutil._pmap
    child.kill()
    child.wait()
    assert child.pid not in [process.pid for process in psutil.process_iter()]
    assert child.pid not in psutil._pmap


def test_attributes(sleeper):
    names = ["pid", "name", "cpu_percent", "memory_info", "uids"]
    for process in psutil.process_iter(names, ad_value=0):
        assert list(process.info) == names
        if process.pid == sleeper.pid:
            assert process.info["name"] == "sleep"
            # It may still be loading its program.
            assert type(process.info["memory_info"]) is type(process.memory_info())
            assert process.info["uids"] == process.uids()
    for process in psutil.process_iter([]):
        assert set(process.info) == psutil.Process.attrs


def test_percentages_since_the_last_iteration(python):
    busy = python("print('go')\nwhile True: pass")

    def percent():
        return next(p.info["cpu_percent"] for p in psutil.process_iter(["cpu_percent"]) if p.pid == busy.pid)

    assert percent() == 0.0
    psutil.cpu_percent(interval=0.2)
    assert percent() > 20


def test_names_are_checked_when_it_starts():
    iterator = psutil.process_iter(["foo"])
    with pytest.raises(ValueError, match="invalid attr name 'foo'"):
        next(iterator)
    with pytest.raises(TypeError, match="invalid attrs type"):
        next(psutil.process_iter("name"))


def test_what_is_denied(zombie):
    nothing = object()
    found = {p.pid: p.info for p in psutil.process_iter(["exe", "environ", "status"], ad_value=nothing)}
    assert found[zombie.pid] == {"exe": nothing, "environ": nothing, "status": "zombie"}


def test_replaced_methods_are_called(sleeper):
    with mock.patch.object(psutil.Process, "name", lambda self: f"<{self.pid}>"):
        for process in psutil.process_iter(["pid", "name"]):
            assert process.info["name"] == f"<{process.pid}>"
    with mock.patch.object(psutil.Process, "as_dict", side_effect=psutil.NoSuchProcess(1)):
        assert list(psutil.process_iter(["name"])) == []
    with mock.patch.object(psutil.Process, "as_dict", side_effect=psutil.AccessDenied(1)):
        with pytest.raises(psutil.AccessDenied):
            list(psutil.process_iter(["name"]))
    own = next(process for process in psutil.process_iter() if process.pid == sleeper.pid)
    own.name = lambda: "mine"
    names = {process.pid: process.info["name"] for process in psutil.process_iter(["name"])}
    assert names[sleeper.pid] == "mine"


def test_kernel_threads_are_not_left_out():
    def threads(attributes):
        return {process.pid for process in psutil.process_iter(attributes) if process.ppid() == 2}

    assert threads(["environ", "exe", "cmdline"]) == threads(None)


def test_attributes_to_choose_and_to_sort_by(sleeper):
    found = [p.info for p in psutil.process_iter(["pid", "name"]) if "sleep" in p.info["name"]]
    assert {"pid": sleeper.pid, "name": "sleep"} in found
    by_memory = sorted(psutil.process_iter(["memory_info"]), key=lambda p: p.info["memory_info"].rss)
    assert by_memory[-1].info["memory_info"].rss >= by_memory[0].info["memory_info"].rss


def test_one_process_that_cannot_be_decoded_does_not_end_it(tmp_path, other_root):
    for pid in (1, 2):
        folder = tmp_path / str(pid)
        folder.mkdir()
        with open("/proc/self/stat") as own:
            (folder / "stat").write_text(f"{pid} (x)" + own.read().rpartition(")")[2])
        (folder / "statm").write_text("1 1 1 1 0 1 0\n" if pid == 2 else "rubbish\n")
    other_root(tmp_path)
    found = {p.pid: p.info["memory_info"] for p in psutil.process_iter(["memory_info"], ad_value="?")}
    assert found[1] == "?"
    assert found[2].rss > 0
    with pytest.raises(ValueError):
        psutil.Process(1).as_dict(["memory_info"])
