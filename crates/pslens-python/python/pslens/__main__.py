"""`python -m pslens run PROGRAM ARGS` and `python -m pslens run -m MODULE ARGS`."""

import runpy
import sys

USAGE = "usage: python -m pslens run PROGRAM [ARGS ...]\n       python -m pslens run -m MODULE [ARGS ...]"


def main(arguments):
    """Runs a program that says `import psutil` with this package in psutil's place."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return
    if arguments[:1] != ["run"] or len(arguments) < 2 or arguments[1:] == ["-m"]:
        sys.exit(USAGE)
    from . import install_as_psutil

    install_as_psutil()
    if arguments[1] == "-m":
        sys.argv = arguments[2:]
        # As `python -m` has it.
        sys.path[0] = ""
        runpy.run_module(arguments[2], run_name="__main__", alter_sys=True)
    else:
        import os

        sys.argv = arguments[1:]
        sys.path[0] = os.path.dirname(os.path.abspath(arguments[1]))
        runpy.run_path(arguments[1], run_name="__main__")


main(sys.argv[1:])
