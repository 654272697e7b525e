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
# # LeNet-5: the network of 1998
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# LeNet-5 read the amounts on bank cheques in the 1990s, and nearly every image network since is built on its plan:
# convolve, shrink, convolve, shrink, then decide. It is small enough to know by heart: 61,706 parameters, and you can
# work out each of them by hand. In this notebook you do; then you mend a listing, build the network, look inside it, and
# find out whether its old-fashioned pooling was a mistake.
#
# | | exercise | you write | points |
# |---|---|---|---:|
# | 1 | `data` | `pad_to_32` | 1 |
# | 2 | `table` | `lenet_table` | 3 |
# | 3 | `mend` | `lines_to_mend` | 1 |
# | 4 | `architecture` | `build_lenet` | 6 |
# | 5 | `pooling` | `average_pool` | 2 |
# | 6 | `field` | `receptive_field` | 2 |
# | 7 | `training` | `train_lenet` | 3 |
# | 8 | `maps` | `feature_maps` | 2 |
# | 9 | `discussion` | a few sentences, read by a person | 4 |
#
# Every exercise is a function with a docstring that says what goes in and what comes out. Write your code where it
# says `YOUR CODE HERE`, and delete the line `raise NotImplementedError()`. After each exercise a **check** tells you
# at once what is right and what is not yet. The marks come from more checks of the same kind, on inputs you have not
# seen. The exercises do not hang together: one that you leave out costs nothing in the others.
#
# **Time:** 2 to 3 hours of work, and about 3 minutes during which the computer trains on its own.

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
import numpy as np
import tensorflow as tf
from keras import layers

import cnnkit

# %% [markdown] nbgrader={"grade": false, "grade_id": "start_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Write your student id between the quotes**, so that the record of your training is yours.
#
# `QUICK` is for while you work: 12,000 images and 3 epochs instead of 55,000 and 10. What you hand in needs the full
# run: **set `QUICK = False` at the end and run the notebook once from the top.**

# %%
QUICK = True
EPOCHS = 3 if QUICK else 10
cnnkit.start("lenet", student="", quick=QUICK)

# %% [markdown] nbgrader={"grade": false, "grade_id": "data_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 1 · The input
#
# MNIST's digits are 28 × 28 pixels, LeNet-5 reads 32 × 32. The border is there for a reason: a 5 × 5 kernel needs two
# pixels around the place it looks at. Without a border the end of a stroke at the edge would never stand in the *middle*
# of a kernel.
#
# ### Exercise 1 · `data` (1 point)
#
# Add zeros (paper) around each image, equally on all four sides. The number of images and the type of the values stay
# as they are.
#
# **Predict first.** If you put the zeros around the output of a convolution instead, would you get the same?


# %% nbgrader={"grade": false, "grade_id": "data_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pad_to_32(images: np.ndarray) -> np.ndarray:
    """Put a border of zeros around images of 28 × 28, so that they become 32 × 32.

    Args:
        images: shape (N, 28, 28, 1), whole numbers or float32. It must not be changed.

    Returns:
        Shape (N, 32, 32, 1), of the same type, each image in the middle.

    Example:
        >>> pad_to_32(np.ones((2, 28, 28, 1), dtype="float32")).shape
        (2, 32, 32, 1)
    """
    ### BEGIN SOLUTION
    return np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "data_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
(x_train, y_train), (x_test, y_test) = cnnkit.data.load("mnist")
padded = pad_to_32(x_train[:8, ..., np.newaxis])
print(padded.shape, padded.dtype, "the sum of all pixels is the same:", padded.sum() == x_train[:8].sum())
cnnkit.plots.digits(padded, y_train[:8], columns=8)

# %% [markdown] nbgrader={"grade": false, "grade_id": "data_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:data_try.txt}}
#
# (Zeros put around the *output* of a convolution would give it the right size too, but at these places nothing would have
# been computed.)
#
# {{figure:data_try.png|Eight handwritten digits in a row with their labels 5 0 4 1 9 2 1 3, each with a white border.|The first eight training images with their new border.}}

