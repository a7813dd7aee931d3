"""The types that the package declares: with itself, with what is there at run time, and for its users.

What is checked is the installed package, by programs that must be installed beside it; none of them is
allowed to be missing.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pslens

HERE = Path(__file__).parent
PACKAGE = Path(pslens.__file__).parent
ALLOWED = HERE / "stubtest-allowlist.txt"
# Programs that use the package as its users do.
PROGRAMS = [HERE.parent / "examples" / "top.py", HERE / "typed_calls.py"]
# Versions of Python that the package runs on; what mypy runs on today it knows as well, but not older ones.
OLDEST, NEWEST = "3.9", "3.13"
OLDEST_OF_MYPY = "3.10" if sys.version_info >= (3, 10) else OLDEST


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """What mypy found out about the standard library, which it needs again and again."""
    return tmp_path_factory.mktemp("mypy")


def check(module, *arguments, folder):
    # Pyright looks for the package where the first Python is, and is to take the Node that came with it.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYRIGHT_PYTHON_GLOBAL_NODE": "0"}
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def mypy(version, cache, *what, folder, system="linux"):
    options = ["--strict", f"--python-version={version}", f"--platform={system}", f"--cache-dir={cache}"]
    check("mypy", *options, *what, folder=folder)


@pytest.mark.skipif(
    sys.version_info < (3, 10), reason="the last stubtest for Python 3.9 objects to every name that is exported again"
)
def test_stubs_are_what_is_there_at_run_time(tmp_path):
    said = check("mypy.stubtest", "pslens", "--allowlist", ALLOWED, folder=tmp_path)
    assert "no issues found" in said


def test_every_line_of_the_allow_list_has_its_reason():
    previous = ""
    for line in ALLOWED.read_text().splitlines():
        if line and not line.startswith("#"):
            assert previous.startswith("#"), line
        previous = line


@pytest.mark.parametrize("version", [OLDEST_OF_MYPY, NEWEST])
def test_mypy_finds_nothing_in_the_package(version, cache, tmp_path):
    mypy(version, cache, "-p", "pslens", folder=tmp_path)


def test_mypy_finds_nothing_in_the_package_on_windows(cache, tmp_path):
    # Nobody who is there imports what only Linux has.
    mypy(NEWEST, cache, "-p", "pslens", "--exclude", "_ps(linux|posix)", folder=tmp_path, system="win32")


@pytest.mark.parametrize("version", [OLDEST_OF_MYPY, NEWEST])
def test_mypy_finds_nothing_in_programs(version, cache, tmp_path):
    mypy(version, cache, *PROGRAMS, folder=tmp_path)


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_pyright_finds_nothing(version, tmp_path):
    """In what type checkers see of the package: stubs, and modules that have none."""

    def unseen(folder, names):
        return [name for name in names if name.endswith(".so") or f"{name}i" in names]

    shutil.copytree(PACKAGE, tmp_path / "pslens", ignore=unseen)
    for program in PROGRAMS:
        shutil.copy(program, tmp_path)
    settings = {"strict": [PROGRAMS[0].name], "pythonVersion": version}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    said = check("pyright", "--warnings", f"--pythonpath={sys.executable}", folder=tmp_path)
    assert "0 errors, 0 warnings" in said


def test_pyright_knows_every_type(tmp_path):
    said = check("pyright", "--verifytypes", "pslens", "--ignoreexternal", folder=tmp_path)
    assert f'Path of py.typed file: "{PACKAGE / "py.typed"}"' in said
    assert "Type completeness score: 100%" in said


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_programs_run(program, tmp_path):
    arguments = ["0.1", "1"] if program.stem == "top" else []
    command = [sys.executable, "-W", "error", program, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    if program.stem == "top":
        assert len(done.stdout.partition("PID")[2].splitlines()) == 2
