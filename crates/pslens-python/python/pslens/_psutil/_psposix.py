"""`psutil._psposix`: helpers that programs import from there."""

from __future__ import annotations

import os

import pslens
from pslens import disk_usage, pid_exists
from pslens._enums import Negsignal
from pslens._enums import negsignal as negsig_to_enum

__all__ = ["Negsignal", "disk_usage", "negsig_to_enum", "pid_exists", "wait_pid"]


def wait_pid(pid: int, timeout: float | None = None) -> Negsignal | int | None:
    """Waits until a process ends and returns its exit code, as `Process.wait` does."""
    process = pslens.Process.__new__(pslens.Process)
    process._init(pid, _ignore_nsp=True)
    try:
        return process.wait(timeout)
    except pslens.TimeoutExpired as error:
        # As psutil has it, of nobody in particular.
        raise pslens.TimeoutExpired(error.seconds) from None


def convert_exit_code(status: int) -> Negsignal | int:
    """The exit code of a status of `os.waitpid`."""
    if os.WIFSIGNALED(status):
        return negsig_to_enum(-os.WTERMSIG(status))
    return os.WEXITSTATUS(status)
