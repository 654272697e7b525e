"""Networks as data: describe a Keras model, compute its shapes and parameters, compare it with a brief.

Only `describe`, `build_and_describe` and `building_without_weights` need Keras, and only when they are called.
"""

from cnnkit.networks.backbones import BACKBONES, backbone, backbone_in, backbone_layers
from cnnkit.networks.brief import sequence, wired
from cnnkit.networks.compare.comparison import Comparison, Difference, compare
from cnnkit.networks.describe.keras_model import DescribeError, describe
from cnnkit.networks.describe.weightless import build_and_describe, building_without_weights
from cnnkit.networks.frozen import (
    frozen_layers,
    frozen_text,
    frozen_until,
    trainable_layers,
    trained_statistics,
)
from cnnkit.networks.model_spec import CompileSpec, LayerSpec, ModelSpec, Setting, Shape, to_json
from cnnkit.networks.text import table

__all__ = [
    "BACKBONES",
    "Comparison",
    "CompileSpec",
    "DescribeError",
    "Difference",
    "LayerSpec",
    "ModelSpec",
    "Setting",
    "Shape",
    "backbone",
    "backbone_in",
    "backbone_layers",
    "build_and_describe",
    "building_without_weights",
    "compare",
    "describe",
    "frozen_layers",
    "frozen_text",
    "frozen_until",
    "sequence",
    "table",
    "to_json",
    "trainable_layers",
    "trained_statistics",
    "wired",
]
