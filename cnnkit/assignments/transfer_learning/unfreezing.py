"""Public checks of the exercise `unfreezing`."""

from __future__ import annotations

from cnnkit.assignments.transfer_learning.brief import CHECKS, LARGEST_RATE, Node, Row
from cnnkit.assignments.transfer_learning.features import _frozen
from cnnkit.checks.evidence import Evidence
from cnnkit.mismatch import Mismatch
from cnnkit.networks.brief import wired
from cnnkit.networks.describe.learning_rates import LARGEST_RATE_OF_A_SCHEDULE
from cnnkit.networks.frozen import frozen_layers, trained_statistics
from cnnkit.networks.model_spec import CompileSpec, ModelSpec
from cnnkit.networks.wording import layer_label, shape_text
from cnnkit.probe.built import BuiltNetwork

COMPILE = "After you have set `trainable`, call model.compile with Adam, the loss and the metrics."

HEAD_LAYERS = 3
BLOCK_LAYERS = 3
"""Layers of the head, and of one block of the small backbone."""


def frozen_network(size: int = 16) -> ModelSpec:
    """Argument of unfreeze_top: a small frozen backbone of three blocks, one with a skip connection, and its head."""
    convolution: Row = ("Conv2D", {"filters": 5, "kernel_size": (3, 3), "padding": "same", "use_bias": False})
    rows: list[Node] = []
    for _ in range(3):
        first = len(rows)
        rows.append((*convolution, (first - 1,)))
        rows.append(("BatchNormalization", {}, (first,)))
        rows.append(("Activation", {"activation": "relu"}, (first + 1,)))
        if first == BLOCK_LAYERS:
            rows.append(("Add", {}, (first + 2, first - 1)))
    top: list[Node] = [
        ("GlobalAveragePooling2D", {}, (len(rows) - 1,)),
        ("Dense", {"units": 6, "activation": "relu"}, (len(rows),)),
        ("Dense", {"units": 1, "activation": "sigmoid"}, (len(rows) + 1,)),
    ]
    return wired((None, size, size, 3), [*_frozen(rows), *top])


GIVEN = BuiltNetwork(frozen_network(), 8)


def unfrozen(evidence: Evidence, layers: int, given: BuiltNetwork = GIVEN) -> ModelSpec:
    """Network that unfreeze_top(model, layers) returns for the kit's.

    Raises:
        Mismatch: its layers are not those given.
    """
    found = evidence.model("unfreeze_top", given, layers, input_shape=given.network.input_shape)
    if [layer.kind for layer in found.layers] != [layer.kind for layer in given.network.layers]:
        raise Mismatch(
            f"the layers of what unfreeze_top(model, {layers}) returns",
            expected="those of the model that was given",
            found=", ".join(layer.kind for layer in found.layers) or "none",
            hint="Change `trainable` of the model's own layers, compile it, and return it.",
        )
    return found


@CHECKS.add("unfreezing", "the last layers are trained again: the head, and the last block of the backbone")
def last_block_trained(evidence: Evidence) -> None:
    """Expect trainable weights in the last layers, except those of BatchNormalization."""
    top_is_trained(evidence, GIVEN, HEAD_LAYERS + BLOCK_LAYERS)


def top_is_trained(evidence: Evidence, given: BuiltNetwork, layers: int) -> None:
    """Expect the last `layers` layers to be trainable."""
    found = unfrozen(evidence, layers, given)
    for position in range(len(found.layers) - layers, len(found.layers)):
        if position in frozen_layers(found) and found.layers[position].kind != "BatchNormalization":
            raise Mismatch(
                f"{layer_label(found.layers, position)} of the model after unfreeze_top(model, {layers})",
                expected="trainable",
                found="frozen",
                consequence=f"It is among the last {layers} layers, but training would leave it as it is.",
                hint="Go through model.layers[-layers:] and set `trainable` of each. `model.trainable = True` does "
                "nothing where it is True already.",
            )


@CHECKS.add("unfreezing", "BatchNormalization stays frozen")
def normalisation_frozen(evidence: Evidence) -> None:
    """Expect no BatchNormalization whose weights or statistics training changes."""
    normalisations_stay(evidence, GIVEN, HEAD_LAYERS + BLOCK_LAYERS)


def normalisations_stay(evidence: Evidence, given: BuiltNetwork, layers: int) -> None:
    """Expect every BatchNormalization frozen, with unchanged running means after a step in training mode."""
    found = unfrozen(evidence, layers, given)
    moving = trained_statistics(found)
    if moving:
        raise Mismatch(
            f"{layer_label(found.layers, moving[0])} of the model after unfreeze_top(model, {layers})",
            expected="frozen",
            found="trainable",
            consequence="In training it would normalise with the few images of a batch, and move its running means "
            "away from what the backbone learned.",
            hint="Ask isinstance(layer, keras.layers.BatchNormalization) before you set `trainable`.",
        )


