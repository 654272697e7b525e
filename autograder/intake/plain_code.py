"""Code that can neither define classes nor reach into Keras, the kit or the interpreter, by its syntax tree.

A notebook of plain code cannot make Keras's own layers compute something else, nor forge what the kit says of them. So
a network of Keras's own layers that plain code builds is believed, and any other is tried on numbers
(`autograder.evidence.forward_proof`). To be on the wrong side costs a fifth of a second and nobody's points; so the
rules allow what notebooks need, and doubt the rest.
"""

from __future__ import annotations

import ast
import functools

from autograder.intake.syntax import MAX_PARSED, parsed

_MODULES = frozenset(
    (
        *("keras", "tensorflow", "numpy", "matplotlib", "cnnkit", "math", "random", "time", "typing", "re", "json"),
        *("collections", "functools", "itertools", "os", "pathlib", "warnings", "datetime", "statistics", "string"),
        *("pandas", "seaborn", "scipy", "sklearn", "tqdm", "PIL", "__future__"),
    )
)
"""Packages that plain code may import."""

_NAMES = frozenset(
    (
        *("exec", "eval", "compile", "globals", "locals", "vars", "setattr", "delattr", "open", "object"),
        *("breakpoint", "memoryview", "property", "super", "get_ipython", "get_type_hints", "singledispatch"),
    )
)
"""Names that lead to anything else by a text."""

_ATTRIBUTES = (_NAMES - {"compile"}) | frozenset(  # models and patterns have a `compile`
    (
        "getattr",
        *("sys", "builtins", "inspect", "gc", "ctypes", "ctypeslib", "importlib", "types", "socket", "operator"),
        *("modules", "src", "python", "subprocess", "pickle", "py_function", "numpy_function", "mock"),
        *("update_wrapper", "wraps", "Formatter", "get_field", "as_strided", "memmap"),
        # what runs code that a file or a text holds
        *("load", "load_model", "read_pickle", "query", "testing", "load_library", "load_op_library", "from_config"),
        *("deserialize", "deserialize_keras_object", "model_from_json", "enable_unsafe_deserialization"),
        *("system", "popen", "execv", "execve", "execl", "execlp", "execvp", "spawnl", "spawnv", "posix_spawn", "fork"),
    )
)
"""Attributes that lead out of a package, to another one or to its undocumented parts, or set attributes by a text."""

_FRAMES = ("_", "f_", "tb_", "gi_", "cr_", "ag_")
"""Beginnings of attributes that are private, or belong to frames."""

_HARMLESS = frozenset(("__name__", "__version__", "__doc__"))
_MAGICS = frozenset(f"%matplotlib {backend}" for backend in ("inline", "notebook", "widget"))
"""Lines that are no Python, wherever they stand."""

_ASSIGNABLE = frozenset(("trainable", "learning_rate"))
_ITEMS_ASSIGNABLE = frozenset(("rcParams", "environ"))


def is_plain_code(source: str) -> bool:
    """True if the code of a cell is plain; False if it does not parse, has magics, or is longer than is parsed.

    Example:
        >>> is_plain_code("def build(): return keras.Sequential()")
        True
        >>> is_plain_code("keras.layers.Dense.call = lambda self, x: 0 * x")
        False
    """
    return len(source) <= MAX_PARSED and _is_plain(source)


@functools.lru_cache(maxsize=1024)
def _is_plain(source: str) -> bool:
    tree = parsed("\n".join("" if line.strip() in _MAGICS else line for line in source.split("\n")))
    if tree is None:
        return False
    nodes = list(ast.walk(tree))
    return all(map(_is_plain_node, nodes)) and all(
        sum(_is_name(node, name) for node in nodes) == sum(map(is_harmless, nodes))
        for name, is_harmless in (("type", _asks_for_a_type), ("getattr", _builds_an_application))
    )


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _asks_for_a_type(node: ast.AST) -> bool:
    """True for `type(x)`; with more arguments, or under another name, `type` makes classes."""
    return isinstance(node, ast.Call) and _is_name(node.func, "type") and len(node.args) == 1 and not node.keywords


def _builds_an_application(node: ast.AST) -> bool:
    """True for `getattr(keras.applications, name)(include_top=..., ...)`; only Keras's networks can be called so.

    It is how a notebook builds each of several networks by their names.
    """
    return (
        isinstance(node, ast.Call)
        and any(one.arg == "include_top" for one in node.keywords)
        and isinstance(node.func, ast.Call)
        and _is_name(node.func.func, "getattr")
        and len(node.func.args) == 2
        and ast.unparse(node.func.args[0]) == "keras.applications"
    )


def _is_plain_node(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        return False
    if isinstance(node, ast.Import):
        return all(_may_be_imported(alias.name) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        names = [alias.name for alias in node.names]
        return not node.level and "*" not in names and _may_be_imported(".".join([node.module or "", *names]))
    if isinstance(node, ast.Name):
        return node.id not in _NAMES and (not node.id.startswith("__") or node.id in _HARMLESS)
    if isinstance(node, ast.Attribute):
        if isinstance(node.ctx, ast.Store | ast.Del) and node.attr not in _ASSIGNABLE:
            return False
        return node.attr in _HARMLESS or not (node.attr in _ATTRIBUTES or node.attr.startswith(_FRAMES))
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        return not isinstance(node.value, ast.Attribute) or node.value.attr in _ITEMS_ASSIGNABLE
    return True


def _may_be_imported(name: str) -> bool:
    first, *parts = name.split(".")
    return first in _MODULES and not any(part in _ATTRIBUTES or part.startswith("_") for part in parts)
