"""Exceptions, as psutil has them: names, attributes, messages, pickles."""

import sys


class Error(Exception):
    """What all exceptions of this package have in common."""

    __module__ = "psutil"

    # What `str` and `repr` show, if it is there.
    _shown = ("pid", "ppid", "name")

    def _details(self, names):
        shown = ((name, getattr(self, name, None)) for name in names)
        # A pid of 0 is a pid; everything else that is false says nothing.
        return ", ".join(
            f"{name}={value!r}" for name, value in shown if value or (name == "pid" and value == 0)
        )

    def __str__(self):
        details = self._details(self._shown)
        parts = (getattr(self, "msg", ""), details and f"({details})")
        return " ".join(part for part in parts if part)

    def __repr__(self):
        return f"psutil.{type(self).__name__}({self._details((*self._shown, 'seconds', 'msg'))})"

    def __reduce__(self):
        made = type(self)
        if (
            made.__module__ == "psutil"
            and getattr(sys.modules.get("psutil"), made.__name__, None) is not made
        ):
            # The module that the class names is another's, or absent.
            return _restore, (made.__name__, self._arguments(), self.__dict__)
        return made, self._arguments(), self.__dict__

    def _arguments(self):
        return self.args


class NoSuchProcess(Error):
    """The process does not exist, or not any more."""

    __module__ = "psutil"

    def __init__(self, pid, name=None, msg=None):
        super().__init__()
        self.pid = pid
        self.name = name
        self.msg = msg or "process no longer exists"

    def _arguments(self):
        return self.pid, self.name, self.msg


class ZombieProcess(NoSuchProcess):
    """The process has ended and waits for its parent to take note; what was asked for is gone."""

    __module__ = "psutil"

    def __init__(self, pid, name=None, ppid=None, msg=None):
        super().__init__(pid, name, msg or "PID still exists but it's a zombie")
        self.ppid = ppid

    def _arguments(self):
        return self.pid, self.name, self.ppid, self.msg


class AccessDenied(Error):
    """The system refuses."""

    __module__ = "psutil"

    def __init__(self, pid=None, name=None, msg=None):
        super().__init__()
        self.pid = pid
        self.name = name
        self.msg = msg or ""

    def _arguments(self):
        return self.pid, self.name, self.msg


class TimeoutExpired(Error):
    """The process still runs when the time to wait for it is over."""

    __module__ = "psutil"

    def __init__(self, seconds, pid=None, name=None):
        super().__init__()
        self.seconds = seconds
        self.pid = pid
        self.name = name
        self.msg = f"timeout after {seconds} seconds"

    def _arguments(self):
        return self.seconds, self.pid, self.name


def _restore(name, arguments, attributes):
    """Makes the exception that was pickled."""
    error = globals()[name](*arguments)
    error.__dict__.update(attributes)
    return error
