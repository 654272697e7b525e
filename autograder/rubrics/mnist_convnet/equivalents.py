"""Right answers written differently: each must get full marks."""

from autograder.rubrics.mnist_convnet.mutants import ARCHITECTURE, ARITHMETIC, CURVES, DATA, TRAINING
from autograder.samples import Sample, written

EQUIVALENTS = [
    Sample(
        "functional",
        ARCHITECTURE,
        written("""
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
        written("""
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
        written("""
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
        written("""
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
        "loops_instead_of_arrays",
        DATA,
        written("""
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
        written("""
def prepare_images(images):
    return tf.expand_dims(tf.cast(images, tf.float32) / 255.0, -1)


def one_hot(labels, classes=10):
    return keras.utils.to_categorical(labels, classes)
"""),
    ),
    Sample(
        "numpy_arithmetic",
        ARITHMETIC,
        written("""
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
        "objects_for_names",
        TRAINING,
        written("""
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
    Sample(
        "pyplot_state",
        CURVES,
        written("""
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
        written("""
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
        written("""
import pandas as pd

def plot_loss_curves(histories):
    losses = pd.DataFrame({name: run.history["loss"] for name, run in histories.items()})
    axes = losses.plot(logy=True, xlabel="epoch", ylabel="loss")
    return axes
"""),
    ),
]
