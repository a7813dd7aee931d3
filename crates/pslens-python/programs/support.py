"""Starting programs that nobody here wrote, and finding out what they run on."""

import contextlib
import os
import subprocess
import sys
import time

import pslens

# For whatever a program may take long for on a busy machine. Nothing is expected to take nearly as long.
PATIENCE = 60


@contextlib.contextmanager
def running(*command, **keywords):
    """A program that ends when the block does, at the latest."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [os.fspath(word) for word in command]
    with subprocess.Popen(command, text=True, env=environment, **keywords) as program:
        try:
            yield program
        finally:
            program.kill()


def as_psutil(*arguments, **keywords):
    """A program of this environment, with pslens in psutil's place."""
    return running(sys.executable, "-m", "pslens", "run", *arguments, **keywords)


def eventually(ask, what):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + PATIENCE
    while not (answer := ask()):
        assert time.monotonic() < end, f"{what} did not happen in {PATIENCE} s"
        time.sleep(0.05)
    return answer


def extensions(pid):
    """Which of the two extension modules a process has loaded."""
    loaded = {os.path.basename(mapping.path) for mapping in pslens.Process(pid).memory_maps()}
    names = {"_native": "pslens", "_psutil_linux": "psutil"}
    return {names[file.partition(".")[0]] for file in loaded if file.partition(".")[0] in names}
