from _typeshed import StrOrBytesPath
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import TracebackType
from typing import IO, Any, Protocol, TypedDict, TypeVar, type_check_only

from typing_extensions import Self, TypeAlias, Unpack

from ._native import Process, _ExitCode

_Command: TypeAlias = StrOrBytesPath | Sequence[StrOrBytesPath]
_File: TypeAlias = int | IO[Any] | None

# What `subprocess.Popen` takes by keyword.
@type_check_only
class _Options(TypedDict, total=False):
    bufsize: int
    executable: StrOrBytesPath | None
    stdin: _File
    stdout: _File
    stderr: _File
    preexec_fn: Callable[[], object] | None
    close_fds: bool
    shell: bool
    cwd: StrOrBytesPath | None
    env: Mapping[bytes, StrOrBytesPath] | Mapping[str, StrOrBytesPath] | None
    universal_newlines: bool | None
    restore_signals: bool
    start_new_session: bool
    pass_fds: Collection[int]
    encoding: str | None
    errors: str | None
    text: bool | None
    user: str | int | None
    group: str | int | None
    extra_groups: Iterable[str | int] | None
    umask: int
    # For Windows.
    startupinfo: Any
    creationflags: int
    # Since Python 3.10.
    pipesize: int
    # Since Python 3.11.
    process_group: int | None

class Popen(Process):
    args: _Command
    stdin: IO[Any] | None
    stdout: IO[Any] | None
    stderr: IO[Any] | None
    def __init__(self, args: _Command, *arguments: Any, **options: Unpack[_Options]) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...
    def communicate(self, input: Any = None, timeout: float | None = None) -> tuple[Any, Any]: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> _ExitCode | None: ...

@type_check_only
class _Waitable(Protocol):
    def wait(self, timeout: float | None = None) -> Any: ...

_P = TypeVar("_P", bound=_Waitable)

def wait_procs(
    procs: Iterable[_P],
    timeout: float | None = None,
    callback: Callable[[_P], object] | None = None,
) -> tuple[list[_P], list[_P]]: ...
