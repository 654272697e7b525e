# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] nbgrader={"grade": false, "grade_id": "introduction", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # A ConvNet for handwritten digits
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# In this notebook you build a convolutional network for handwritten digits, from the pixels to a network whose shapes
# and parameters you could write down without a computer. Then three optimizers compete on it, and you explain the
# result.
#
# | | exercise | you write | points |
# |---|---|---|---:|
# | 1 | `data` | `prepare_images`, `one_hot` | 2 |
# | 2 | `arithmetic` | `conv_output_size`, `conv_parameters` | 4 |
# | 3 | `architecture` | `build_convnet` | 6 |
# | 4 | `training` | `train_convnet` | 5 |
# | 5 | `curves` | `plot_loss_curves` | 3 |
# | 6 | `repair` | `adadelta_that_learns` | 2 |
# | 7 | `discussion` | a few sentences, read by a person | 4 |
#
# Every exercise is a function with a docstring that says what goes in and what comes out. Write your code where it
# says `YOUR CODE HERE`, and delete the line `raise NotImplementedError()`. After each exercise a **check** tells you
# at once what is right and what is not yet. The marks come from more checks of the same kind, on inputs you have not
# seen.
#
# **Time:** 2 to 3 hours of work, and 11 minutes during which the computer trains on its own.

# %% [markdown] nbgrader={"grade": false, "grade_id": "setup_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Set-up
#
# Run the next two cells. The first takes about 10 seconds, because it imports TensorFlow. What that may write on a red
# ground, about oneDNN and CUDA, is harmless. On Colab it also installs the course's small package `cnnkit`, which brings
# the data along: nothing is downloaded later.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# {{setup}}
import math

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

import cnnkit

# %% [markdown] nbgrader={"grade": false, "grade_id": "start_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Write your student id between the quotes**, so that the record of your training is yours.
#
# `QUICK` is for while you work: 12,000 images and 3 epochs instead of 55,000 and 10. Every long cell then takes
# seconds. What you hand in needs the full run: **set `QUICK = False` at the end and run the notebook once from the
# top.**

# %%
QUICK = True
EPOCHS = 3 if QUICK else 10
cnnkit.start("mnist_convnet", student="", quick=QUICK)

# %% [markdown] nbgrader={"grade": false, "grade_id": "data_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1 · The data
#
# MNIST has 70,000 grey pictures of handwritten digits, 28 × 28 pixels each: 60,000 to learn from, 10,000 to test
# with. A pixel is a whole number from 0 (paper) to 255 (ink); a label says which digit it is.

# %% nbgrader={"grade": false, "grade_id": "load", "locked": true, "schema_version": 3, "solution": false, "task": false}
(x_train, y_train), (x_test, y_test) = cnnkit.data.load("mnist")
print("training images", x_train.shape, x_train.dtype, " labels", y_train.shape, y_train.dtype)
print("test images    ", x_test.shape, x_test.dtype, " labels", y_test.shape, y_test.dtype)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "look", "locked": true, "schema_version": 3, "solution": false, "task": false}
cnnkit.plots.digits(x_train[:16], y_train[:16], columns=8)

# %% [markdown] nbgrader={"grade": false, "grade_id": "data_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:load.txt}}
#
# {{figure:look.png|Sixteen handwritten digits in two rows of eight, each with its label: 5 0 4 1 9 2 1 3 and 1 4 3 5 3 6 1 7.|The first sixteen training images with their labels. Could you have labelled all of them?}}
#
# ### Exercise 1 · `data` (2 points)
#
# A network wants its numbers differently:
#
# - **Images** as `float32` between 0 and 1, since weights start small and large inputs make the first steps wild. And
#   with a fourth axis for the *channels*: a colour picture has three, ours has one. So (N, 28, 28) becomes (N, 28,
#   28, 1).
# - **Labels** *one-hot*: a row of ten numbers, 1 at the place of the digit and 0 elsewhere. The network will answer
#   with ten probabilities, and these two rows can be compared.
#
# **Predict first.** `x_train` is `uint8`. Which dtype does `x_train / 255` have? (Not `float32`. Try it in a new
# cell.)