# %% nbgrader={"grade": true, "grade_id": "data", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.data(pad_to_32)

# %% [markdown] nbgrader={"grade": false, "grade_id": "table_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2 · The network on paper
#
# | | layer | settings | activation |
# |---|---|---|---|
# | 1 | `Conv2D` | 6 filters, kernel (5, 5), padding "valid" | tanh |
# | 2 | `AveragePooling2D` | pool (2, 2), strides (2, 2) | |
# | 3 | `Conv2D` | 16 filters, kernel (5, 5), padding "valid" | tanh |
# | 4 | `AveragePooling2D` | pool (2, 2), strides (2, 2) | |
# | 5 | `Flatten` | | |
# | 6 | `Dense` | 120 units | tanh |
# | 7 | `Dense` | 84 units | tanh |
# | 8 | `Dense` | 10 units | softmax |
#
# The input is one image of shape (32, 32, 1). What you need to know:
#
# - **Size:** a window of $k$ pixels that moves by $s$ fits $\lfloor (n - k) / s \rfloor + 1$ times into $n$ pixels. Pooling
#   follows the same formula as convolution.
# - **Parameters:** a filter reaches through *all* channels of its input and has one bias. A unit of a Dense layer has a
#   weight for each of its inputs and one bias.
#
# (The paper's own LeNet-5 has 60,000: its pooling layers learn a factor and a bias for each map, and its second
# convolution leaves out some of the connections. What is drawn in the lecture notes, and built everywhere today, is
# the plain version with **61,706**.)
#
# ### Exercise 2 · `table` (3 points)
#
# With pencil and paper: the output shape and the number of parameters of each layer, top to bottom. Write the eight rows
# into the function, as numbers or as the calculation that gives them. Don't ask Keras: finding the shapes in your head
# is what saves you when a network does not fit together.


# %% nbgrader={"grade": false, "grade_id": "table_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lenet_table() -> list[tuple[tuple[int, ...], int]]:
    """What LeNet-5's layers put out and how many parameters they have, worked out by hand.

    Returns:
        Eight pairs (output shape without the batch axis, number of parameters), in the order of the table above.

    Example:
        >>> len(lenet_table())
        8
    """
    ### BEGIN SOLUTION
    return [
        ((28, 28, 6), (5 * 5 * 1 + 1) * 6),
        ((14, 14, 6), 0),
        ((10, 10, 16), (5 * 5 * 6 + 1) * 16),
        ((5, 5, 16), 0),
        ((400,), 0),
        ((120,), 400 * 120 + 120),
        ((84,), 120 * 84 + 84),
        ((10,), 84 * 10 + 10),
    ]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "table", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.table(lenet_table)

# %% [markdown] nbgrader={"grade": false, "grade_id": "mend_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3 · A listing that does not run
#
# This is how the lecture notes write the network down (`keras.` and `layers.` added, so that names are found). It does
# not run.
#
# ```
#  1  model = keras.Sequential()
#  2  model.add(layers.Conv2D(6, kernel_size=(5, 5), padding="valid", activation="tanh", input_dim=(32, 32, 1)))
#  3  model.add(layers.AveragePooling2D(pool_size=(2, 2), strides=2, padding="valid"))
#  4  model.add(layers.Conv2D(16, kernel_size=(5, 5), padding="valid", activation="tanh"))
#  5  model.add(layers.AveragePooling2D(pool_size=(2, 2), strides=2, padding="valid"))
#  6  model.flatten
#  7  model.add(layers.Flatten())
#  8  model.add(layers.Dense(120, activation="tanh"))
#  9  model.add(layers.Dense(84, activation="tanh"))
# 10  model.add(layers.Dense(10, activation="softmax"))
# ```
#
# ### Exercise 3 · `mend` (1 point)
#
# **Two** of the ten lines have to be changed or struck out. Which? Copy lines into cells of your own and run them; read
# the *last* line of an error message first. A line may look unusual and still be right.


