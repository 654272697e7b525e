# ruff: noqa: E501 -- a table reads best a line a mutant
"""Mutants and equivalents of a training function that the rubrics of several assignments share."""

from __future__ import annotations

from autograder.audit.samples import Sample, compose, swap

COMPILE = 'compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])'
"""The call by which a reference solution has to compile its network, so that the changes fit."""

FIT = "return network.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks), verbose=0)"
"""The line by which a reference solution has to train its network, so that the changes fit."""


def training_mutants(cell: str, build: str, *, exercise: str = "training") -> list[Sample]:
    """Mutants that compile or fit wrongly.

    The reference must consist of the lines `network = <build>`, `network.` + `COMPILE`, and `FIT`; the rubric must have
    the checks that are named below.

    Args:
        cell: grade_id of the solution cell.
        build: the call that makes the network, e.g. "build_lenet(pooling)".
        exercise: the exercise that has the checks.

    Returns:
        The mutants; each one's change raises SampleError if the reference is written differently.
    """
    loss = f"{exercise}.loss_is_crossentropy"
    adam = f"{exercise}.optimizer_is_adam"
    epochs = f"{exercise}.trains_for_epochs"
    validates = f"{exercise}.validates"
    callbacks = f"{exercise}.passes_callbacks"
    history = f"{exercise}.returns_history"
    fresh = f"{exercise}.fresh_network"
    quiet = FIT.replace("return ", "")
    made = f"    network = {build}\n"
    return [
        Sample("sparse_loss", cell, swap('"categorical_crossentropy"', '"sparse_categorical_crossentropy"'), (loss,), "loss"),
        Sample("squared_error", cell, swap('"categorical_crossentropy"', '"mean_squared_error"'), (loss,), "mean_squared_error"),
        Sample("binary_loss", cell, swap('"categorical_crossentropy"', '"binary_crossentropy"'), (loss,), "binary_crossentropy"),
        Sample("loss_forgotten", cell, swap('loss="categorical_crossentropy", ', ""), (loss,), "loss"),
        Sample("labels_smoothed", cell, swap('loss="categorical_crossentropy"', "loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1)"), (loss,), "label_smoothing"),
        Sample("from_logits", cell, swap('loss="categorical_crossentropy"', "loss=keras.losses.CategoricalCrossentropy(from_logits=True)"), (loss,), "1.461"),
        Sample("metrics_by_position", cell, swap(COMPILE, 'compile("adam", "categorical_crossentropy", ["accuracy"])'), (loss,), "string"),
        Sample("another_optimizer", cell, swap('optimizer="adam"', 'optimizer="sgd"'), (adam,), ("adam", "sgd")),
        Sample("optimizer_forgotten", cell, swap('optimizer="adam", ', ""), (adam,), ("adam", "rmsprop")),
        Sample("another_learning_rate", cell, swap('optimizer="adam"', "optimizer=keras.optimizers.Adam(0.01)"), (adam,), ("learning_rate", "0.001", "0.01", "10 times")),
        Sample("not_compiled", cell, swap(f"    network.{COMPILE}\n", ""), (loss, adam), "before compile"),
        Sample("epochs_ignored", cell, swap("epochs=epochs, ", "epochs=10, "), (epochs,), "4 epochs"),
        Sample("one_epoch", cell, swap("epochs=epochs, ", ""), (epochs,), ("4 epochs", "1 epoch")),
        Sample("one_step_an_epoch", cell, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=1, "), (epochs,), "steps_per_epoch"),
        Sample("fifty_steps_an_epoch", cell, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=50, "), (epochs,), ("steps_per_epoch", "50")),
        Sample("steps_of_the_notebooks_data", cell, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=55_000 // 128, "), (epochs,), ("steps_per_epoch", "429")),
        Sample("steps_by_the_arrays", cell, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=min(100, len(train)), "), (epochs,), ("steps_per_epoch", "100")),
        Sample("ten_steps_of_validation", cell, swap("validation_data=val", "validation_data=val, validation_steps=10"), (validates,), "validation_steps"),
        Sample("trains_on_validation_data", cell, swap("network.fit(train, ", "network.fit(val, "), (epochs,), "`val`"),
        Sample("trains_on_one_batch", cell, swap("network.fit(train, ", "network.fit(*train[0], "), (epochs,), "training data"),
        Sample("classes_weighted", cell, swap("epochs=epochs, ", "epochs=epochs, class_weight={k: 1.0 + k for k in range(10)}, "), (epochs,), "class_weight"),
        Sample("validation_forgotten", cell, swap("validation_data=val, ", ""), (validates,), "val_loss"),
        Sample("validates_on_training_data", cell, swap("validation_data=val", "validation_data=train"), (validates,), "training data"),
        Sample("validates_now_and_then", cell, swap("validation_data=val", "validation_data=val, validation_freq=2"), (validates,), "validation_freq"),
        Sample("callbacks_forgotten", cell, swap("callbacks=list(callbacks), ", ""), (callbacks,), "callbacks"),
        Sample("callbacks_of_its_own", cell, swap("callbacks=list(callbacks)", "callbacks=[keras.callbacks.TerminateOnNaN()]"), (callbacks,), "callbacks"),
        Sample("history_forgotten", cell, swap("return network.fit", "network.fit"), (history,), "None"),
        Sample("dictionary_returned", cell, swap("verbose=0)", "verbose=0).history"), (history,), "history.history"),
        Sample("network_returned", cell, swap(FIT, f"{quiet}\n    return network"), (history,), "History"),
        Sample("history_made_up", cell, swap(FIT, f'{quiet}\n    made = keras.callbacks.History()\n    made.history = {{"loss": [1.0] * epochs}}\n    return made'), (history,), "did not come from fit"),
        Sample("weights_carried_over", cell, compose(lambda source: "last = []\n\n\n" + source, swap(made, f"{made}    if last:\n        network.set_weights(last[0].get_weights())\n    last[:] = [network]\n")), (fresh,), "an earlier run"),
    ]  # fmt: skip


_FITTED = "history = network.fit(train, validation_data=val, epochs=epochs, callbacks=[own, *callbacks], verbose=0)"
_TIMER = """
class Timer(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.losses = []

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["val_loss"])


"""


def training_equivalents(cell: str, fit: str = FIT) -> list[Sample]:
    """Right training functions that read what a callback of their own left; see `training_mutants`.

    Args:
        cell: grade_id of the solution cell.
        fit: the line by which the reference trains its network, a variable called `network`.
    """

    def reading(name: str, own: str, *then: str, before: str = "") -> Sample:
        lines = "\n    ".join((f"own = {own}", _FITTED, *then, "return history"))
        return Sample(f"reads_{name}", cell, compose(lambda source: before.lstrip("\n") + source, swap(fit, lines)))

    return [
        reading("the_best_weights", 'keras.callbacks.ModelCheckpoint("best.weights.h5", save_best_only=True, save_weights_only=True)', 'network.load_weights("best.weights.h5")'),
        reading("the_best_network", 'keras.callbacks.ModelCheckpoint("best.keras", monitor="val_accuracy")', 'best = keras.models.load_model("best.keras")'),
        reading("a_log_file", 'keras.callbacks.CSVLogger("log.csv")', 'rows = open("log.csv").read().splitlines()', "assert len(rows) == epochs + 1"),
        reading("the_best_epoch", "keras.callbacks.EarlyStopping(patience=3)", 'best = history.history["val_loss"][own.best_epoch]', "stopped = own.stopped_epoch or epochs"),
        reading("the_restored_weights", "keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)", "network.set_weights(own.best_weights)"),
        reading("a_list_of_its_own", "Timer()", "lowest = min(own.losses)", before=_TIMER),
        reading("another_history", "keras.callbacks.History()", 'lowest = min(own.history["loss"])'),
    ]  # fmt: skip
