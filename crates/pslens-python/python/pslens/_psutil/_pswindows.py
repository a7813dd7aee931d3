"""`psutil._pswindows`, also known as `psutil._psplatform`: names that programs import from there."""

from __future__ import annotations

import sys
from typing import Any

import pslens
from pslens import *  # noqa: F403 - the functions, which psutil defines here
from pslens._enums import AddressFamily, IOPriority
from pslens._psutil import _common
from pslens._psutil._cext import Absent, Cext
from pslens._psutil._common import debug, isfile_strict, parse_environ_block, usage_percent

__all__ = [
    "AddressFamily", "ERROR_PARTIAL_COPY", "IOPriority", "PYPY", "cext", "convert_dos_path",
    "convert_oserror", "debug", "getpagesize", "is_permission_err", "isfile_strict", "parse_environ_block",
    "ppid_map", "usage_percent", "wrap_exceptions",
]  # fmt: skip
__all__ += pslens.__all__

if sys.platform == "win32":
    from pslens._enums import Priority
    from pslens._services import WindowsService

    __all__ += ["Priority", "WindowsService"]

PYPY = "__pypy__" in sys.builtin_module_names
ERROR_PARTIAL_COPY = 299


class cext(Cext):
    """The numbers of Windows that psutil has beside those that it shows."""

    ERROR_ACCESS_DENIED = 5
    ERROR_INVALID_NAME = 123
    ERROR_SERVICE_DOES_NOT_EXIST = 1060
    ERROR_PRIVILEGE_NOT_HELD = 1314
    INFINITE = 0xFFFFFFFF
    # Nothing older than the last of them is supported.
    WINDOWS_VISTA = 60
    WINDOWS_7 = 61
    WINDOWS_8 = 62
    WINDOWS_8_1 = 63
    WINDOWS_10 = WINVER = 100


getpagesize = cext.getpagesize
convert_dos_path = Absent("convert_dos_path")
convert_oserror = Absent("convert_oserror")
ppid_map = Absent("ppid_map")
wrap_exceptions = Absent("wrap_exceptions")


def is_permission_err(exc: OSError) -> bool:
    """Whether the system refused."""
    numbers = (cext.ERROR_ACCESS_DENIED, cext.ERROR_PRIVILEGE_NOT_HELD)
    return isinstance(exc, PermissionError) or getattr(exc, "winerror", None) in numbers


def __getattr__(name: str) -> Any:
    return getattr(_common, name)
