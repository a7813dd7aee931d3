"""What several tests need: programs to look at."""

import subprocess
import sys

import pytest

import pslens
from constructed import machine, unprivileged_reader  # noqa: F401 - fixtures


@pytest.fixture
def start():
    """Starts programs that are ended with the test."""
    started = []

    def start(*command, **keywords):
        child = subprocess.Popen(command or ["sleep", "1000"], **keywords)
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def python(start):
    """Starts a Python program and waits until it has printed a line."""

    def python(program, *arguments, **keywords):
        command = [sys.executable, "-u", "-c", program, *arguments]
        child = start(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **keywords)
        child.line = child.stdout.readline().decode().strip()
        return child

    return python


@pytest.fixture
def sleeper(start):
    """A process that does nothing."""
    return pslens.Process(start().pid)


@pytest.fixture
def zombie(python):
    """A process that has ended and that nobody takes note of."""
    program = """
import os, time
pid = os.fork()
if pid == 0:
    os._exit(3)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(pid)
time.sleep(1000)
"""
    return pslens.Process(int(python(program).line))


@pytest.fixture
def other_root(monkeypatch):
    """Makes this package read another machine's files."""

    def other_root(proc, sys="/sys"):
        monkeypatch.setattr(pslens, "PROCFS_PATH", str(proc))
        monkeypatch.setattr(pslens, "SYSFS_PATH", str(sys))

    return other_root
