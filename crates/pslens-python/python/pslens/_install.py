"""Taking psutil's place in programs that say `import psutil`."""

import sys
from importlib.machinery import ModuleSpec

import pslens
from pslens import _ntuples


class _Finder:
    """Finds `psutil`, and its private modules among those of this package."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        package, _, module = name.partition(".")
        if package != "psutil":
            return None
        if module and module not in pslens._MODULES:
            # Nobody else may look: in the folder of this package are files that psutil does not have.
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return ModuleSpec(name, cls)

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        # What stands here afterwards is what was imported.
        name = module.__name__
        _, _, private = name.partition(".")
        sys.modules[name] = getattr(pslens, private) if private else pslens


def install_as_psutil():
    """From here on `import psutil` means this package, in this process.

    To be called before anything has imported psutil; modules that have it already keep it. Nothing on
    disk changes, and programs that this one starts are not concerned.
    """
    if sys.modules.get("psutil") is pslens:
        return
    for name in [name for name in sys.modules if name == "psutil" or name.startswith("psutil.")]:
        del sys.modules[name]
    sys.modules["psutil"] = pslens
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
    # What classes say of themselves: as texts, and in pickles, which psutil can read then. Modules that are
    # not loaded yet look at the first of them.
    pslens.Process.__module__ = "psutil"
    _ntuples.belong_to("psutil._ntuples")
    if "pslens._popen" in sys.modules:
        pslens.Popen.__module__ = "psutil"
    if "pslens._enums" in sys.modules:
        pslens._enums.belong_to_psutil()
