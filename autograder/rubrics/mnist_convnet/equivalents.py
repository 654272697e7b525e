"""Right answers, written differently from the solution: each must get full marks."""

from autograder.audit.samples import Sample, compose, replace_cell, swap
from autograder.audit.training_mutants import training_equivalents
from autograder.rubrics.mnist_convnet.mutants import (
    ARCHITECTURE,
    ARITHMETIC,
    COMPILE,
    CURVES,
    DATA,
    FIT,
    PLOT,
    REPAIR,
    TRAINING,
)

EQUIVALENTS = [
    Sample(
        "functional",
        ARCHITECTURE,
        replace_cell("""
def build_convnet():
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(64, 3, 2, activation=keras.activations.relu)(inputs)
    x = layers.Conv2D(filters=32, kernel_size=[2, 2], padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.MaxPool2D((2, 2), 1)(x)
    x = layers.Dropout(rate=0.35, name="regularise")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(256, use_bias=True)(x)
    x = layers.Activation("tanh")(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
"""),
    ),
    Sample(
        "added_one_by_one",
        ARCHITECTURE,
        replace_cell("""
def build_convnet():
    model = tf.keras.Sequential()
    model.add(tf.keras.layers.Conv2D(64, (3, 3), strides=2, activation="relu", input_shape=(28, 28, 1)))
    model.add(tf.keras.layers.Conv2D(32, (2, 2), strides=(1, 1), padding="same", activation="relu"))
    model.add(tf.keras.layers.MaxPool2D(pool_size=2, strides=1))
    model.add(tf.keras.layers.Dropout(0.35))
    model.add(tf.keras.layers.Flatten())
    model.add(tf.keras.layers.Dense(units=256, activation="tanh"))
    model.add(tf.keras.layers.Dropout(0.5))
    model.add(tf.keras.layers.Dense(10))
    model.add(tf.keras.layers.Softmax())
    return model
"""),
    ),
    Sample(
        "input_shape_left_open",
        ARCHITECTURE,
        replace_cell("""
def build_convnet():
    return keras.Sequential([
        layers.Conv2D(64, 3, strides=2, activation="relu"),
        layers.Conv2D(32, 2, padding="same", activation="relu"),
        layers.MaxPooling2D(2, strides=1),
        layers.Dropout(0.35),
        layers.Flatten(),
        layers.Dense(256, "tanh"),
        layers.Dropout(0.5),
        layers.Dense(10, "softmax"),
    ])
"""),
    ),
    Sample(
        "subclass",
        ARCHITECTURE,
        replace_cell("""
class ConvNet(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Conv2D(64, 3, strides=2, activation="relu")
        self.second = layers.Conv2D(32, 2, padding="same", activation="relu")
        self.pool = layers.MaxPooling2D(2, strides=1)
        self.drop = layers.Dropout(0.35)
        self.flat = layers.Flatten()
        self.hidden = layers.Dense(256, activation="tanh")
        self.drop_again = layers.Dropout(0.5)
        self.out = layers.Dense(10, activation="softmax")

    def call(self, images):
        features = self.drop(self.pool(self.second(self.first(images))))
        return self.out(self.drop_again(self.hidden(self.flat(features))))


def build_convnet():
    return ConvNet()
"""),
    ),
    Sample(
        "nested_models",
        ARCHITECTURE,
        replace_cell("""
def build_convnet():
    eyes = keras.Sequential(
        [
            layers.Conv2D(64, 3, strides=2, activation="relu"),
            layers.Conv2D(32, 2, padding="same", activation="relu"),
            layers.MaxPooling2D(2, strides=1),
            layers.Dropout(0.35),
        ],
        name="eyes",
    )
    mind = keras.Sequential([keras.Input((4608,)), layers.Dense(256, "tanh"), layers.Dropout(0.5)])
    image = keras.Input((28, 28, 1))
    return keras.Model(image, layers.Dense(10, "softmax")(mind(layers.Flatten()(eyes(image)))))
"""),
    ),
    Sample(
        "subclass_with_functions",
        ARCHITECTURE,
        replace_cell("""
class Block(layers.Layer):
    def __init__(self, filters, size, **settings):
        super().__init__()
        self.convolution = layers.Conv2D(filters, size, **settings)

    def call(self, x):
        return keras.activations.relu(self.convolution(x))


class ConvNet(keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [Block(64, 3, strides=2), Block(32, 2, padding="same")]
        self.pool = layers.MaxPool2D(strides=1)
        self.drops = [layers.Dropout(rate) for rate in (0.35, 0.5)]
        self.hidden, self.last = layers.Dense(256), layers.Dense(10)

    def call(self, x, training=None):
        for block in self.blocks:
            x = block(x)
        x = self.drops[0](self.pool(x), training=training)
        x = keras.ops.reshape(x, (-1, 4608))
        x = self.drops[1](keras.ops.tanh(self.hidden(x)), training=training)
        return keras.ops.softmax(self.last(x))


def build_convnet():
    return ConvNet()
"""),
    ),
    Sample(
        "activations_by_ops",
        ARCHITECTURE,
        replace_cell("""
def build_convnet():
    image = keras.Input((28, 28, 1))
    x = keras.ops.relu(layers.Conv2D(64, [3, 3], [2, 2], "valid")(image))
    x = keras.activations.relu(layers.Conv2D(32, 2, padding="same")(x))
    x = layers.Dropout(0.35)(layers.MaxPooling2D(pool_size=[2, 2], strides=[1, 1])(x))
    x = layers.Dropout(0.5)(layers.Dense(256, keras.ops.tanh)(layers.Flatten()(x)))
    return keras.Model(inputs=image, outputs=layers.Softmax()(layers.Dense(10)(x)))
"""),
    ),
    Sample(
        "everything_spelled_out",
        ARCHITECTURE,
        replace_cell("""
def build_convnet():
    window = {"data_format": "channels_last", "dtype": "float32"}
    convolution = {
        "dilation_rate": (1, 1), "groups": 1, "use_bias": True, "kernel_initializer": "glorot_uniform",
        "bias_initializer": "zeros", "kernel_regularizer": None, **window,
    }
    return keras.Sequential([
        keras.layers.InputLayer(shape=(28, 28, 1), name="digits"),
        layers.Conv2D(64, (3, 3), strides=(2, 2), padding="valid", activation=layers.ReLU(), name="one", **convolution),
        layers.Conv2D(32, (2, 2), strides=(1, 1), padding="same", activation=tf.nn.relu, name="second", **convolution),
        layers.MaxPooling2D(pool_size=(2, 2), strides=(1, 1), padding="valid", name="pool", **window),
        layers.Dropout(rate=0.35, noise_shape=None, seed=3, name="drop"),
        layers.Flatten(data_format="channels_last", name="flat"),
        layers.Dense(256, activation=keras.activations.tanh, use_bias=True, dtype=keras.DTypePolicy("float32")),
        layers.Dropout(0.5),
        layers.Dense(units=10, activation=keras.activations.softmax, kernel_initializer="he_normal"),
    ], name="my_network")
"""),
    ),
    Sample(
        "layers_of_activation",
        ARCHITECTURE,
        replace_cell("""
def build_convnet():
    network = keras.Sequential([
        keras.Input((28, 28, 1), batch_size=None),
        layers.Conv2D(64, 3, strides=2), layers.Activation("relu"),
        layers.Conv2D(32, 2, padding="same"), layers.Activation(keras.activations.relu),
        layers.MaxPooling2D(strides=1), layers.Dropout(0.35), layers.Flatten(),
        layers.Dense(256), layers.Activation("tanh"), layers.Dropout(0.5),
        layers.Dense(10), layers.Activation("softmax"),
    ])
    network.compile("sgd", "mse")
    return network
"""),
    ),
    Sample(
        "built_by_a_loop",
        ARCHITECTURE,
        replace_cell("""
def build_convnet():
    network = keras.Sequential()
    network.add(keras.Input(shape=[28, 28, 1]))
    for filters, size, stride, padding in ((64, 3, 2, "valid"), (32, 2, 1, "same")):
        network.add(layers.Conv2D(filters, size, stride, padding, activation="relu"))
    for layer in (layers.MaxPool2D(2, 1), layers.Dropout(0.35), layers.Reshape((4608,)), layers.Dense(256, "tanh")):
        network.add(layer)
    network.add(layers.Dropout(0.5))
    network.add(layers.Dense(10, "softmax"))
    network.build((None, 28, 28, 1))
    network.summary()
    return network
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
        "loops_instead_of_arrays",
        DATA,
        replace_cell("""
def prepare_images(images):
    prepared = np.zeros((len(images), 28, 28, 1), dtype=np.float32)
    for i in range(len(images)):
        prepared[i, :, :, 0] = images[i] / 255.0
    return prepared


def one_hot(labels, classes=10):
    rows = []
    for label in labels:
        row = [0.0] * classes
        row[int(label)] = 1.0
        rows.append(row)
    return rows
"""),
    ),
    Sample(
        "keras_helpers",
        DATA,
        replace_cell("""
def prepare_images(images):
    return tf.expand_dims(tf.cast(images, tf.float32) / 255.0, -1)


def one_hot(labels, classes=10):
    return keras.utils.to_categorical(labels, classes)
"""),
    ),
    Sample(
        "tensors_and_lists",
        DATA,
        replace_cell("""
def prepare_images(images):
    return keras.layers.Rescaling(1 / 255)(keras.ops.cast(images[:, :, :, None], "float32"))


def one_hot(labels, classes=10):
    return tf.one_hot(labels, classes).numpy().tolist()
"""),
    ),
    Sample(
        "reshaped_and_compared",
        DATA,
        replace_cell("""
def prepare_images(images):
    scaled = np.divide(images, 255, dtype=np.float32)
    return np.ascontiguousarray(scaled.reshape(-1, 28, 28, 1))


def one_hot(labels, classes=10):
    return (np.asarray(labels)[:, None] == np.arange(classes)).astype(np.uint8)
"""),
    ),
    Sample(
        "numpy_arithmetic",
        ARITHMETIC,
        replace_cell("""
def conv_output_size(size, kernel, stride=1, padding="valid"):
    if padding == "same":
        return np.ceil(size / stride)
    pad = {"valid": 0}.get(padding, padding)
    return np.floor((size - kernel + 2 * pad) / stride) + 1


def conv_parameters(kernel, channels, filters, bias=True):
    weights = np.prod(np.broadcast_to(kernel, 2)) * channels * filters
    return weights + filters * bias
"""),
    ),
    Sample(
        "counted_one_by_one",
        ARITHMETIC,
        replace_cell("""
def conv_output_size(size, kernel, stride=1, padding="valid"):
    if padding == "same":
        return -(-size // stride)
    total = size + 2 * (padding if isinstance(padding, int) else 0)
    places = 0
    while places * stride + kernel <= total:
        places += 1
    return places


def conv_parameters(kernel, channels, filters, bias=True):
    try:
        high, wide = kernel
    except TypeError:
        high = wide = kernel
    return float(sum(high * wide * channels + int(bias) for _ in range(filters)))
"""),
    ),
    Sample(
        "asked_of_keras",
        ARITHMETIC,
        replace_cell("""
def conv_output_size(size, kernel, stride=1, padding="valid"):
    if isinstance(padding, int):
        size, padding = size + 2 * padding, "valid"
    return layers.Conv1D(1, kernel, stride, padding).compute_output_shape((None, size, 1))[1]


def conv_parameters(kernel, channels, filters, bias=True):
    layer = layers.Conv2D(filters, kernel, use_bias=bias)
    layer.build((None, 99, 99, channels))
    return np.array([layer.count_params()])
"""),
    ),
    Sample(
        "objects_for_names",
        TRAINING,
        replace_cell("""
def train_convnet(optimizer, train, val, epochs=10, callbacks=()):
    model = build_convnet()
    model.compile(
        optimizer=keras.optimizers.get(optimizer),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    history = model.fit(x=train, epochs=epochs, validation_data=val, callbacks=[*callbacks], verbose=2)
    return history
"""),
    ),
    *training_equivalents(TRAINING),
    Sample("compiled_by_name", TRAINING, swap(COMPILE, 'network.compile(optimizer, loss="CategoricalCrossentropy")')),
    Sample("loss_as_function", TRAINING, swap('"categorical_crossentropy"', "keras.losses.categorical_crossentropy")),
    Sample(
        "loss_spelled_out",
        TRAINING,
        swap(
            '"categorical_crossentropy"',
            'keras.losses.CategoricalCrossentropy(from_logits=False, label_smoothing=0.0, axis=-1, name="mine")',
        ),
    ),
    Sample(
        "learning_rates_spelled_out",
        TRAINING,
        compose(
            lambda source: (
                'RATES = {"adam": 0.001, "adadelta": 0.001, "sgd": 0.01}\n'
                'CLASSES = {"adam": keras.optimizers.Adam, "adadelta": tf.keras.optimizers.Adadelta, '
                '"sgd": keras.optimizers.SGD}\n\n\n' + source
            ),
            swap(
                "    network = build_convnet()\n",
                "    network = build_convnet()\n"
                "    if isinstance(optimizer, str):\n"
                "        optimizer = CLASSES[optimizer](learning_rate=RATES[optimizer])\n",
            ),
        ),
    ),
    Sample(
        "first_weights_put_back",
        TRAINING,
        compose(
            lambda source: "network = build_convnet()\nfirst = network.get_weights()\n\n\n" + source,
            swap("    network = build_convnet()\n", "    network.set_weights(first)\n"),
        ),
    ),
    Sample(
        "clone_of_one_network",
        TRAINING,
        compose(
            lambda source: "template = build_convnet()\n\n\n" + source,
            swap("network = build_convnet()", "network = keras.models.clone_model(template)"),
        ),
    ),
    Sample(
        "more_callbacks_and_shuffling",
        TRAINING,
        swap(
            FIT,
            "stop = keras.callbacks.TerminateOnNaN()\n    network.fit(\n        train, None, None, epochs, "
            "shuffle=True, callbacks=[stop, *callbacks], validation_data=val,\n        steps_per_epoch=len(train), "
            "validation_freq=1,\n    )\n    return network.history",
        ),
    ),
    Sample(
        "pyplot_state",
        CURVES,
        replace_cell("""
def plot_loss_curves(histories):
    plt.figure()
    for name in histories:
        plt.semilogy(histories[name].history["loss"], label=f"{name} (training)")
        plt.plot(histories[name].history["val_loss"], "--", label=f"{name} (validation)")
    plt.xlabel("Epoch")
    plt.ylabel("Loss")
    plt.legend(loc="upper right")
    plt.title("Three optimizers")
    plt.show()
"""),
    ),
    Sample(
        "one_axes_for_each",
        CURVES,
        replace_cell("""
def plot_loss_curves(histories):
    figure, axes = plt.subplots(1, len(histories), figsize=(12, 3), squeeze=False)
    for ax, (name, run) in zip(axes[0], histories.items()):
        ax.plot(run.history["loss"])
        ax.set_title(name.upper())
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
    return figure
"""),
    ),
    Sample(
        "pandas_plot",
        CURVES,
        replace_cell("""
import pandas as pd

def plot_loss_curves(histories):
    losses = pd.DataFrame({name: run.history["loss"] for name, run in histories.items()})
    axes = losses.plot(logy=True, xlabel="epoch", ylabel="loss")
    return axes
"""),
    ),
    Sample(
        "labels_in_the_legend",
        CURVES,
        replace_cell("""
def plot_loss_curves(histories):
    fig, ax = plt.subplots()
    lines = [ax.plot(run.history["loss"], marker)[0] for run, marker in zip(histories.values(), "os^v")]
    ax.legend(lines, [f"Optimizer: {name}" for name in histories])
    ax.set(xlabel="epochs", ylabel="cross-entropy", yscale="log", title="loss")
    ax.grid(True)
    fig.tight_layout()
    return ax
"""),
    ),
    Sample(
        "training_and_validation_side_by_side",
        CURVES,
        replace_cell("""
def plot_loss_curves(histories):
    figure, (left, right) = plt.subplots(1, 2, sharex=True, sharey=True)
    for axes, metric in ((left, "loss"), (right, "val_loss")):
        for name, run in histories.items():
            losses = np.array(run.history[metric])
            axes.plot(np.arange(len(losses)) + 1, losses, label=name)
        axes.set_title(metric)
        axes.legend()
    figure.supxlabel("epoch")
    figure.supylabel("loss")
    return figure, (left, right)
"""),
    ),
    Sample("steps_between_epochs", CURVES, swap(PLOT, PLOT.replace("axes.plot", "axes.step"))),
    Sample("rate_by_position", REPAIR, swap("learning_rate=1.0", "1.0")),
    Sample(
        "rate_set_afterwards",
        REPAIR,
        replace_cell("""
def adadelta_that_learns():
    optimizer = keras.optimizers.get("adadelta")
    optimizer.learning_rate = 1.0
    return optimizer
"""),
    ),
    Sample("from_tensorflow", REPAIR, swap("return keras", "return tf.keras")),
    Sample("names_in_capitals", CURVES, swap("label=name", "label=name.upper()")),
]
