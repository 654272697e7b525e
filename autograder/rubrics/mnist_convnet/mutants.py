# ruff: noqa: E501 -- a table reads best a line a mutant
"""Wrong answers, each with the checks it must fail: a rubric that lets one pass is not finished."""

from autograder.samples import Sample, swap, written

DATA, ARITHMETIC, ARCHITECTURE, TRAINING, CURVES = (
    f"{exercise}_solution" for exercise in ("data", "arithmetic", "architecture", "training", "curves")
)

MUTANTS = [
    # data
    Sample("channel_axis_forgotten", DATA, swap("images[..., np.newaxis]", "images"), ("data.images_shape_and_type",), "(5, 28, 28, 1)"),
    Sample("images_as_float64", DATA, swap('.astype("float32") / 255', ' / 255.0'), ("data.images_shape_and_type",), "float32"),
    Sample("images_not_scaled", DATA, swap(" / 255", ""), ("data.images_scaled",), "prepare_images"),
    Sample("divided_by_maximum", DATA, swap("/ 255", "/ images.max()"), ("data.images_divided_by_255",), "dark"),
    Sample(
        "changed_in_place",
        DATA,
        swap(
            'return images[..., np.newaxis].astype("float32") / 255',
            'result = images[..., np.newaxis].astype("float32") / 255\n    images[:] = 0\n    return result',
        ),
        ("data.images_left_alone",),
        "images",
    ),
    Sample("one_hot_shifted", DATA, swap('dtype="float32")[labels]', 'dtype="float32")[labels - 1]'), ("data.one_hot_rows",), "one_hot"),
    Sample("classes_ignored", DATA, swap("np.eye(classes,", "np.eye(10,"), ("data.one_hot_classes",), "(5, 6)"),
    Sample("classes_from_labels", DATA, swap("np.eye(classes,", "np.eye(labels.max() + 1,"), ("data.one_hot_classes",), "(5, 12)"),
    # arithmetic
    Sample("not_rounded_down", ARITHMETIC, swap("- kernel) // stride", "- kernel) / stride"), ("arithmetic.output_size_of_the_brief", "arithmetic.output_size_valid", "arithmetic.output_size_padded"), "13"),
    Sample("rounded_up", ARITHMETIC, swap("return (size + added - kernel) // stride + 1", "return math.ceil((size + added - kernel) / stride) + 1"), ("arithmetic.output_size_of_the_brief", "arithmetic.output_size_valid", "arithmetic.output_size_padded"), "13"),
    Sample("same_keeps_the_size", ARITHMETIC, swap("return math.ceil(size / stride)", "return size"), ("arithmetic.output_size_same",), "same"),
    Sample("same_rounds_down", ARITHMETIC, swap("return math.ceil(size / stride)", "return size // stride"), ("arithmetic.output_size_same",), "same"),
    Sample("padding_once", ARITHMETIC, swap("2 * int(padding)", "int(padding)"), ("arithmetic.output_size_padded",), "padding"),
    Sample("bias_forgotten", ARITHMETIC, swap("(1 if bias else 0)", "0"), ("arithmetic.parameters_of_the_brief", "arithmetic.parameters_rectangular"), "640"),
    Sample("bias_always", ARITHMETIC, swap("(1 if bias else 0)", "1"), ("arithmetic.parameters_without_bias",), "bias=False"),
    Sample("square_kernels_only", ARITHMETIC, swap("if isinstance(kernel, int) else kernel", "if isinstance(kernel, int) else (kernel[0], kernel[0])"), ("arithmetic.parameters_rectangular", "arithmetic.parameters_without_bias"), "(5, 3)"),
    # architecture
    Sample("first_strides_forgotten", ARCHITECTURE, swap("strides=(2, 2), ", ""), ("architecture.first_convolution",), "strides of the first Conv2D"),
    Sample("first_convolution_same", ARCHITECTURE, swap('padding="valid"', 'padding="same"'), ("architecture.first_convolution",), "padding of the first Conv2D"),
    Sample("second_convolution_valid", ARCHITECTURE, swap('padding="same"', 'padding="valid"'), ("architecture.second_convolution",), "padding of the second Conv2D"),
    Sample("pool_strides_forgotten", ARCHITECTURE, swap("MaxPooling2D(pool_size=(2, 2), strides=(1, 1))", "MaxPooling2D(pool_size=(2, 2))"), ("architecture.max_pooling",), "strides"),
    Sample("average_pooling", ARCHITECTURE, swap("MaxPooling2D", "AveragePooling2D"), ("architecture.max_pooling",), "AveragePooling2D"),
    Sample("dropout_rates_swapped", ARCHITECTURE, lambda source: swap("Dropout(0.5)", "Dropout(0.35)")(swap("Dropout(0.35)", "Dropout(0.50)")(source)), ("architecture.first_dropout", "architecture.second_dropout"), "0.35"),
    Sample("global_pooling", ARCHITECTURE, swap("layers.Flatten()", "layers.GlobalAveragePooling2D()"), ("architecture.flatten",), "Flatten"),
    Sample("relu_for_tanh", ARCHITECTURE, swap('activation="tanh"', 'activation="relu"'), ("architecture.hidden_dense",), "activation"),
    Sample("sigmoid_for_softmax", ARCHITECTURE, swap("softmax", "sigmoid"), ("architecture.output_dense",), "activation"),
    Sample("batch_normalization_added", ARCHITECTURE, swap("layers.Flatten(),", "layers.BatchNormalization(),\n            layers.Flatten(),"), ("architecture.nothing_else",), "BatchNormalization"),
    Sample("input_32", ARCHITECTURE, swap("shape=(28, 28, 1)", "shape=(32, 32, 1)"), ("architecture.input",), "32×32×1"),
    # training
    Sample("sparse_loss", TRAINING, swap('"categorical_crossentropy"', '"sparse_categorical_crossentropy"'), ("training.loss_is_crossentropy",), "loss"),
    Sample("from_logits", TRAINING, swap('loss="categorical_crossentropy"', "loss=keras.losses.CategoricalCrossentropy(from_logits=True)"), ("training.loss_is_crossentropy",), "1.461"),
    Sample("always_adam", TRAINING, swap("optimizer=optimizer", 'optimizer="adam"'), ("training.optimizer_is_the_given_one",), "adadelta"),
    Sample("epochs_ignored", TRAINING, swap("epochs=epochs, ", "epochs=10, "), ("training.trains_for_epochs",), "4 epochs"),
    Sample("one_step_an_epoch", TRAINING, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=1, "), ("training.trains_for_epochs",), "steps_per_epoch"),
    Sample("validation_forgotten", TRAINING, swap("validation_data=val, ", ""), ("training.validates",), "val_loss"),
    Sample("validates_on_training_data", TRAINING, swap("validation_data=val", "validation_data=train"), ("training.validates",), "training data"),
    Sample("callbacks_forgotten", TRAINING, swap("callbacks=list(callbacks), ", ""), ("training.passes_callbacks",), "callbacks"),
    Sample("history_forgotten", TRAINING, swap("return network.fit", "network.fit"), ("training.returns_history",), "None"),
    Sample("network_reused", TRAINING, lambda source: "network = build_convnet()\n" + swap("    network = build_convnet()\n", "")(source), ("training.fresh_network",), "same one"),
    # curves
    Sample("only_one_curve", CURVES, swap("in zip(histories.items()", "in zip(list(histories.items())[:1]"), ("curves.one_curve_for_each", ), "adadelta"),
    Sample("accuracy_plotted", CURVES, swap('run.history["loss"]', 'run.history["accuracy"]'), ("curves.one_curve_for_each",), "loss"),
    Sample("validation_plotted", CURVES, swap('run.history["loss"]', 'run.history["val_loss"]'), ("curves.one_curve_for_each",), "loss"),
    Sample("empty_figure", CURVES, swap("        axes.plot(range(1, len(losses) + 1), losses, style, marker=\"o\", label=name)\n", "        pass\n"), ("curves.one_curve_for_each",), "no curve"),
    Sample("no_legend", CURVES, swap("    axes.legend()\n", ""), ("curves.curves_labelled",), "legend"),
    Sample("no_labels", CURVES, swap(", label=name", ""), ("curves.curves_labelled",), "label"),
    Sample("axes_unnamed", CURVES, swap('    axes.set_xlabel("epoch")\n', ""), ("curves.axes_named",), "x axis"),
    Sample("names_fixed", CURVES, swap("in zip(histories.items()", 'in zip([(key, histories[key]) for key in ("adam", "adadelta", "sgd")]'), ("curves.any_histories",), "adadelta"),
]  # fmt: skip

# For the sample class, and for the sandbox: not a mistake in one exercise but a notebook that misbehaves.
ENDLESS_LOOP = Sample("endless_loop", CURVES, lambda source: source + "\n\nwhile True:\n    pass")
RAISES = Sample("raises", ARITHMETIC, written("raise RuntimeError('I gave up here')"))
EXITS = Sample("exits", TRAINING, lambda source: source + "\n\nimport os\nos._exit(3)")