@CHECKS.add("unfreezing", "the model is compiled again, with binary cross-entropy")
def compiled_again(evidence: Evidence) -> None:
    """Expect a compiled model, with the loss that suits its last layer."""
    compiled = _compiled(evidence)
    if compiled.loss != "binary_crossentropy":
        raise Mismatch("loss", expected="binary_crossentropy", found=compiled.loss or "none", hint=COMPILE)
    if compiled.loss_config.get("from_logits"):
        raise Mismatch("loss, from_logits", expected=False, found=True, hint="The model ends in sigmoid already.")


def _compiled(evidence: Evidence) -> CompileSpec:
    """Optimizer, loss and metrics of the returned model.

    Raises:
        Mismatch: it has not been compiled.
    """
    found = unfrozen(evidence, HEAD_LAYERS + BLOCK_LAYERS)
    if found.compiled is None:
        raise Mismatch(
            "unfreeze_top(model, layers)",
            expected="a model that has been compiled again",
            found="one that has not",
            consequence="TensorFlow settles at the first fit after compile which weights it trains. A model that was "
            "trained before would go on as before, and say nothing.",
            hint=COMPILE,
        )
    return found.compiled


@CHECKS.add("unfreezing", "it is compiled with Adam, and counts the accuracy")
def adam_and_accuracy(evidence: Evidence) -> None:
    """Expect Adam and the accuracy among the metrics, whatever loss there is."""
    compiled = _compiled(evidence)
    if compiled.optimizer != "adam":
        hint = f"The exercise asks for keras.optimizers.Adam. {COMPILE}"
        raise Mismatch("the optimizer", expected="adam", found=compiled.optimizer or "none", hint=hint)
    counting = [name for name in compiled.metrics if "acc" in name.lower()]
    if counting and all("categorical" in name.lower() for name in counting):
        raise Mismatch(
            "the metrics",
            expected="accuracy",
            found=", ".join(counting),
            consequence="It compares the places of the largest of several outputs. The head has one output, so the "
            "metric is the same number whatever the network says.",
            hint='`metrics=["accuracy"]` chooses the form that goes with one sigmoid unit.',
        )
    if not counting:
        raise Mismatch(
            "the metrics",
            expected="accuracy",
            found=", ".join(compiled.metrics) or "none",
            consequence="No line of the training would say whether more photographs are told apart than before.",
            hint='`metrics=["accuracy"]` is an argument of compile; what an earlier compile was given is forgotten.',
        )


@CHECKS.add("unfreezing", "its learning rate is small")
def small_learning_rate(evidence: Evidence) -> None:
    """Expect a learning rate that does not undo what the backbone learned; of a schedule the largest counts."""
    settings = _compiled(evidence).optimizer_config
    rate = settings.get(LARGEST_RATE_OF_A_SCHEDULE, settings.get("learning_rate"))
    # 0.0001 in single precision is slightly more
    if not isinstance(rate, int | float) or not 0 < rate <= LARGEST_RATE * 1.001:
        of_schedule = f"{settings['learning_rate']}, up to {rate}" if LARGEST_RATE_OF_A_SCHEDULE in settings else ""
        raise Mismatch(
            "the learning rate after unfreeze_top(model, layers)",
            expected=f"more than 0 and at most {LARGEST_RATE:g}",
            found=of_schedule or ("none" if rate is None else rate),
            consequence="With it no weight changes."
            if rate == 0
            else "Large steps destroy in a few batches what the backbone learned in weeks.",
            hint="`learning_rate` is an argument of the optimizer; left out it is 0.001 in keras.optimizers.Adam.",
        )


def rest_is_frozen(evidence: Evidence, given: BuiltNetwork, layers: int) -> None:
    """Expect no trainable layer but the last `layers` ones."""
    found = unfrozen(evidence, layers, given)
    for position, layer in enumerate(found.layers[: len(found.layers) - layers]):
        if layer.trainable and layer.kind != "BatchNormalization":
            raise Mismatch(
                f"{layer_label(found.layers, position)} of the model after unfreeze_top(model, {layers})",
                expected="frozen",
                found="trainable",
                consequence=f"It is not among the last {layers} layers. It puts out {shape_text(layer.output_shape)}.",
                hint="Freeze the layers that come before the last ones.",
            )