# %% nbgrader={"grade": false, "grade_id": "data_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prepare_images(images: np.ndarray) -> np.ndarray:
    """Turn raw images into what the network reads.

    Args:
        images: uint8, shape (N, 28, 28), values 0 to 255. It must not be changed.

    Returns:
        float32, shape (N, 28, 28, 1), values 0 to 1.

    Example:
        >>> prepare_images(np.zeros((2, 28, 28), dtype="uint8")).shape
        (2, 28, 28, 1)
    """
    ### BEGIN SOLUTION
    return images[..., np.newaxis].astype("float32") / 255
    ### END SOLUTION


def one_hot(labels: np.ndarray, classes: int = 10) -> np.ndarray:
    """Turn labels into rows with a single 1.

    Args:
        labels: whole numbers from 0 to classes - 1, shape (N,).
        classes: the number of columns.

    Returns:
        float32, shape (N, classes).

    Example:
        >>> one_hot(np.array([2, 0]), classes=3)
        array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """
    ### BEGIN SOLUTION
    return np.eye(classes, dtype="float32")[labels]
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "data_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
images = prepare_images(x_train[:5])
labels = one_hot(y_train[:5])
print("images", images.shape, images.dtype, "from", images.min(), "to", images.max())
print("labels", labels.shape, labels.dtype)
print(labels)

# %% [markdown] nbgrader={"grade": false, "grade_id": "data_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (the digits are 5, 0, 4, 1, 9)
#
# {{expected:data_try.txt}}

# %% nbgrader={"grade": true, "grade_id": "data", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.data(prepare_images, one_hot)

# %% [markdown] nbgrader={"grade": false, "grade_id": "arithmetic_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2 · The arithmetic of a convolution
#
# A convolutional layer slides a small *kernel* over the image. At every place it multiplies the kernel with the
# pixels under it, number by number, and adds everything up. Here is one step of it:

# %% nbgrader={"grade": false, "grade_id": "correlation", "locked": true, "schema_version": 3, "solution": false, "task": false}
window = np.array([[2, 4, 9], [2, 1, 4], [1, 1, 2]])
kernel = np.array([[1, 2, 3], [-4, 7, 4], [2, -5, 1]])
print("kernel as it stands (what Keras computes):", (window * kernel).sum())
print("kernel turned by 180° (what mathematics calls convolution):", (window * kernel[::-1, ::-1]).sum())

# %% [markdown] nbgrader={"grade": false, "grade_id": "size_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:correlation.txt}}
#
# So a "convolution" layer really computes a *cross-correlation*. For learning this makes no difference: the network
# would simply learn the turned kernel. It does when you compare by hand, or with a signal-processing library.
#
# Two ideas make such a layer small:
#
# - **Local connections:** an output looks at 3 × 3 pixels, not at all 784.
# - **Weight sharing:** the *same* kernel is used everywhere, so an edge is found wherever it is. 64 kernels of 3 × 3
#   with a bias each are 640 parameters. A Dense layer with as many outputs (13 × 13 × 64 = 10,816) would need 784 ·
#   10,816 + 10,816 = 8,490,560.
#
# A kernel always reaches through **all** channels of its input: on an image with 64 channels, a "2 × 2 kernel" has 2
# · 2 · 64 weights. Every filter adds one bias.
#
# ### How large is the output?
#
# Along one axis: input size $n$, kernel $k$, stride $s$ (how far the kernel moves each time), and $p$ pixels of zeros
# added on *each* side.
#
# $$\text{output} = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# | `padding` | means | output |
# |---|---|---|
# | `"valid"` | no padding, the kernel stays inside | the formula with $p = 0$ |
# | a whole number | $p$ pixels on each side | the formula |
# | `"same"` | as many zeros as needed, on whichever side | $\lceil n / s \rceil$, whatever the kernel |
#
# The brackets $\lfloor\ \rfloor$ matter: a window that would stick out is left out, and the last pixels are never
# looked at. Many textbooks write the formula without them.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "windows", "locked": true, "schema_version": 3, "solution": false, "task": false}
cnnkit.plots.windows(size=28, kernel=3, stride=2)