# %% nbgrader={"grade": false, "grade_id": "mend_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lines_to_mend() -> list[int]:
    """The lines of the listing above that have to be changed or struck out.

    Returns:
        Their numbers, from 1 to 10.

    Example:
        >>> all(1 <= number <= 10 for number in lines_to_mend())
        True
    """
    ### BEGIN SOLUTION
    return [2, 6]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mend", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.mend(lines_to_mend)

# %% [markdown] nbgrader={"grade": false, "grade_id": "architecture_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4 · The network
#
# ### Exercise 4 · `architecture` (6 points)
#
# Now write it so that it runs, with a choice of the pooling: `build_lenet()` or `build_lenet("average")` is the network
# of the table, and `build_lenet("max")` has `MaxPooling2D` in both places, with the same settings. What the table does
# not mention stays at Keras's default. Sequential or functional, as you like.
#
# **Two notes, two orders?** One of the lecture notes ends the network with CONV and FC, where the other has `Flatten`,
# `Dense(120)`, `Dense(84)`. Both are right. The maps that arrive there are 5 × 5, so a 5 × 5 kernel fits exactly once: it
# has one weight for each of the 400 numbers and one bias, just like a unit of a Dense layer. 120 such filters are
# `Dense(120)` behind `Flatten`: the same function, 48,120 parameters either way. You may build either.


