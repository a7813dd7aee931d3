"""The distribution `pslens-psutil`, installed beside psutil, before and after it, and removed again."""

import os
import pathlib
import subprocess
import sys
import venv

import pytest

# Where `cargo xtask wheels` left the two packages of this repository.
WHEELS = pathlib.Path(os.environ["PSLENS_WHEELS"])
PSLENS = next(WHEELS.glob("pslens-*.whl"))
HOOK = next(WHEELS.glob("pslens_psutil-*.whl"))
PSUTIL = "psutil==7.2.2"


class Environment:
    """A new virtual environment without pip, filled by ours."""

    def __init__(self, folder):
        venv.create(folder, symlinks=True)
        self.python = folder / "bin" / "python"

    def pip(self, *arguments):
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", self.python]
        subprocess.run([*command, *arguments], check=True, stdout=subprocess.DEVNULL, timeout=120)

    def install(self, *packages):
        self.pip("install", "--no-deps", *packages)

    def remove(self, package):
        self.pip("uninstall", "--yes", package)

    def run(self, *arguments):
        return subprocess.run([self.python, *arguments], capture_output=True, text=True, timeout=60)

    def psutil(self):
        """What `import psutil` gives, or the last line of why it gives nothing."""
        done = self.run("-c", "import psutil; print(psutil.__name__, psutil.Process().is_running())")
        return (done.stdout or done.stderr.splitlines()[-1]).strip()

    def damaged(self):
        """Files of psutil that are not as they were installed."""
        done = self.run(
            "-c",
            "import importlib.metadata as m; print([str(f) for f in m.files('psutil')"
            " if f.suffix in ('.py', '.so') and f.locate().stat().st_size != f.size])",
        )
        return done.stdout.strip()


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "env")


def test_psutil_first(environment):
    environment.install(PSUTIL, PSLENS)
    assert environment.psutil() == "psutil True"
    environment.install(HOOK)
    assert environment.psutil() == "pslens True"
    assert environment.damaged() == "[]"
    environment.remove("pslens-psutil")
    assert environment.psutil() == "psutil True"
    assert environment.damaged() == "[]"


def test_psutil_second_and_removed_first(environment):
    environment.install(PSLENS, HOOK)
    assert environment.psutil() == "pslens True"
    environment.install(PSUTIL)
    assert environment.psutil() == "pslens True"
    assert environment.damaged() == "[]"
    environment.remove("psutil")
    assert environment.psutil() == "pslens True"
    environment.remove("pslens-psutil")
    assert environment.psutil() == "ModuleNotFoundError: No module named 'psutil'"


def test_without_pslens_it_says_so(environment):
    environment.install(PSUTIL, HOOK)
    assert environment.psutil() == (
        "ImportError: pslens-psutil is installed, and pslens is not: install it or remove both"
    )


def test_every_process_and_every_way_to_import(environment):
    environment.install(PSUTIL, PSLENS, HOOK)
    program = """
import importlib, importlib.metadata, importlib.util, multiprocessing, subprocess, sys

if sys.argv[1:] != ["run"]:
    assert "pslens" not in sys.modules, "an interpreter that does not need it has loaded it"
    assert importlib.util.find_spec("psutil").origin == "pslens"
import psutil._common
from psutil import Process, _pslinux
import psutil
import pslens
assert psutil is pslens and psutil.Process.__module__ == "psutil"
assert importlib.reload(psutil) is pslens
pslens.install_as_psutil()
# What is installed is what the metadata tell.
assert importlib.metadata.version("psutil") == "7.2.2"
assert importlib.metadata.version("pslens-psutil") == importlib.metadata.version("pslens")

if len(sys.argv) == 1:
    def run(*arguments):
        subprocess.run([sys.executable, *arguments], check=True)

    run(__file__, "child")
    run("-I", __file__, "child")
    run("-m", "pslens", "run", __file__, "run")
    run("-S", "-c", "import sys; assert 'pslens_psutil' not in sys.modules")
"""
    path = environment.python.parent / "program.py"
    path.write_text(program)
    done = environment.run(path)
    assert done.returncode == 0, done.stderr


def test_the_two_are_released_together():
    assert PSLENS.name.split("-")[1] == HOOK.name.split("-")[1]
