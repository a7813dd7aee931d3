"""Texts of the system are bytes: whatever they are, they come out as names of files do in Python."""

import os
import shutil
import socket
import sys

import pytest

import pslens as psutil

# Not UTF-8, and everything that confuses parsers.
STRANGE = os.fsdecode(b"f\xc0\x80 )(\n\xff")


@pytest.fixture
def strange(tmp_path):
    folder = tmp_path / STRANGE
    folder.mkdir()
    return folder


def test_programs_arguments_directories_and_variables(strange, start):
    program = strange / ("sl" + STRANGE)
    shutil.copy(shutil.which("sleep"), program)
    child = start(os.fspath(program), "1000", cwd=strange, env={"X" + STRANGE: STRANGE})
    process = psutil.Process(child.pid)
    while not process.cmdline() or process.exe() != os.fspath(program):
        pass
    assert process.cmdline() == [os.fspath(program), "1000"]
    assert process.cwd() == os.fspath(strange)
    assert process.environ() == {"X" + STRANGE: STRANGE}
    assert process.name() == program.name
    everything = process.as_dict()
    assert everything["exe"] == os.fspath(program)
    assert os.fspath(program) in [row.path for row in process.memory_maps()] or "\n" in STRANGE
    assert repr(program.name) in str(process)
    process.kill()
    with pytest.raises(psutil.NoSuchProcess) as error:
        process.wait()
        process.kill()
    assert error.value.name == program.name
    assert repr(program.name) in str(error.value)


def test_open_files_and_local_sockets(strange):
    me = psutil.Process()
    path = os.fspath(strange / STRANGE)
    with open(path, "w") as file:
        assert path in [row.path for row in me.open_files() if row.fd == file.fileno()]
    address = os.fspath(strange / "s")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        (row,) = (row for row in me.net_connections("unix") if row.fd == server.fileno())
        assert row.laddr == address
        rows = psutil.net_connections("unix")
        assert address in [row.laddr for row in rows if row.pid == os.getpid()]


def test_disk_usage(strange):
    for path in (strange, os.fspath(strange), os.fsencode(strange)):
        assert psutil.disk_usage(path).total > 0
    with pytest.raises(FileNotFoundError) as error:
        psutil.disk_usage(os.fspath(strange / "none"))
    assert error.value.filename == os.fspath(strange / "none")


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1", "utf-8"])
def test_the_file_systems_encoding_is_used(python, start, tmp_path, encoding):
    name = "ä".encode() + b"\xff"
    folder = os.path.join(os.fsencode(tmp_path), name)
    os.mkdir(folder)
    child = start(cwd=folder)
    program = f"""
import sys
import pslens as psutil
cwd = psutil.Process({child.pid}).cwd()
assert cwd.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()) == {folder!r}, ascii(cwd)
print(sys.getfilesystemencoding())
"""
    # Only UTF-8 and ASCII can be had without a locale of the machine.
    environment = {**os.environ, "PYTHONUTF8": "1" if encoding == "utf-8" else "0"}
    if encoding == "ascii":
        environment.update(LC_ALL="POSIX", PYTHONCOERCECLOCALE="0")
    elif encoding == "iso-8859-1":
        environment.update(LC_ALL="en_US.ISO-8859-1")
    assert python(program, env=environment).line
