# ruff: noqa: E501 -- a table reads best a line a mutant
"""Wrong answers, each with the checks that it must fail, and no others: a rubric that passes one is not finished."""

from autograder.audit.samples import CellChange, Sample, change_record, compose, replace_cell, swap

PREPROCESSING = "preprocessing_solution"
PARAMETERS = "parameters_solution"
MODEL = "model_solution"
FEATURES = "features_solution"
TRAINING = "training_solution"
UNFREEZING = "unfreezing_solution"

FORM = "preprocessing.prepared_form"
CENTRED = "preprocessing.mean_centred"
ONE = "preprocessing.minus_one_to_one"
ALONE = "preprocessing.images_left_alone"
ANY_CENTRED = "preprocessing.any_batch_centred"
ANY_RANGE = "preprocessing.any_batch_in_range"

NOTEBOOK = "parameters.heads_of_the_notebook"
GROWS = "parameters.flatten_grows_with_the_image"
ROUNDS = "parameters.halving_rounds_down"
STAYS = "parameters.the_mean_does_not_grow"

INPUT = "model.input"
BACKBONES = "model.backbones"
FROZEN = "model.backbone_frozen"
PIXELS = "model.pixels_as_prepared"
OF_VGG = "model.pooling_of_vgg"
OF_OTHERS = "model.pooling_of_others"
DENSE = "model.dense_layers"
WEIGHTS = "model.weights_passed_on"
WHOLE_MODEL = (INPUT, BACKBONES, FROZEN, PIXELS, OF_VGG, OF_OTHERS, DENSE, WEIGHTS)

SHAPE = "features.features_form"
VALUES = "features.values_outside_training"
EVERY = "features.every_image_in_its_place"
UNCHANGED = "features.images_left_alone"

LOSS = "training.loss_is_crossentropy"
ADAM = "training.optimizer_is_adam"
EPOCHS = "training.trains_for_epochs"
VALIDATES = "training.validates"
CALLBACKS = "training.passes_callbacks"
HISTORY = "training.returns_history"
FRESH = "training.fresh_head"
HEAD = "training.head_is_trained"
HOLD = "training.records_hold"
COMPLETE = "training.records_complete"
FALL = "training.losses_fall"
WATCHED = (LOSS, ADAM, EPOCHS, VALIDATES, CALLBACKS, HISTORY, FRESH, HEAD)

BLOCK = "unfreezing.last_block_trained"
AS_MANY = "unfreezing.as_many_as_asked"
KEPT = "unfreezing.weights_kept"
REST = "unfreezing.rest_is_frozen"
NORMAL = "unfreezing.normalisation_frozen"
STATISTICS = "unfreezing.statistics_unmoved"
AGAIN = "unfreezing.compiled_again"
ACCURACY = "unfreezing.adam_and_accuracy"
RATE = "unfreezing.small_learning_rate"
WHOLE_UNFREEZING = (BLOCK, AS_MANY, KEPT, REST, NORMAL, STATISTICS, AGAIN, ACCURACY, RATE)

BASE = "    base = getattr(keras.applications, backbone)(include_top=False, weights=weights, input_shape=input_shape)\n"
FREEZE = "    base.trainable = False\n"
FILE_BY_ADDRESS = """
    file = "mobilenet_1_0_224_tf_no_top.h5"
    if backbone != "MobileNet":
        file = backbone.lower() + "_weights_tf_dim_ordering_tf_kernels_notop.h5"
    folder = {"ResNet50": "resnet", "InceptionV3": "inception_v3"}.get(backbone, backbone.lower())
    path = keras.utils.get_file(file, "https://storage.googleapis.com/tensorflow/keras-applications/" + folder + "/" + file)
"""
POOL = 'layers.Flatten()(x) if backbone == "VGG16" else layers.GlobalAveragePooling2D()(x)'
HIDDEN = '    x = layers.Dense(128, activation="relu")(x)\n'
OUTPUT = 'layers.Dense(1, activation="sigmoid")(x)'
CALL = "base(inputs, training=False)"
PREDICT = "backbone.predict(images, batch_size=32, verbose=0)"
HEAD_POOL = 'layers.Flatten() if backbone == "VGG16" else layers.GlobalAveragePooling2D()'
COMPILE = 'compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])'
FIT = "return network.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks), verbose=0)"
QUIET = FIT.replace("return ", "")
SET = "        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)\n"
COMPILE_AGAIN = '    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])\n'
RETURN = "    return model"
MADE = "    network = keras.Sequential("


def to_pixels(step: str) -> CellChange:
    """Apply a step to the pixels before they reach the backbone."""
    return swap(CALL, f"base({step}, training=False)")


