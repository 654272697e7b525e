# ruff: noqa: E501 -- as students write
"""Right answers, written differently from the solution: each must get full marks."""

from autograder.audit.samples import Sample, compose, replace_cell, swap
from autograder.rubrics.transfer_learning.mutants import (
    BASE,
    CALL,
    COMPILE,
    COMPILE_AGAIN,
    FEATURES,
    FIT,
    FREEZE,
    HEAD_POOL,
    MODEL,
    PARAMETERS,
    POOL,
    PREDICT,
    PREPROCESSING,
    SET,
    TRAINING,
    UNFREEZING,
    to_pixels,
)

KERAS_NAMES = '{"VGG16": keras.applications.vgg16, "ResNet50": keras.applications.resnet50, "InceptionV3": keras.applications.inception_v3, "MobileNet": keras.applications.mobilenet}'

EQUIVALENTS = [
    # preprocessing
    Sample(
        "kerass_own_on_a_copy",
        PREPROCESSING,
        replace_cell(f"""
def preprocess(backbone, images):
    family = {KERAS_NAMES}[backbone]
    return family.preprocess_input(images.astype("float32").copy())
"""),
    ),
    Sample(
        "channel_by_channel",
        PREPROCESSING,
        replace_cell("""
def preprocess(backbone, images):
    red, green, blue = (images[..., k].astype(np.float32) for k in range(3))
    if backbone == "VGG16" or backbone == "ResNet50":
        return np.stack([blue - np.float32(103.939), green - np.float32(116.779), red - np.float32(123.68)], axis=-1)
    return np.stack([red, green, blue], axis=3) / 127.5 - 1.0
"""),
    ),
    Sample(
        "prepared_by_tensorflow",
        PREPROCESSING,
        replace_cell("""
def preprocess(backbone, images):
    x = tf.cast(images, tf.float32)
    if backbone.startswith(("VGG", "ResNet")):
        return tf.reverse(x, axis=[-1]) - tf.constant([103.939, 116.779, 123.68])
    return (x - 127.5) / 127.5
"""),
    ),
    Sample(
        "prepared_by_layers",
        PREPROCESSING,
        replace_cell("""
def preprocess(backbone, images):
    if backbone in ["InceptionV3", "MobileNet"]:
        return layers.Rescaling(scale=1 / 127.5, offset=-1)(images).numpy()
    turned = np.flip(images, axis=-1)
    return np.subtract(turned, (103.939, 116.779, 123.68), dtype="float32")
"""),
    ),
    # parameters
    Sample(
        "counted_by_halving",
        PARAMETERS,
        replace_cell("""
def head_parameters(backbone, size):
    if backbone == "VGG16":
        for _ in range(5):
            size = size // 2
        inputs = size * size * 512
    elif backbone == "MobileNet":
        inputs = 1024
    else:
        inputs = 2048
    hidden = inputs * 128 + 128
    output = 128 * 1 + 1
    return hidden + output
"""),
    ),
    Sample(
        "counted_with_numpy",
        PARAMETERS,
        replace_cell("""
def head_parameters(backbone, size):
    inputs = np.prod([np.floor(size / 32), np.floor(size / 32), 512]) if backbone == "VGG16" else {"MobileNet": 1024}.get(backbone, 2048)
    return np.int64(inputs * 128 + 128 + 128 + 1)
"""),
    ),
    Sample(
        "counted_by_keras",
        PARAMETERS,
        replace_cell("""
def head_parameters(backbone, size):
    shape = (size // 32, size // 32, 512) if backbone == "VGG16" else ((1024,) if backbone == "MobileNet" else (2048,))
    head = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(128), layers.Dense(1)])
    return head.count_params()
"""),
    ),
    # model
    Sample(
        "inlined",
        MODEL,
        replace_cell("""
def build_transfer_model(backbone, input_shape, weights=None):
    base = getattr(keras.applications, backbone)(weights=weights, include_top=False, input_shape=input_shape)
    for layer in base.layers:
        layer.trainable = False
    x = layers.Flatten()(base.output) if backbone == "VGG16" else layers.GlobalAveragePooling2D()(base.output)
    x = layers.Dense(128, activation="relu")(x)
    return keras.Model(base.input, layers.Dense(1, activation="sigmoid")(x))
"""),
    ),
    Sample(
        "sequential",
        MODEL,
        replace_cell("""
def build_transfer_model(backbone, input_shape, weights=None):
    functions = {"VGG16": keras.applications.VGG16, "ResNet50": keras.applications.ResNet50, "InceptionV3": keras.applications.InceptionV3, "MobileNet": keras.applications.MobileNet}
    base = functions[backbone](include_top=False, weights=weights, input_shape=input_shape)
    model = keras.Sequential()
    model.add(base)
    if backbone == "VGG16":
        model.add(layers.Flatten())
    else:
        model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    base.trainable = False
    return model
"""),
    ),
    Sample(
        "vgg_layer_by_layer",
        MODEL,
        swap(
            BASE,
            BASE
            + """    if backbone == "VGG16":
        model = keras.Sequential([keras.Input(input_shape)])
        for layer in base.layers[1:]:
            layer.trainable = False
            model.add(layer)
        model.add(layers.Flatten())
        model.add(layers.Dense(128, activation="relu"))
        model.add(layers.Dense(1, activation="sigmoid"))
        return model
""",
        ),
    ),
    Sample(
        "pooling_by_keras",
        MODEL,
        compose(
            swap("input_shape=input_shape)\n    base", 'input_shape=input_shape, pooling=None if backbone == "VGG16" else "avg")\n    base'),
            swap(f"    x = {POOL}\n", "    x = layers.Flatten()(x)\n"),
        ),
    ),
    Sample("mean_by_operations", MODEL, swap("layers.GlobalAveragePooling2D()(x)", "keras.ops.mean(x, axis=(1, 2))")),
    Sample(
        "mean_over_a_window",
        MODEL,
        swap("layers.GlobalAveragePooling2D()(x)", "layers.Flatten()(layers.AveragePooling2D(pool_size=x.shape[1:3])(x))"),
    ),
    Sample("mean_that_keeps_axes", MODEL, swap("layers.GlobalAveragePooling2D()(x)", "layers.Flatten()(layers.GlobalAveragePooling2D(keepdims=True)(x))")),
    Sample("called_without_a_word", MODEL, swap(CALL, "base(inputs)")),
    Sample("called_in_training", MODEL, swap(CALL, "base(inputs, training=True)")),
    Sample(
        "frozen_layer_by_layer",
        MODEL,
        swap(FREEZE, "    for layer in base.layers:\n        layer.trainable = False\n"),
    ),
    Sample(
        "frozen_from_outside",
        MODEL,
        compose(
            swap(FREEZE, ""),
            swap(
                'return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))',
                'model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))\n    model.get_layer(base.name).trainable = False\n    return model',
            ),
        ),
    ),
    Sample(
        "activations_apart",
        MODEL,
        compose(
            swap('layers.Dense(128, activation="relu")(x)', "layers.ReLU()(layers.Dense(128)(x))"),
            swap('layers.Dense(1, activation="sigmoid")(x)', 'layers.Activation("sigmoid")(layers.Dense(units=1)(x))'),
        ),
    ),
    Sample(
        "prepares_in_a_layer",
        MODEL,
        compose(
            swap(
                BASE,
                "    names = {'VGG16': 'vgg16', 'ResNet50': 'resnet50', 'InceptionV3': 'inception_v3', 'MobileNet': 'mobilenet'}\n"
                "    prepare = getattr(keras.applications, names[backbone]).preprocess_input\n\n"
                "    class Prepare(layers.Layer):\n"
                "        def call(self, x):\n"
                "            return prepare(x)\n\n" + BASE,
            ),
            to_pixels("Prepare()(inputs)"),
        ),
    ),
    Sample("imagenet_by_default", MODEL, swap("weights: str | None = None)", 'weights: str | None = "imagenet")')),
    Sample("imagenet_where_none_is_given", MODEL, swap("weights=weights", 'weights=weights or "imagenet"')),
    Sample("weights_loaded_afterwards", MODEL, compose(swap("weights=weights", "weights=None"), swap(FREEZE, "    if weights:\n        base.load_weights(weights)\n" + FREEZE))),
    Sample("weights_looked_for_first", MODEL, swap(BASE, '    import os\n\n    if weights and not os.path.exists(weights):\n        raise OSError(f"there is no {weights}")\n' + BASE)),
    Sample("prepares_its_images", MODEL, to_pixels(f"{KERAS_NAMES}[backbone].preprocess_input(inputs)")),
    Sample(
        "prepares_its_images_by_operations",
        MODEL,
        to_pixels('inputs[..., ::-1] - keras.ops.array([103.939, 116.779, 123.68]) if backbone in ("VGG16", "ResNet50") else layers.Rescaling(1 / 127.5, offset=-1)(inputs)'),
    ),
    Sample("compiled_too", MODEL, swap('return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))', 'model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))\n    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])\n    return model')),
    Sample(
        "subclass",
        MODEL,
        replace_cell("""
class Transfer(keras.Model):
    def __init__(self, base, pool):
        super().__init__()
        self.base, self.pool = base, pool
        self.hidden = layers.Dense(128, activation="relu")
        self.out = layers.Dense(1, activation="sigmoid")

    def call(self, x):
        return self.out(self.hidden(self.pool(self.base(x, training=False))))


def build_transfer_model(backbone, input_shape, weights=None):
    base = getattr(keras.applications, backbone)(include_top=False, weights=weights, input_shape=input_shape)
    base.trainable = False
    model = Transfer(base, layers.Flatten() if backbone == "VGG16" else layers.GlobalAveragePooling2D())
    model.build((None, *input_shape))
    return model
"""),
    ),
    # features
    Sample("called_in_batches", FEATURES, swap(PREDICT, "np.concatenate([backbone(images[i:i + 16], training=False) for i in range(0, len(images), 16)])")),
    Sample("called_at_once", FEATURES, swap(PREDICT, "backbone(images, training=False)")),
    Sample("predicted_on_batches", FEATURES, swap(PREDICT, "np.vstack([backbone.predict_on_batch(part) for part in np.array_split(images, max(1, len(images) // 20))])")),
    Sample("thawed_but_predicting", FEATURES, swap(f"return {PREDICT}", "backbone.trainable = True\n    return backbone.predict(images.copy())")),
    Sample("one_by_one", FEATURES, swap(PREDICT, "np.array([backbone(image[np.newaxis])[0] for image in images])")),
    # training
    Sample(
        "objects_for_names",
        TRAINING,
        swap(COMPILE, "compile(keras.optimizers.Adam(), keras.losses.BinaryCrossentropy(), metrics=[keras.metrics.BinaryAccuracy(name='accuracy')])"),
    ),
    Sample(
        "functional_head",
        TRAINING,
        replace_cell("""
def train_head(backbone, train, val, epochs=30, callbacks=()):
    maps, labels = train[0]
    inputs = keras.Input(shape=maps.shape[1:])
    x = layers.Flatten()(inputs) if backbone == "VGG16" else layers.GlobalAveragePooling2D()(inputs)
    x = layers.Dense(128, "relu")(x)
    head = keras.Model(inputs, layers.Dense(1, "sigmoid")(x))
    head.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return head.fit(train, epochs=epochs, validation_data=val, callbacks=callbacks, verbose=2)
"""),
    ),
    Sample(
        "sigmoid_left_to_the_loss",
        TRAINING,
        compose(
            swap('layers.Dense(1, activation="sigmoid")', "layers.Dense(1)"),
            swap('loss="binary_crossentropy"', "loss=keras.losses.BinaryCrossentropy(from_logits=True)"),
        ),
    ),
    Sample("history_kept_by_the_head", TRAINING, swap(FIT, "network.fit(train, None, None, epochs, callbacks=callbacks, validation_data=val)\n    return network.history")),
    Sample("mean_and_flatten", TRAINING, swap(HEAD_POOL, 'keras.Sequential([layers.Flatten()] if backbone == "VGG16" else [layers.GlobalAveragePooling2D(), layers.Flatten()])')),
    # the same unusual head in both places: said once, in the network
    # unfreezing
    Sample(
        "thawed_and_frozen_again",
        UNFREEZING,
        replace_cell("""
def unfreeze_top(model, layers):
    first = len(model.layers) - layers
    for number, layer in enumerate(model.layers):
        layer.trainable = True
        if number < first or layer.__class__.__name__ == "BatchNormalization":
            layer.trainable = False
    model.compile(keras.optimizers.Adam(1e-4), keras.losses.BinaryCrossentropy(), metrics=["accuracy"])
    return model
"""),
    ),
    Sample("a_falling_rate", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.ExponentialDecay(1e-5, 100, 0.9))")),
    Sample("a_cosine", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(learning_rate=keras.optimizers.schedules.CosineDecay(1e-4, decay_steps=200, alpha=0.1))")),
    Sample("a_warm_up", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.CosineDecay(0.0, 1000, warmup_target=5e-5, warmup_steps=90))")),
    Sample("rates_in_steps", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.PiecewiseConstantDecay([50, 5000], [1e-4, 5e-5, 1e-6]))")),
    Sample("a_polynomial", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.PolynomialDecay(1e-4, 400, 1e-6))")),
    Sample("an_inverse_of_time", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.InverseTimeDecay(2e-5, 10, 0.5, staircase=True))")),
    Sample("restarts", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(keras.optimizers.schedules.CosineDecayRestarts(1e-4, 50))")),
    Sample("a_schedule_of_its_own", UNFREEZING, lambda source: """
class Slower(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 1e-5 / (1.0 + tf.cast(step, tf.float32))


""".lstrip() + source.replace("Adam(learning_rate=1e-5)", "Adam(Slower())")),
    Sample("accuracy_by_another_name", UNFREEZING, swap('metrics=["accuracy"]', 'metrics=[keras.metrics.BinaryAccuracy(name="right")]')),
    Sample("accuracy_for_short", UNFREEZING, swap('metrics=["accuracy"]', 'metrics=["acc", "mse"]')),
    Sample("accuracy_among_weighted_metrics", UNFREEZING, swap('metrics=["accuracy"]', 'weighted_metrics=["binary_accuracy"]')),
    Sample("adam_and_amsgrad", UNFREEZING, swap("Adam(learning_rate=1e-5)", "Adam(1e-5, amsgrad=True)")),
    Sample("compiled_first", UNFREEZING, compose(swap(COMPILE_AGAIN, ""), swap("    for layer in", "    model.compile(keras.optimizers.Adam(1e-5), loss=\"binary_crossentropy\", metrics=[\"accuracy\"])\n    for layer in"))),
    Sample("thawed_one_kind_at_a_time", UNFREEZING, swap(SET, "        layer.trainable = True\n        if isinstance(layer, keras.layers.BatchNormalization):\n            layer.trainable = False\n")),
    Sample("clone_with_its_weights", UNFREEZING, swap("    for layer in", "    copy = keras.models.clone_model(model)\n    copy.set_weights(model.get_weights())\n    model = copy\n    for layer in")),
    Sample("wrapped_in_a_new_model", UNFREEZING, compose(swap("    optimizer =", "    model = keras.Model(model.inputs, model.outputs)\n    optimizer ="))),
]  # fmt: skip
