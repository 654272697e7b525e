"""Build models without allocating their weights: VGG16 in a few hundredths of a second, and without 1.4 GB of memory.

Inside Keras's `StatelessScope(initialize_variables=False)` a layer creates its weights as shapes only. The model then
has its graph, its settings and its parameter count, which is all that a description needs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cnnkit.networks.describe.keras_model import NotAModel, describe
from cnnkit.networks.model_spec import ModelSpec, Shape

# Keras's global state that has to be restored after the context. Variables without values would be given some when any
# later scope ends; a random generator made inside would never get its state.
_GLOBAL_STATE = ("uninitialized_variables", "global_seed_generator", "global_random_seed")


@contextmanager
def building_without_weights() -> Iterator[None]:
    """Context in which models have shapes and settings but no weights.

    Building, `compile`, `summary` and `count_params` work as usual. Use the models for describing only: they can be
    called, but their weights are drawn again each time, and they cannot be trained, inside or later. The random state
    is restored at the end, so that a check in a notebook does not change the training that follows.

    Example:
        >>> import keras
        >>> with building_without_weights():
        ...     model = keras.applications.VGG16(weights=None)
        >>> model.count_params()
        138357544
    """
    import keras
    from keras.src.backend.common import global_state

    before = {name: global_state.get_global_attribute(name) for name in _GLOBAL_STATE}
    before["uninitialized_variables"] = list(before["uninitialized_variables"] or [])
    random_state = random.getstate()
    scope = keras.StatelessScope(initialize_variables=False)
    create = keras.optimizers.Optimizer.__init__

    def create_outside(self: Any, *args: Any, **kwargs: Any) -> None:
        # An optimizer creates its step counter from a value, which the scope forbids; it is tiny, so it is allocated.
        scope.__exit__()
        try:
            create(self, *args, **kwargs)
        finally:
            scope.__enter__()

    keras.optimizers.Optimizer.__init__ = create_outside
    scope.__enter__()
    try:
        yield
    finally:
        scope.__exit__()
        keras.optimizers.Optimizer.__init__ = create
        for name, value in before.items():
            global_state.set_global_attribute(name, value)
        random.setstate(random_state)


def without_weights() -> bool:
    """True inside `building_without_weights`."""
    from keras.src.backend.common.stateless_scope import get_stateless_scope, in_stateless_scope

    return in_stateless_scope() and not get_stateless_scope().initialize_variables


def build_and_describe(function: Callable[[], Any], input_shape: Shape | None = None, *, source: str = "") -> ModelSpec:
    """Call a student's function that builds a model, and describe the model.

    The function is called without weights first. If that fails, since it trains the model, say, it is called once more
    with weights, and its exceptions are passed on.

    Args:
        function: takes no arguments, returns a Keras model.
        input_shape: batch axis first; used for a model that is not built, see `describe`.
        source: the call in messages; "<function's name>()" by default.

    Raises:
        DescribeError: it returned something that cannot be described.
        Exception: whatever the function raised.
    """
    source = source or f"{getattr(function, '__name__', 'the function')}()"
    try:
        with building_without_weights():
            return describe(function(), input_shape, source=source)
    except NotAModel:
        raise
    except Exception:  # perhaps only because there are no weights: the second call will show
        pass
    return describe(function(), input_shape, source=source)
