# ruff: noqa: E501 -- a table reads best a line a mutant
"""Wrong answers, each with the checks that it must fail, and no others: a rubric that passes one is not finished."""

from autograder.audit.network_mutants import Target, network_mutants
from autograder.audit.samples import Sample, change_record, compose, replace_cell, swap
from cnnkit.assignments.mnist_convnet.brief import BRIEF, NETWORK

DATA = "data_solution"
ARITHMETIC = "arithmetic_solution"
ARCHITECTURE = "architecture_solution"
TRAINING = "training_solution"
CURVES = "curves_solution"
REPAIR = "repair_solution"

IMAGES = "data.images_shape_and_type"
SCALED = "data.images_scaled"
DARK = "data.images_divided_by_255"
ROWS = "data.one_hot_rows"
CLASSES = "data.one_hot_classes"
ALONE = "data.arguments_left_alone"

OF_BRIEF = "arithmetic.output_size_of_the_brief"
VALID = "arithmetic.output_size_valid"
PADDED = "arithmetic.output_size_padded"
SAME = "arithmetic.output_size_same"
COUNTS = "arithmetic.parameters_of_the_brief"
RECTANGULAR = "arithmetic.parameters_rectangular"
NO_BIAS = "arithmetic.parameters_without_bias"
SIZES = (OF_BRIEF, VALID, PADDED)

LOSS = "training.loss_is_crossentropy"
GIVEN = "training.optimizer_is_the_given_one"
OBJECTS = "training.optimizer_objects"
EPOCHS = "training.trains_for_epochs"
VALIDATES = "training.validates"
CALLBACKS = "training.passes_callbacks"
HISTORY = "training.returns_history"
FRESH = "training.fresh_network"
TRAINING_CHECKS = (LOSS, GIVEN, OBJECTS, EPOCHS, VALIDATES, CALLBACKS, HISTORY, FRESH)
HOLD = "training.records_hold"
COMPLETE = "training.records_complete"
FALL = "training.losses_fall"
ENDS = "training.losses_end_where_they_should"

ADADELTA = "repair.adadelta_with_settings"
REPAIR_HOLDS = "repair.record_holds"
OF_THIS = "repair.record_is_of_this_optimizer"
LEARNS = "repair.it_learns"
REPAIRED = "adadelta_that_learns"
RATE = "learning_rate=1.0"

CURVE = "curves.one_curve_for_each"
LABELS = "curves.curves_labelled"
AXES = "curves.axes_named"
ANY = "curves.any_histories"

TARGET = Target(
    NETWORK,
    ARCHITECTURE,
    BRIEF,
    layers=(
        "architecture.first_convolution",
        "architecture.second_convolution",
        "architecture.max_pooling",
        "architecture.first_dropout",
        "architecture.flatten",
        "architecture.hidden_dense",
        "architecture.second_dropout",
        "architecture.output_dense",
    ),
    input="architecture.input",
    others="architecture.nothing_else",
)

NETWORK_CHECKS = (TARGET.input, *TARGET.layers, TARGET.others)


FIT = "return network.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks), verbose=0)"
COMPILE = 'network.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])'
PLOT = 'axes.plot(range(1, len(losses) + 1), losses, style, marker="o", label=name)'

