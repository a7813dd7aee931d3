"""`psutil._common`: constants, exceptions, and helpers that programs import from there."""

from __future__ import annotations

import functools
import os
import socket
import stat
import sys
import threading
import warnings
from socket import AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM
from typing import TYPE_CHECKING, Any

import pslens
from pslens import *  # noqa: F403 - the constants, which psutil defines here
from pslens import _enums, _ntuples
from pslens._enums import BatteryTime, NicDuplex
from pslens._functions import bytes2human

if TYPE_CHECKING:
    import enum
    from _typeshed import FileDescriptorOrPath
    from collections.abc import Callable
    from typing import IO, BinaryIO, TextIO, TypeVar

    from pslens._ntuples import snicaddr

    # Counters by the names of the devices that count.
    _Counters = dict[str, tuple[int, ...]]
    _E = TypeVar("_E", bound=enum.Enum)

ENCODING = sys.getfilesystemencoding()
ENCODING_ERRS = sys.getfilesystemencodeerrors()
PSUTIL_DEBUG = bool(os.environ.get("PSUTIL_DEBUG"))
STATUS_SUSPENDED = "suspended"
STATUS_WAKE_KILL = "wake-kill"

__all__ = [
    "AF_INET6", "BatteryTime", "ENCODING", "ENCODING_ERRS", "NicDuplex", "STATUS_SUSPENDED",
    "STATUS_WAKE_KILL", "bcat", "broadcast_addr", "bytes2human", "cat", "conn_tmap", "debug", "decode",
    "deprecated_method", "hilite", "isfile_strict", "memoize", "memoize_when_activated",
    "open_binary", "open_text", "parse_environ_block", "path_exists_strict", "print_color",
    "sockfam_to_enum", "socktype_to_enum", "supports_ipv6", "term_supports_colors", "usage_percent",
    "wrap_numbers",
]  # fmt: skip
__all__ += pslens.__all__

_INET = ([AF_INET], [AF_INET6], [AF_INET, AF_INET6])
# Python has no local sockets on Windows.
AF_UNIX: socket.AddressFamily | None = getattr(socket, "AF_UNIX", None)
_LOCAL = [] if AF_UNIX is None else [AF_UNIX]
conn_tmap = {
    "all": ([AF_INET, AF_INET6, *_LOCAL], [SOCK_STREAM, SOCK_DGRAM]),
    **({"unix": (_LOCAL, [SOCK_STREAM, SOCK_DGRAM])} if _LOCAL else {}),
    **{
        f"{kind}{version}": (families, types)
        for kind, types in (
            ("inet", [SOCK_STREAM, SOCK_DGRAM]),
            ("tcp", [SOCK_STREAM]),
            ("udp", [SOCK_DGRAM]),
        )
        for version, families in zip(("4", "6", ""), _INET)
    },
}


def debug(msg: object) -> None:
    """Prints a message on the standard error output if PSUTIL_DEBUG is set."""
    if not PSUTIL_DEBUG:
        return
    caller = sys._getframe(1)
    if isinstance(msg, OSError):
        msg = f"ignoring {msg}"
    elif isinstance(msg, Exception):
        msg = f"ignoring {msg!r}"
    place = f"{caller.f_code.co_filename}:{caller.f_lineno}"
    print(f"psutil-debug [{place}]> {msg}", file=sys.stderr)


