"""Processes in states that the test knows: this one, and children that it started."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest
from conftest import WAITS, WINE, eventually, on_wine

import pslens


@pytest.fixture
def me():
    return pslens.Process()


def test_this_process_is_the_one_that_python_knows(me):
    assert me.pid == os.getpid()
    assert os.path.samefile(me.exe(), sys.executable)
    assert me.name() == os.path.basename(sys.executable)
    assert me.cwd() == os.getcwd()
    assert me.cmdline()[0].endswith("python.exe") and "pytest" in me.cmdline()
    assert abs(me.create_time() - time.time()) < 3600
    assert me.status() == pslens.STATUS_RUNNING
    domain, backslash, user = me.username().rpartition("\\")
    assert (domain != "", backslash) == (True, "\\")
    assert user.lower() == os.environ["USERNAME"].lower()
    assert me == pslens.Process(os.getpid()) and me in list(pslens.process_iter())


def test_variables_have_names_in_capitals(me, child, monkeypatch):
    monkeypatch.setenv("MixedCase", "Value")
    process = pslens.Process(child().pid)
    variables = process.environ()
    assert variables["MIXEDCASE"] == "Value"
    assert all(name == name.upper() for name in variables)


def test_names_that_are_no_ascii(tmp_path, child):
    folder = tmp_path / "d\u00fcr\u20ac \U0001f600"
    folder.mkdir()
    process = pslens.Process(child(cwd=folder).pid)
    assert os.path.samefile(process.cwd(), folder)
    started = child(WAITS + "# \u00e4\u20ac\U0001f600")
    assert eventually(lambda: pslens.Process(started.pid).cmdline()[-1].endswith("\u00e4\u20ac\U0001f600"))


def test_memory_has_psutils_fields_and_is_used(me):
    memory = me.memory_info()
    assert memory.rss == memory.wset > 1 << 20
    assert memory.vms == memory.pagefile == memory.private > 1 << 20
    assert memory.peak_wset >= memory.wset and memory.peak_pagefile >= memory.pagefile
    kept = bytearray(32 << 20)
    kept[:: 1 << 12] = b"x" * len(kept[:: 1 << 12])
    grown = me.memory_info()
    assert grown.private >= memory.private + len(kept)
    assert WINE or grown.num_page_faults > memory.num_page_faults > 0
    assert 0 < me.memory_percent() < 100
    assert me.memory_percent("private") > 0
    with pytest.raises(ValueError, match="invalid memtype 'shared'; valid types are .'rss', 'vms', 'num_page"):
        me.memory_percent("shared")


def test_cpu_time_is_counted(me):
    before = me.cpu_times()
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    after = me.cpu_times()
    assert after.user + after.system >= before.user + before.system + 0.1
    assert after[2:] == (0.0, 0.0)
    me.cpu_percent()
    time.sleep(0.05)
    assert me.cpu_percent() >= 0.0


def test_threads_are_listed(me):
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    before = me.num_threads()
    thread.start()
    try:
        assert me.num_threads() == before + 1
        assert thread.native_id in {row.id for row in me.threads()}
    finally:
        over.set()
        thread.join()


def test_mapped_files_and_open_files(me, tmp_path):
    maps = me.memory_maps(grouped=False)
    assert all(row.addr.startswith("0x") and set(row.perms) <= set("rwxc") and row.rss > 0 for row in maps)
    assert all(os.path.isabs(row.path) and "\0" not in row.path for row in me.memory_maps())
    library = os.path.join(os.path.dirname(sys.executable), "python3.dll").lower()
    assert library in {row.path.lower() for row in me.memory_maps()}
    with open(tmp_path / "open", "w") as file, open(file.name):
        paths = [os.path.normcase(row.path) for row in me.open_files()]
        # As in psutil: once, however often it was opened.
        assert paths.count(os.path.normcase(file.name)) == 1
    assert {row.fd for row in me.open_files()} <= {-1}


def test_what_psutil_does_not_ask_for_files_has_none():
    for process in pslens.process_iter(["open_files"]):
        if process.pid in (0, 4):
            assert process.open_files() == process.info["open_files"] == []


def test_sockets(me):
    with socket.create_server(("127.0.0.1", 0)) as server:
        # wine finds the owner of a socket once the process itself has used it.
        server.getsockopt(socket.IPPROTO_IP, socket.IP_TTL)
        [row] = [row for row in me.net_connections("tcp4") if row.laddr == server.getsockname()]
        assert (row.fd, row.status, row.raddr) == (-1, pslens.CONN_LISTEN, ())
        assert isinstance(row.family, socket.AddressFamily) and isinstance(row.type, socket.SocketKind)
        everywhere = [row for row in pslens.net_connections("tcp4") if row.laddr == server.getsockname()]
        assert [row.pid for row in everywhere] == [me.pid]
    for ask in (me.net_connections, pslens.net_connections):
        with pytest.raises(ValueError, match="invalid kind argument 'unix'"):
            ask("unix")
        ask("all")


def test_sockets_that_look_the_same_are_listed_once(me):
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as other:
        for udp in (one, other):
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            udp.bind(one.getsockname() if udp is other else ("127.0.0.1", 0))
            # As above.
            udp.getsockopt(socket.IPPROTO_IP, socket.IP_TTL)
        for ask in (me.net_connections, pslens.net_connections):
            assert [row.laddr for row in ask("udp4")].count(one.getsockname()) == 1


def test_everything_at_once(me):
    everything = me.as_dict()
    assert everything["memory_full_info"].uss > 1 << 20
    # What a system does not have at all is left out, unless it is asked for.
    absent = pslens._as_dict_attrnames - set(everything)
    assert absent <= ({"ionice"} if WINE else set())
    with me.oneshot():
        for name in ("name", "exe", "cmdline", "ppid", "username", "nice", "environ", "create_time"):
            assert getattr(me, name)() == everything[name]
    for process in pslens.process_iter(["pid", "memory_info", "num_handles"], ad_value="denied"):
        assert process.info["pid"] == process.pid
        memory = process.info["memory_info"]
        assert memory == "denied" or type(memory).__name__ == "pmem"
    with pytest.raises(ValueError, match="invalid attr name 'uids'"):
        me.as_dict(["uids"])


@on_wine("counts no handles of processes")
def test_handles_are_counted(me, tmp_path):
    before = me.num_handles()
    with open(tmp_path / "file", "w"):
        assert me.num_handles() == before + 1


@on_wine("counts neither calls nor bytes")
def test_input_and_output_is_counted(me, tmp_path):
    before = me.io_counters()
    (tmp_path / "file").write_bytes(bytes(1 << 16))
    after = me.io_counters()
    assert after.write_bytes >= before.write_bytes + (1 << 16)
    assert after.write_count > before.write_count and after.other_count > before.other_count


def test_relatives(me, child):
    process = pslens.Process(child().pid)
    assert process.ppid() == me.pid
    assert process.parent() == me and me in process.parents()
    assert process in me.children() and process in me.children(recursive=True)


def test_priority_classes(child):
    process = pslens.Process(child().pid)
    assert process.nice() is pslens.NORMAL_PRIORITY_CLASS
    process.nice(pslens.BELOW_NORMAL_PRIORITY_CLASS)
    assert process.nice() is pslens.BELOW_NORMAL_PRIORITY_CLASS
    assert repr(process.nice()) == "<Priority.BELOW_NORMAL_PRIORITY_CLASS: 16384>"
    for wrong in (1, 12345):
        with pytest.raises(OSError) as raised:
            process.nice(wrong)
        assert (raised.value.errno, raised.value.winerror, raised.value.filename) == (22, 87, None)
    with pytest.raises(TypeError):
        process.nice("x")


def test_io_priorities_are_checked_as_psutil_does(me):
    with pytest.raises(ValueError, match="'ioclass' argument must be specified"):
        me.ionice(value=1)
    with pytest.raises(TypeError, match="value argument not accepted on Windows"):
        me.ionice(pslens.IOPRIO_NORMAL, 1)
    for wrong in (4, -1, 100, "x"):
        with pytest.raises(ValueError, match=f"^{wrong} is not a valid priority$"):
            me.ionice(wrong)


@on_wine("does not know them")
def test_io_priorities(child):
    process = pslens.Process(child().pid)
    assert process.ionice() is pslens.IOPRIO_NORMAL
    process.ionice(pslens.IOPRIO_VERYLOW)
    assert process.ionice() is pslens.IOPRIO_VERYLOW
    process.ionice(pslens.IOPRIO_LOW, 0)
    assert process.ionice() is pslens.IOPRIO_LOW


def test_cpus_that_it_may_run_on(child):
    process = pslens.Process(child().pid)
    all_of_them = process.cpu_affinity()
    assert all_of_them == sorted(all_of_them) and len(all_of_them) <= pslens.cpu_count()
    process.cpu_affinity(all_of_them[:1])
    assert process.cpu_affinity() == all_of_them[:1]
    process.cpu_affinity([])
    assert process.cpu_affinity() == all_of_them
    with pytest.raises(ValueError, match="invalid CPU 1000"):
        process.cpu_affinity([1000])
    with pytest.raises(TypeError):
        process.cpu_affinity(["0"])


def test_suspended_processes_do_nothing(child):
    started = child()
    process = pslens.Process(started.pid)
    process.suspend()
    started.stdin.write("\n")
    started.stdin.flush()
    with pytest.raises(pslens.TimeoutExpired):
        process.wait(0.2)
    process.resume()
    assert process.wait(10) == 0


@on_wine("tells no thread that is suspended from others")
def test_suspended_processes_are_stopped(child):
    process = pslens.Process(child().pid)
    process.suspend()
    assert eventually(lambda: process.status() == pslens.STATUS_STOPPED)
    process.resume()
    assert eventually(lambda: process.status() == pslens.STATUS_RUNNING)


@pytest.mark.parametrize("end", ["kill", "terminate", "send_signal"])
def test_who_is_ended_has_the_exit_code_of_psutil(end, child):
    process = pslens.Process(child().pid)
    name = process.name()
    with pytest.raises(pslens.TimeoutExpired):
        process.wait(timeout=0)
    getattr(process, end)(*([signal.SIGTERM] if end == "send_signal" else []))
    assert process.wait(timeout=10) == 15
    assert process.wait() == 15
    assert not process.is_running() and not pslens.pid_exists(process.pid)
    # As in psutil: the name is remembered.
    assert process.name() == name
    assert f"name='{name}'" in repr(process) and "status='terminated'" in repr(process)
    for refused in (process.cmdline, process.kill, process.status, process.suspend, lambda: process.nice(32)):
        with pytest.raises(pslens.NoSuchProcess):
            refused()


@pytest.mark.parametrize("code", [0, 3, 255, 0xC0000005])
def test_exit_codes_have_a_sign_as_in_psutil(code, child):
    started = child(f"import ctypes; ctypes.windll.kernel32.ExitProcess(ctypes.c_uint({code}))")
    ours, theirs = pslens.Process(started.pid), psutil.Process(started.pid)
    assert ours.wait(timeout=10) == theirs.wait(timeout=10) == ctypes.c_int32(code).value
    assert started.wait() == code


def test_signals_that_windows_has_not_are_refused(me, child):
    with pytest.raises(ValueError, match="only SIGTERM, CTRL_C_EVENT and CTRL_BREAK_EVENT signals are supported"):
        me.send_signal(9)
    process = pslens.Process(child().pid)
    process.kill()
    process.wait(10)
    with pytest.raises(pslens.NoSuchProcess):
        process.send_signal(signal.CTRL_BREAK_EVENT)


def test_programs_are_started_and_waited_for():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with pslens.Popen([sys.executable, "-c", "print(input())"], **pipes) as process:
        assert process.is_running() and process.ppid() == os.getpid()
        assert process.communicate(b"text\n")[0].strip() == b"text"
        assert process.wait(10) == process.returncode == 0


def test_many_are_waited_for(child):
    over, waiting = child("pass"), child()
    ended = []
    gone, alive = pslens.wait_procs(
        [pslens.Process(over.pid) if over.poll() is None else over, pslens.Process(waiting.pid)], 2, ended.append
    )
    assert [process.pid for process in gone] == [over.pid] and ended == gone
    assert [process.pid for process in alive] == [waiting.pid]
    assert gone[0].returncode == 0


def test_processes_that_are_not():
    for pid in (1 << 30, 3):
        with pytest.raises(pslens.NoSuchProcess) as raised:
            pslens.Process(pid)
        assert raised.value.pid == pid and raised.value.msg == "process PID not found"
        assert not pslens.pid_exists(pid)
    with pytest.raises(ValueError, match="can't wait for PID 0"):
        pslens.Process(0).wait()
