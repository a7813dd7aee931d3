"""What the tests of Windows have in common. They run with its Python, also under wine."""

import ctypes
import subprocess
import sys
import time

import pytest

# A child that says when it is there, and then waits to be told to end.
WAITS = "print('ready', flush=True); input()"

# What wine 8.0 does not have; each with how that shows.
WINE = hasattr(ctypes.windll.ntdll, "wine_get_version")


def on_wine(reason):
    """Marks a test whose answer wine does not have."""
    return pytest.mark.skipif(WINE, reason=f"wine: {reason}")


@pytest.fixture
def child():
    """Starts a Python program that is over at the end of the test, and waits until it is there."""
    started = []

    def start(code=WAITS, **options):
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options
        )
        started.append(process)
        if code == WAITS:
            assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def eventually(condition):
    """What a condition is when it holds, or at last."""
    deadline = time.monotonic() + 10
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.01)