# %% nbgrader={"grade": false, "grade_id": "architecture_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_lenet(pooling: str = "average") -> keras.Model:
    """A new LeNet-5 as in the table, with fresh random weights, not compiled.

    Args:
        pooling: "average" or "max".

    Returns:
        A Keras model that turns images (batch, 32, 32, 1) into probabilities (batch, 10).

    Example:
        >>> build_lenet().output_shape
        (None, 10)
    """
    ### BEGIN SOLUTION
    pool = {"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}[pooling]
    return keras.Sequential(
        [
            keras.Input(shape=(32, 32, 1)),
            layers.Conv2D(6, kernel_size=(5, 5), padding="valid", activation="tanh"),
            pool(pool_size=(2, 2), strides=(2, 2)),
            layers.Conv2D(16, kernel_size=(5, 5), padding="valid", activation="tanh"),
            pool(pool_size=(2, 2), strides=(2, 2)),
            layers.Flatten(),
            layers.Dense(120, activation="tanh"),
            layers.Dense(84, activation="tanh"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "picture", "locked": true, "schema_version": 3, "solution": false, "task": false}
network = build_lenet()
cnnkit.plots.architecture(network)

# %% [markdown] nbgrader={"grade": false, "grade_id": "picture_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{figure:picture.png|The eight layers from top to bottom with settings, output shape and parameters. Dense 120 has 48,120 of the 61,706 parameters, 78 percent; the two convolutions together have 2,572.|LeNet-5, layer by layer. The bars show where the parameters are.}}
#
# Do the numbers agree with your table?

# %% nbgrader={"grade": true, "grade_id": "architecture", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.architecture(build_lenet)

# %% [markdown] nbgrader={"grade": false, "grade_id": "pooling_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5 · Average pooling
#
# Pooling shrinks a map: it slides a window over each channel *by itself* and writes one number for each place. Average
# pooling writes the mean, max pooling the largest. There is nothing to learn in it.
#
# ### Exercise 5 · `pooling` (2 points)
#
# Write average pooling with NumPy, loops are fine. A window that would stick out is left out, as with padding "valid".
#
# **Predict first.** What does average pooling make of this picture, 2 × 2 windows with stride 2? And max pooling?


# %% nbgrader={"grade": false, "grade_id": "example", "locked": true, "schema_version": 3, "solution": false, "task": false}
example = np.array([[2, 2, 7, 3], [9, 4, 6, 1], [8, 5, 2, 4], [3, 1, 2, 6]], dtype="float32")[..., np.newaxis]


# %% nbgrader={"grade": false, "grade_id": "pooling_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_pool(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Average pooling of one image, padding "valid".

    Args:
        x: shape (height, width, channels), whole numbers or floats. It must not be changed.
        size: height and width of the window, in pixels.
        stride: how far the window moves each time, in pixels.

    Returns:
        The mean of each window: shape (output height, output width, channels), floats.

    Example:
        >>> average_pool(np.ones((28, 28, 6)), size=2, stride=2).shape
        (14, 14, 6)
    """
    ### BEGIN SOLUTION
    height, width, channels = x.shape
    pooled = np.zeros(((height - size) // stride + 1, (width - size) // stride + 1, channels))
    for i in range(pooled.shape[0]):
        for j in range(pooled.shape[1]):
            window = x[i * stride : i * stride + size, j * stride : j * stride + size]
            pooled[i, j] = window.mean(axis=(0, 1))
    return pooled
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "pooling_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
print("average", average_pool(example, 2, 2)[..., 0].tolist())
print("max    ", np.array(layers.MaxPooling2D(2)(example[np.newaxis]))[0, ..., 0].tolist())
x = np.random.default_rng(0).random((28, 28, 6), dtype="float32")
for size, stride in ((2, 2), (3, 2), (5, 4)):
    mine = average_pool(x, size, stride)
    keras_says = np.array(layers.AveragePooling2D(size, strides=stride)(x[np.newaxis]))[0]
    print(f"size {size}, stride {stride}: {mine.shape}, largest difference {np.abs(mine - keras_says).max():.0e}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "pooling_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (yours may differ from Keras by about 1e-07, which is float32's rounding)
#
# {{expected:pooling_try.txt}}

# %% nbgrader={"grade": true, "grade_id": "pooling", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.pooling(average_pool)

# %% [markdown] nbgrader={"grade": false, "grade_id": "field_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6 · How much of the image does one unit see?
#
# A unit of the first convolution sees 5 × 5 pixels. A unit of a later layer sees units which see pixels: its *receptive
# field* is larger. Going forward from the input, start with a field of 1 pixel and a distance of 1 pixel between
# neighbours. Each layer with kernel $k$ and stride $s$
#
# 1. widens the field by $(k - 1)$ times the distance between neighbours, for its $k$ inputs stand next to each other;
# 2. then multiplies that distance by $s$.
#
# So the field grows by $(k - 1)$ times **the product of all strides before this layer**. (Some lecture notes print
# another formula, $r \leftarrow s \cdot r + (k - s)$. It is right too, but it goes *backward*, from the last layer to the
# first. Used forward it is wrong.)
#
# ### Exercise 6 · `field` (2 points)
#
# **Predict first.** How wide is the field of a unit of the second convolution? Of the last pooling? LeNet's 32 pixels are
# not much more.


# %% nbgrader={"grade": false, "grade_id": "field_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def receptive_field(layers: list[tuple[int, int]]) -> int:
    """How many pixels of the input, along one axis, a unit of the last layer sees.

    Args:
        layers: pairs (kernel, stride) of convolutions and poolings, from the input on. It may be empty: then the unit
            is a pixel itself.

    Returns:
        The size of the receptive field in pixels, a Python int.

    Example:
        >>> receptive_field([(3, 1), (3, 1)])
        5
    """
    ### BEGIN SOLUTION
    field, distance = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * distance
        distance *= stride
    return field
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "field_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ask the network itself: on which pixels does one unit, in the middle of a map, depend?
network = build_lenet()
steps = [layer for layer in network.layers if not isinstance(layer, layers.InputLayer)]
lenet_layers = [(5, 1), (2, 2), (5, 1), (2, 2)]
image = tf.random.uniform((1, 32, 32, 1), seed=1)
for depth in (1, 2, 3, 4):
    with tf.GradientTape() as tape:
        tape.watch(image)
        maps = image
        for layer in steps[:depth]:
            maps = layer(maps)
        middle = maps.shape[1] // 2
        unit = maps[0, middle, middle, 0]
    rows, columns = np.nonzero(tape.gradient(unit, image).numpy()[0, ..., 0])
    seen = f"{np.ptp(rows) + 1} × {np.ptp(columns) + 1}"
    print(f"layer {depth}: the formula says {receptive_field(lenet_layers[:depth])}, the network {seen} pixels")

# %% [markdown] nbgrader={"grade": false, "grade_id": "field_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:field_try.txt}}
#
# With 16 × 16 pixels a unit of the last pooling sees a quarter of the image's area: a loop, a crossing, the end of a
# stroke, but no whole digit. The Dense layers put these together.

# %% nbgrader={"grade": true, "grade_id": "field", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.field(receptive_field)

# %% [markdown] nbgrader={"grade": false, "grade_id": "training_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Average against max
#
# `train` hands out 128 images at a time, in another order each epoch: float32 between 0 and 1, with the border of
# exercise 1 (the package adds it here by itself), labels one-hot. `val` has 5,000 other training images. The test images
# stay away until the end.
#
# ### Exercise 7 · `training` (3 points)
#
# `train_lenet` builds a **fresh** network with the pooling it is given, compiles it with Adam, categorical cross-entropy
# and accuracy as a metric, fits it, and returns what `fit` returns. (In 1998 it was trained with stochastic gradient
# descent; Adam saves your time and changes nothing about pooling.) `verbose=0` in `fit` keeps the notebook short.
#
# Name the arguments of `compile`: its third positional one is `loss_weights`, **not** `metrics`. And the network ends in
# softmax already: no `from_logits=True`.


# %% nbgrader={"grade": false, "grade_id": "batches", "locked": true, "schema_version": 3, "solution": false, "task": false}
train, val = cnnkit.data.batches("mnist", quick=QUICK, batch_size=128, size=32)
print(f"{train.images:,} images for training, {val.images:,} for validation, {train.batch_size} in a batch")


# %% nbgrader={"grade": false, "grade_id": "training_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_lenet(pooling: str, train, val, epochs: int = 10, callbacks=()) -> keras.callbacks.History:
    """Train a fresh LeNet-5.

    Args:
        pooling: "average" or "max", as for build_lenet.
        train: dataset of batches: images float32 (batch, 32, 32, 1), labels one-hot float32 (batch, 10).
        val: dataset of the same kind, for validation after every epoch.
        epochs: how often to go through `train`.
        callbacks: Keras callbacks to pass on to `fit`.

    Returns:
        The History that `fit` returns, with "loss", "accuracy", "val_loss" and "val_accuracy" by epoch.

    Example:
        >>> history = train_lenet("average", train, val, epochs=2)
        >>> len(history.history["val_loss"])
        2
    """
    ### BEGIN SOLUTION
    network = build_lenet(pooling)
    network.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return network.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks), verbose=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "training", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.training(train_lenet, build_lenet)

# %% [markdown] nbgrader={"grade": false, "grade_id": "ready_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Before you train for real
#
# Two tests of a few seconds save minutes. A fresh network gives each of ten digits about 1/10, so its loss should be
# about log(10); and it must be able to learn 200 images by heart. If one of these fails, more data will not help.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "ready", "locked": true, "schema_version": 3, "solution": false, "task": false}
keras.utils.set_random_seed(0)
images, labels = val[0]
loss = keras.losses.categorical_crossentropy(labels, build_lenet().predict(images, verbose=0))
print(f"a fresh network: {np.mean(loss):.3f}      log(10) = {math.log(10):.3f}")
few = train.first(200)
history = train_lenet("average", few, few, epochs=60).history
print(f"200 images, 60 epochs: accuracy {history['accuracy'][-1]:.3f}, loss {history['loss'][-1]:.3f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "record_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (about this)
#
# {{expected:ready.txt}}
#
# ### Now for real
#
# **Predict first:** which pooling will win, and by how much?
#
# `cnnkit.record` calls your function and keeps the history, so that nobody has to train again to see your curves. Don't
# clear the output of this cell before you hand in: the record travels in it.
#
# **Time, measured on 2 cores:** full run about 1 minute per pooling, 2 minutes in all; with `QUICK` about 6 seconds each.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "record", "locked": true, "schema_version": 3, "solution": false, "task": false}
records = {}
for pooling in ("average", "max"):
    records[pooling] = cnnkit.record(train_lenet, pooling, train, val, epochs=EPOCHS)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "results", "locked": true, "schema_version": 3, "solution": false, "task": false}
columns = ["loss", "val_loss", "accuracy", "val_accuracy"]
print(f"{'':10}" + "".join(f"{column:>14}" for column in columns))
for name, record in records.items():
    print(f"{name:10}" + "".join(f"{record.history[column][-1]:14.4f}" for column in columns))
cnnkit.plots.loss_curves(records)

# %% [markdown] nbgrader={"grade": false, "grade_id": "results_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run, after the last epoch (yours differs a little: your seed comes from your student
# id)
#
# {{expected:results.txt}}
#
# {{figure:results.png|Training and validation loss against epoch for average and max pooling. Both fall; max pooling lies below average pooling throughout.|Ten epochs with each pooling, as the reference run drew them.}}
#
# ### The test images, once
#
# Choose with the validation loss: the pooling, and the epoch where it was lowest. Train that network once more and test
# it, once. (About 6 seconds an epoch; with `QUICK` about 2.)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "test", "locked": true, "schema_version": 3, "solution": false, "task": false}
best = min(records, key=lambda name: min(records[name].history["val_loss"]))
epochs = 1 + int(np.argmin(records[best].history["val_loss"]))
final = train_lenet(best, train, val, epochs=epochs).model
images = pad_to_32(x_test[..., np.newaxis]).astype("float32") / 255
wrong = np.flatnonzero(final.predict(images, verbose=0).argmax(axis=1) != y_test)
print(
    f"{best} pooling, {epochs} epochs: {len(wrong)} of {len(y_test):,} test images wrong, {1 - len(wrong) / len(y_test):.4f} right"
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "maps_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run
#
# {{expected:test.txt}}
#
# ## 8 · What the network sees
#
# Each filter of a convolution writes a *map*: where in the image does what it looks for occur? To get at the maps, make a
# second model with the same input and the same layers, which puts out what the convolutions put out:
# `keras.Model(inputs, outputs)` with `model.inputs[0]` and a list of `layer.output`. Nothing is copied: both models use the
# same weights.
#
# ### Exercise 8 · `maps` (2 points)
#
# The function must work for *any* network, so go through `model.layers` and take those that are `layers.Conv2D`
# (`isinstance`). Don't count positions: a functional model has its input among its layers, a Sequential has not. And a
# model reads batches: give it a batch of one image, and take the batch axis away from what comes back.


# %% nbgrader={"grade": false, "grade_id": "maps_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def feature_maps(model: keras.Model, image: np.ndarray) -> list[np.ndarray]:
    """What each convolution of a network puts out for one image.

    Args:
        model: any Keras network that is built, e.g. a LeNet.
        image: one image as the network reads it, without the batch axis: shape (32, 32, 1) for LeNet.

    Returns:
        One array for each Conv2D layer, in the order of `model.layers`: its output after the activation, shape
        (height, width, filters).

    Example:
        >>> [maps.shape for maps in feature_maps(build_lenet(), np.zeros((32, 32, 1), dtype="float32"))]
        [(28, 28, 6), (10, 10, 16)]
    """
    ### BEGIN SOLUTION
    outputs = [layer.output for layer in model.layers if isinstance(layer, layers.Conv2D)]
    inside = keras.Model(model.inputs[0], outputs)
    return [np.array(maps)[0] for maps in inside(image[np.newaxis])]
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "first_maps", "locked": true, "schema_version": 3, "solution": false, "task": false}
first, second = feature_maps(final, images[0])
print("a", y_test[0], "and its maps:", first.shape, second.shape)
cnnkit.plots.digits(np.moveaxis(first, -1, 0), [f"filter {k}" for k in range(6)], columns=6)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "second_maps", "locked": true, "schema_version": 3, "solution": false, "task": false}
cnnkit.plots.digits(np.moveaxis(second, -1, 0), [f"filter {k}" for k in range(16)], columns=8)

# %% [markdown] nbgrader={"grade": false, "grade_id": "maps_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (about this; your filters look for other things, in another order)
#
# {{expected:first_maps.txt}}
#
# {{figure:first_maps.png|Six maps of 28 by 28 of a handwritten 7. In each the digit can still be read; some show its edges on one side, others the stroke itself.|The six maps of the first convolution for a 7. In each map the largest value is drawn black and the smallest white.}}
#
# {{figure:second_maps.png|Sixteen maps of 10 by 10 in two rows. Some are dark along the horizontal bar of the 7, others along its slanted stroke or at its corner.|The sixteen maps of the second convolution: some answer to the bar of the 7, others to its slanted stroke or its corner.}}

# %% nbgrader={"grade": true, "grade_id": "maps", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.maps(feature_maps)

# %% [markdown] nbgrader={"grade": false, "grade_id": "discussion_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 9 · Was it a mistake?
#
# Two properties of tanh to think about: its values lie on both sides of zero, and it is flat where its input is large.
# Where it is flat, its slope, and with it the gradient, is nearly zero:

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "slopes", "locked": true, "schema_version": 3, "solution": false, "task": false}
for value in (0.0, 1.0, 3.0, 6.0):
    print(
        f"input {value}: tanh {math.tanh(value):.4f}, slope {1 - math.tanh(value) ** 2:.4f};   ReLU's slope: {1.0 * (value > 0):.0f}"
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "discussion_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:slopes.txt}}
#
# ### Exercise 9 · `discussion` (4 points)
#
# In five to ten sentences of your own:
#
# 1. Which pooling wins in your runs, and by which of your numbers? Is the difference large enough to be sure of it after
#    a single run of each? What would make you surer?
# 2. Why did 1998 choose average pooling, and what may max pooling do better on pen strokes?
# 3. Why did 1998 choose tanh, and why have later, deeper networks given it up?

# %% [markdown] nbgrader={"grade": true, "grade_id": "discussion", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# In the full run max pooling wins: after ten epochs its training loss is lower and its validation accuracy higher by a
# few tenths of a percent, some ten or twenty of 5,000 images. One run of each is thin: another seed moves the
# validation accuracy by a tenth or two as well. I would repeat both with several seeds and compare means and spreads,
# on the validation images.
#
# Averaging is smooth, has a simple gradient that is shared out equally, and was what one did to make an image smaller:
# blur, then take fewer pixels, so that a small shift changes little. A thin stroke fills only part of a window, so its
# mean is diluted by paper; the maximum keeps how strongly a feature was found anywhere in the window, and passes
# the gradient to just that place.
#
# tanh is smooth and bounded, and its values lie around zero, which makes gradient descent quicker than a sigmoid's, as
# was known then. The networks were shallow. Where its input is large its slope is nearly zero (0.01 at 3), so through
# many layers the gradient vanishes; ReLU keeps a slope of 1 for all positive inputs and is cheap to compute, which made
# deep networks trainable.
# ### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "summary", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Hand in
#
# 1. Set `QUICK = False` and write your student id at the top.
# 2. Restart the kernel and run all cells (menu *Kernel* or *Runtime*). It takes about 4 minutes; you need not watch.
# 3. Look through it: all checks green? Is the output of the training cell there, for both poolings?
# 4. Save (Ctrl+S), **with the outputs**. Then take the `#` away in the last cell and run it: `cnnkit.submit()` packs the
#    notebook, your training records and the final weights into one file (less than 1 MB).
# 5. Hand that file in. If the upload refuses it, hand in `lenet.ipynb` alone, under this name; your records are in its
#    outputs.
#
# An interrupted training goes on after its last epoch when you run its cell again. A notebook that is not finished is
# marked for what is there, so hand it in all the same.
#
# ### What you can do now
#
# - Work out shapes, parameters and receptive fields of a convolutional network on paper.
# - Read an error message of Keras, and mend a listing.
# - Look into a trained network, layer by layer.
#
# **To go on:** replace tanh by ReLU in both networks. Does the order of the two poolings stay the same? And does the
# network with the 5 × 5 convolution of 120 filters, read on an image of 40 × 40, still run? What does it put out?

# %% tags=["skip-in-grading"]
# Save the notebook first.
# cnnkit.submit()
