"""`import psutil` means pslens, in every program of the environment that this is installed in.

Imported by `pslens_psutil.pth` when an interpreter starts, so it does next to nothing then. There is no
folder `psutil`: psutil itself can be installed beside it, and is what is imported when this is removed.
"""

import sys
from importlib.machinery import ModuleSpec


class Finder:
    """Finds `psutil`, before anybody else does."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return ModuleSpec(name, cls, origin="pslens") if name == "psutil" else None

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        try:
            import pslens
        except ModuleNotFoundError as error:
            raise ImportError(
                "pslens-psutil is installed, and pslens is not: install it or remove both"
            ) from error
        # Puts itself into the place of the module that is being imported.
        pslens.install_as_psutil()


sys.meta_path.insert(0, Finder)
