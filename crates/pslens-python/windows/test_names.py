"""Names, parameters and shapes, compared with psutil as it is on Windows."""

import inspect

import psutil
import pytest
from psutil import _ntuples as theirs

import pslens
from pslens import _ntuples as ours


def public(thing):
    return {name for name in dir(thing) if not name.startswith("_")}


def test_every_name_of_psutil_is_there():
    assert set(psutil.__all__) <= set(pslens.__all__)
    # What psutil imports for itself is no name of its own.
    shown = {name for name in public(psutil) if not inspect.ismodule(getattr(psutil, name))}
    assert {name for name in shown if not hasattr(pslens, name)} == {"debug", "pwd"}


def test_a_process_has_psutils_methods_and_no_others_but_newer_ones():
    newer = {"attrs", "memory_footprint", "page_faults"}
    assert public(pslens.Process) - public(psutil.Process) == newer | {"memory_info_ex"}
    assert public(psutil.Process) <= public(pslens.Process)
    assert pslens._as_dict_attrnames == psutil._as_dict_attrnames


def functions(package):
    for name in sorted(package.__all__):
        value = getattr(package, name)
        if inspect.isroutine(value) or name == "Process":
            yield name, value
    for name in sorted(public(package.Process)):
        value = getattr(package.Process, name)
        if callable(value):
            yield f"Process.{name}", value


def parameters(function):
    return [(name, parameter.default) for name, parameter in inspect.signature(function).parameters.items()]


@pytest.mark.parametrize("name, function", list(functions(psutil)))
def test_parameters_have_psutils_names_and_defaults(name, function):
    own = pslens
    for part in name.split("."):
        own = getattr(own, part)
    assert parameters(own) == parameters(function)


def test_named_tuples_have_psutils_fields():
    expected = {name: value._fields for name, value in vars(theirs).items() if hasattr(value, "_fields")}
    assert {name: getattr(ours, name)._fields for name in expected} == expected


def test_constants_have_psutils_values():
    for name in psutil.__all__:
        value = getattr(psutil, name)
        if isinstance(value, (int, str, tuple)):
            # Priority classes are members of their enumeration here, and plain numbers in psutil.
            assert getattr(pslens, name) == value, name


def test_everything_has_a_docstring():
    for name in pslens.__all__:
        value = getattr(pslens, name)
        if callable(value):
            assert inspect.getdoc(value), name
    for name in public(pslens.Process) - {"attrs"}:
        assert inspect.getdoc(getattr(pslens.Process, name)), name
