"""The example of the README, on a Python that has this package and nothing else."""

import os
import subprocess
import sys

import pslens as psutil

memory = psutil.virtual_memory()
assert 0 < memory.used < memory.total
own = {p.pid: p.info for p in psutil.process_iter(["pid", "name", "username"])}[os.getpid()]
assert own["name"].startswith("python") and own["username"]
assert psutil.Process().as_dict()["cmdline"][-1] == sys.argv[0]
try:
    psutil.Process(2**30)
except psutil.NoSuchProcess as error:
    assert error.pid == 2**30
else:
    raise AssertionError("there is no such process")
with psutil.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
    child.kill()
    assert child.wait(timeout=60) == -9
psutil.install_as_psutil()
import psutil as installed  # noqa: E402

assert installed is psutil
version = sys.version.split()[0]
print(f"    pslens {psutil.__pslens_version__} works with Python {version}")
