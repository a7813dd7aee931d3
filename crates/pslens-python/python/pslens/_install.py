"""Taking psutil's place in programs that say `import psutil`."""

import importlib
import importlib.abc
import importlib.util
import sys

import pslens
from pslens import _popen


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds psutil's private modules among those of this package."""

    def find_spec(self, fullname, path=None, target=None):
        package, _, name = fullname.partition(".")
        if package == "psutil" and name in pslens._MODULES:
            return importlib.util.spec_from_loader(fullname, self)
        return None

    def create_module(self, spec):
        module = getattr(pslens, spec.name.partition(".")[2])
        # It keeps its own: the import system would give it the alias's.
        self.__dict__[spec.name] = (module.__spec__, module.__loader__)
        return module

    def exec_module(self, module):
        spec = module.__spec__
        if spec.name in self.__dict__:
            module.__spec__, module.__loader__ = self.__dict__.pop(spec.name)


def install_as_psutil():
    """From here on `import psutil` means this package, in this process.

    To be called before anything has imported psutil; modules that have it already keep it. Nothing on
    disk changes.
    """
    if sys.modules.get("psutil") is pslens:
        return
    for name in [name for name in sys.modules if name == "psutil" or name.startswith("psutil.")]:
        del sys.modules[name]
    sys.modules["psutil"] = pslens
    sys.meta_path.insert(0, _Finder())
    # What these say of themselves: as texts, and in pickles.
    for thing in (pslens.Process, _popen.Popen):
        thing.__module__ = "psutil"


