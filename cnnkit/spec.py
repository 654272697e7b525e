"""Networks as data: describe a Keras model, compute its shapes and parameters, compare it with a specification.

Only `describe`, `build_and_describe` and `building_without_weights` need Keras, and only when they are called.
"""

from cnnkit.networks.backbones import BACKBONES as BACKBONES
from cnnkit.networks.backbones import backbone
from cnnkit.networks.backbones import backbone_in as backbone_in
from cnnkit.networks.backbones import backbone_layers as backbone_layers
from cnnkit.networks.brief import sequence, wired
from cnnkit.networks.compare.comparison import Comparison as Comparison
from cnnkit.networks.compare.comparison import Difference as Difference
from cnnkit.networks.compare.comparison import compare
from cnnkit.networks.describe.keras_model import DescribeError, describe
from cnnkit.networks.describe.weightless import build_and_describe
from cnnkit.networks.describe.weightless import building_without_weights as building_without_weights
from cnnkit.networks.frozen import frozen_layers as frozen_layers
from cnnkit.networks.frozen import frozen_text as frozen_text
from cnnkit.networks.frozen import frozen_until as frozen_until
from cnnkit.networks.frozen import trainable_layers as trainable_layers
from cnnkit.networks.frozen import trained_statistics as trained_statistics
from cnnkit.networks.model_spec import CompileSpec as CompileSpec
from cnnkit.networks.model_spec import LayerSpec, ModelSpec
from cnnkit.networks.model_spec import Setting as Setting
from cnnkit.networks.model_spec import Shape as Shape
from cnnkit.networks.model_spec import to_json as to_json
from cnnkit.networks.wording import table

# The names that notebooks and briefs use. The others above can be imported from here too, but Tab does not offer them.
__all__ = [
    "DescribeError",
    "LayerSpec",
    "ModelSpec",
    "backbone",
    "build_and_describe",
    "compare",
    "describe",
    "sequence",
    "table",
    "wired",
]


def __dir__() -> list[str]:
    return sorted(__all__)