# %% [markdown] nbgrader={"grade": false, "grade_id": "predict_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{figure:windows.png|A row of 28 pixels. Thirteen brackets, each three pixels wide, start at every second pixel. The last pixel is hatched: no window reaches it.|28 pixels, kernel 3, stride 2, "valid": (28 − 3) / 2 + 1 = 13.5, and half a window does not exist. 13 windows fit; the last pixel is never read.}}
#
# Two more traps:
#
# - `"same"` keeps the size **only with stride 1**. With stride 2 it gives 14 here, not 28.
# - With an even kernel, `"same"` pads one pixel more on the right and at the bottom than on the left and at the top.
#   No whole number $p$ can do this.
#
# ### Predict by hand
#
# This is the network you will build. Before you do: with pencil and paper, what does each layer put out, and how many
# parameters has it? The first output shape is that of the picture above; pooling follows the same formula as
# convolution and has nothing to learn; `Flatten` writes all numbers in one row; a Dense layer has one weight for each
# pair of input and output, and one bias for each output.
#
# Write your numbers into the next cell. Nobody marks them. You will see how they compare with the real network later.

# %%
prediction = [
    # layer, its output shape (5, 5, 8) or (100,), its number of parameters
    ("Conv2D 64, 3×3, stride 2, valid", None, None),
    ("Conv2D 32, 2×2, stride 1, same", None, None),
    ("MaxPooling2D 2×2, stride 1", None, None),
    ("Dropout 0.35", None, None),
    ("Flatten", None, None),
    ("Dense 256", None, None),
    ("Dropout 0.5", None, None),
    ("Dense 10", None, None),
]

# %% [markdown] nbgrader={"grade": false, "grade_id": "arithmetic_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `arithmetic` (4 points)
#
# Now teach it to the computer, for any size. `padding` can be `"valid"`, `"same"` or a whole number.


# %% nbgrader={"grade": false, "grade_id": "arithmetic_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_output_size(size: int, kernel: int, stride: int = 1, padding: str | int = "valid") -> int:
    """How many places a kernel takes along one axis.

    Args:
        size: input size in pixels, at least as large as the kernel.
        kernel: kernel size in pixels.
        stride: step between two places, in pixels.
        padding: "valid", "same", or the number of pixels added on each side.

    Returns:
        The output size, a Python int.

    Example:
        >>> conv_output_size(7, 3), conv_output_size(227, 11, stride=4)
        (5, 55)
    """
    ### BEGIN SOLUTION
    if padding == "same":
        return math.ceil(size / stride)
    added = 0 if padding == "valid" else 2 * int(padding)
    return (size + added - kernel) // stride + 1
    ### END SOLUTION


def conv_parameters(kernel: int | tuple[int, int], channels: int, filters: int, bias: bool = True) -> int:
    """How many numbers a Conv2D layer learns.

    Args:
        kernel: kernel size: a whole number for a square, or a pair (height, width).
        channels: channels of the layer's input.
        filters: channels of the layer's output.
        bias: whether every filter has a bias.

    Returns:
        The number of weights and biases, a Python int.

    Example:
        >>> conv_parameters(5, channels=3, filters=10)
        760
    """
    ### BEGIN SOLUTION
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    return (height * width * channels + (1 if bias else 0)) * filters
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "arithmetic_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
first = conv_output_size(28, 3, stride=2)
second = conv_output_size(first, 2, padding="same")
pooled = conv_output_size(second, 2, stride=1)
print(f"sizes: 28 -> {first} -> {second} -> {pooled}; Flatten makes {pooled * pooled * 32:,} numbers")
print(f"parameters: {conv_parameters(3, 1, 64):,} and {conv_parameters((2, 2), 64, 32):,}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "arithmetic_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:arithmetic_try.txt}}
#
# Do they agree with your pencil? If pooling gave you 6: that is what Keras does when you *don't* say the stride,
# because the default stride of `MaxPooling2D` is its pool size. The network above says stride 1.

# %% nbgrader={"grade": true, "grade_id": "arithmetic", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.arithmetic(conv_output_size, conv_parameters)

# %% [markdown] nbgrader={"grade": false, "grade_id": "architecture_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3 · The network
#
# The brief, in this order. What it does not mention stays at Keras's default.
#
# | | layer | settings | activation |
# |---|---|---|---|
# | 1 | `Conv2D` | 64 filters, kernel (3, 3), strides (2, 2), padding "valid" | ReLU |
# | 2 | `Conv2D` | 32 filters, kernel (2, 2), strides (1, 1), padding "same" | ReLU |
# | 3 | `MaxPooling2D` | pool (2, 2), strides (1, 1) | |
# | 4 | `Dropout` | rate 0.35 | |
# | 5 | `Flatten` | | |
# | 6 | `Dense` | 256 units | tanh |
# | 7 | `Dropout` | rate 0.5 | |
# | 8 | `Dense` | 10 units | softmax |
#
# The input is one image of shape (28, 28, 1). **Softmax** turns ten numbers into ten probabilities that add up to 1.
# **Max pooling** keeps the largest of every 2 × 2 numbers, so a stroke that moves by a pixel changes little.
#
# ### Exercise 3 · `architecture` (6 points)
#
# Sequential or functional, as you like: the network counts, not the way it is written. Leave compiling to exercise 4.


