"""Names that an exercise forbids: modules with everything in them, and single functions, as dotted paths.

`assignment.toml` lists them by exercise:

    [forbid]
    convolution = ["keras", "tensorflow", "scipy.signal", "numpy.convolve", "cnnkit"]

`cnnkit` stands for its parts that no notebook is told of; those that notebooks use are always allowed.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnkit.mismatch import Mismatch

_DOCUMENTED = frozenset(("check", "data", "plots", "record", "spec", "start", "submit", "weights", "__version__"))
"""Parts of `cnnkit` that a notebook uses."""

_OF_SPEC = frozenset(("describe",))
"""Parts of `cnnkit.spec` that a notebook uses."""


def is_documented(path: str) -> bool:
    """True for a part of `cnnkit` that notebooks use, and for `cnnkit` itself.

    Example:
        >>> is_documented("cnnkit.plots.loss_curves"), is_documented("cnnkit.networks.shapes")
        (True, False)
    """
    _, *parts = path.split(".")
    if not parts:
        return True
    if parts[0] == "spec" and len(parts) > 1:
        return parts[1] in _OF_SPEC
    return parts[0] in _DOCUMENTED and not any(part.startswith("_") and part != "__version__" for part in parts)


def forbidden_by(path: str, forbid: Sequence[str]) -> str:
    """The entry that forbids a dotted path; "" if none does.

    Args:
        path: such as "keras.ops.conv".
        forbid: modules and functions.

    Example:
        >>> forbidden_by("keras.ops.conv", ["tensorflow", "keras"]), forbidden_by("kerastuner", ["keras"])
        ('keras', '')
        >>> forbidden_by("tensorflow.keras.layers", ["keras"])
        'keras'
    """
    for entry in forbid:
        if entry == "cnnkit":
            if path.partition(".")[0] == "cnnkit" and not is_documented(path):
                return entry
        elif f".{entry}." in f".{path}.":  # also as a part of another package
            return entry
    return ""


def rule_in_words(forbid: Sequence[str]) -> str:
    """The rule in a sentence, as the exercise's text has it.

    Example:
        >>> rule_in_words(["keras", "numpy.convolve"])
        'Do not use `keras` or `numpy.convolve` in this exercise.'
    """
    names = ["undocumented parts of `cnnkit`" if one == "cnnkit" else f"`{one}`" for one in forbid]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"Do not use {listed} in this exercise."


def forbidden_use(function: str, forbid: Sequence[str], uses: Sequence[str]) -> Mismatch:
    """Failure of every check of a function that uses what its exercise forbids.

    Args:
        function: the student's.
        forbid: what the exercise forbids.
        uses: what the function uses of it, each as in "a call of keras.ops.conv".
    """
    more = f" and {len(uses) - 3} more" if len(uses) > 3 else ""
    return Mismatch(
        f"`{function}`",
        expected=f"none of {', '.join(forbid)}" if len(forbid) > 1 else f"no use of {forbid[0]}",
        found="; ".join(uses[:3]) + more,
        hint=f"{rule_in_words(forbid)} Write that part yourself.",
    )
