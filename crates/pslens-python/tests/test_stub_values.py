"""What the stubs promise of answers, compared with the answers of this machine.

`stubtest` compares names and parameters, and calls nothing. Here every function and method is called as
each of its overloads asks for, as far as its annotations tell how, and what it returns is compared with
the annotation, down to the fields of named tuples.
"""

import ast
import enum
import inspect
import socket
import sys
import warnings
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

import pslens
from pslens import _enums, _native, _ntuples


def stub(name):
    return ast.parse((Path(pslens.__file__).parent / f"{name}.pyi").read_text()).body


def of_this_system(nodes):
    """What holds here of declarations that depend on the system."""
    for node in nodes:
        if isinstance(node, ast.If):
            holds = eval(ast.unparse(node.test), {"sys": sys})
            yield from of_this_system(node.body if holds else node.orelse)
        else:
            yield node


def members(nodes, kind):
    return [node for node in of_this_system(nodes) if isinstance(node, kind)]


NATIVE = stub("_native")
ALIASES = {node.target.id: node.value for node in members(NATIVE, ast.AnnAssign) if node.value}
FIELDS = {
    node.name: {field.target.id: field.annotation for field in node.body}
    for node in members(stub("_ntuples"), ast.ClassDef)
}
CLASSES = {
    **{cls.__name__: cls for cls in (bool, int, float, str, dict, list, set, tuple, AbstractContextManager)},
    "Any": object,
    "Process": pslens.Process,
    **{name: value for name, value in vars(_enums).items() if isinstance(value, enum.EnumMeta)},
    "socket.AddressFamily": socket.AddressFamily,
    "socket.SocketKind": socket.SocketKind,
}

FUNCTIONS = members(NATIVE, ast.FunctionDef)
METHODS = [
    method
    for node in members(NATIVE, ast.ClassDef)
    if node.name == "Process"
    for method in members(node.body, ast.FunctionDef)
]
# Functions with a method of their own, by name: their overloads.
PROTOCOLS = {
    node.name: members(node.body, ast.FunctionDef) for node in members(stub("_functions"), ast.ClassDef)
}
OBJECTS = {
    node.target.id: [method for method in PROTOCOLS[node.annotation.id] if method.name == "__call__"]
    for node in members(stub("_functions"), ast.AnnAssign)
}

# What can be given for parameters that have no default.
SAMPLES = {"FileDescriptorOrPath": "/", "float | None": None}
# What changes a process, or waits for its end.
ACTIONS = {"kill", "resume", "suspend", "terminate", "wait"}


def arguments(function):
    """What an overload asks for, if that can be told."""
    parameters = function.args
    named = [parameter for parameter in parameters.args if parameter.arg != "self"]
    required = named[: len(named) - len(parameters.defaults)]
    keywords = zip(parameters.kwonlyargs, parameters.kw_defaults)
    required += [parameter for parameter, default in keywords if default is None]
    given = {}
    for parameter in required:
        annotation = ast.unparse(parameter.annotation)
        if annotation.startswith("Literal["):
            given[parameter.arg] = ast.literal_eval(parameter.annotation.slice)
        elif annotation in SAMPLES:
            given[parameter.arg] = SAMPLES[annotation]
        else:
            return None
    return given


def callable_ones(functions):
    return [
        pytest.param(function, given, id=f"{function.name}-{given}")
        for function in functions
        if function.name not in ACTIONS and not function.name.startswith("_")
        for given in [arguments(function)]
        if given is not None
    ]


