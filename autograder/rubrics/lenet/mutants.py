# ruff: noqa: E501 -- a table reads best a line a mutant
"""Wrong answers, each with the checks that it must fail, and no others: a rubric that passes one is not finished."""

from dataclasses import replace

from autograder.audit.network_mutants import Target, network_mutants
from autograder.audit.samples import CellChange, Sample, change_record, compose, replace_cell, swap
from autograder.audit.training_mutants import COMPILE, FIT, training_mutants
from cnnkit.assignments.lenet.brief import BRIEF, MAX_BRIEF, NETWORK

DATA = "data_solution"
TABLE = "table_solution"
MEND = "mend_solution"
ARCHITECTURE = "architecture_solution"
POOLING = "pooling_solution"
FIELD = "field_solution"
TRAINING = "training_solution"
MAPS = "maps_solution"

SHAPE = "data.padded_shape"
PADDED = "data.padded_values"
KEPT = "data.type_and_argument_kept"

FORM = "table.table_form"
MAP_SHAPES = "table.shapes_of_maps"
VECTORS = "table.shapes_of_vectors"
CONVOLUTIONS = "table.parameters_of_convolutions"
DENSES = "table.parameters_of_dense_layers"
OTHERS = "table.parameters_of_the_others"
WHOLE_TABLE = (FORM, MAP_SHAPES, VECTORS, CONVOLUTIONS, DENSES, OTHERS)

LINES = "mend.lines_form"
FOUND = "mend.mistakes_found"
ALONE = "mend.right_lines_left_alone"

MAX = "architecture.max_pooling"

EXAMPLE = "pooling.pools_the_example"
CHANNELS = "pooling.several_channels"
STRIDES = "pooling.size_and_stride_differ"
WHOLE = "pooling.whole_numbers"

LENET = "field.field_of_lenet"
PRODUCT = "field.strides_multiply"
FEW = "field.few_layers"

PASSED_ON = "training.pooling_passed_on"
HOLD = "training.records_hold"
COMPLETE = "training.records_complete"
FALL = "training.losses_fall"
FRESH = "training.fresh_network"
TRAINING_CHECKS = (
    "training.loss_is_crossentropy",
    "training.optimizer_is_adam",
    "training.trains_for_epochs",
    "training.validates",
    "training.passes_callbacks",
    "training.returns_history",
    FRESH,
    PASSED_ON,
)

MAPS_SHAPES = "maps.shapes_of_the_maps"
VALUES = "maps.values_of_the_maps"
ANY = "maps.any_network"

TARGET = Target(
    NETWORK,
    ARCHITECTURE,
    BRIEF,
    layers=(
        "architecture.first_convolution",
        "architecture.first_pooling",
        "architecture.second_convolution",
        "architecture.second_pooling",
        "architecture.flatten",
        "architecture.first_dense",
        "architecture.second_dense",
        "architecture.output_dense",
    ),
    input="architecture.input",
    others="architecture.nothing_else",
)

NETWORK_CHECKS = (TARGET.input, *TARGET.layers, TARGET.others, MAX)
"""Checks that fail if there is no network at all; the training is then watched with the specified one."""


def only_for(pooling: str, change: CellChange) -> CellChange:
    """Make build_lenet wrong for one pooling, and the reference for the other.

    Args:
        pooling: the one for which it is wrong.
        change: gives a function `build_lenet()` without arguments.
    """

    def change_both(source: str) -> str:
        wrong = change(source).replace(f"def {NETWORK}():", "def wrong_lenet():", 1)
        right = source.replace(f"def {NETWORK}(", "def right_lenet(", 1)
        return (
            f"{wrong}\n\n\n{right}\n\n\n"
            f'def {NETWORK}(pooling="average"):\n'
            f'    return wrong_lenet() if pooling == "{pooling}" else right_lenet(pooling)'
        )

    return change_both


def wrong_averages() -> list[Sample]:
    """Networks that the rules make of the specification, with max pooling as it should be."""
    return [replace(sample, change=only_for("average", sample.change)) for sample in network_mutants(TARGET)]


