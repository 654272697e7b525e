"""Names of a package that are imported when they are first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def on_first_use(package: str, defined_in: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and `__dir__` of a package whose names lie in modules that take time to import.

    Args:
        package: the package's `__name__`.
        defined_in: for each public name the module that defines it, relative to the package. Where the module's last
            part is the name itself, as in `{"data": "data"}`, the name stands for the module.

    Returns:
        `__getattr__`, which answers other names with AttributeError and the names that there are, and `__dir__`, which
        gives these: Tab then offers neither the package's imports nor the modules behind its names.

    Example:
        >>> get, listed = on_first_use("json", {"JSONDecoder": "decoder", "scanner": "scanner"})
        >>> get("JSONDecoder").__name__, get("scanner").__name__, listed()
        ('JSONDecoder', 'json.scanner', ['JSONDecoder', 'scanner'])
        >>> get("decode")
        Traceback (most recent call last):
        AttributeError: module 'json' has no attribute 'decode'; it has: JSONDecoder, scanner
    """
    names = sorted(defined_in)

    def get(name: str) -> Any:
        if name not in defined_in:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it has: {', '.join(names)}")
        module = import_module(f"{package}.{defined_in[name]}")
        return module if defined_in[name].rpartition(".")[2] == name else getattr(module, name)

    return get, lambda: list(names)