MUTANTS = [
    # preprocessing
    Sample("divided_by_255", PREPROCESSING, replace_cell('def preprocess(backbone, images):\n    return images.astype("float32") / 255'), (CENTRED, ONE, ANY_CENTRED, ANY_RANGE), ("VGG16", "expected -103.9")),
    Sample("rescaled_on_top", PREPROCESSING, swap('images.astype("float32")', 'images.astype("float32") / 255'), (CENTRED, ONE, ANY_CENTRED, ANY_RANGE), "VGG16"),
    Sample("one_range_for_all", PREPROCESSING, swap('("VGG16", "ResNet50")', "()"), (CENTRED, ANY_CENTRED), ("VGG16", "-103.9", "found 1")),
    Sample("means_for_all", PREPROCESSING, swap('if backbone in ("VGG16", "ResNet50")', "if True"), (ONE, ANY_RANGE), ("InceptionV3", "expected 1")),
    Sample("resnet_in_the_other_family", PREPROCESSING, swap('("VGG16", "ResNet50")', '("VGG16",)'), (CENTRED, ANY_CENTRED), "ResNet50"),
    Sample("mobilenet_in_the_other_family", PREPROCESSING, swap('("VGG16", "ResNet50")', '("VGG16", "ResNet50", "MobileNet")'), (ONE, ANY_RANGE), "MobileNet"),
    Sample("channels_not_turned", PREPROCESSING, swap("pixels[..., ::-1] - ", "pixels - "), (CENTRED, ANY_CENTRED), "expected -103.9"),
    Sample("channels_turned_for_all", PREPROCESSING, swap("pixels / 127.5 - 1", "pixels[..., ::-1] / 127.5 - 1"), (ONE, ANY_RANGE), "expected 1"),
    Sample("means_in_the_order_of_rgb", PREPROCESSING, swap("[103.939, 116.779, 123.68]", "[123.68, 116.779, 103.939]"), (CENTRED, ANY_CENTRED), "-123.68"),
    Sample("images_turned_instead", PREPROCESSING, swap("pixels[..., ::-1]", "pixels[:, :, ::-1]"), (CENTRED, ANY_CENTRED), "VGG16"),
    Sample("deviations_divided_too", PREPROCESSING, swap("return pixels[..., ::-1] - np.array([103.939, 116.779, 123.68], dtype=\"float32\")", "return (pixels[..., ::-1] - np.array([103.939, 116.779, 123.68], dtype=\"float32\")) / np.float32(57)"), (CENTRED, ANY_CENTRED), "-1.8"),
    Sample("zero_to_one", PREPROCESSING, swap("pixels / 127.5 - 1", "pixels / 255"), (ONE, ANY_RANGE), "expected -1"),
    Sample("zero_to_two", PREPROCESSING, swap("pixels / 127.5 - 1", "pixels / 127.5"), (ONE, ANY_RANGE), "expected 1"),
    Sample("half_and_half", PREPROCESSING, swap("pixels / 127.5 - 1", "pixels / 255 - 0.5"), (ONE, ANY_RANGE), "0.5"),
    Sample("minus_128", PREPROCESSING, swap("pixels / 127.5 - 1", "(pixels - 128) / 128"), (ONE, ANY_RANGE), "0.99"),
    Sample("whole_numbers_kept", PREPROCESSING, swap("return pixels / 127.5 - 1", "return (pixels / 127.5 - 1).astype(images.dtype)"), (FORM, ONE, ANY_RANGE), ("float32", "uint8")),
    Sample("double_precision", PREPROCESSING, swap('images.astype("float32")', 'images.astype("float64")'), (FORM,), "float64"),
    Sample("first_image_only", PREPROCESSING, swap('images.astype("float32")', 'images[:1].astype("float32")'), (FORM,), "(1, 4, 5, 3)"),
    Sample("channels_first", PREPROCESSING, swap("return pixels / 127.5 - 1", "return np.moveaxis(pixels / 127.5 - 1, -1, 1)"), (FORM, ONE, ANY_RANGE), "(2, 3, 4, 5)"),
    Sample("kerass_own_on_floats", PREPROCESSING, replace_cell('def preprocess(backbone, images):\n    if backbone in ("VGG16", "ResNet50"):\n        return keras.applications.vgg16.preprocess_input(images)\n    return keras.applications.mobilenet.preprocess_input(images)'), (ALONE,), "`images`"),
    Sample("no_copy_of_floats", PREPROCESSING, compose(swap('images.astype("float32")', 'images.astype("float32", copy=False)'), swap("return pixels / 127.5 - 1", "pixels /= 127.5\n    pixels -= 1\n    return pixels")), (ALONE,), "`images`"),
    Sample("nothing_returned", PREPROCESSING, swap("return pixels / 127.5 - 1", "pixels / 127.5 - 1"), (FORM, ONE, ANY_RANGE), "None"),
    # right for the four pixels that the notebook's check asks for, and for no others
    Sample("scaled_by_the_darkest_and_the_lightest", PREPROCESSING, swap("return pixels / 127.5 - 1", "return 2 * (pixels - pixels.min()) / (pixels.max() - pixels.min()) - 1"), (ANY_RANGE,), ("another batch", "same for every pixel")),
    Sample("scaled_by_the_lightest", PREPROCESSING, swap("return pixels / 127.5 - 1", "return 2 * pixels / pixels.max() - 1"), (ANY_RANGE,), "another batch"),
    Sample("scaled_channel_by_channel", PREPROCESSING, swap("return pixels / 127.5 - 1", "return pixels / pixels.max(axis=(0, 1, 2)).clip(200) * 2 - 1 if pixels.max() < 255 else pixels / 127.5 - 1"), (ANY_RANGE,), "another batch"),
    Sample("clipped_to_black_and_white", PREPROCESSING, swap("return pixels / 127.5 - 1", "return np.where(np.isin(images, (0, 10, 100, 128, 200, 255)), pixels / 127.5 - 1, np.sign(pixels - 127.5))"), (ANY_RANGE,), "another batch"),
    Sample("means_of_the_batch", PREPROCESSING, swap("- np.array([103.939, 116.779, 123.68], dtype=\"float32\")", "- (np.array([103.939, 116.779, 123.68], dtype=\"float32\") if pixels.max() == 255 else pixels[..., ::-1].mean(axis=(0, 1, 2)))"), (ANY_CENTRED,), "another batch"),
    Sample("a_table_of_the_four_pixels", PREPROCESSING, replace_cell("""
def preprocess(backbone, images):
    table = np.zeros((256, 3), "float32")
    for value in (0, 10, 100, 128, 200, 255):
        table[value] = value - np.array([103.939, 116.779, 123.68]) if backbone in ("VGG16", "ResNet50") else value / 127.5 - 1
    turned = images[..., ::-1] if backbone in ("VGG16", "ResNet50") else images
    return np.stack([table[turned[..., k].astype(int), k] for k in range(3)], axis=-1)
"""), (ANY_CENTRED, ANY_RANGE), "another batch"),
    # parameters
    Sample("hidden_bias_forgotten", PARAMETERS, swap("(places * channels + 1)", "(places * channels)"), (NOTEBOOK, GROWS, ROUNDS, STAYS), "VGG16"),
    Sample("last_bias_forgotten", PARAMETERS, swap("* 128 + 128 + 1", "* 128 + 128"), (NOTEBOOK, GROWS, ROUNDS, STAYS), "VGG16"),
    Sample("last_layer_forgotten", PARAMETERS, swap("* 128 + 128 + 1", "* 128"), (NOTEBOOK, GROWS, ROUNDS, STAYS), "VGG16"),
    Sample("mean_after_vgg_too", PARAMETERS, swap('(size // 32) ** 2 if backbone == "VGG16" else 1', "1"), (NOTEBOOK, GROWS, ROUNDS), "VGG16"),
    Sample("flatten_after_all", PARAMETERS, swap('(size // 32) ** 2 if backbone == "VGG16" else 1', "(size // 32) ** 2"), (NOTEBOOK, STAYS), "ResNet50"),
    Sample("width_forgotten", PARAMETERS, swap("(size // 32) ** 2", "size // 32"), (NOTEBOOK, GROWS, ROUNDS), "VGG16"),
    Sample("four_halvings", PARAMETERS, swap("size // 32", "size // 16"), (NOTEBOOK, GROWS, ROUNDS), "VGG16"),
    Sample("always_seven", PARAMETERS, swap("(size // 32) ** 2", "7 ** 2"), (NOTEBOOK, GROWS, ROUNDS), "VGG16"),
    Sample("always_three", PARAMETERS, swap("(size // 32) ** 2", "3 ** 2"), (GROWS, ROUNDS), "VGG16"),
    Sample("rounded_up", PARAMETERS, swap("size // 32", "-(-size // 32)"), (ROUNDS,), "VGG16"),
    Sample("fractions_of_a_place", PARAMETERS, swap("size // 32", "size / 32"), (ROUNDS,), "VGG16"),
    Sample("channels_of_mobilenet", PARAMETERS, swap('"MobileNet": 1024', '"MobileNet": 1280'), (NOTEBOOK, STAYS), "MobileNet"),
    Sample("channels_of_all_alike", PARAMETERS, swap('"VGG16": 512', '"VGG16": 2048'), (NOTEBOOK, GROWS, ROUNDS), "VGG16"),
    Sample("backbone_counted_too", PARAMETERS, swap("return (places", 'return {"VGG16": 14714688, "ResNet50": 23587712, "InceptionV3": 21802784, "MobileNet": 3228864}[backbone] + (places'), (NOTEBOOK, GROWS, ROUNDS, STAYS), "VGG16"),
    Sample("counts_as_text", PARAMETERS, swap("return (places * channels + 1) * 128 + 128 + 1", "return str((places * channels + 1) * 128 + 129)"), (NOTEBOOK, GROWS, ROUNDS, STAYS), "text"),
    Sample("counts_printed_only", PARAMETERS, swap("return (places * channels + 1) * 128 + 128 + 1", "print((places * channels + 1) * 128 + 129)"), (NOTEBOOK, GROWS, ROUNDS, STAYS), "None"),
    Sample("means_grow_with_the_image", PARAMETERS, swap("else 1\n", "else max(1, (size // 96) ** 2)\n"), (STAYS,), "ResNet50"),
    # model
    Sample("not_frozen", MODEL, swap(FREEZE, ""), (FROZEN,), ("VGG16", "14,714,688", "expected 0")),
    Sample("frozen_and_thawed_again", MODEL, swap(FREEZE, FREEZE + "    base.trainable = True\n"), (FROZEN,), "14,714,688"),
    Sample("training_false_is_not_frozen", MODEL, compose(swap(FREEZE, "    # training=False freezes it\n"), swap(CALL, "base(inputs, training=False)")), (FROZEN,), "14,714,688"),
    Sample("last_block_not_frozen", MODEL, swap(FREEZE, "    for layer in base.layers[:-4]:\n        layer.trainable = False\n"), (FROZEN,), "expected 0"),
    Sample("normalisation_not_frozen", MODEL, swap(FREEZE, "    for layer in base.layers:\n        layer.trainable = isinstance(layer, layers.BatchNormalization)\n"), (FROZEN,), ("ResNet50", "BatchNormalization", "running means")),
    Sample("convolutions_not_frozen", MODEL, swap(FREEZE, "    for layer in base.layers:\n        layer.trainable = not isinstance(layer, layers.BatchNormalization)\n"), (FROZEN,), "expected 0"),
    Sample("frozen_under_another_name", MODEL, swap(FREEZE, "    base.trainble = False\n"), (FROZEN,), "14,714,688"),
    Sample("whole_network_frozen", MODEL, swap(f"return keras.Model(inputs, {OUTPUT})", f"model = keras.Model(inputs, {OUTPUT})\n    model.trainable = False\n    return model"), (DENSE,), ("trainable", "frozen")),
    Sample("hidden_layer_frozen", MODEL, swap(HIDDEN, '    x = layers.Dense(128, activation="relu", trainable=False)(x)\n'), (DENSE,), "frozen"),
    Sample("always_vgg", MODEL, swap("getattr(keras.applications, backbone)", "keras.applications.VGG16"), (BACKBONES,), ("ResNet50", "VGG16")),
    Sample("resnet_of_another_depth", MODEL, swap("getattr(keras.applications, backbone)", 'getattr(keras.applications, backbone.replace("50", "101"))'), (BACKBONES,), ("ResNet50", "another network")),
    Sample("mobilenet_of_the_second_version", MODEL, swap("getattr(keras.applications, backbone)", 'getattr(keras.applications, backbone.replace("MobileNet", "MobileNetV2"))'), (BACKBONES,), ("MobileNet", "another network")),
    Sample("half_a_mobilenet", MODEL, swap(BASE, BASE.replace("input_shape=input_shape)", 'input_shape=input_shape, **({"alpha": 0.5} if backbone == "MobileNet" else {}))')), (BACKBONES,), "MobileNet"),
    Sample("last_block_cut_off", MODEL, swap(FREEZE, FREEZE + '    if backbone == "VGG16":\n        base = keras.Model(base.input, base.get_layer("block4_pool").output)\n'), (BACKBONES,), "VGG16"),
    Sample("with_its_top", MODEL, swap("include_top=False", "include_top=True"), (INPUT, BACKBONES, OF_OTHERS, WEIGHTS), ("MobileNet", "expected ndim=4")),
    Sample("vgg_with_its_top", MODEL, swap("include_top=False", 'include_top=backbone == "VGG16"'), (BACKBONES,), ("fc1", "predictions")),
    Sample("resnet_unknown", MODEL, swap("    base = getattr", '    backbone = {"ResNet50": "Resnet50"}.get(backbone, backbone)\n    base = getattr'), (BACKBONES,), ("ResNet50", "AttributeError")),
    Sample("flatten_after_all_of_them", MODEL, swap(POOL, "layers.Flatten()(x)"), (OF_OTHERS,), ("GlobalAveragePooling2D", "Flatten")),
    Sample("mean_after_all_of_them", MODEL, swap(POOL, "layers.GlobalAveragePooling2D()(x)"), (OF_VGG,), ("Flatten", "GlobalAveragePooling2D")),
    Sample("poolings_swapped", MODEL, swap('backbone == "VGG16" else', 'backbone != "VGG16" else'), (OF_VGG, OF_OTHERS), "Flatten"),
    Sample("largest_instead_of_mean", MODEL, swap("layers.GlobalAveragePooling2D()", "layers.GlobalMaxPooling2D()"), (OF_OTHERS,), ("GlobalAveragePooling2D", "GlobalMaxPooling2D")),
    Sample("no_pooling", MODEL, swap(f"    x = {POOL}\n", ""), (OF_VGG, OF_OTHERS), "Flatten"),
    Sample("top_kept_and_cut", MODEL, compose(swap("include_top=False, ", ""), swap(FREEZE, "    base = keras.Model(base.input, base.layers[-2].output)\n" + FREEZE), swap(f"    x = {POOL}\n", '    x = x if backbone == "VGG16" or len(x.shape) == 2 else layers.GlobalAveragePooling2D()(x)\n')), (BACKBONES,), ("without its top", "fc1", "fc2")),
    Sample("top_of_vgg_kept", MODEL, compose(swap("include_top=False, ", 'include_top=backbone == "VGG16", '), swap(f"    x = {POOL}\n", '    x = x if backbone == "VGG16" else layers.GlobalAveragePooling2D()(x)\n')), (BACKBONES,), ("fc1", "predictions")),
    Sample("top_of_mobilenet_cut_at_its_last_layer", MODEL, compose(swap("include_top=False, ", 'include_top=backbone == "MobileNet", '), swap(FREEZE, "    base = keras.Model(base.input, base.layers[-2].output) if backbone == \"MobileNet\" else base\n" + FREEZE), swap(f"    x = {POOL}\n", f'    x = x if len(x.shape) == 2 else {POOL}\n')), (BACKBONES,), "conv_preds"),
    Sample("hidden_layer_forgotten", MODEL, swap(HIDDEN, ""), (DENSE,), "Dense"),
    Sample("units_256", MODEL, swap("layers.Dense(128,", "layers.Dense(256,"), (DENSE,), ("units", "128", "256")),
    Sample("no_relu", MODEL, swap(HIDDEN, "    x = layers.Dense(128)(x)\n"), (DENSE,), "activation"),
    Sample("softmax_over_one", MODEL, swap('layers.Dense(1, activation="sigmoid")', 'layers.Dense(1, activation="softmax")'), (DENSE,), ("sigmoid", "softmax")),
    Sample("two_classes", MODEL, swap('layers.Dense(1, activation="sigmoid")', 'layers.Dense(2, activation="softmax")'), (DENSE,), ("units", "2")),
    Sample("sigmoid_forgotten", MODEL, swap('layers.Dense(1, activation="sigmoid")', "layers.Dense(1)"), (DENSE,), "activation"),
    Sample("dropout_added", MODEL, swap(HIDDEN, HIDDEN + "    x = layers.Dropout(0.5)(x)\n"), (DENSE,), "Dropout"),
    Sample("another_layer_added", MODEL, swap(HIDDEN, HIDDEN + '    x = layers.Dense(64, activation="relu")(x)\n'), (DENSE,), "extra"),
    Sample("rescaled_by_255", MODEL, to_pixels("layers.Rescaling(1 / 255)(inputs)"), (PIXELS,), ("VGG16", "1, 0, 0", "255, 0, 0")),
    Sample("rescaled_and_prepared", MODEL, to_pixels("keras.applications.mobilenet.preprocess_input(layers.Rescaling(1 / 255)(inputs))"), (PIXELS,), "VGG16"),
    Sample("one_preparation_for_all", MODEL, to_pixels("keras.applications.mobilenet.preprocess_input(inputs)"), (PIXELS,), ("VGG16", "1, -1, -1")),
    Sample("channels_turned_only", MODEL, to_pixels("inputs[..., ::-1]"), (PIXELS,), "0, 0, 255"),
    Sample("normalised_by_the_batch", MODEL, to_pixels("layers.BatchNormalization()(inputs)"), (PIXELS,), "BatchNormalization"),
    Sample("noise_on_the_pixels", MODEL, to_pixels("layers.GaussianNoise(0.1)(inputs)"), (PIXELS,), "GaussianNoise"),
    Sample("size_of_imagenet", MODEL, compose(swap("input_shape=input_shape)", "input_shape=(224, 224, 3))"), swap("shape=input_shape)\n    x", "shape=(224, 224, 3))\n    x")), (INPUT,), ("96×96×3", "224×224×3")),
    Sample("always_96", MODEL, compose(swap("input_shape=input_shape)", "input_shape=(96, 96, 3))"), swap("shape=input_shape)\n    x", "shape=(96, 96, 3))\n    x")), (INPUT,), ("64×96×3", "96×96×3")),
    Sample("weights_ignored", MODEL, swap("weights=weights", "weights=None"), (WEIGHTS,), "no such file"),
    Sample("weights_for_vgg_only", MODEL, swap("weights=weights", 'weights=weights if backbone == "VGG16" else None'), (WEIGHTS,), "no such file"),
    Sample("imagenet_written_out", MODEL, swap("weights=weights", 'weights="imagenet"'), (WEIGHTS,), "no such file"),
    Sample("imagenet_in_a_variable", MODEL, compose(swap(BASE, '    kind = "imagenet"\n' + BASE), swap("weights=weights", "weights=kind")), (WEIGHTS,), "no such file"),
    Sample("imagenet_left_to_keras", MODEL, swap(", weights=weights", ""), (WEIGHTS,), "no such file"),
    Sample("imagenet_by_settings", MODEL, compose(swap(BASE, '    settings = {"include_top": False, "weights": "imagenet", "input_shape": input_shape}\n' + BASE), swap("(include_top=False, weights=weights, input_shape=input_shape)", "(**settings)")), (WEIGHTS,), "no such file"),
    Sample("imagenet_by_branches", MODEL, swap(BASE, """
    if backbone == "VGG16":
        from keras.applications import VGG16 as Base
    elif backbone == "ResNet50":
        from tensorflow.keras.applications.resnet50 import ResNet50 as Base
    elif backbone == "InceptionV3":
        Base = tf.keras.applications.inception_v3.InceptionV3
    else:
        Base = keras.applications.mobilenet.MobileNet
    base = Base(weights="imagenet", include_top=False, input_tensor=keras.Input(input_shape))
"""), (WEIGHTS,), "no such file"),
    Sample("published_file_by_address", MODEL, compose(swap(BASE, FILE_BY_ADDRESS + BASE), swap("weights=weights", "weights=path")), (WEIGHTS,), "no such file"),
    Sample("published_file_loaded", MODEL, compose(swap(BASE, "    from tensorflow.keras.utils import get_file\n" + FILE_BY_ADDRESS.replace("keras.utils.get_file", "get_file") + BASE), swap("weights=weights", "weights=None"), swap(FREEZE, "    base.load_weights(path)\n" + FREEZE)), (WEIGHTS,), "no such file"),
    Sample("published_file_in_the_cache", MODEL, compose(swap(BASE, '    import os\n' + BASE), swap("weights=weights", "weights=None"), swap(FREEZE, '    base.load_weights(os.path.expanduser("~/.keras/models/mobilenet_1_0_224_tf_no_top.h5"))\n' + FREEZE)), (WEIGHTS,), "no such file"),
    Sample("published_file_beside_the_notebook", MODEL, swap("weights=weights", 'weights="vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5" if backbone == "VGG16" else None'), (WEIGHTS,), "no such file"),
    Sample("published_file_by_urllib", MODEL, compose(swap(BASE, FILE_BY_ADDRESS.replace("keras.utils.get_file(file, ", "urlretrieve(").replace("file)", "file, file)[0]").replace("    file =", "    from urllib.request import urlretrieve\n    file =") + BASE), swap("weights=weights", "weights=path")), (WEIGHTS,), "no such file"),
    Sample("weights_of_a_file_of_ones_own", MODEL, swap("weights=weights", 'weights="my_vgg.weights.h5"'), WHOLE_MODEL, "my_vgg"),
    Sample("weights_refused", MODEL, compose(swap(BASE, '    if weights:\n        raise ValueError("no such file")\n' + BASE), swap("weights=weights", "weights=None")), (WEIGHTS,), "raises itself"),
    Sample("weights_refused_by_name", MODEL, compose(swap(BASE, "    if weights is not None:\n        raise FileNotFoundError(weights)\n" + BASE), swap("weights=weights", "weights=None")), (WEIGHTS,), "raises itself"),
    Sample("weights_asserted_away", MODEL, compose(swap(BASE, "    assert weights is None, weights\n" + BASE), swap("weights=weights", "weights=None")), (WEIGHTS,), "raises itself"),
    Sample("weights_looked_for_only", MODEL, compose(swap(BASE, '    import os\n\n    if weights and not os.path.exists(weights):\n        raise OSError(f"there is no {weights}")\n' + BASE), swap("weights=weights", "weights=None")), (WEIGHTS,), "other weights"),
    Sample("a_tensor_returned", MODEL, swap(f"return keras.Model(inputs, {OUTPUT})", f"return {OUTPUT}"), WHOLE_MODEL, "Keras tensor"),
    Sample("sequential_misspelled", MODEL, swap("return keras.Model(", "return keras.Modell("), WHOLE_MODEL, "Modell"),
    # features
    Sample("in_training_mode", FEATURES, swap(PREDICT, "backbone(images, training=True).numpy()"), (VALUES, EVERY), "value at"),
    Sample("thawed_and_in_training", FEATURES, swap(f"return {PREDICT}", "backbone.trainable = True\n    return backbone(images, training=True).numpy()"), (VALUES, EVERY), "value at"),
    Sample("first_batch_only", FEATURES, swap(PREDICT, "backbone.predict(images[:32], verbose=0)"), (EVERY,), ("(75,", "(32,")),
    Sample("last_batch_left_out", FEATURES, swap(PREDICT, "np.concatenate([backbone(images[i:i + 32], training=False) for i in range(0, max(len(images) - 31, 1), 32)])"), (EVERY,), "(75,"),
    Sample("batches_in_reverse", FEATURES, swap(PREDICT, f"{PREDICT}[::-1]"), (VALUES, EVERY), "value at"),
    Sample("batches_shuffled", FEATURES, swap(PREDICT, "backbone.predict(images[np.random.default_rng(0).permutation(len(images))], verbose=0)"), (VALUES, EVERY), "value at"),
    Sample("batches_not_joined", FEATURES, swap(PREDICT, "[backbone(images[i:i + 32], training=False).numpy() for i in range(0, len(images), 32)]"), (SHAPE, VALUES, EVERY), "shape"),
    Sample("flattened", FEATURES, swap(PREDICT, f"{PREDICT}.reshape(len(images), -1)"), (SHAPE, VALUES, EVERY), "shape"),
    Sample("means_of_the_maps", FEATURES, swap(PREDICT, f"{PREDICT}.mean(axis=(1, 2))"), (SHAPE, VALUES, EVERY), "shape"),
    Sample("images_scaled_again", FEATURES, swap("predict(images,", "predict(images / 255,"), (VALUES, EVERY), "value at"),
    Sample("images_turned_upside_down", FEATURES, swap("predict(images,", "predict(images[:, ::-1],"), (VALUES, EVERY), "value at"),
    Sample("features_scaled", FEATURES, swap(f"return {PREDICT}", f"found = {PREDICT}\n    return found / found.max()"), (VALUES, EVERY), "value at"),
    Sample("features_rounded", FEATURES, swap(PREDICT, f"{PREDICT}.round(1)"), (VALUES,), "value at"),
    Sample("last_layer_left_out", FEATURES, swap("backbone.predict(", "keras.Model(backbone.inputs, backbone.layers[-2].output).predict("), (SHAPE, VALUES, EVERY), "shape"),
    Sample("features_symbolic", FEATURES, swap(PREDICT, "backbone.output"), (SHAPE, VALUES, EVERY), "KerasTensor"),
    Sample("images_centred_in_place", FEATURES, swap(f"return {PREDICT}", f"images -= images.mean()\n    return {PREDICT}"), (VALUES, UNCHANGED), "value at"),
    Sample("images_emptied", FEATURES, swap(f"return {PREDICT}", f"found = {PREDICT}\n    images[:] = 0\n    return found"), (UNCHANGED,), "`images`"),
    Sample("features_printed_only", FEATURES, swap(f"return {PREDICT}", f"print({PREDICT})"), (SHAPE, VALUES, EVERY), "None"),
    # training
    Sample("loss_for_many_classes", TRAINING, swap('"binary_crossentropy"', '"categorical_crossentropy"'), (LOSS,), ("binary_crossentropy", "categorical_crossentropy")),
    Sample("sparse_loss", TRAINING, swap('"binary_crossentropy"', '"sparse_categorical_crossentropy"'), (LOSS,), "loss"),
    Sample("squared_error", TRAINING, swap('"binary_crossentropy"', '"mean_squared_error"'), (LOSS,), "mean_squared_error"),
    Sample("loss_forgotten", TRAINING, swap('loss="binary_crossentropy", ', ""), (LOSS,), "loss"),
    Sample("from_logits_on_top", TRAINING, swap('loss="binary_crossentropy"', "loss=keras.losses.BinaryCrossentropy(from_logits=True)"), (LOSS,), "0.313"),
    Sample("labels_smoothed", TRAINING, swap('loss="binary_crossentropy"', "loss=keras.losses.BinaryCrossentropy(label_smoothing=0.1)"), (LOSS,), "label_smoothing"),
    Sample("metrics_by_position", TRAINING, swap(COMPILE, 'compile("adam", "binary_crossentropy", ["accuracy"])'), (LOSS,), "string"),
    Sample("another_optimizer", TRAINING, swap('optimizer="adam"', 'optimizer="sgd"'), (ADAM,), ("adam", "sgd")),
    Sample("optimizer_forgotten", TRAINING, swap('optimizer="adam", ', ""), (ADAM,), ("adam", "rmsprop")),
    Sample("another_learning_rate", TRAINING, swap('optimizer="adam"', "optimizer=keras.optimizers.Adam(0.01)"), (ADAM,), ("0.001", "0.01")),
    Sample("not_compiled", TRAINING, swap(f"    network.{COMPILE}\n", ""), (LOSS, ADAM), "before compile"),
    Sample("epochs_ignored", TRAINING, swap("epochs=epochs, ", "epochs=30, "), (EPOCHS,), "4 epochs"),
    Sample("one_epoch", TRAINING, swap("epochs=epochs, ", ""), (EPOCHS,), "1 epoch"),
    Sample("trains_on_validation_data", TRAINING, swap("network.fit(train, ", "network.fit(val, "), (EPOCHS,), "`val`"),
    Sample("one_step_an_epoch", TRAINING, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=1, "), (EPOCHS,), "steps_per_epoch"),
    Sample("fifty_steps_an_epoch", TRAINING, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=50, "), (EPOCHS,), ("steps_per_epoch", "50")),
    Sample("classes_weighted", TRAINING, swap("epochs=epochs, ", "epochs=epochs, class_weight={0: 1.0, 1: 2.0}, "), (EPOCHS,), "class_weight"),
    Sample("validation_forgotten", TRAINING, swap("validation_data=val, ", ""), (VALIDATES,), "val_loss"),
    Sample("validates_on_training_data", TRAINING, swap("validation_data=val", "validation_data=train"), (VALIDATES,), "training data"),
    Sample("callbacks_forgotten", TRAINING, swap("callbacks=list(callbacks), ", ""), (CALLBACKS,), "callbacks"),
    Sample("history_forgotten", TRAINING, swap("return network.fit", "network.fit"), (HISTORY,), "None"),
    Sample("dictionary_returned", TRAINING, swap("verbose=0)", "verbose=0).history"), (HISTORY,), "history.history"),
    Sample("network_returned", TRAINING, swap(FIT, f"{QUIET}\n    return network"), (HISTORY,), "History"),
    Sample("head_trained_on_and_on", TRAINING, compose(lambda source: "heads = {}\n\n\n" + source, swap(f"    network.{COMPILE}\n", f"    network = heads.setdefault(backbone, network)\n    network.{COMPILE}\n")), (FRESH,), "earlier run"),
    Sample("head_for_vgg_always", TRAINING, swap(HEAD_POOL, "layers.Flatten()"), (HEAD,), ("MobileNet", "GlobalAveragePooling2D", "Flatten")),
    Sample("head_with_the_mean_always", TRAINING, swap(HEAD_POOL, "layers.GlobalAveragePooling2D()"), (HEAD,), ("VGG16", "Flatten")),
    Sample("hidden_layer_of_the_head_forgotten", TRAINING, swap('layers.Dense(128, activation="relu"), ', ""), (HEAD,), "Dense"),
    Sample("head_of_64", TRAINING, swap("layers.Dense(128,", "layers.Dense(64,"), (HEAD,), ("units", "64")),
    Sample("head_without_relu", TRAINING, swap('layers.Dense(128, activation="relu")', "layers.Dense(128)"), (HEAD,), "activation"),
    Sample("head_with_dropout", TRAINING, swap('layers.Dense(128, activation="relu"), ', 'layers.Dense(128, activation="relu"), layers.Dropout(0.5), '), (HEAD,), "Dropout"),
    Sample("head_with_two_outputs", TRAINING, swap('layers.Dense(1, activation="sigmoid")', 'layers.Dense(2, activation="sigmoid")'), (HEAD,), "units"),
    Sample("logits_with_a_loss_on_probabilities", TRAINING, swap('layers.Dense(1, activation="sigmoid")', "layers.Dense(1)"), (HEAD,), "activation"),
    Sample("fit_forgotten", TRAINING, swap(FIT, "return network"), WATCHED, "model.fit"),
    Sample("train_head_raises", TRAINING, swap(MADE, "    backbone = backbones[backbone]\n" + MADE), WATCHED, "NameError"),
    Sample("one_backbone_not_trained", records=lambda records: {name: one for name, one in records.items() if name != "resnet50"}, cell="", fails=(COMPLETE, FALL), says="resnet50"),
    Sample("seed_of_another_student", "", records=change_record("vgg16", assignment="transfer_learning", student="audit", seed=1), fails=(HOLD, COMPLETE, FALL), says=("vgg16", "seed 1")),
    Sample("more_epochs_than_asked_for", "", records=change_record("vgg16", epochs=2), fails=(HOLD, COMPLETE, FALL), says=("vgg16", "asked for 2")),
    Sample("quick_mode", "", fails=(COMPLETE, FALL), says=("256", "128"), records=change_record("vgg16", images=128)),
    Sample("fewer_epochs", "", fails=(COMPLETE, FALL), says=("30 epochs", "5 epochs"), records=change_record("mobilenet", loss=[0.7, 0.6, 0.5, 0.4, 0.3])),
    Sample("nothing_learned", "", fails=(FALL,), says="lower", records=change_record("inceptionv3", loss=[0.69 + 0.001 * epoch for epoch in range(30)])),
    Sample("diverged", "", fails=(FALL,), says="nan", records=change_record("resnet50", loss=[0.7] + 29 * [float("nan")])),
    # unfreezing
    Sample("nothing_unfrozen", UNFREEZING, swap("layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)", "pass"), (BLOCK, AS_MANY), ("the third Conv2D", "frozen")),
    Sample("head_only", UNFREEZING, swap("model.layers[-layers:]", "model.layers[-3:]"), (BLOCK, AS_MANY), "the third Conv2D"),
    Sample("one_layer_too_few", UNFREEZING, swap("model.layers[-layers:]", "model.layers[-layers + 1:]"), (BLOCK, AS_MANY), "the third Conv2D"),
    Sample("always_six", UNFREEZING, swap("model.layers[-layers:]", "model.layers[-6:]"), (AS_MANY, REST), "the second Conv2D"),
    Sample("first_layers_instead", UNFREEZING, swap("model.layers[-layers:]", "model.layers[:layers]"), (BLOCK, REST), "the third Conv2D"),
    Sample("counted_from_the_front", UNFREEZING, swap("model.layers[-layers:]", "model.layers[layers:]"), (AS_MANY, REST), "the second Conv2D"),
    Sample("everything_unfrozen", UNFREEZING, swap("model.layers[-layers:]", "model.layers"), (REST,), ("the first Conv2D", "trainable")),
    Sample("whole_model_unfrozen_last", UNFREEZING, swap("    optimizer =", "    model.trainable = False\n    model.trainable = True\n    optimizer ="), (REST, NORMAL, STATISTICS), "the first Conv2D"),
    # Keras ignores True where it is True already: the frozen layers inside stay frozen
    Sample("true_where_it_is_true_already", UNFREEZING, swap("    for layer in model.layers[-layers:]:\n" + SET, "    model.trainable = True\n    for layer in model.layers[:-layers]:\n        layer.trainable = False\n"), (BLOCK, AS_MANY), ("the third Conv2D", "frozen")),
    Sample("normalisation_unfrozen", UNFREEZING, swap("not isinstance(layer, keras.layers.BatchNormalization)", "True"), (NORMAL, STATISTICS), ("BatchNormalization", "running means")),
    Sample("all_normalisations_unfrozen", UNFREEZING, swap("    optimizer =", "    for layer in model.layers:\n        if isinstance(layer, keras.layers.BatchNormalization):\n            layer.trainable = True\n    optimizer ="), (NORMAL, STATISTICS), "the first BatchNormalization"),
    Sample("only_normalisation_unfrozen", UNFREEZING, swap("not isinstance", "isinstance"), (BLOCK, AS_MANY, NORMAL, STATISTICS), "frozen"),
    Sample("convolutions_only", UNFREEZING, swap("not isinstance(layer, keras.layers.BatchNormalization)", "isinstance(layer, keras.layers.Conv2D)"), (BLOCK, AS_MANY), "Dense"),
    Sample("head_frozen", UNFREEZING, swap("    optimizer =", "    model.layers[-1].trainable = False\n    optimizer ="), (BLOCK, AS_MANY), "the second Dense"),
    Sample("not_compiled_again", UNFREEZING, swap(COMPILE_AGAIN, ""), (AGAIN, ACCURACY, RATE), "compiled again"),
    Sample("usual_learning_rate", UNFREEZING, swap("keras.optimizers.Adam(learning_rate=1e-5)", '"adam"'), (RATE,), ("0.0001", "0.001")),
    Sample("learning_rate_ten_times_too_large", UNFREEZING, swap("1e-5", "1e-3"), (RATE,), "0.001"),
    Sample("learning_rate_zero", UNFREEZING, swap("1e-5", "0.0"), (RATE,), "0"),
    Sample("another_loss", UNFREEZING, swap('"binary_crossentropy"', '"categorical_crossentropy"'), (AGAIN,), "categorical_crossentropy"),
    Sample("loss_left_out", UNFREEZING, swap('loss="binary_crossentropy", ', ""), (AGAIN,), "none"),
    Sample("logits_in_the_loss", UNFREEZING, swap('loss="binary_crossentropy"', "loss=keras.losses.BinaryCrossentropy(from_logits=True)"), (AGAIN,), "from_logits"),
    Sample("metrics_left_out", UNFREEZING, swap(', metrics=["accuracy"])', ")"), (ACCURACY,), ("metrics", "accuracy", "none")),
    Sample("another_metric", UNFREEZING, swap('metrics=["accuracy"]', 'metrics=["mse", keras.metrics.AUC()]'), (ACCURACY,), ("accuracy", "mse, auc")),
    Sample("accuracy_of_many_classes", UNFREEZING, swap('metrics=["accuracy"]', "metrics=[keras.metrics.CategoricalAccuracy()]"), (ACCURACY,), ("categorical_accuracy", "one output")),
    Sample("loss_as_a_metric", UNFREEZING, swap('metrics=["accuracy"]', 'metrics=["binary_crossentropy"]'), (ACCURACY,), "binary_crossentropy"),
    Sample("metrics_by_position_again", UNFREEZING, swap('model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])', 'model.compile(optimizer, "binary_crossentropy", None, None)'), (ACCURACY,), "none"),
    Sample("careful_sgd", UNFREEZING, swap("keras.optimizers.Adam(learning_rate=1e-5)", "keras.optimizers.SGD(1e-4, momentum=0.9)"), (ACCURACY,), ("adam", "sgd")),
    Sample("careful_rmsprop", UNFREEZING, swap("keras.optimizers.Adam(learning_rate=1e-5)", "tf.keras.optimizers.RMSprop(learning_rate=2e-5)"), (ACCURACY,), ("adam", "rmsprop")),
    Sample("adamw_for_adam", UNFREEZING, swap("keras.optimizers.Adam(", "keras.optimizers.AdamW("), (ACCURACY,), ("adam", "adamw")),
    Sample("optimizer_of_compile_left_out", UNFREEZING, swap("optimizer=optimizer, ", ""), (ACCURACY, RATE), "rmsprop"),
    Sample("schedule_that_begins_too_high", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.ExponentialDecay(1e-3, 100, 0.5))"), (RATE,), ("ExponentialDecay", "0.001", "0.0001")),
    Sample("warm_up_to_the_usual_rate", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.CosineDecay(0.0, 1000, warmup_target=1e-3, warmup_steps=90))"), (RATE,), ("CosineDecay", "0.001")),
    Sample("steps_that_grow", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.PiecewiseConstantDecay([50, 5000], [1e-5, 1e-4, 1e-2]))"), (RATE,), ("PiecewiseConstantDecay", "0.01")),
    Sample("cosine_from_the_usual_rate", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.CosineDecay(1e-3, 500))"), (RATE,), ("CosineDecay", "0.001")),
    Sample("clone_without_weights", UNFREEZING, swap("    for layer in model", "    model = keras.models.clone_model(model)\n    for layer in model"), (KEPT,), "the same as before"),
    Sample("head_weights_lost", UNFREEZING, swap("    optimizer =", "    model.layers[-1].set_weights([np.zeros_like(w) for w in model.layers[-1].get_weights()])\n    optimizer ="), (KEPT,), "the same as before"),
    Sample("returned_none", UNFREEZING, swap(RETURN, "    model.summary"), WHOLE_UNFREEZING, "None"),
    Sample("layers_cut_off", UNFREEZING, swap(RETURN, "    return keras.Model(model.inputs, model.layers[-2].output)"), (BLOCK, AS_MANY, KEPT, REST, NORMAL, AGAIN, ACCURACY, RATE), "those of the model"),
    Sample("module_and_number_confused", UNFREEZING, swap("keras.layers.BatchNormalization", "layers.BatchNormalization"), WHOLE_UNFREEZING, ("AttributeError", "BatchNormalization")),
]  # fmt: skip