MUTANTS = [
    # data
    Sample("channel_axis_forgotten", DATA, swap("images[..., np.newaxis]", "images"), (IMAGES,), "(5, 28, 28, 1)"),
    Sample("channel_axis_first", DATA, swap("images[..., np.newaxis]", "images[:, np.newaxis]"), (IMAGES,), "(5, 1, 28, 28)"),
    Sample("images_flattened", DATA, swap("images[..., np.newaxis]", "images.reshape(len(images), -1)"), (IMAGES,), "(5, 784)"),
    Sample("images_as_float64", DATA, swap('.astype("float32") / 255', ' / 255.0'), (IMAGES,), "float32"),
    Sample("images_in_half_precision", DATA, swap('"float32") / 255', '"float16") / 255'), (IMAGES,), "float16"),
    Sample("images_not_scaled", DATA, swap(" / 255", ""), (SCALED, DARK), "prepare_images"),
    Sample("divided_by_256", DATA, swap("/ 255", "/ 256"), (SCALED, DARK), "prepare_images"),
    Sample("scaled_to_minus_one", DATA, swap("/ 255", "/ 127.5 - 1"), (SCALED, DARK), "prepare_images"),
    Sample("ink_inverted", DATA, swap(' / 255', ' / -255 + 1'), (SCALED, DARK), "prepare_images"),
    Sample("divided_by_maximum", DATA, swap("/ 255", "/ images.max()"), (DARK,), "dark"),
    Sample("each_image_by_its_maximum", DATA, swap("/ 255", "/ images.max(axis=(1, 2)).reshape(-1, 1, 1, 1)"), (DARK,), "dark"),
    Sample(
        "images_changed_in_place",
        DATA,
        swap(
            'return images[..., np.newaxis].astype("float32") / 255',
            'result = images[..., np.newaxis].astype("float32") / 255\n    images[:] = 0\n    return result',
        ),
        (ALONE,),
        "`images` of prepare_images",
    ),
    Sample("labels_changed_in_place", DATA, swap('return np.eye(classes, dtype="float32")[labels]', 'rows = np.eye(classes, dtype="float32")[labels]\n    labels -= labels.min()\n    return rows'), (ALONE,), "`labels` of one_hot"),
    Sample("one_hot_shifted", DATA, swap('dtype="float32")[labels]', 'dtype="float32")[labels - 1]'), (ROWS, CLASSES), "one_hot"),
    Sample("one_hot_upside_down", DATA, swap('dtype="float32")[labels]', 'dtype="float32")[::-1][labels]'), (ROWS, CLASSES), "one_hot"),
    Sample("one_hot_transposed", DATA, swap('dtype="float32")[labels]', 'dtype="float32")[labels].T'), (ROWS, CLASSES), "(10, 3)"),
    Sample("one_hot_smoothed", DATA, swap('[labels]', '[labels] * 0.9 + 0.01'), (ROWS, CLASSES), "one_hot"),
    Sample("labels_left_whole", DATA, swap('np.eye(classes, dtype="float32")[labels]', 'labels'), (ROWS, CLASSES), "(3, 10)"),
    Sample("classes_ignored", DATA, swap("np.eye(classes,", "np.eye(10,"), (CLASSES,), "(5, 6)"),
    Sample("classes_from_labels", DATA, swap("np.eye(classes,", "np.eye(labels.max() + 1,"), (CLASSES,), "(5, 12)"),
    # arithmetic
    Sample("not_rounded_down", ARITHMETIC, swap("- kernel) // stride", "- kernel) / stride"), SIZES, "13"),
    Sample("rounded_up", ARITHMETIC, swap("return (size + added - kernel) // stride + 1", "return math.ceil((size + added - kernel) / stride) + 1"), SIZES, "13"),
    Sample("one_forgotten", ARITHMETIC, swap("// stride + 1", "// stride"), SIZES, "12"),
    Sample("kernel_forgotten", ARITHMETIC, swap("size + added - kernel", "size + added - 1"), SIZES, "13"),
    Sample("stride_ignored", ARITHMETIC, swap("- kernel) // stride", "- kernel) // 1"), SIZES, "26"),
    Sample("same_keeps_the_size", ARITHMETIC, swap("return math.ceil(size / stride)", "return size"), (SAME,), "same"),
    Sample("same_rounds_down", ARITHMETIC, swap("return math.ceil(size / stride)", "return size // stride"), (SAME,), "same"),
    Sample("same_like_valid", ARITHMETIC, compose(swap('if padding == "same":', "if False:"), swap('if padding == "valid" else', 'if padding in ("valid", "same") else')), (OF_BRIEF, SAME), "13"),
    Sample("same_by_default", ARITHMETIC, swap('stride: int = 1, padding: str | int = "valid"', 'stride: int = 1, padding: str | int = "same"'), (VALID,), "conv_output_size("),
    Sample("stride_two_by_default", ARITHMETIC, swap("stride: int = 1, padding", "stride: int = 2, padding"), (VALID,), "conv_output_size("),
    Sample("padding_once", ARITHMETIC, swap("2 * int(padding)", "int(padding)"), (PADDED,), "padding"),
    Sample("padding_ignored", ARITHMETIC, swap("2 * int(padding)", "0"), (PADDED,), "padding"),
    Sample("sizes_printed_only", ARITHMETIC, swap("return (size + added - kernel) // stride + 1", "print((size + added - kernel) // stride + 1)"), SIZES, "None"),
    Sample("bias_forgotten", ARITHMETIC, swap("(1 if bias else 0)", "0"), (COUNTS, RECTANGULAR), "640"),
    Sample("one_bias_for_all", ARITHMETIC, swap("(height * width * channels + (1 if bias else 0)) * filters", "height * width * channels * filters + (1 if bias else 0)"), (COUNTS, RECTANGULAR), "577"),
    Sample("bias_always", ARITHMETIC, swap("(1 if bias else 0)", "1"), (NO_BIAS,), "bias=False"),
    Sample("bias_off_by_default", ARITHMETIC, swap("bias: bool = True", "bias: bool = False"), (COUNTS, RECTANGULAR), "576"),
    Sample("channels_forgotten", ARITHMETIC, swap("height * width * channels", "height * width"), (COUNTS, RECTANGULAR, NO_BIAS), "8224"),
    Sample("square_kernels_only", ARITHMETIC, swap("if isinstance(kernel, int) else kernel", "if isinstance(kernel, int) else (kernel[0], kernel[0])"), (RECTANGULAR, NO_BIAS), "conv_parameters(("),
    Sample("kernel_sides_added", ARITHMETIC, swap("height * width * channels", "(height + width) * channels"), (COUNTS, RECTANGULAR, NO_BIAS), "640"),
    # architecture
    Sample("first_strides_forgotten", ARCHITECTURE, swap("strides=(2, 2), ", ""), ("architecture.first_convolution",), "strides of the first Conv2D"),
    Sample("pool_strides_forgotten", ARCHITECTURE, swap("MaxPooling2D(pool_size=(2, 2), strides=(1, 1))", "MaxPooling2D(pool_size=(2, 2))"), ("architecture.max_pooling",), "strides"),
    Sample("dropout_rates_swapped", ARCHITECTURE, compose(swap("Dropout(0.35)", "Dropout(0.50)"), swap("Dropout(0.5)", "Dropout(0.35)")), ("architecture.first_dropout", "architecture.second_dropout"), "0.35"),
    Sample("sigmoid_for_softmax", ARCHITECTURE, swap("softmax", "sigmoid"), ("architecture.output_dense",), "activation"),
    Sample("logits_without_a_word", ARCHITECTURE, swap(', activation="softmax"', ""), ("architecture.output_dense",), "activation of the second Dense"),
    Sample("softmax_along_the_batch", ARCHITECTURE, swap('layers.Dense(10, activation="softmax"),', 'layers.Dense(10),\n            layers.Softmax(axis=0),'), ("architecture.output_dense", "architecture.nothing_else"), "activation of the second Dense"),
    Sample(
        "weights_shared",
        ARCHITECTURE,
        replace_cell("""
def build_convnet():
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(64, 3, strides=2, activation="relu")(image)
    x = layers.Conv2D(32, 2, padding="same", activation="relu")(x)
    x = layers.Dropout(0.35)(layers.MaxPooling2D(2, strides=1)(x))
    hidden, last = layers.Dense(256, activation="tanh"), layers.Dense(10, activation="softmax")
    flat = layers.Flatten()(x)
    both = layers.Add()([hidden(flat), hidden(layers.Dropout(0.1)(flat))])
    return keras.Model(image, last(layers.Dropout(0.5)(both)))
"""),
        ("architecture.nothing_else",),
        "Add",
    ),
    Sample("a_list_of_layers", ARCHITECTURE, swap("return keras.Sequential(\n        [", "return (\n        ["), NETWORK_CHECKS, "Sequential"),
    Sample("network_raises", ARCHITECTURE, swap("layers.Dense(256,", "layers.Dense(units,"), NETWORK_CHECKS, ("units", "NameError")),
    Sample("network_not_written", ARCHITECTURE, replace_cell("def build_convnet():\n    raise NotImplementedError()"), NETWORK_CHECKS, "`build_convnet` is not written yet"),
    # training
    Sample("sparse_loss", TRAINING, swap('"categorical_crossentropy"', '"sparse_categorical_crossentropy"'), (LOSS,), "loss"),
    Sample("squared_error", TRAINING, swap('"categorical_crossentropy"', '"mean_squared_error"'), (LOSS,), "mean_squared_error"),
    Sample("binary_loss", TRAINING, swap('"categorical_crossentropy"', '"binary_crossentropy"'), (LOSS,), "binary_crossentropy"),
    Sample("loss_forgotten", TRAINING, swap('loss="categorical_crossentropy", ', ""), (LOSS,), "loss"),
    Sample("labels_smoothed", TRAINING, swap('loss="categorical_crossentropy"', "loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1)"), (LOSS,), "label_smoothing"),
    Sample("from_logits", TRAINING, swap('loss="categorical_crossentropy"', "loss=keras.losses.CategoricalCrossentropy(from_logits=True)"), (LOSS,), "1.461"),
    Sample("metrics_by_position", TRAINING, swap(COMPILE, 'network.compile(optimizer, "categorical_crossentropy", ["accuracy"])'), (LOSS,), "string"),
    Sample("always_adam", TRAINING, swap("optimizer=optimizer", 'optimizer="adam"'), (GIVEN, OBJECTS), "adadelta"),
    Sample("another_learning_rate", TRAINING, swap("optimizer=optimizer", 'optimizer=keras.optimizers.get({"class_name": optimizer, "config": {"learning_rate": 0.005}}) if isinstance(optimizer, str) else optimizer'), (GIVEN,), ("learning_rate", '"adam"', "0.001", "0.005", "5 times")),
    Sample("adadelta_mended", TRAINING, swap("optimizer=optimizer", 'optimizer=keras.optimizers.Adadelta(1.0) if optimizer == "adadelta" else optimizer'), (GIVEN,), ("learning_rate", "adadelta", "1000 times")),
    Sample("momentum_added", TRAINING, swap("optimizer=optimizer", 'optimizer=keras.optimizers.SGD(momentum=0.9) if optimizer == "sgd" else optimizer'), (GIVEN,), ("momentum", "sgd", "0.9")),
    Sample("gradients_clipped", TRAINING, swap("optimizer=optimizer", 'optimizer=keras.optimizers.Adam(clipnorm=1.0) if optimizer == "adam" else optimizer'), (GIVEN,), ("clipnorm", "adam", "none")),
    Sample("names_only", TRAINING, swap("optimizer=optimizer", "optimizer=optimizer.lower()"), (OBJECTS,), "lower"),
    Sample("settings_of_objects_lost", TRAINING, swap("optimizer=optimizer", "optimizer=optimizer if isinstance(optimizer, str) else optimizer.name"), (OBJECTS,), "learning_rate"),
    Sample("epochs_ignored", TRAINING, swap("epochs=epochs, ", "epochs=10, "), (EPOCHS,), "4 epochs"),
    Sample("one_epoch", TRAINING, swap("epochs=epochs, ", ""), (EPOCHS,), ("4 epochs", "1 epoch")),
    Sample("one_epoch_again_and_again", TRAINING, swap(FIT, "for _ in range(epochs):\n        history = network.fit(train, validation_data=val, callbacks=list(callbacks), verbose=0)\n    return history"), (EPOCHS,), ("4 epochs", "1 epoch")),
    Sample("one_step_an_epoch", TRAINING, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=1, "), (EPOCHS,), "steps_per_epoch"),
    Sample("fifty_steps_an_epoch", TRAINING, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=50, "), (EPOCHS,), ("steps_per_epoch", "50")),
    Sample("steps_of_the_notebooks_data", TRAINING, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=55_000 // 128, "), (EPOCHS,), ("steps_per_epoch", "429")),
    Sample("ten_steps_of_validation", TRAINING, swap("validation_data=val", "validation_data=val, validation_steps=10"), (VALIDATES,), "validation_steps"),
    Sample("trains_on_validation_data", TRAINING, swap("network.fit(train, ", "network.fit(val, "), (EPOCHS,), "`val`"),
    Sample("trains_on_one_batch", TRAINING, swap("network.fit(train, ", "network.fit(*train[0], "), (EPOCHS,), "training data"),
    Sample("classes_weighted", TRAINING, swap("epochs=epochs, ", "epochs=epochs, class_weight={k: 1.0 + k for k in range(10)}, "), (EPOCHS,), "class_weight"),
    Sample("validation_forgotten", TRAINING, swap("validation_data=val, ", ""), (VALIDATES,), "val_loss"),
    Sample("validates_on_training_data", TRAINING, swap("validation_data=val", "validation_data=train"), (VALIDATES,), "training data"),
    Sample("validates_now_and_then", TRAINING, swap("validation_data=val", "validation_data=val, validation_freq=2"), (VALIDATES,), "validation_freq"),
    Sample("validates_on_one_batch", TRAINING, swap("validation_data=val", "validation_data=val, validation_steps=1"), (VALIDATES,), "validation_steps"),
    Sample("callbacks_forgotten", TRAINING, swap("callbacks=list(callbacks), ", ""), (CALLBACKS,), "callbacks"),
    Sample("callbacks_of_its_own", TRAINING, swap("callbacks=list(callbacks)", "callbacks=[keras.callbacks.TerminateOnNaN()]"), (CALLBACKS,), "callbacks"),
    Sample("history_forgotten", TRAINING, swap("return network.fit", "network.fit"), (HISTORY,), "None"),
    Sample("dictionary_returned", TRAINING, swap("verbose=0)", "verbose=0).history"), (HISTORY,), "history.history"),
    Sample("network_returned", TRAINING, swap(FIT, FIT.replace("return ", "") + "\n    return network"), (HISTORY,), "History"),
    Sample("history_of_another_network", TRAINING, swap(FIT, 'other = build_convnet()\n    other.compile("adam", "categorical_crossentropy")\n    history = other.fit(train, epochs=epochs, verbose=0)\n    ' + FIT.replace("return ", "") + "\n    return history"), (HISTORY,), "an earlier fit"),
    Sample("history_made_up", TRAINING, swap(FIT, FIT.replace("return ", "") + '\n    made = keras.callbacks.History()\n    made.history = {"loss": [1.0] * epochs, "val_loss": [1.0] * epochs}\n    return made'), (HISTORY,), "did not come from fit"),
    Sample("network_reused", TRAINING, compose(lambda source: "network = build_convnet()\n" + source, swap("    network = build_convnet()\n", "")), (FRESH,), "an earlier run"),
    Sample("weights_carried_over", TRAINING, compose(lambda source: "last = []\n\n\n" + source, swap("    network = build_convnet()\n", "    network = build_convnet()\n    if last:\n        network.set_weights(last[0].get_weights())\n    last[:] = [network]\n")), (FRESH,), "an earlier run"),
    Sample("not_compiled", TRAINING, swap("    " + COMPILE + "\n", ""), (LOSS, GIVEN, OBJECTS), "before compile"),
    Sample("never_trained", TRAINING, swap(FIT, "return keras.callbacks.History()"), TRAINING_CHECKS, "model.fit"),
    # records
    Sample("no_records", "", records=lambda records: {}, fails=(HOLD, COMPLETE, FALL, ENDS, REPAIR_HOLDS, OF_THIS, LEARNS), says="none"),
    Sample("one_run_only", "", records=lambda records: {"adam": records["adam"], REPAIRED: records[REPAIRED]}, fails=(COMPLETE, FALL, ENDS), says=("adam, adadelta, sgd", "found adam, adadelta_that_learns")),
    Sample("quick_mode_handed_in", "", records=change_record("sgd", images=12_000, loss=[1.0, 0.6, 0.5]), fails=(COMPLETE, FALL, ENDS), says=("sgd", "12,000")),
    Sample("too_few_epochs", "", records=change_record("adadelta", loss=[2.0, 1.9, 1.8]), fails=(COMPLETE, FALL, ENDS), says=("adadelta", "3 epochs")),
    Sample("some_images_only", "", records=change_record("adam", images=12_000), fails=(COMPLETE, FALL, ENDS), says=("adam", "12,000")),
    Sample("losses_not_numbers", "", records=change_record("sgd", loss=[float("nan")] * 10), fails=(FALL, ENDS), says=("sgd", "nan")),
    Sample("loss_does_not_fall", "", records=change_record("sgd", loss=[2.3] * 9 + [2.31]), fails=(FALL, ENDS), says=("sgd", "2.300", "2.310")),
    Sample("epochs_added", "", records=change_record("adam", loss=[0.2 * 0.8**epoch for epoch in range(11)]), fails=(HOLD, COMPLETE, FALL, ENDS), says=("adam", "11 epochs")),
    Sample("seed_of_another_student", "", records=change_record("sgd", assignment="mnist_convnet", student="audit", seed=1), fails=(HOLD, COMPLETE, FALL, ENDS), says=("sgd", "seed 1")),
    Sample("record_of_another_assignment", "", records=change_record("adadelta", assignment="chess"), fails=(HOLD, COMPLETE, FALL, ENDS), says=("adadelta", "'chess'")),
    Sample("typed_accuracy", "", records=change_record("adam", history={"loss": [0.2 * 0.8**epoch for epoch in range(10)], "val_accuracy": [0.9 + 0.0091 * epoch for epoch in range(10)]}, data={"validation": 5_000}), fails=(HOLD, COMPLETE, FALL, ENDS), says=("adam", "5,000 images")),
    Sample("adam_ends_high", "", records=change_record("adam", loss=[0.9 * 0.8**epoch for epoch in range(10)]), fails=(ENDS,), says=("adam", "0.121")),
    Sample("sgd_ends_like_adadelta", "", records=change_record("sgd", loss=[2.0 - 0.1 * epoch for epoch in range(10)]), fails=(ENDS,), says=("sgd", "well below", "1.100")),
    Sample("sgd_ends_like_adam", "", records=change_record("sgd", loss=[0.9 * 0.67**epoch for epoch in range(10)]), fails=(ENDS,), says=("sgd", "well above")),
    Sample("adadelta_ends_low", "", records=change_record("adadelta", loss=[2.0 * 0.85**epoch for epoch in range(10)]), fails=(ENDS,), says=("adadelta", "barely moves")),
    # curves
    Sample("only_one_curve", CURVES, swap("in zip(histories.items()", "in zip(list(histories.items())[:1]"), (CURVE, ANY), "adadelta"),
    Sample("accuracy_plotted", CURVES, swap('run.history["loss"]', 'run.history["accuracy"]'), (CURVE, ANY), "loss"),
    Sample("validation_plotted", CURVES, swap('run.history["loss"]', 'run.history["val_loss"]'), (CURVE, ANY), "loss"),
    Sample("logarithms_plotted", CURVES, swap('run.history["loss"]', 'list(np.log10(run.history["loss"]))'), (CURVE, LABELS, ANY), "loss"),
    Sample("scaled_to_the_first", CURVES, swap('run.history["loss"]', '[loss / run.history["loss"][0] for loss in run.history["loss"]]'), (CURVE, LABELS, ANY), "loss"),
    Sample("smoothed", CURVES, swap('run.history["loss"]', '[float(np.mean(run.history["loss"][max(0, k - 1) : k + 1])) for k in range(len(run.history["loss"]))]'), (CURVE, LABELS, ANY), "loss"),
    Sample("losses_summed_up", CURVES, swap('run.history["loss"]', 'list(np.cumsum(run.history["loss"]))'), (CURVE, LABELS, ANY), "loss"),
    Sample("last_epoch_left_out", CURVES, swap('run.history["loss"]', 'run.history["loss"][:-1]'), (CURVE, LABELS, ANY), "loss"),
    Sample("always_five_epochs", CURVES, swap('run.history["loss"]', 'run.history["loss"][:5]'), (ANY,), "epochs ("),
    Sample("axes_mixed_up", CURVES, swap("range(1, len(losses) + 1), losses,", "losses, range(1, len(losses) + 1),"), (CURVE, LABELS, ANY), "loss"),
    Sample("time_runs_backwards", CURVES, swap("range(1, len(losses) + 1), losses,", "range(len(losses), 0, -1), losses,"), (CURVE, ANY), "from left to right"),
    Sample("empty_figure", CURVES, swap(f"        {PLOT}\n", "        pass\n"), (CURVE, LABELS, ANY), "no curve"),
    Sample("bars_instead_of_curves", CURVES, swap(PLOT, "axes.bar(range(1, len(losses) + 1), losses, label=name)"), (CURVE, LABELS, ANY), "no curve"),
    Sample("figure_forgotten", CURVES, compose(swap("    return figure", "    plt.close(figure)")), (CURVE, LABELS, AXES, ANY), "expected a Matplotlib Figure, found None"),
    Sample("no_legend", CURVES, swap("    axes.legend()\n", ""), (LABELS,), "legend"),
    Sample("no_labels", CURVES, swap(", label=name", ""), (LABELS,), "label"),
    Sample("labels_mixed_up", CURVES, swap("label=name", "label=list(histories)[list(histories).index(name) - 1]"), (LABELS,), "adam"),
    Sample("one_label_for_all", CURVES, swap("label=name", 'label="loss"'), (LABELS,), "adam"),
    Sample("legend_without_names", CURVES, compose(swap(", label=name", ""), swap("axes.legend()", 'axes.legend(["first", "second", "third"])')), (LABELS,), "adam"),
    Sample("x_axis_unnamed", CURVES, swap('    axes.set_xlabel("epoch")\n', ""), (AXES,), "x axis"),
    Sample("y_axis_unnamed", CURVES, swap('    axes.set_ylabel("training loss (categorical cross-entropy)")\n', ""), (AXES,), "y axis"),
    Sample("names_fixed", CURVES, swap("in zip(histories.items()", 'in zip([(key, histories[key]) for key in ("adam", "adadelta", "sgd")]'), (ANY,), "adadelta"),
    Sample("histories_changed", CURVES, swap(PLOT, PLOT + "\n        losses.clear()"), (ANY,), "`histories`"),
    # repair
    Sample("default_rate", REPAIR, swap(RATE, ""), (ADADELTA, OF_THIS), "Keras's own"),
    Sample("another_optimizer_instead", REPAIR, swap("Adadelta(learning_rate=1.0)", "Adam()"), (ADADELTA, OF_THIS), "Adam"),
    Sample("name_returned", REPAIR, swap("keras.optimizers.Adadelta(learning_rate=1.0)", '"adadelta"'), (ADADELTA, OF_THIS), "an optimizer"),
    Sample("class_returned", REPAIR, swap("Adadelta(learning_rate=1.0)", "Adadelta"), (ADADELTA, OF_THIS), "an optimizer"),
    Sample("return_of_the_optimizer_forgotten", REPAIR, swap("return ", ""), (ADADELTA, OF_THIS), "None"),
    Sample("recorded_with_another_rate", REPAIR, swap(RATE, "learning_rate=0.5"), (OF_THIS,), ("learning_rate", "0.5")),
    Sample("recorded_with_adam", "", records=change_record(REPAIRED, optimizer={"name": "adam", "learning_rate": 0.001}), fails=(OF_THIS,), says="adam"),
    Sample("repair_not_recorded", "", records=lambda records: {name: run for name, run in records.items() if name != REPAIRED}, fails=(REPAIR_HOLDS, OF_THIS, LEARNS), says=REPAIRED),
    Sample("repair_contradicted", "", records=change_record(REPAIRED, assignment="chess"), fails=(REPAIR_HOLDS, OF_THIS, LEARNS), says="'chess'"),
    Sample("still_too_slow", "", records=change_record(REPAIRED, history={"loss": [1.0, 0.8, 0.6], "val_accuracy": [0.7, 0.8, 0.95]}), fails=(LEARNS,), says=("above 95%", "95.0%")),
    Sample("learns_after_more_epochs", "", records=change_record(REPAIRED, epochs=6, history={"loss": [1.0, 0.8, 0.6, 0.4, 0.3, 0.2], "val_accuracy": [0.7, 0.8, 0.9, 0.94, 0.96, 0.97]}), fails=(LEARNS,), says="90.0%"),
    # the networks that the rules make
    *network_mutants(TARGET),
]  # fmt: skip

# For the sample class, and for the sandbox: not a mistake in one exercise but a notebook that misbehaves.
ENDLESS_LOOP = Sample("endless_loop", CURVES, lambda source: source + "\n\nwhile True:\n    pass")
RAISES = Sample("raises", ARITHMETIC, replace_cell("raise RuntimeError('I gave up here')"))
EXITS = Sample("exits", TRAINING, lambda source: source + "\n\nimport os\nos._exit(3)")