# %% nbgrader={"grade": false, "grade_id": "architecture_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_convnet() -> keras.Model:
    """A new network as in the brief, with fresh random weights, not compiled.

    Returns:
        A Keras model that turns images (batch, 28, 28, 1) into probabilities (batch, 10).

    Example:
        >>> build_convnet().output_shape
        (None, 10)
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(64, kernel_size=(3, 3), strides=(2, 2), padding="valid", activation="relu"),
            layers.Conv2D(32, kernel_size=(2, 2), strides=(1, 1), padding="same", activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2), strides=(1, 1)),
            layers.Dropout(0.35),
            layers.Flatten(),
            layers.Dense(256, activation="tanh"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "picture", "locked": true, "schema_version": 3, "solution": false, "task": false}
network = build_convnet()
cnnkit.plots.architecture(network)

# %% [markdown] nbgrader={"grade": false, "grade_id": "picture_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{figure:picture.png|The eight layers from top to bottom with settings, output shape and parameters. Dense 256 has 1,179,904 of the 1,191,338 parameters, 99 percent; the two convolutions together have fewer than 9,000.|The network, layer by layer. The bars show where the parameters are.}}
#
# Look at the bars: **99 % of all parameters sit in one Dense layer**, because it connects each of 4,608 numbers with
# each of 256 units. The two convolutions, which do the seeing, have 8,864 together. The big networks of the years
# after 2014 therefore averaged each channel to one number instead of flattening.

# %% nbgrader={"grade": true, "grade_id": "architecture", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.architecture(build_convnet)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "compare", "locked": true, "schema_version": 3, "solution": false, "task": false}
# How good was your prediction?
spec = cnnkit.spec.describe(network, input_shape=(None, 28, 28, 1))
for (name, *yours), layer in zip(prediction, spec.layers, strict=False):
    network_says = [layer.output_shape[1:], layer.parameters]
    print("✓" if yours == network_says else "·", f"{name:33} you: {yours!s:24} network: {network_says}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "dropout_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### What dropout does
#
# During **training**, dropout sets each number to 0 with the given probability (the *rate*) and multiplies the others
# by 1 / (1 − rate), so that the sum stays the same on average. No unit can rely on a particular neighbour, and the
# network overfits less. When the network **predicts**, dropout does nothing. It has no parameters.
#
# **Predict first:** twelve ones go through `Dropout(0.5)`. Which values can come out?

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "dropout", "locked": true, "schema_version": 3, "solution": false, "task": false}
ones = np.ones((1, 12), dtype="float32")
dropout = layers.Dropout(0.5, seed=1)
print("training  ", np.array(dropout(ones, training=True))[0])
print("prediction", np.array(dropout(ones, training=False))[0])

# %% [markdown] nbgrader={"grade": false, "grade_id": "initial_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:dropout.txt}}
#
# ## 4 · Training
#
# ### Before the first step: is the loss what it should be?
#
# A network that knows nothing gives each of ten digits a probability of about 1/10. Categorical cross-entropy is −log
# of the probability given to the right digit. **Predict first:** what is the loss of a fresh network? If yours is far
# from it, something is wrong before training even starts: pixels not scaled, labels mixed up, no softmax.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "initial_loss", "locked": true, "schema_version": 3, "solution": false, "task": false}
keras.utils.set_random_seed(0)
probabilities = build_convnet().predict(prepare_images(x_train[:2000]), verbose=0)
loss = keras.losses.categorical_crossentropy(one_hot(y_train[:2000]), probabilities)
print(f"a fresh network: {np.mean(loss):.3f}      -log(1/10) = {math.log(10):.3f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "batches_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (within 0.15 or so of log(10): random weights are not perfectly undecided)
#
# {{expected:initial_loss.txt}}
#
# ### The data, in batches
#
# `train` hands out 128 images at a time, in another order each epoch, converted as you did in exercise 1. `val` has
# 5,000 other training images for validation. The test images stay away until the end.

# %% nbgrader={"grade": false, "grade_id": "batches", "locked": true, "schema_version": 3, "solution": false, "task": false}
train, val = cnnkit.data.batches("mnist", quick=QUICK, batch_size=128)
print(f"{train.images:,} images for training, {val.images:,} for validation, {train.batch_size} in a batch")

# %% [markdown] nbgrader={"grade": false, "grade_id": "training_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `training` (5 points)
#
# `train_convnet` builds a **fresh** network (or the second optimizer would continue where the first stopped),
# compiles it with the optimizer it is given, categorical cross-entropy as loss and accuracy as a metric, fits it, and
# returns what `fit` returns. Pass `train` and `val` to `fit` as they are. (`verbose=0` in `fit` keeps the notebook short;
# while recording, the course's own package prints a line for every epoch.)
#
# Three traps:
#
# - `compile(optimizer, loss, ["accuracy"])`: the third positional argument is `loss_weights`, **not** `metrics`. Name
#   your arguments.
# - The network already ends in softmax. A loss with `from_logits=True` applies it a second time: then even a perfect
#   answer costs log(e + 9) − 1 = 1.461, and training crawls without any error message.
# - One-hot labels go with `categorical_crossentropy`; `sparse_categorical_crossentropy` wants whole numbers.


# %% nbgrader={"grade": false, "grade_id": "training_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_convnet(optimizer, train, val, epochs: int = 10, callbacks=()) -> keras.callbacks.History:
    """Train a fresh network.

    Args:
        optimizer: what `compile` takes: a name such as "adam", or an optimizer object.
        train: dataset of batches: images float32 (batch, 28, 28, 1), labels one-hot float32 (batch, 10).
        val: dataset of the same kind, for validation after every epoch.
        epochs: how often to go through `train`.
        callbacks: Keras callbacks to pass on to `fit`.

    Returns:
        The History that `fit` returns, with "loss", "accuracy", "val_loss" and "val_accuracy" by epoch.

    Example:
        >>> history = train_convnet("adam", train, val, epochs=2)
        >>> len(history.history["val_loss"])
        2
    """
    ### BEGIN SOLUTION
    network = build_convnet()
    network.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return network.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks), verbose=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "training", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.training(train_convnet)

# %% [markdown] nbgrader={"grade": false, "grade_id": "overfit_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Can it learn anything at all? Overfit 200 images
#
# Before you spend minutes on 55,000 images, spend seconds on 200. A network with more than a million parameters must
# be able to learn 200 images by heart. If it cannot, there is a mistake, and more data will not help. (About 10
# seconds.)
#
# Here the *same* 200 images serve for training and for "validation". **Predict first:** will both losses be equal?

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "overfit", "locked": true, "schema_version": 3, "solution": false, "task": false}
few = train.first(200)
history = train_convnet("adam", few, few, epochs=40).history
for name in ("accuracy", "loss"):
    print(f"{name:8}  training {history[name][-1]:.4f}   validation {history['val_' + name][-1]:.4f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "record_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (about this)
#
# {{expected:overfit.txt}}
#
# All 200 are right, as it should be. The losses differ although the images are the same: the training loss is measured
# *with* dropout and averaged over the epoch, while the weights still change; the validation loss after the epoch and
# without dropout. This is why validation can look better than training, here and in the curves below.
#
# ### Now for real
#
# Each optimizer trains its own fresh network. `cnnkit.record` calls your function and keeps the history, so that
# nobody has to train again to see your curves. Don't clear the output of this cell before you hand in: the record
# travels in it.
#
# **Time, measured on 2 cores:** full run about 3.5 minutes per optimizer, 11 minutes in all; with `QUICK` about 20
# seconds each.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "record", "locked": true, "schema_version": 3, "solution": false, "task": false}
records = {}
for name in ("adam", "adadelta", "sgd"):
    records[name] = cnnkit.record(train_convnet, name, train, val, epochs=EPOCHS)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "results", "locked": true, "schema_version": 3, "solution": false, "task": false}
columns = ["loss", "val_loss", "accuracy", "val_accuracy"]
print(f"{'':10}" + "".join(f"{column:>14}" for column in columns))
for name, record in records.items():
    print(f"{name:10}" + "".join(f"{record.history[column][-1]:14.4f}" for column in columns))

# %% [markdown] nbgrader={"grade": false, "grade_id": "curves_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run, after the last epoch (yours differs a little: your seed comes from your student
# id)
#
# {{expected:results.txt}}
#
# ## 5 · The loss curves
#
# ### Exercise 5 · `curves` (3 points)
#
# Plot the training loss (`"loss"`) of every run against the epoch, all in one picture: **one line per optimizer**,
# each with its name as label and a legend, both axes named. The losses differ by a factor of a hundred, so think
# about a logarithmic y axis. Count epochs from 1.


# %% nbgrader={"grade": false, "grade_id": "curves_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def plot_loss_curves(histories):
    """Draw the training loss of several runs in one picture.

    Args:
        histories: dictionary from a run's name ("adam") to an object with the attribute `history`: a
            dictionary with a list of numbers under "loss", one for each epoch. A Keras History is such
            an object, a record another.

    Returns:
        The matplotlib Figure, with one labelled line per run.

    Example:
        >>> figure = plot_loss_curves(records)
        >>> len(figure.axes[0].lines)
        3
    """
    ### BEGIN SOLUTION
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for (name, run), style in zip(histories.items(), ["-", "--", "-.", ":"] * len(histories), strict=False):
        losses = run.history["loss"]
        axes.plot(range(1, len(losses) + 1), losses, style, marker="o", label=name)
    axes.set_xlabel("epoch")
    axes.set_ylabel("training loss (categorical cross-entropy)")
    axes.set_yscale("log")
    axes.legend()
    return figure
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "curves_show", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure = plot_loss_curves(records)
plt.close(figure)  # or Jupyter would show it twice
figure

# %% [markdown] nbgrader={"grade": false, "grade_id": "curves_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{figure:curves_show.png|Training loss against epoch on a logarithmic axis, one line per optimizer. Adam falls lowest, SGD lies above it, Adadelta stays far above both and falls slowly.|Ten epochs with each optimizer, as the reference run drew them. Yours may look different and still be right.}}

# %% nbgrader={"grade": true, "grade_id": "curves", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.curves(plot_loss_curves)

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6 · What the optimizers did
#
# Adadelta was invented so that one would *not* have to choose a learning rate: its paper (Zeiler, 2012, *ADADELTA: An
# Adaptive Learning Rate Method*) has no such factor in front of the step. Its curve above hardly moves all the same. Look
# at what Keras gives it:

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
for name, value in keras.optimizers.Adadelta().get_config().items():
    if isinstance(value, float):
        print(f"{name:15} {value:g}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:experiment.txt}}
#
# ### Exercise 6 · `repair` (2 points)
#
# `adadelta_that_learns` returns an Adadelta with which `train_convnet` gets **more than 95 %** of the validation images
# right after **three epochs in quick mode** (12,000 images). With Keras's own settings it gets about 15 % there. One
# setting is enough. Which one stands in front of the step in Keras, and not in the paper? And what would it have to be for
# the step to be the paper's?


# %% nbgrader={"grade": false, "grade_id": "repair_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adadelta_that_learns() -> keras.optimizers.Optimizer:
    """Configure Adadelta so that it learns this task.

    Returns:
        A new keras.optimizers.Adadelta each time.

    Example:
        >>> adadelta_that_learns().name
        'adadelta'
    """
    ### BEGIN SOLUTION
    return keras.optimizers.Adadelta(learning_rate=1.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "repair", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.repair(adadelta_that_learns)

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Does it learn? This run is recorded too, and marked. Don't clear its output. (About 20 seconds, in quick mode or not.)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "repair_record", "locked": true, "schema_version": 3, "solution": false, "task": false}
some, some_val = cnnkit.data.batches("mnist", quick=True, batch_size=128)
repaired = cnnkit.record(train_convnet, adadelta_that_learns(), some, some_val, epochs=3, run="adadelta_that_learns")

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "repair_result", "locked": true, "schema_version": 3, "solution": false, "task": false}
for epoch, accuracy in enumerate(repaired.history["val_accuracy"], 1):
    print(f"epoch {epoch}: validation accuracy {accuracy:.3f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "test_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (about this)
#
# {{expected:repair_result.txt}}
#
# ### The test images, once
#
# So far no test image was used: choosing the optimizer by looking at test results would make these results too good
# to be true. Now choose with the validation loss: the optimizer, and the epoch where it was lowest. Train that
# network once more and test it, once. (About 20 seconds an epoch; with `QUICK` about 5.)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "test", "locked": true, "schema_version": 3, "solution": false, "task": false}
best = min(records, key=lambda name: min(records[name].history["val_loss"]))
epochs = 1 + int(np.argmin(records[best].history["val_loss"]))
final = train_convnet(best, train, val, epochs=epochs).model
probabilities = final.predict(prepare_images(x_test), verbose=0)
wrong = np.flatnonzero(probabilities.argmax(axis=1) != y_test)
accuracy = 1 - len(wrong) / len(y_test)
print(f"{best}, {epochs} epochs: {len(wrong)} of {len(y_test):,} test images wrong, {accuracy:.4f} right")
answers = [f"{y_test[i]}, not {probabilities[i].argmax()}" for i in wrong[:16]]
cnnkit.plots.digits(x_test[wrong[:16]], answers, columns=8)

# %% [markdown] nbgrader={"grade": false, "grade_id": "discussion_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run
#
# {{expected:test.txt}}
#
# {{figure:test.png|Sixteen test images that the network got wrong, each with the right digit and the network's answer. Most are hard to read for a person too.|Sixteen of the mistakes: the right digit, and what the network said.}}
#
# ### Exercise 7 · `discussion` (4 points)
#
# In five to ten sentences of your own:
#
# 1. Which optimizer wins on this network, and by which of your numbers? Say also what happens to its validation loss
#    in the later epochs.
# 2. Adadelta barely moves. Why? Use what exercise 6 showed.
# 3. Is it fair to say "Adadelta is a bad optimizer"? What would a fair comparison need?

# %% [markdown] nbgrader={"grade": true, "grade_id": "discussion", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Adam wins: after ten epochs it has the lowest training loss and the highest validation accuracy, about 99 %, and it
# is there after two or three epochs already. Its validation loss stops falling after some epochs while its training
# loss still does: from there on it learns the training images rather than digits. SGD at 0.01 is slower but steady
# and still improving at the end.
#
# Adadelta divides the running size of its past steps by that of its past gradients, both starting at zero; so its
# steps begin tiny (of the order of the square root of epsilon) and have to grow by themselves. The paper has no
# learning rate, that is, 1.0. Keras multiplies each step by 0.001 unless told otherwise, so the weights move a
# thousand times too slowly: after ten epochs the loss is still above 1, where Adam's is near 0.2 after the first.
# With a learning rate of 1.0 the same network learns in three epochs, as exercise 6 shows.
#
# It is not fair: this compares default settings, not optimizers. For a fair comparison one tunes the learning rate of
# each by the same method and effort, on the validation images, repeats with several seeds, and looks at the test
# images only once.
# ### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "summary", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Hand in
#
# 1. Set `QUICK = False` and write your student id at the top.
# 2. Restart the kernel and run all cells (menu *Kernel* or *Runtime*). It takes about 15 minutes; you need not watch.
# 3. Look through it: all checks green? Is the output of the training cells there, for all three optimizers and for the
#    repaired one?
# 4. Save (Ctrl+S), **with the outputs**. Then take the `#` away in the last cell and run it: `cnnkit.submit()` packs the
#    notebook, your training records and the final weights into one file (about 9 MB).
# 5. Hand that file in. If the upload refuses it, hand in `mnist_convnet.ipynb` alone, under this name; your records are in its
#    outputs.
#
# An interrupted training goes on after its last epoch when you run its cell again. A notebook that is not finished is
# marked for what is there, so hand it in all the same.
#
# ### What you can do now
#
# - Tell the output shape and parameters of a convolutional network from its description, and know where they hide (in
#   the Dense layer).
# - Test a network before training it: initial loss near log(classes), 200 images learned by heart.
# - Compare training runs without fooling yourself: fresh weights, validation for choosing, test images once.
#
# **To go on:** replace `Flatten` by `GlobalAveragePooling2D`. How many parameters remain? How far does the accuracy
# fall? What does Adam do without dropout?

# %% tags=["skip-in-grading"]
# Save the notebook first.
# cnnkit.submit()
