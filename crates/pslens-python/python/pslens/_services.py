"""Windows services: the programs that Windows runs in the background, whether they run now or not."""

from . import _native
from ._exceptions import AccessDenied, NoSuchProcess


class WindowsService:
    """A Windows service, running or not. Those of the same name are equal."""

    def __init__(self, name, display_name):
        self._name = name
        self._display_name = display_name
        self._service = None

    @classmethod
    def _of(cls, service):
        made = cls(service.name, service.display_name)
        made._service = service
        return made

    def __str__(self):
        return f"{type(self).__name__}(name={self._name!r}, display_name={self._display_name!r})"

    def __repr__(self):
        return f"<{self} at {id(self)}>"

    def __eq__(self, other):
        if not isinstance(other, WindowsService):
            return NotImplemented
        return self._name == other._name

    def _ask(self, question):
        with _Refusals(self._name):
            if self._service is None:
                self._service = _native._Service(self._name)
            return getattr(self._service, question)()

    def name(self):
        """The name that programs use; `win_service_get` finds the service by it."""
        return self._name

    def display_name(self):
        """The name for people, as it was when the service was found."""
        return self._display_name

    def binpath(self):
        """The command line of its program; `''` if it has none."""
        binpath, _, _ = self._ask("config")
        return binpath

    def username(self):
        """The account that it runs as; `''` if that differs from user to user."""
        _, username, _ = self._ask("config")
        return username

    def start_type(self):
        """What starts it: `'automatic'`, `'manual'`, `'disabled'`."""
        _, _, start_type = self._ask("config")
        return start_type

    def pid(self):
        """The process that it runs in, perhaps with other services; None if it does not run."""
        _, pid = self._ask("state")
        return pid

    def status(self):
        """`'running'`, `'paused'`, `'start_pending'`, `'pause_pending'`, `'continue_pending'`,
        `'stop_pending'`, `'stopped'`."""
        status, _ = self._ask("state")
        return status

    def description(self):
        """What it is for, in the language of the user; `''` if nobody has written that down."""
        return self._ask("description")

    def as_dict(self):
        """All of the above as a dictionary."""
        binpath, username, start_type = self._ask("config")
        status, pid = self._ask("state")
        return {
            "display_name": self._display_name,
            "binpath": binpath,
            "username": username,
            "start_type": start_type,
            "status": status,
            "pid": pid,
            "name": self._name,
            "description": self._ask("description"),
        }


class _Refusals:
    """Says of which service it was that there is none, or that it may not be asked."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, _type, error, _traceback):
        if isinstance(error, PermissionError):
            msg = f"service {self.name!r} is not querable (not enough privileges)"
            raise AccessDenied(pid=None, name=self.name, msg=msg) from error
        if isinstance(error, FileNotFoundError):
            msg = f"service {self.name!r} does not exist"
            raise NoSuchProcess(pid=None, name=self.name, msg=msg) from error


def win_service_iter():
    """Goes through all Windows services, as a generator of `WindowsService` objects.

    >>> for service in win_service_iter():
    ...     print(service.name(), service.status())
    """
    for service in _native._services():
        yield WindowsService._of(service)


def win_service_get(name):
    """The Windows service with this name; raises `NoSuchProcess` if there is none.

    >>> win_service_get("alg").display_name()
    'Application Layer Gateway Service'
    """
    with _Refusals(name):
        return WindowsService._of(_native._Service(name))
