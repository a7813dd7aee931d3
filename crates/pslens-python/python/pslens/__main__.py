"""`python -m pslens run PROGRAM ARGS` and `python -m pslens run -m MODULE ARGS`."""

import builtins
import os
import runpy
import sys
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from pkgutil import get_importer

USAGE = "usage: python -m pslens run PROGRAM|-m MODULE [ARG ...]"


def main(arguments):
    """Runs a program that says `import psutil` with this package in psutil's place."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(f"{USAGE}\n\nRuns a Python program; where it says `import psutil` it gets pslens.")
        return
    if arguments[:1] != ["run"]:
        fail(f"no command is called {arguments[0]!r}" if arguments else "the command is missing")
    if len(arguments) < 2:
        fail("the program is missing")
    _, program, *rest = arguments
    if program == "-m" and not rest:
        fail("the name of the module is missing")
    if program.startswith("-") and program != "-m":
        fail(f"no option is called {program!r}; those of Python stand before -m pslens")
    from . import install_as_psutil

    install_as_psutil()
    become_main()
    sys.argv = [program, *rest]
    if program == "-m":
        module = sys.argv.pop(1)
        runpy._run_module_as_main(module)
    elif get_importer(program):
        # A folder or an archive with a `__main__.py`.
        if not safe_path():
            del sys.path[0]
        sys.path.insert(0, absolute(program))
        runpy._run_module_as_main("__main__", alter_argv=False)
    else:
        run_file(program)


def fail(why):
    """Ends as programs do that were called wrongly."""
    print(f"python -m pslens: {why}; {USAGE}", file=sys.stderr)
    sys.exit(2)


def safe_path():
    """Whether Python was told to put no folder in front of `sys.path`."""
    return getattr(sys.flags, "safe_path", sys.flags.isolated)


def become_main():
    """Gives the program a `__main__` that has nothing of ours, and that is there until the very end."""
    module = type(sys)("__main__")
    module.__builtins__ = builtins
    sys.modules["__main__"] = module


def absolute(path):
    """As Python does it, which leaves `.` and `..` in paths."""
    return os.path.join(os.getcwd(), path)


def run_file(program):
    """Runs a file as `python PROGRAM` does."""
    path = absolute(program)
    compiled = path.endswith(".pyc")
    loader = (SourcelessFileLoader if compiled else SourceFileLoader)("__main__", path)
    try:
        # The loader would keep the compiled form, which Python does for modules only.
        code = loader.get_code("__main__") if compiled else loader.source_to_code(loader.get_data(path), path)
    except OSError as error:
        fail(f"cannot open {program!r}: {error.strerror}")
    if not safe_path():
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    module = sys.modules["__main__"]
    module.__file__ = path
    module.__cached__ = None
    module.__loader__ = loader
    exec(code, module.__dict__)


if __name__ == "__main__":
    main(sys.argv[1:])
