"""Programs that were started here, and waiting for many processes."""

import subprocess

from . import _native
from ._exceptions import TimeoutExpired
from ._native import Process


class Popen(Process):
    """Starts a program as `subprocess.Popen` does, and is a `Process` as well.

    Where both have a method (`send_signal`, `terminate`, `kill`, `wait`) it is that of `Process`, which
    cannot hit another process.

    >>> import sys
    >>> p = Popen([sys.executable, "-c", "print('hi')"], stdout=subprocess.PIPE)
    >>> p.communicate()
    (b'hi\\n', None)
    >>> p.wait()
    0
    """

    __module__ = Process.__module__

    def __init__(self, *args, **kwargs):
        self.__child = subprocess.Popen(*args, **kwargs)
        # It may have ended already, and somebody may have taken note.
        self._init(self.__child.pid, _ignore_nsp=True)

    def __dir__(self):
        return sorted({*super().__dir__(), *dir(self.__child)})

    def __enter__(self):
        self.__child.__enter__()
        return self

    def __exit__(self, *error):
        return self.__child.__exit__(*error)

    def __getattribute__(self, name):
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            pass
        try:
            child = object.__getattribute__(self, "_Popen__child")
            return object.__getattribute__(child, name)
        except AttributeError:
            raise AttributeError(f"{type(self)!r} has no attribute {name!r}") from None

    def wait(self, timeout=None):
        """Waits as `Process.wait` does; what `subprocess` found out already is returned at once."""
        child = self.__child
        if child.returncode is None:
            child.returncode = super().wait(timeout)
        return child.returncode


def wait_procs(procs, timeout=None, callback=None):
    """Waits until all processes have ended, or `timeout` (seconds) is over.

    Returns two lists: those that are gone, with an attribute `returncode` (what `wait` returned), and
    those that are alive. `callback` is called with each that is gone, when it goes.

    >>> gone, alive = wait_procs(procs, timeout=3, callback=print)
    """
    if timeout is not None and not timeout >= 0:
        raise ValueError(f"timeout must be a positive integer, got {timeout}")
    if callback is not None and not callable(callback):
        raise TypeError(f"callback {callback!r} is not a callable")
    alive = set(procs)
    gone = []

    def note(process):
        # It has ended, so this returns at once.
        process.returncode = process.wait(timeout=0)
        alive.discard(process)
        gone.append(process)
        if callback is not None:
            callback(process)

    if all(isinstance(process, Process) for process in alive):
        _native.wait_procs(list(alive), timeout, note)
    else:
        _wait_for_strangers(alive, timeout, note)
    return gone, list(alive)


def _wait_for_strangers(alive, timeout, note):
    """The same for objects that only have `wait` in common, such as those of `subprocess`."""
    from time import monotonic

    deadline = None if timeout is None else monotonic() + timeout
    while alive:
        turn = 1.0 / len(alive)
        for process in list(alive):
            left = turn if deadline is None else min(turn, max(0.0, deadline - monotonic()))
            try:
                process.wait(timeout=left)
            except (TimeoutExpired, subprocess.TimeoutExpired):
                continue
            note(process)
        if deadline is not None and monotonic() >= deadline:
            return
