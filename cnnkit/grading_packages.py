"""Packages that exist where submissions are graded, beside Python's own: what students may import."""

from __future__ import annotations

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
