"""Networks as data: describe a Keras model, compute its shapes and parameters, compare it with a brief.

Only `describe`, `build_and_describe` and `building_without_weights` need Keras, and only when they are called.
"""

from cnnkit.spec.brief import sequence, wired
from cnnkit.spec.compare import Comparison, Difference, compare
from cnnkit.spec.describe import DescribeError, describe
from cnnkit.spec.model import CompileSpec, LayerSpec, ModelSpec, Setting, Shape, to_json
from cnnkit.spec.text import table
from cnnkit.spec.weightless import build_and_describe, building_without_weights

__all__ = [
    "Comparison",
    "CompileSpec",
    "DescribeError",
    "Difference",
    "LayerSpec",
    "ModelSpec",
    "Setting",
    "Shape",
    "build_and_describe",
    "building_without_weights",
    "compare",
    "describe",
    "sequence",
    "table",
    "to_json",
    "wired",
]
