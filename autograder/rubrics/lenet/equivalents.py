# ruff: noqa: E501 -- as students write
"""Right answers, written differently from the solution: each must get full marks."""

from autograder.audit.samples import Sample, compose, replace_cell, swap
from autograder.audit.training_mutants import COMPILE, FIT, training_equivalents
from autograder.rubrics.lenet.mutants import ARCHITECTURE, DATA, FIELD, MAPS, MEND, POOLING, TABLE, TRAINING

EQUIVALENTS = [
    Sample(
        "zeros_filled_in",
        DATA,
        replace_cell("""
def pad_to_32(images):
    padded = np.zeros((images.shape[0], 32, 32, 1), dtype=images.dtype)
    padded[:, 2:-2, 2:-2, :] = images
    return padded
"""),
    ),
    Sample(
        "padded_by_tensorflow",
        DATA,
        replace_cell("""
def pad_to_32(images):
    return tf.image.pad_to_bounding_box(images, 2, 2, 32, 32)
"""),
    ),
    Sample(
        "padded_by_keras",
        DATA,
        replace_cell("""
def pad_to_32(images):
    return keras.ops.pad(images, [(0, 0), (2, 2), (2, 2), (0, 0)], mode="constant")
"""),
    ),
    Sample(
        "padded_one_by_one",
        DATA,
        replace_cell("""
def pad_to_32(images):
    return np.stack([np.pad(image, ((2, 2), (2, 2), (0, 0)), "constant", constant_values=0) for image in images])
"""),
    ),
    Sample(
        "table_as_keras_prints_it",
        TABLE,
        replace_cell("""
def lenet_table():
    return (
        [(None, 28, 28, 6), 156], [(None, 14, 14, 6), 0], [(None, 10, 10, 16), 2416], [(None, 5, 5, 16), 0],
        [(None, 400), 0], [(None, 120), 48120], [(None, 84), 10164], [(None, 10), 850],
    )
"""),
    ),
    Sample(
        "table_of_lists_and_numbers",
        TABLE,
        replace_cell("""
def lenet_table():
    sizes = [[28, 28, 6], [14, 14, 6], [10, 10, 16], [5, 5, 16], 400, 120, 84, np.int64(10)]
    counts = np.array([156, 0, 2416, 0, 0, 48120, 10164, 850.0])
    return list(map(list, zip(sizes, counts)))
"""),
    ),
    Sample(
        "table_by_name",
        TABLE,
        replace_cell("""
def lenet_table():
    return {
        "C1": ((28, 28, 6), 6 * 26), "S2": ((14, 14, 6), 0), "C3": ((10, 10, 16), 16 * 151), "S4": ((5, 5, 16), 0),
        "flat": (400, 0), "C5": (120, 120 * 401), "F6": (84, 84 * 121), "out": (10, 10 * 85),
    }
"""),
    ),
    Sample(
        "table_asked_of_keras",
        TABLE,
        replace_cell("""
def lenet_table():
    return [(layer.output.shape[1:], layer.count_params()) for layer in build_lenet().layers]
"""),
    ),
    Sample("lines_as_a_tuple", MEND, swap("[2, 6]", "(6, 2)")),
    Sample("lines_as_an_array", MEND, swap("[2, 6]", "np.array([2, 6, 2])")),
    Sample(
        "functional",
        ARCHITECTURE,
        replace_cell("""
def build_lenet(pooling="average"):
    inputs = keras.Input((32, 32, 1))
    x = layers.Conv2D(6, 5, activation=keras.activations.tanh)(inputs)
    x = layers.MaxPool2D()(x) if pooling == "max" else layers.AvgPool2D(2)(x)
    x = layers.Activation("tanh")(layers.Conv2D(filters=16, kernel_size=[5, 5])(x))
    x = layers.MaxPool2D(2, 2)(x) if pooling == "max" else layers.AvgPool2D(2, 2)(x)
    x = layers.Dense(120, "tanh")(layers.Flatten()(x))
    x = keras.ops.tanh(layers.Dense(84)(x))
    return keras.Model(inputs, layers.Softmax()(layers.Dense(10)(x)))
"""),
    ),
    Sample(
        "listing_mended",
        ARCHITECTURE,
        replace_cell("""
def build_lenet(pooling="average"):
    pool = layers.AveragePooling2D if pooling == "average" else layers.MaxPooling2D
    model = keras.Sequential()
    model.add(layers.Conv2D(6, kernel_size=(5, 5), padding="valid", activation="tanh", input_shape=(32, 32, 1)))
    model.add(pool(pool_size=(2, 2), strides=2, padding="valid"))
    model.add(layers.Conv2D(16, kernel_size=(5, 5), padding="valid", activation="tanh"))
    model.add(pool(pool_size=(2, 2), strides=2, padding="valid"))
    model.add(layers.Flatten())
    model.add(layers.Dense(120, activation="tanh"))
    model.add(layers.Dense(84, activation="tanh"))
    model.add(layers.Dense(10, activation="softmax"))
    return model
"""),
    ),
    Sample(
        "convolution_of_120",
        ARCHITECTURE,
        swap(
            '            layers.Flatten(),\n            layers.Dense(120, activation="tanh"),',
            '            layers.Conv2D(120, (5, 5), activation="tanh"),\n            layers.Flatten(),',
        ),
    ),
    Sample(
        "convolutions_of_120_and_84",
        ARCHITECTURE,
        compose(
            swap(
                '            layers.Flatten(),\n            layers.Dense(120, activation="tanh"),',
                '            layers.Conv2D(120, 5, activation="tanh"),',
            ),
            swap(
                '            layers.Dense(84, activation="tanh"),',
                '            layers.Conv2D(84, 1),\n            layers.Activation("tanh"),\n            layers.Reshape((84,)),',
            ),
        ),
    ),
    Sample(
        "convolution_for_max_only",
        ARCHITECTURE,
        swap(
            '            layers.Flatten(),\n            layers.Dense(120, activation="tanh"),',
            '            *([layers.Conv2D(120, (5, 5), activation="tanh"), layers.Flatten()] if pooling == "max"\n'
            '              else [layers.Flatten(), layers.Dense(120, activation="tanh")]),',
        ),
    ),
    Sample(
        "subclass",
        ARCHITECTURE,
        replace_cell("""
class LeNet(keras.Model):
    def __init__(self, pool):
        super().__init__()
        self.convolutions = [layers.Conv2D(filters, 5, activation="tanh") for filters in (6, 16)]
        self.pools = [pool(2), pool(2)]
        self.flatten = layers.Flatten()
        self.dense = [layers.Dense(120, "tanh"), layers.Dense(84, "tanh"), layers.Dense(10, "softmax")]

    def call(self, x):
        for convolution, pool in zip(self.convolutions, self.pools):
            x = pool(convolution(x))
        x = self.flatten(x)
        for layer in self.dense:
            x = layer(x)
        return x


def build_lenet(pooling="average"):
    return LeNet(layers.AveragePooling2D if pooling == "average" else layers.MaxPooling2D)
"""),
    ),
    Sample(
        "subclass_of_tensorflow",
        ARCHITECTURE,
        replace_cell("""
class LeNet(keras.Model):
    def __init__(self, pooling):
        super().__init__()
        self.pool = tf.nn.avg_pool2d if pooling == "average" else tf.nn.max_pool2d
        self.convolutions = [layers.Conv2D(filters, 5) for filters in (6, 16)]
        self.c5, self.f6, self.out = layers.Dense(120), layers.Dense(84), layers.Dense(10)

    def call(self, x):
        for convolution in self.convolutions:
            x = self.pool(tf.tanh(convolution(x)), 2, 2, "VALID")
        x = tf.reshape(x, [tf.shape(x)[0], -1])
        x = tf.math.tanh(self.f6(tf.nn.tanh(self.c5(x))))
        return tf.nn.softmax(self.out(x))


def build_lenet(pooling="average"):
    return LeNet(pooling)
"""),
    ),
    Sample(
        "layers_of_ones_own",
        ARCHITECTURE,
        replace_cell("""
class Pool(layers.Layer):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID")


class Flat(layers.Layer):
    def call(self, x, training=None):
        return tf.reshape(x, [-1, 400])


def build_lenet(pooling="average"):
    function = {"average": tf.nn.avg_pool2d, "max": tf.nn.max_pool2d}[pooling]
    return keras.Sequential([
        keras.Input((32, 32, 1)), layers.Conv2D(6, 5, activation=tf.nn.tanh), Pool(function),
        layers.Conv2D(16, 5, activation="tanh"), layers.Lambda(lambda t: function(t, 2, 2, "VALID")), Flat(),
        layers.Dense(120, "tanh"), layers.Dense(84, tf.tanh), layers.Dense(10, tf.nn.softmax),
    ])
"""),
    ),
    Sample(
        "flat_by_a_lambda",
        ARCHITECTURE,
        swap("layers.Flatten()", "layers.Lambda(lambda t: tf.reshape(t, [-1, 400]))"),
    ),
    Sample(
        "padding_that_adds_nothing",
        ARCHITECTURE,
        replace_cell("""
def build_lenet(pooling="average"):
    pool = layers.AveragePooling2D if pooling == "average" else layers.MaxPooling2D
    return keras.Sequential([
        keras.Input((32, 32, 1)), layers.Conv2D(6, 5, activation="tanh"), pool(2, padding="same"),
        layers.Conv2D(16, 5, activation="tanh"), pool(2, 2, padding="same"), layers.Flatten(),
        layers.Dense(120, "tanh"), layers.Dense(84, "tanh"), layers.Dense(10, "softmax"),
    ])
"""),
    ),
    Sample(
        "softmax_left_to_the_loss",
        ARCHITECTURE,
        swap(', activation="softmax"', ""),
        also={
            TRAINING: swap(
                'loss="categorical_crossentropy"', "loss=keras.losses.CategoricalCrossentropy(from_logits=True)"
            )
        },
    ),
    Sample(
        "windows_by_numpy",
        POOLING,
        replace_cell("""
def average_pool(x, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))
    return windows[::stride, ::stride].mean(axis=(3, 4))
"""),
    ),
    Sample(
        "pooled_by_lists",
        POOLING,
        replace_cell("""
def average_pool(x, size, stride):
    rows = range(0, x.shape[0] - size + 1, stride)
    columns = range(0, x.shape[1] - size + 1, stride)
    return [
        [[float(np.sum(x[i:i + size, j:j + size, c], dtype="float64")) / size**2 for c in range(x.shape[2])]
         for j in columns]
        for i in rows
    ]
"""),
    ),
    Sample(
        "pooled_by_keras",
        POOLING,
        replace_cell("""
def average_pool(x, size, stride):
    return layers.AveragePooling2D(size, strides=stride)(x[np.newaxis].astype("float32"))[0]
"""),
    ),
    Sample(
        "pooled_in_single_precision",
        POOLING,
        swap("+ 1, channels))", '+ 1, channels), dtype="float32")'),
    ),
    Sample(
        "field_counted_backward",
        FIELD,
        replace_cell("""
def receptive_field(layers):
    seen = 1
    for kernel, stride in layers[::-1]:
        seen = stride * seen + kernel - stride
    return seen
"""),
    ),
    Sample(
        "field_as_a_sum",
        FIELD,
        replace_cell("""
def receptive_field(layers):
    return 1 + sum((k - 1) * np.prod([s for _, s in layers[:i]]) for i, (k, _) in enumerate(layers))
"""),
    ),
    *training_equivalents(TRAINING),
    Sample(
        "objects_for_names",
        TRAINING,
        replace_cell("""
def train_lenet(pooling, train, val, epochs=10, callbacks=()):
    model = build_lenet(pooling=pooling)
    model.compile(
        optimizer=keras.optimizers.Adam(),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    history = model.fit(x=train, epochs=epochs, validation_data=val, callbacks=[*callbacks], verbose=2)
    return history
"""),
    ),
    Sample(
        "learning_rate_spelled_out",
        TRAINING,
        swap(COMPILE, COMPILE.replace('"adam"', "tf.keras.optimizers.Adam(learning_rate=1e-3)")),
    ),
    Sample(
        "history_kept_by_the_network",
        TRAINING,
        swap(
            FIT,
            "network.fit(train, None, None, epochs, callbacks=callbacks, validation_data=val)\n    return network.history",
        ),
    ),
    Sample(
        "maps_predicted",
        MAPS,
        replace_cell("""
def feature_maps(model, image):
    wanted = [layer for layer in model.layers if layer.__class__.__name__ == "Conv2D"]
    viewer = keras.Model(inputs=model.inputs, outputs=[layer.output for layer in wanted])
    return viewer.predict(np.expand_dims(image, 0), verbose=0)
"""),
    ),
    Sample(
        "maps_layer_by_layer",
        MAPS,
        replace_cell("""
def feature_maps(model, image):
    x, found = tf.convert_to_tensor(image)[tf.newaxis], []
    for layer in model.layers:
        x = layer(x)
        if isinstance(layer, layers.Conv2D):
            found.append(x[0])
    return tuple(found)
"""),
    ),
    Sample(
        "a_model_for_each_map",
        MAPS,
        replace_cell("""
def feature_maps(model, image):
    maps = {}
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            maps[layer.name] = keras.Model(model.inputs, layer.output)(image[None], training=False).numpy()
    return maps
"""),
    ),
]
