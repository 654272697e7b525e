"""Packages that exist where submissions are graded, beside Python's own: what students may import."""

from __future__ import annotations

import sys

GRADING_PACKAGES = {
    "tensorflow": "tensorflow",
    "keras": "keras",
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "pandas": "pandas",
    "matplotlib": "matplotlib",
    "seaborn": "seaborn",
    "tqdm": "tqdm",
    "PIL": "pillow",
}
"""Names of packages as students know them, by the name that is imported. requirements.in has them all."""


def packages_text() -> str:
    """The packages in one phrase.

    Example:
        >>> packages_text()
        'tensorflow, keras, numpy, scipy, scikit-learn, pandas, matplotlib, seaborn, tqdm and pillow'
    """
    *most, last = GRADING_PACKAGES.values()
    return f"{', '.join(most)} and {last}"


_OURS = frozenset(("cnnkit", "IPython", "google", "jupyter_core"))
"""Further modules that a notebook may import: the kit, and those that belong to Jupyter or Colab."""


def is_known_while_grading(module: str) -> bool:
    """True for a top-level module that exists where submissions are graded.

    Example:
        >>> [is_known_while_grading(module) for module in ("os", "sklearn", "cv2")]
        [True, True, False]
    """
    return module in GRADING_PACKAGES or module in _OURS or module in sys.stdlib_module_names
