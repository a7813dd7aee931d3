"""Machines that are not this one, made of files."""

import contextlib
import os

import pytest

import pslens

# What a process has that does nothing: 42 fields, of which tests change some by their proc(5) names.
STAT = {
    "comm": "idle", "state": "S", "ppid": 1, "pgrp": 1, "session": 1, "tty_nr": 0, "tpgid": -1, "flags": 0,
    "minflt": 0, "cminflt": 0, "majflt": 0, "cmajflt": 0, "utime": 0, "stime": 0, "cutime": 0, "cstime": 0,
    "priority": 20, "nice": 0, "num_threads": 1, "itrealvalue": 0, "starttime": 100, "vsize": 0, "rss": 0,
    "rsslim": 0, "startcode": 0, "endcode": 0, "startstack": 0, "kstkesp": 0, "kstkeip": 0, "signal": 0,
    "blocked": 0, "sigignore": 0, "sigcatch": 0, "wchan": 0, "nswap": 0, "cnswap": 0, "exit_signal": 17,
    "processor": 0, "rt_priority": 0, "policy": 0, "delayacct_blkio_ticks": 0,
}  # fmt: skip


class Machine:
    """A procfs and a sysfs below a folder, empty at first, that `pslens` reads in place of the system's."""

    def __init__(self, folder):
        self.folder = folder
        for part in ("proc", "sys"):
            (folder / part).mkdir()

    def write(self, path, text=""):
        """Makes a file, as `proc/meminfo`."""
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def link(self, path, target):
        """Makes a symbolic link."""
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def process(self, pid, **stat):
        """Makes a process, or changes it, by the fields of its `stat`; its `status` is as short as can be."""
        fields = {**STAT, **stat}
        comm = fields.pop("comm")
        rest = " ".join(str(value) for value in fields.values())
        self.write(f"proc/{pid}/stat", f"{pid} ({comm}) {rest}\n")
        self.write(f"proc/{pid}/statm", "0 0 0 0 0 0 0\n")
        self.write(
            f"proc/{pid}/status",
            f"Name:\t{comm}\nState:\t{fields['state']} (x)\nTgid:\t{pid}\nPid:\t{pid}\nPPid:\t{fields['ppid']}\n"
            "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\n",
        )
        # When the times of processes began.
        if not (self.folder / "proc/stat").exists():
            self.write("proc/stat", "cpu  0 0 0 0\nintr 0\nctxt 0\nbtime 1000000000\n")
        return pslens.Process(pid)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """An empty machine, which `pslens` reads until the test is over."""
    made = Machine(tmp_path)
    monkeypatch.setattr(pslens, "PROCFS_PATH", str(tmp_path / "proc"))
    monkeypatch.setattr(pslens, "SYSFS_PATH", str(tmp_path / "sys"))
    return made


@pytest.fixture
def unprivileged_reader(tmp_path):
    """A context in which the superuser is somebody else, as far as files are concerned."""

    @contextlib.contextmanager
    def reader():
        if os.geteuid() != 0:
            yield
            return
        # pytest keeps its folders to itself.
        for folder in tmp_path.parents[:2]:
            folder.chmod(0o711)
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return reader
