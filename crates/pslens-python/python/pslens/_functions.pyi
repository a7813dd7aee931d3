from collections.abc import Generator
from typing import Any, Literal, Protocol, overload, type_check_only

from ._native import Process, _Names
from ._ntuples import sdiskio, snetio

@type_check_only
class _ProcessIter(Protocol):
    def __call__(
        self, attrs: _Names | None = None, ad_value: Any = None
    ) -> Generator[Process, None, None]: ...
    def cache_clear(self) -> None: ...

@type_check_only
class _DiskIoCounters(Protocol):
    @overload
    def __call__(self, perdisk: Literal[False] = False, nowrap: bool = True) -> sdiskio | None: ...
    @overload
    def __call__(self, perdisk: Literal[True], nowrap: bool = True) -> dict[str, sdiskio]: ...
    @overload
    def __call__(self, perdisk: bool, nowrap: bool = True) -> sdiskio | dict[str, sdiskio] | None: ...
    def cache_clear(self) -> None: ...

@type_check_only
class _NetIoCounters(Protocol):
    @overload
    def __call__(self, pernic: Literal[False] = False, nowrap: bool = True) -> snetio | None: ...
    @overload
    def __call__(self, pernic: Literal[True], nowrap: bool = True) -> dict[str, snetio]: ...
    @overload
    def __call__(self, pernic: bool, nowrap: bool = True) -> snetio | dict[str, snetio] | None: ...
    def cache_clear(self) -> None: ...

process_iter: _ProcessIter
disk_io_counters: _DiskIoCounters
net_io_counters: _NetIoCounters

def bytes2human(n: float, format: str = "%(value).1f%(symbol)s") -> str: ...