def answer(subject, function, given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        value = getattr(subject, function.name)
        return value(**given) if callable(value) else value


def fits(value, annotation, address=None):
    """Whether a value is what an annotation says; `address` is what sockets have in a named tuple."""
    text = ast.unparse(annotation)
    if isinstance(annotation, ast.BinOp):
        return fits(value, annotation.left, address) or fits(value, annotation.right, address)
    if text == "None":
        return value is None
    if text == "_Address":
        return fits(value, address or ast.parse("addr | tuple[()] | str", mode="eval").body)
    if text in ALIASES:
        return fits(value, ALIASES[text])
    if isinstance(annotation, ast.Subscript):
        return fits_parts(value, ast.unparse(annotation.value), annotation.slice)
    if text in FIELDS:
        fields = FIELDS[text]
        if type(value) is not getattr(_ntuples, text) or list(fields) != list(value._fields):
            return False
        return all(fits(part, field, address) for part, field in zip(value, fields.values()))
    expected = CLASSES[text]
    # True is no count, and 0 no duration.
    return type(value) is expected if expected in (bool, int, float, str) else isinstance(value, expected)


def fits_parts(value, outer, inner):
    if outer in FIELDS:
        return fits(value, ast.Name(outer), address=inner)
    if not isinstance(value, CLASSES[outer]):
        return False
    if outer in ("list", "set", "frozenset"):
        return all(fits(part, inner) for part in value)
    if outer == "dict":
        return all(fits(part, kind) for pair in value.items() for part, kind in zip(pair, inner.elts))
    if outer == "tuple":
        return len(value) == len(inner.elts) and all(map(fits, value, inner.elts))
    return True


@pytest.mark.parametrize(
    "annotation, good, bad",
    [
        ("int", [1], [True, 1.0, "1", None]),
        ("float | None", [1.0, None], [1, ""]),
        ("list[str]", [[], ["a"]], [["a", 1], ("a",)]),
        ("dict[str, list[int]]", [{}, {"a": [1]}], [{"a": 1}, {1: []}]),
        ("tuple[float, float]", [(1.0, 2.0)], [(1.0,), (1.0, 2)]),
        ("tuple[()]", [()], [(1,)]),
        ("addr", [_ntuples.addr("::", 1)], [("::", 1), _ntuples.addr("::", "1")]),
        ("pgids", [_ntuples.pgids(1, 2, 3)], [_ntuples.puids(1, 2, 3)]),
        ("pconn[str]", [], [_ntuples.pconn(1, socket.AF_INET, socket.SOCK_DGRAM, (), (), "")]),
        ("pconn", [_ntuples.pconn(1, socket.AF_INET, socket.SOCK_DGRAM, (), "/a", "")], []),
    ],
)
def test_wrong_values_are_noticed(annotation, good, bad):
    annotation = ast.parse(annotation, mode="eval").body
    assert [value for value in good if not fits(value, annotation)] == []
    assert [value for value in bad if fits(value, annotation)] == []


@pytest.mark.parametrize("function, given", callable_ones(FUNCTIONS))
def test_functions_return_what_is_declared(function, given):
    value = answer(_native, function, given)
    assert fits(value, function.returns), f"{ast.unparse(function.returns)}: {value}"


@pytest.fixture
def busy(tmp_path):
    """Gives this process something to show."""
    with open(tmp_path / "file", "w"), socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()), socket.socket(type=socket.SOCK_DGRAM):
            one, other = socket.socketpair()
            with one, other:
                yield


@pytest.mark.parametrize("method, given", callable_ones(METHODS))
def test_methods_return_what_is_declared(method, given, busy):
    own = pslens.Process()
    for process in (own, *own.parents()):
        try:
            value = answer(process, method, given)
        except pslens.AccessDenied:
            assert process != own
            continue
        assert fits(value, method.returns), f"{process} {ast.unparse(method.returns)}: {value}"


@pytest.mark.parametrize("name", OBJECTS)
def test_functions_with_methods_have_their_parameters(name):
    """Of these `stubtest` sees variables only."""
    for overload in OBJECTS[name]:
        parameters = inspect.signature(getattr(pslens, name)).parameters.values()
        assert [parameter.arg for parameter in overload.args.args] == ["self", *(p.name for p in parameters)]
        defaults = [ast.literal_eval(default) for default in overload.args.defaults]
        assert defaults == [p.default for p in parameters][len(parameters) - len(defaults) :]
        given = arguments(overload)
        if given is not None and name != "process_iter":
            assert fits(getattr(pslens, name)(**given), overload.returns)
    assert pslens.__dict__[name].cache_clear() is None