def memoize(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Calls a function once for the same arguments; `cache_clear()` forgets."""
    results: dict[Any, Any] = {}

    @functools.wraps(fun)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = (args, frozenset(kwargs.items()))
        if key not in results:
            results[key] = fun(*args, **kwargs)
        return results[key]

    def cache_clear() -> None:
        """Clear cache."""
        results.clear()

    once.cache_clear = cache_clear  # type: ignore[attr-defined]
    return once


def memoize_when_activated(fun: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Remembers what a method returned, between `cache_activate(self)` and `cache_deactivate(self)`."""

    @functools.wraps(fun)
    def method(self: Any) -> Any:
        cache = getattr(self, "_cache", None)
        if cache is None:
            return fun(self)
        if fun not in cache:
            cache[fun] = fun(self)
        return cache[fun]

    def cache_activate(proc: Any) -> None:
        """Activate cache of a Process instance."""
        proc._cache = {}

    def cache_deactivate(proc: Any) -> None:
        """Deactivate and clear cache."""
        proc.__dict__.pop("_cache", None)

    method.cache_activate = cache_activate  # type: ignore[attr-defined]
    method.cache_deactivate = cache_deactivate  # type: ignore[attr-defined]
    return method


class _Wraps:
    """Dictionaries of counters as of the last call, by name, and what is to be added to each counter."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.last: dict[str, _Counters] = {}
        self.added: dict[str, dict[tuple[str, int], int]] = {}
        self.added_keys: dict[str, dict[str, set[tuple[str, int]]]] = {}

    def adjust(self, counters: _Counters, name: str) -> _Counters:
        with self.lock:
            last = self.last.get(name)
            self.last[name] = counters
            added = self.added.setdefault(name, {})
            keys = self.added_keys.setdefault(name, {})
            if last is None:
                return counters
            for key in last.keys() - counters.keys():
                # If it comes back it is another device.
                for place in keys.pop(key, ()):
                    del added[place]
            adjusted: _Counters = {}
            for key, numbers in counters.items():
                for at, (before, now) in enumerate(zip(last.get(key, ()), numbers)):
                    # Also what was never added is known: programs look at `cache_info`.
                    added.setdefault((key, at), 0)
                    if now < before:
                        added[key, at] += before
                        keys.setdefault(key, set()).add((key, at))
                adjusted[key] = tuple(
                    now + added.get((key, at), 0) for at, now in enumerate(numbers)
                )
            return adjusted

    def cache_clear(self, name: str | None = None) -> None:
        """Forgets everything, or what it knows under one name."""
        with self.lock:
            caches: tuple[dict[str, Any], ...] = (self.last, self.added, self.added_keys)
            for cache in caches:
                if name is None:
                    cache.clear()
                else:
                    cache.pop(name, None)

    def cache_info(self) -> tuple[dict[str, Any], ...]:
        """What it knows."""
        with self.lock:
            return self.last, self.added, self.added_keys


_wraps = _Wraps()


def wrap_numbers(input_dict: _Counters, name: str) -> _Counters:
    """Counters that started again at 0 since the last call under this name continue where they were."""
    return _wraps.adjust(input_dict, name)


wrap_numbers.cache_clear = _wraps.cache_clear  # type: ignore[attr-defined]
wrap_numbers.cache_info = _wraps.cache_info  # type: ignore[attr-defined]


def deprecated_method(replacement: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes a method warn, and call the one that replaces it."""

    def decorate(fun: Callable[..., Any]) -> Callable[..., Any]:
        message = f"{fun.__name__}() is deprecated and will be removed; use {replacement}() instead"

        @functools.wraps(fun)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return getattr(self, replacement)(*args, **kwargs)

        method.__doc__ = fun.__doc__ or message
        return method

    return decorate


def isfile_strict(path: FileDescriptorOrPath) -> bool:
    """As `os.path.isfile`, but a path that may not be looked at is an error."""
    return _mode(path, stat.S_ISREG)


def path_exists_strict(path: FileDescriptorOrPath) -> bool:
    """As `os.path.exists`, but a path that may not be looked at is an error."""
    return _mode(path, lambda mode: True)


def _mode(path: FileDescriptorOrPath, test: Callable[[int], bool]) -> bool:
    try:
        mode = os.stat(path).st_mode
    except PermissionError:
        raise
    except OSError:
        return False
    return test(mode)


def supports_ipv6() -> bool:
    """Whether a socket can be bound to the IPv6 address of this machine."""
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(AF_INET6, SOCK_STREAM) as bound:
            bound.bind(("::1", 0))
    except OSError:
        return False
    return True


def parse_environ_block(data: str) -> dict[str, str]:
    """The variables of a text `NAME=value\\0...`, up to the first empty one."""
    variables = {}
    texts = data.split("\0")
    for text in texts[:-1]:
        if not text:
            break
        name, equals, value = text.partition("=")
        if equals and name:
            # Windows knows them in whatever letters, and psutil in capitals.
            variables[name.upper() if sys.platform == "win32" else name] = value
    return variables


def sockfam_to_enum(num: int) -> socket.AddressFamily | int:
    """The member of `socket.AddressFamily`, or the number if there is none."""
    return _member(socket.AddressFamily, num)


def socktype_to_enum(num: int) -> socket.SocketKind | int:
    """The member of `socket.SocketKind`, or the number if there is none."""
    return _member(socket.SocketKind, num)


def _member(enumeration: type[_E], number: int) -> _E | int:
    try:
        return enumeration(number)
    except ValueError:
        return number


def broadcast_addr(addr: snicaddr) -> str | None:
    """The broadcast address of a row of `net_if_addrs()`."""
    import ipaddress

    networks: dict[int, Any] = {AF_INET: ipaddress.IPv4Network, AF_INET6: ipaddress.IPv6Network}
    network = networks.get(addr.family)
    if network is None or not addr.address or not addr.netmask:
        return None
    return str(network(f"{addr.address}/{addr.netmask}", strict=False).broadcast_address)


def usage_percent(used: float, total: float, round_: int | None = None) -> float:
    """What part of the total is used, in percent; 0.0 of nothing."""
    if not total:
        return 0.0
    percent = float(used) / total * 100
    return percent if round_ is None else round(percent, round_)


def open_binary(fname: FileDescriptorOrPath) -> BinaryIO:
    """Opens a file to read bytes."""
    return open(fname, "rb")


def open_text(fname: FileDescriptorOrPath) -> TextIO:
    """Opens a file to read text that is encoded as names of files are."""
    return open(fname, encoding=ENCODING, errors=ENCODING_ERRS)


_NONE: Any = object()


def cat(
    fname: FileDescriptorOrPath,
    fallback: Any = _NONE,
    _open: Callable[[FileDescriptorOrPath], IO[Any]] = open_text,
) -> Any:
    """What is in a file; `fallback`, if that is given and the file cannot be read."""
    try:
        with _open(fname) as file:
            return file.read()
    except OSError:
        if fallback is _NONE:
            raise
        return fallback


def bcat(fname: FileDescriptorOrPath, fallback: Any = _NONE) -> Any:
    """As `cat`, in bytes."""
    return cat(fname, fallback, open_binary)


def decode(s: bytes) -> str:
    """Bytes as text, as names of files are decoded."""
    return s.decode(ENCODING, ENCODING_ERRS)


if sys.platform != "win32":

    def get_procfs_path() -> str:
        """Where procfs is read."""
        return pslens.PROCFS_PATH

    __all__ += ["get_procfs_path"]


def term_supports_colors(file: object = sys.stdout) -> bool:
    """Whether a file is a terminal."""
    return bool(getattr(file, "isatty", bool)())


_COLORS = {
    "blue": "34", "brown": "33", "darkgrey": "30", "green": "32", "grey": "37", "lightblue": "36",
    "red": "91", "violet": "35", "yellow": "93", None: "29",
}  # fmt: skip


def hilite(s: str, color: str | None = None, bold: bool = False) -> str:
    """A text with the escape sequences of a colour around it, on terminals."""
    if not term_supports_colors(sys.stdout):
        return s
    if color not in _COLORS:
        raise ValueError(f"invalid color {color!r}; choose amongst {list(_COLORS)}")
    return f"\x1b[{_COLORS[color]}{';1' if bold else ''}m{s}\x1b[0m"


def print_color(
    s: str, color: str | None = None, bold: bool = False, file: TextIO = sys.stdout
) -> None:
    """Prints a text in a colour, on terminals."""
    print(hilite(s, color, bold), file=file)


def __getattr__(name: str) -> Any:
    # Where old versions of psutil have its named tuples.
    return getattr(_ntuples if name in _ntuples.__all__ else _enums, name)