def wrong_maxima() -> list[Sample]:
    """Networks that the rules make of build_lenet("max"), with average pooling as it should be."""
    target = replace(TARGET, brief=MAX_BRIEF.network)
    pooling = (TARGET.layers[1], TARGET.layers[3])
    return [
        replace(
            sample,
            name=f"max_{sample.name}",
            change=only_for("max", sample.change),
            fails=(MAX,),
            answer=None,
        )
        for sample in network_mutants(target)
        # the argument chooses the pooling layers only; a layer that has moved is named differently there
        if sample.fails[0] in pooling and len(sample.fails) == 1 and "swapped" not in sample.name
    ]


MUTANTS = [
    # data
    Sample("channels_padded", DATA, swap("(2, 2), (2, 2), (0, 0)", "(2, 2), (2, 2), (1, 1)"), (SHAPE, PADDED), "(5, 32, 32, 3)"),
    Sample("images_padded", DATA, swap("((0, 0), (2, 2)", "((2, 2), (2, 2)"), (SHAPE, PADDED), "(9, 32, 32, 1)"),
    Sample("everything_padded", DATA, swap("((0, 0), (2, 2), (2, 2), (0, 0))", "2"), (SHAPE, PADDED), "(9, 32, 32, 5)"),
    Sample("one_pixel_only", DATA, swap("(2, 2), (2, 2)", "(1, 1), (1, 1)"), (SHAPE, PADDED), "(5, 30, 30, 1)"),
    Sample("four_pixels_each_side", DATA, swap("(2, 2), (2, 2)", "(4, 4), (4, 4)"), (SHAPE, PADDED), "(5, 36, 36, 1)"),
    Sample("padding_forgotten", DATA, swap("return np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))", "return images"), (SHAPE, PADDED), "(5, 28, 28, 1)"),
    Sample("channels_lost", DATA, swap("return np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))", "return np.pad(images[..., 0], ((0, 0), (2, 2), (2, 2)))"), (SHAPE,), "(5, 32, 32)"),
    Sample("in_the_corner", DATA, swap("(2, 2), (2, 2)", "(0, 4), (0, 4)"), (PADDED,), "[0, 0, 0, 0]"),
    Sample("a_little_off_the_middle", DATA, swap("(2, 2), (2, 2)", "(1, 3), (2, 2)"), (PADDED,), "expected 0"),
    Sample("border_of_ones", DATA, swap("(0, 0)))", "(0, 0)), constant_values=1)"), (PADDED,), "expected 0"),
    Sample("border_repeats_the_edge", DATA, swap("(0, 0)))", '(0, 0)), mode="edge")'), (PADDED,), "expected 0"),
    Sample("stretched", DATA, swap("return np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))", "return tf.image.resize(images, (32, 32)).numpy().astype(images.dtype)"), (PADDED,), "expected 0"),
    Sample("images_scaled_too", DATA, compose(swap("return np.pad(images,", "return np.pad(images / np.float32(255),")), (PADDED, KEPT), "[0, 2, 2, 0]"),
    Sample("zeros_of_another_type", DATA, replace_cell("def pad_to_32(images):\n    padded = np.zeros((len(images), 32, 32, 1))\n    padded[:, 2:30, 2:30] = images\n    return padded"), (KEPT,), ("uint8", "float64")),
    Sample("images_changed", DATA, swap("    return np.pad", "    images *= 1\n    images[:, 0] = 0\n    return np.pad"), (PADDED, KEPT), "[0, 2, 2, 0]"),
    Sample("return_forgotten", DATA, swap("return np.pad", "np.pad"), (SHAPE, PADDED), "None"),
    Sample("images_emptied_afterwards", DATA, swap("    return np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))", "    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))\n    images[:] = 0\n    return padded"), (KEPT,), "`images`"),
    # table
    Sample("a_row_left_out", TABLE, swap("        ((400,), 0),\n", ""), WHOLE_TABLE, ("8 rows", "7")),
    Sample("an_input_row", TABLE, swap("        ((28, 28, 6),", "        ((32, 32, 1), 0),\n        ((28, 28, 6),"), WHOLE_TABLE, "9"),
    Sample("parameters_only", TABLE, replace_cell("def lenet_table():\n    return [156, 0, 2416, 0, 0, 48120, 10164, 850]"), WHOLE_TABLE, "a pair"),
    Sample("two_lists", TABLE, replace_cell("def lenet_table():\n    return [28, 14, 10, 5, 400, 120, 84, 10], [156, 0, 2416, 0, 0, 48120, 10164, 850]"), WHOLE_TABLE, "2"),
    Sample("shapes_as_text", TABLE, swap("((28, 28, 6),", '("28x28x6",'), WHOLE_TABLE, "28x28x6"),
    Sample("total_only", TABLE, replace_cell("def lenet_table():\n    return 61706"), WHOLE_TABLE, "61706"),
    Sample("table_printed_only", TABLE, swap("return [", "table = ["), WHOLE_TABLE, "None"),
    Sample("same_padding_in_mind", TABLE, compose(swap("((28, 28, 6)", "((32, 32, 6)"), swap("((14, 14, 6)", "((16, 16, 6)")), (MAP_SHAPES,), ("row 1", "32×32×6")),
    Sample("channels_of_the_input", TABLE, swap("((28, 28, 6)", "((28, 28, 1)"), (MAP_SHAPES,), "row 1"),
    Sample("pooling_halves_the_channels", TABLE, swap("((14, 14, 6)", "((14, 14, 3)"), (MAP_SHAPES,), ("row 2", "14×14×3")),
    Sample("second_size_one_off", TABLE, swap("((10, 10, 16)", "((11, 11, 16)"), (MAP_SHAPES,), "row 3"),
    Sample("channels_first", TABLE, swap("((5, 5, 16)", "((16, 5, 5)"), (MAP_SHAPES,), "row 4"),
    Sample("flatten_without_channels", TABLE, swap("((400,), 0)", "((25,), 0)"), (VECTORS,), ("row 5", "25")),
    Sample("flatten_forgotten", TABLE, swap("((400,), 0)", "((5, 5, 16), 0)"), (VECTORS,), "row 5"),
    Sample("dense_shape_is_a_matrix", TABLE, swap("((120,), ", "((400, 120), "), (VECTORS,), "row 6"),
    Sample("one_bias_for_all", TABLE, swap("(5 * 5 * 1 + 1) * 6", "5 * 5 * 1 * 6 + 1"), (CONVOLUTIONS,), ("row 1", "151")),
    Sample("bias_forgotten", TABLE, compose(swap("(5 * 5 * 1 + 1) * 6", "5 * 5 * 6"), swap("(5 * 5 * 6 + 1) * 16", "5 * 5 * 6 * 16"), swap(" + 120)", ")")), (CONVOLUTIONS, DENSES), "150"),
    Sample("input_channels_forgotten", TABLE, swap("(5 * 5 * 6 + 1) * 16", "(5 * 5 + 1) * 16"), (CONVOLUTIONS,), ("row 3", "416")),
    Sample("dense_without_bias", TABLE, swap("84 * 10 + 10", "84 * 10"), (DENSES,), ("row 8", "840")),
    Sample("dense_of_the_row_above", TABLE, swap("120 * 84 + 84", "400 * 84 + 84"), (DENSES,), ("row 7", "33684")),
    Sample("pooling_of_the_paper", TABLE, swap("((14, 14, 6), 0)", "((14, 14, 6), 12)"), (OTHERS,), ("row 2", "12")),
    Sample("flatten_has_weights", TABLE, swap("((400,), 0)", "((400,), 400)"), (OTHERS,), ("row 5", "400")),
    # mend
    Sample("lines_as_text", MEND, swap("[2, 6]", '["2", "6"]'), (LINES, FOUND, ALONE), "'2'"),
    Sample("lines_as_a_set", MEND, swap("[2, 6]", "{2, 6}"), (LINES, FOUND, ALONE), "expected a list of line numbers, found set"),
    Sample("line_zero", MEND, swap("[2, 6]", "[0, 2]"), (LINES, FOUND, ALONE), "0"),
    Sample("line_eleven", MEND, swap("[2, 6]", "[2, 11]"), (LINES, FOUND, ALONE), "11"),
    Sample("no_line", MEND, swap("[2, 6]", "[]"), (LINES, FOUND, ALONE), "none"),
    Sample("lines_printed_only", MEND, swap("return [2, 6]", "print(2, 6)"), (LINES, FOUND, ALONE), "None"),
    Sample("first_mistake_only", MEND, swap("[2, 6]", "[2]"), (FOUND,), ("2 of them", "1 among")),
    Sample("second_mistake_only", MEND, swap("[2, 6]", "[6, 7]"), (FOUND, ALONE), "1 among"),
    Sample("looks_unusual", MEND, swap("[2, 6]", "[3, 5]"), (FOUND, ALONE), "0 among"),
    Sample("a_right_line_too", MEND, swap("[2, 6]", "[2, 3, 6]"), (ALONE,), "1"),
    Sample("the_other_mistake_only", MEND, swap("[2, 6]", "6"), (FOUND,), ("2 of them", "1 among")),
    Sample("one_mistake_twice", MEND, swap("[2, 6]", "(2, 2)"), (FOUND,), "1 among"),
    Sample("all_lines", MEND, swap("[2, 6]", "list(range(1, 11))"), (FOUND, ALONE), "10 lines named"),
    Sample("half_of_the_lines", MEND, swap("[2, 6]", "np.arange(2, 8)"), (FOUND, ALONE), "6 lines named"),
    Sample("nearly_all_lines", MEND, swap("[2, 6]", "[1, 2, 4, 6, 8, 9, 10]"), (FOUND, ALONE), "7 lines named"),
    Sample("two_right_lines_too", MEND, swap("[2, 6]", "[2, 3, 5, 6]"), (ALONE,), "2"),
    Sample("every_line_but_a_mistake", MEND, swap("[2, 6]", "[1, 2, 3, 4, 5, 7, 8, 9, 10]"), (FOUND, ALONE), "1 among"),
    # architecture
    Sample("pooling_ignored", ARCHITECTURE, swap('{"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}[pooling]', "layers.AveragePooling2D"), (MAX,), ("MaxPooling2D", "AveragePooling2D")),
    Sample("max_in_the_first_place_only", ARCHITECTURE, swap("            pool(pool_size=(2, 2), strides=(2, 2)),\n            layers.Flatten(),", "            layers.AveragePooling2D(2),\n            layers.Flatten(),"), (MAX,), "AveragePooling2D"),
    Sample("max_has_another_stride", ARCHITECTURE, swap("            pool(pool_size=(2, 2), strides=(2, 2)),\n            layers.Flatten(),", '            pool(pool_size=(2, 2), strides=(2, 2) if pooling == "average" else (1, 1)),\n            layers.Flatten(),'), (MAX,), "strides"),
    Sample("max_with_relu", ARCHITECTURE, swap('layers.Dense(84, activation="tanh")', 'layers.Dense(84, activation="tanh" if pooling == "average" else "relu")'), (MAX,), "activation"),
    Sample("max_with_dropout", ARCHITECTURE, swap("            layers.Flatten(),\n", '            layers.Flatten(),\n            *([layers.Dropout(0.5)] if pooling == "max" else []),\n'), (MAX,), "Dropout"),
    Sample("max_by_default", ARCHITECTURE, swap('pooling: str = "average"', 'pooling: str = "max"'), ("architecture.first_pooling", "architecture.second_pooling"), "MaxPooling2D"),
    Sample("poolings_swapped", ARCHITECTURE, compose(swap('"average": layers.Average', '"average": layers.Max'), swap('"max": layers.Max', '"max": layers.Average')), ("architecture.first_pooling", "architecture.second_pooling", MAX), "MaxPooling2D"),
    Sample("max_is_an_unknown_word", ARCHITECTURE, swap('"max": layers', '"maximum": layers'), (MAX, *TRAINING_CHECKS), "KeyError"),
    Sample("relu_everywhere", ARCHITECTURE, lambda source: source.replace('"tanh"', '"relu"'), tuple(f"architecture.{check}" for check in ("first_convolution", "second_convolution", "first_dense", "second_dense")), ("activation", "tanh", "relu")),
    Sample("same_padding_twice", ARCHITECTURE, lambda source: source.replace('"valid"', '"same"'), ("architecture.first_convolution", "architecture.second_convolution"), "padding"),
    Sample("images_of_28", ARCHITECTURE, swap("(32, 32, 1)", "(28, 28, 1)"), ("architecture.input",), ("32×32×1", "28×28×1")),
    Sample("logits_without_a_word", ARCHITECTURE, swap(', activation="softmax"', ""), ("architecture.output_dense",), "activation"),
    Sample("kernel_of_three_for_120", ARCHITECTURE, swap('            layers.Flatten(),\n            layers.Dense(120, activation="tanh"),', '            layers.Conv2D(120, (3, 3), activation="tanh"),\n            layers.Flatten(),'), ("architecture.first_dense",), ("kernel_size", "(3, 3)")),
    Sample("convolution_without_tanh", ARCHITECTURE, swap('            layers.Flatten(),\n            layers.Dense(120, activation="tanh"),', "            layers.Conv2D(120, (5, 5)),\n            layers.Flatten(),"), ("architecture.first_dense",), "activation"),
    Sample("convolution_and_dense", ARCHITECTURE, swap('            layers.Flatten(),\n', '            layers.Conv2D(120, (5, 5), activation="tanh"),\n            layers.Flatten(),\n'), ("architecture.nothing_else",), ("extra", "Dense")),
    Sample("a_list_of_layers", ARCHITECTURE, swap("return keras.Sequential(\n        [", "return (\n        ["), NETWORK_CHECKS, "Sequential"),
    Sample("network_not_written", ARCHITECTURE, replace_cell('def build_lenet(pooling="average"):\n    raise NotImplementedError()'), NETWORK_CHECKS, "`build_lenet` is not written yet"),
    # pooling
    Sample("largest_instead", POOLING, swap("window.mean(", "window.max("), (EXAMPLE, CHANNELS, STRIDES, WHOLE), "4.25"),
    Sample("sum_instead", POOLING, swap("window.mean(", "window.sum("), (EXAMPLE, CHANNELS, STRIDES, WHOLE), "17"),
    Sample("every_second_pixel", POOLING, swap("window.mean(axis=(0, 1))", "x[i * stride, j * stride]"), (EXAMPLE, CHANNELS, STRIDES, WHOLE), "4.25"),
    Sample("channels_mixed", POOLING, swap("window.mean(axis=(0, 1))", "window.mean()"), (CHANNELS,), "value at"),
    Sample("channels_lost_on_the_way", POOLING, swap("return pooled", "return pooled[..., 0]"), (EXAMPLE, CHANNELS, STRIDES, WHOLE), "(2, 2, 1)"),
    Sample("first_channel_only", POOLING, swap("return pooled", "return pooled[..., :1]"), (CHANNELS,), "(3, 5, 1)"),
    Sample("stride_is_the_size", POOLING, swap("    height, width", "    stride = size\n    height, width"), (STRIDES,), "shape"),
    Sample("size_is_the_stride", POOLING, swap("    height, width", "    size = stride\n    height, width"), (STRIDES,), "average_pool"),
    Sample("always_two", POOLING, swap("    height, width", "    size = stride = 2\n    height, width"), (STRIDES,), "(9, 9, 1)"),
    Sample("windows_begin_at_i", POOLING, swap("i * stride : i * stride + size, j * stride : j * stride + size", "i : i + size, j : j + size"), (EXAMPLE, CHANNELS, STRIDES, WHOLE), "4.25"),
    Sample("windows_stick_out", POOLING, swap("((height - size) // stride + 1, (width - size) // stride + 1, channels)", "(-(-height // stride), -(-width // stride), channels)"), (STRIDES,), "shape"),
    Sample("one_window_forgotten", POOLING, swap("((height - size) // stride + 1,", "((height - size) // stride,"), (EXAMPLE, CHANNELS, STRIDES, WHOLE), "(1, 2, 1)"),
    Sample("square_images_only", POOLING, swap("(width - size) // stride + 1", "(height - size) // stride + 1"), (CHANNELS, WHOLE), "(3, 3, 3)"),
    Sample("means_put_into_whole_numbers", POOLING, swap("+ 1, channels))", "+ 1, channels), dtype=x.dtype)"), (WHOLE,), "value at"),
    Sample("rounded", POOLING, swap("return pooled", "return np.round(pooled)"), (EXAMPLE, CHANNELS, STRIDES, WHOLE), "4.25"),
    Sample("whole_division", POOLING, swap("window.mean(axis=(0, 1))", "window.sum(axis=(0, 1)) // (size * size)"), (EXAMPLE, CHANNELS, STRIDES, WHOLE), "4.25"),
    Sample("sum_overflows", POOLING, swap("window.mean(axis=(0, 1))", "sum(window[a, b] for a in range(size) for b in range(size)) / (size * size)"), (WHOLE,), "value at"),
    Sample("divided_by_four", POOLING, swap("window.mean(axis=(0, 1))", "window.sum(axis=(0, 1)) / 4"), (STRIDES,), "value at"),
    Sample("image_emptied", POOLING, swap("    return pooled", "    x[:] = 0\n    return pooled"), (WHOLE,), "`x`"),
    Sample("pooling_printed_only", POOLING, swap("return pooled", "print(pooled)"), (EXAMPLE, CHANNELS, STRIDES, WHOLE), "None"),
    # field
    Sample("strides_ignored", FIELD, swap("distance *= stride", "pass"), (LENET, PRODUCT), "14"),
    Sample("strides_added", FIELD, swap("distance *= stride", "distance += stride - 1"), (PRODUCT,), "receptive_field([("),
    Sample("last_stride_only", FIELD, swap("distance *= stride", "distance = stride"), (LENET, PRODUCT), "16"),
    Sample("its_own_stride_too", FIELD, swap("        field += (kernel - 1) * distance\n        distance *= stride", "        distance *= stride\n        field += (kernel - 1) * distance"), (LENET, PRODUCT, FEW), "6"),
    Sample("backward_formula_forward", FIELD, swap("        field += (kernel - 1) * distance\n        distance *= stride", "        field = stride * field + kernel - stride"), (LENET, PRODUCT), ("6", "[(5, 1), (2, 2)]")),
    Sample("kernels_added", FIELD, swap("(kernel - 1) * distance", "kernel * distance"), (LENET, PRODUCT, FEW), "5"),
    Sample("begins_at_zero", FIELD, swap("field, distance = 1, 1", "field, distance = 0, 1"), (LENET, PRODUCT, FEW), "4"),
    Sample("output_stride_returned", FIELD, swap("return field", "return distance"), (LENET, PRODUCT, FEW), "5"),
    Sample("first_layer_needed", FIELD, swap("    field, distance = 1, 1", "    layers[0]\n    field, distance = 1, 1"), (FEW,), "IndexError"),
    Sample("known_by_heart", FIELD, replace_cell("def receptive_field(layers):\n    return {1: 5, 2: 6, 3: 14, 4: 16}[len(layers)]"), (PRODUCT, FEW), "receptive_field([("),
    Sample("no_layer_no_pixel", FIELD, swap("    field, distance = 1, 1", "    if not layers:\n        return 0\n    field, distance = 1, 1"), (FEW,), "receptive_field([])"),
    Sample("last_layer_left_out", FIELD, swap("in layers:", "in layers[:-1]:"), (LENET, PRODUCT, FEW), "5"),
    # training
    *training_mutants(TRAINING, "build_lenet(pooling)"),
    Sample("pooling_not_passed_on", TRAINING, swap("build_lenet(pooling)", "build_lenet()"), (PASSED_ON,), ('train_lenet("max", ...)', "MaxPooling2D")),
    Sample("always_max", TRAINING, swap("build_lenet(pooling)", 'build_lenet("max")'), (PASSED_ON,), ("train_lenet", '("average", ...)', "AveragePooling2D")),
    Sample("poolings_mixed_up", TRAINING, swap("build_lenet(pooling)", 'build_lenet("max" if pooling == "average" else "average")'), (PASSED_ON,), 'train_lenet("max", ...)'),
    Sample("network_reused", TRAINING, compose(lambda source: "network = build_lenet()\n\n\n" + source, swap("    network = build_lenet(pooling)\n", "")), (FRESH, PASSED_ON), "an earlier run"),
    Sample("never_trained", TRAINING, swap(FIT, "return keras.callbacks.History()"), TRAINING_CHECKS, "model.fit"),
    Sample("sgd_for_max", TRAINING, swap(COMPILE, COMPILE.replace('"adam"', '"adam" if pooling == "average" else "sgd"')), ("training.optimizer_is_adam",), ('train_lenet("max", ...)', "sgd")),
    # records
    Sample("no_records", "", records=lambda records: {}, fails=(HOLD, COMPLETE, FALL), says="none"),
    Sample("one_run_only", "", records=lambda records: {"max": records["max"]}, fails=(COMPLETE, FALL), says=("average, max", "found max")),
    Sample("quick_mode_handed_in", "", records=change_record("max", images=12_000, loss=[1.0, 0.6, 0.5]), fails=(COMPLETE, FALL), says=("max", "12,000")),
    Sample("too_few_epochs", "", records=change_record("average", loss=[2.0, 1.9, 1.8]), fails=(COMPLETE, FALL), says=("average", "3 epochs")),
    Sample("seed_of_another_student", "", records=change_record("max", assignment="lenet", student="audit", seed=1), fails=(HOLD, COMPLETE, FALL), says=("max", "seed 1")),
    Sample("more_epochs_than_asked_for", "", records=change_record("max", epochs=2), fails=(HOLD, COMPLETE, FALL), says=("max", "asked for 2")),
    Sample("losses_not_numbers", "", records=change_record("max", loss=[float("nan")] * 10), fails=(FALL,), says=("max", "nan")),
    Sample("loss_does_not_fall", "", records=change_record("average", loss=[2.3] * 9 + [2.31]), fails=(FALL,), says=("average", "2.300", "2.310")),
    # maps
    Sample("first_convolution_only", MAPS, swap("for maps in inside(image[np.newaxis])]", "for maps in inside(image[np.newaxis])][:1]"), (MAPS_SHAPES, VALUES, ANY), ("2 arrays", "1")),
    Sample("all_layers", MAPS, swap(" if isinstance(layer, layers.Conv2D)", ""), (MAPS_SHAPES, VALUES, ANY), ("2 arrays", "8")),
    Sample("poolings_instead", MAPS, swap("layers.Conv2D)", "layers.AveragePooling2D)"), (MAPS_SHAPES, VALUES, ANY), "(14, 14, 6)"),
    Sample("positions_counted", MAPS, swap("[layer.output for layer in model.layers if isinstance(layer, layers.Conv2D)]", "[model.layers[0].output, model.layers[2].output]"), (ANY,), ("3 arrays", "2")),
    Sample("two_convolutions_only", MAPS, swap("layers.Conv2D)]", "layers.Conv2D)][:2]"), (ANY,), ("3 arrays", "2")),
    Sample("last_one_first", MAPS, swap("for maps in inside(image[np.newaxis])]", "for maps in reversed(inside(image[np.newaxis]))]"), (MAPS_SHAPES, VALUES, ANY), "(10, 10, 16)"),
    Sample("channels_in_front", MAPS, swap("np.array(maps)[0]", "np.moveaxis(np.array(maps)[0], -1, 0)"), (MAPS_SHAPES, VALUES, ANY), "(6, 28, 28)"),
    Sample("one_map_each", MAPS, swap("np.array(maps)[0]", "np.array(maps)[0, ..., 0]"), (MAPS_SHAPES, VALUES, ANY), "(28, 28)"),
    Sample("a_network_of_its_own", MAPS, swap("    outputs = [", "    model = build_lenet()\n    outputs = ["), (VALUES, ANY), "value at"),
    Sample("before_tanh", MAPS, swap("np.array(maps)[0]", "np.arctanh(np.clip(np.array(maps)[0], -0.999, 0.999))"), (MAPS_SHAPES, VALUES, ANY), "values of tanh"),
    Sample("weights_drawn_anew", MAPS, swap("    outputs = [", "    model = keras.models.clone_model(model)\n    outputs = ["), (MAPS_SHAPES, VALUES, ANY), "everywhere"),
    Sample("image_scaled_again", MAPS, swap("inside(image[np.newaxis])", "inside(image[np.newaxis] / 255)"), (VALUES, ANY), "value at"),
    Sample("image_turned", MAPS, swap("inside(image[np.newaxis])", "inside(image[np.newaxis, ::-1])"), (VALUES, ANY), "value at"),
    Sample("maps_scaled_for_the_picture", MAPS, swap("np.array(maps)[0]", "(np.array(maps)[0] + 1) / 2"), (VALUES, ANY), "value at"),
    Sample("images_of_lenet_only", MAPS, swap("image[np.newaxis]", "image.reshape(1, 32, 32, 1)"), (ANY,), "ValueError"),
    Sample("batch_axis_forgotten", MAPS, swap("inside(image[np.newaxis])", "inside(image)"), (MAPS_SHAPES, VALUES, ANY), "raised"),
    Sample("dropout_left_on", MAPS, swap("inside(image[np.newaxis])", "inside(image[np.newaxis], training=True)"), (ANY,), "value at"),
    Sample("a_model_returned", MAPS, swap("return [np.array(maps)[0] for maps in inside(image[np.newaxis])]", "return inside"), (MAPS_SHAPES, VALUES, ANY), "list of 2 arrays"),
    Sample("symbolic_outputs", MAPS, swap("return [np.array(maps)[0] for maps in inside(image[np.newaxis])]", "return outputs"), (MAPS_SHAPES, VALUES, ANY), "KerasTensor"),
    # the networks that the rules make
    *wrong_averages(),
    *wrong_maxima(),
]  # fmt: skip
