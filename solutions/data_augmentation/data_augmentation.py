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
# # Data augmentation
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({{colab}})
#
# A network that has seen 1,000 pictures knows these 1,000 by heart, and little else. More pictures would help, but
# somebody would have to take and label them. Data augmentation makes new ones out of old ones: a shirt that is turned a
# little, mirrored or seen from nearer is still a shirt. In this notebook you build such a pipeline, find out when it works
# and when it silently does not, put it in two different places, and measure what it is good for.
#
# | | exercise | you write | points |
# |---|---|---|---:|
# | 1 | `pipeline` | `build_augmentation` | 4 |
# | 2 | `show` | `show_augmented` | 2 |
# | 3 | `digits` | `augmentation_for_digits` | 2 |
# | 4 | `when` | `when_it_augments` | 1 |
# | 5 | `model` | `build_augmented_model` | 3 |
# | 6 | `batches` | `augmented_batches` | 3 |
# | 7 | `training` | `train_augmented` | 3 |
# | 8 | `curves` | `plot_gap` | 2 |
# | 9 | `discussion` | a few sentences, read by a person | 4 |
#
# Every exercise is a function with a docstring that says what goes in and what comes out. Write your code where it
# says `YOUR CODE HERE`, and delete the line `raise NotImplementedError()`. After each exercise a **check** tells you
# at once what is right and what is not yet. The marks come from more checks of the same kind, on inputs you have not
# seen. A check that draws at random draws so often that luck does not count.
#
# **Time:** 2 to 3 hours of work, and about 2 minutes during which the computer trains on its own.

# %% [markdown] nbgrader={"grade": false, "grade_id": "setup_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Set-up
#
# Run the next two cells. The first takes about 10 seconds, because it imports TensorFlow. What that may write on a red
# ground, about oneDNN and CUDA, is harmless. On Colab it also installs the course's small package `cnnkit`, which brings
# the data along: nothing is downloaded later.

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
# `QUICK` is for while you work: 6 epochs instead of 40. What you hand in needs the full run: **set `QUICK = False` at the
# end and run the notebook once from the top.**

# %%
QUICK = True
EPOCHS = 6 if QUICK else 40
cnnkit.start("data_augmentation", student="", quick=QUICK)

# %% [markdown] nbgrader={"grade": false, "grade_id": "data_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Two data sets. **Fashion-MNIST** has grey pictures of clothes, 28 × 28 pixels, ten sorts. **Birds and mammals** has
# photographs in colour, 96 × 96. In both a pixel is a whole number from 0 to 255.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "load", "locked": true, "schema_version": 3, "solution": false, "task": false}
(x_train, y_train), (x_test, y_test) = cnnkit.data.load("fashion_mnist")
names = cnnkit.data.class_names("fashion_mnist")
(animals, kinds), _ = cnnkit.data.load("birds_mammals")
print("clothes", x_train.shape, x_train.dtype, " animals", animals.shape, animals.dtype)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "look", "locked": true, "schema_version": 3, "solution": false, "task": false}
cnnkit.plots.digits(x_train[:16], [names[label] for label in y_train[:16]], columns=8)

# %% [markdown] nbgrader={"grade": false, "grade_id": "pipeline_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:load.txt}}
#
# {{figure:look.png|Sixteen grey pictures of clothes in two rows, each with its name: ankle boot, T-shirts, dresses, pullovers, sneakers, sandals.|The first sixteen training images. Which of them could you mirror, which could you put on its head, and still call it the same?}}
#
# ## 1 · A pipeline
#
# Keras has layers that change images at random. A layer for augmentation has no weights and learns nothing; it draws new
# random numbers every time, for each image of a batch by itself.
#
# | layer | what it does |
# |---|---|
# | `RandomFlip("horizontal")` | mirrors left and right, every second time. **Without a mode it also turns images upside down** |
# | `RandomRotation(0.2)` | turns by up to 0.2 **of a full circle**, to either side |
# | `RandomZoom(0.2)` | shrinks or enlarges by up to 20 % |
# | `RandomContrast(0.1)` | changes the contrast by up to 10 % |
#
# What lies outside the image after a turn is filled with the image's own mirrored border (`fill_mode="reflect"`).
#
# **Predict first.** How many degrees are 0.2 of a full circle? Would you still wear the shirt like that?
#
# ### Exercise 1 · `pipeline` (4 points)
#
# Put the four layers together, with the numbers of the table. The pipeline works on images of any size, grey or in
# colour, float32 with values from 0 to 255, and its values stay in that range. In *training* it changes every image; in
# *prediction* it leaves all of them as they are, since whoever asks what a picture shows does not want an answer about
# another one. Keras's layers do all this by themselves, as long as nobody gets in their way. Any other code that
# does the same is just as right, for instance a layer of your own.


# %% nbgrader={"grade": false, "grade_id": "pipeline_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_augmentation():
    """A pipeline that changes images at random, in training only.

    Returns:
        Something that is called as `pipeline(images, training=True)` on float32 images (N, height, width, channels) with
        values 0 to 255, and gives back changed copies: float32, the same shape, values 0 to 255. With `training=False`
        it gives them back unchanged. For instance a `keras.Sequential` of layers.

    Example:
        >>> pipeline = build_augmentation()
        >>> pipeline(np.zeros((2, 28, 28, 1), dtype="float32"), training=True).shape
        TensorShape([2, 28, 28, 1])
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.2),
            layers.RandomZoom(0.2),
            layers.RandomContrast(0.1),
        ]
    )
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "pipeline_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
clothes = x_train[:100, ..., np.newaxis].astype("float32")
pipeline = build_augmentation()
for training in (True, False):
    changed = np.abs(np.array(pipeline(clothes, training=training)) - clothes).mean(axis=(1, 2, 3)) > 0.5
    print(f"training={training}: {changed.sum()} of {len(clothes)} images changed")

# %% [markdown] nbgrader={"grade": false, "grade_id": "pipeline_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:pipeline_try.txt}}

# %% nbgrader={"grade": true, "grade_id": "pipeline", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.pipeline(build_augmentation)

# %% [markdown] nbgrader={"grade": false, "grade_id": "show_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 2 · Look at it
#
# Never train on images that you have not looked at. A pipeline that makes nonsense raises no error: the network learns
# nonsense, or nothing.
#
# ### Exercise 2 · `show` (2 points)
#
# Draw **nine copies** of one image in a 3 × 3 grid, each changed by its own draw. The function must work for grey images
# (height, width, 1) and for colour images (height, width, 3), and for any pipeline.
#
# Two traps:
#
# - A pipeline wants a **batch**. `np.stack([image] * 9)` is one, of nine equal images.
# - What comes out is float32 from 0 to 255. In a *colour* image `imshow` takes floats to be from 0 to 1 and shows all
#   beyond as white: divide by 255 first. (In a grey image it stretches whatever it gets; `vmin` and `vmax` prevent that.)


# %% nbgrader={"grade": false, "grade_id": "show_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def show_augmented(image: np.ndarray, pipeline):
    """Draw nine augmented copies of an image.

    Args:
        image: one image, shape (height, width, 1) or (height, width, 3), values 0 to 255.
        pipeline: called as `pipeline(images, training=True)` on a batch (N, height, width, channels), as in exercise 1.

    Returns:
        The matplotlib Figure, with nine pictures.

    Example:
        >>> figure = show_augmented(animals[12], build_augmentation())
        >>> len(figure.axes)
        9
    """
    ### BEGIN SOLUTION
    copies = np.array(pipeline(np.stack([image] * 9).astype("float32"), training=True)) / 255
    figure, grid = plt.subplots(3, 3, figsize=(4.5, 4.5), layout="constrained")
    for axes, copy in zip(grid.flat, copies, strict=True):
        axes.imshow(np.clip(copy, 0, 1), cmap="gray_r", vmin=0, vmax=1)
        axes.set_axis_off()
    return figure
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "show_boot", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure = show_augmented(x_train[0][..., np.newaxis], build_augmentation())
plt.close(figure)  # or Jupyter would show it twice
figure

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "show_animal", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure = show_augmented(animals[12], build_augmentation())
plt.close(figure)
figure

# %% [markdown] nbgrader={"grade": false, "grade_id": "show_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (of this kind: yours are drawn anew)
#
# {{figure:show_boot.png|Nine copies of an ankle boot in a grid, some mirrored, turned by up to 72 degrees, smaller or larger. At some edges the boot appears once more, mirrored.|One ankle boot, nine times. 72° is a lot for a boot; the pieces at the edges are mirrored borders.}}
#
# {{figure:show_animal.png|Nine copies of a photograph of an animal on plain ground, mirrored, turned and zoomed, in natural colours.|One animal, nine times. An animal that is turned or mirrored is still that animal.}}

# %% nbgrader={"grade": true, "grade_id": "show", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.show(show_augmented)

# %% [markdown] nbgrader={"grade": false, "grade_id": "digits_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 3 · What a digit can stand
#
# Which changes keep the label depends on what is in the picture, not on the network. Five digits, mirrored, on their
# heads, and turned by 72°:

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "digits_look", "locked": true, "schema_version": 3, "solution": false, "task": false}
(digits, digit_labels), _ = cnnkit.data.load("mnist")
five = digits[[int(np.flatnonzero(digit_labels == digit)[3]) for digit in (2, 3, 6, 7, 9)]]
turn = layers.RandomRotation((0.2, 0.2), fill_mode="constant")  # always by 0.2 of a full circle
turned = np.array(turn(five[..., np.newaxis].astype("float32")))[..., 0]
rows = np.concatenate([five, five[:, :, ::-1], five[:, ::-1, ::-1], turned])
cnnkit.plots.digits(rows, ["as it is"] * 5 + ["mirrored"] * 5 + ["on its head"] * 5 + ["by 72°"] * 5, columns=5)

# %% [markdown] nbgrader={"grade": false, "grade_id": "digits_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{figure:digits_look.png|The digits 2, 3, 6, 7 and 9 in four rows: as they are, mirrored, upside down, and turned by 72 degrees. Upside down the 6 reads as a 9 and the 9 as a 6.|Cover the first row with your hand. Which of the others can you still read?}}
#
# ### Exercise 3 · `digits` (2 points)
#
# Write a pipeline for handwritten digits, of the same kind as in exercise 1. Of its four layers leave out what destroys
# the label, and tame what goes too far:
#
# - **no flips** of any kind;
# - turns of **at most 18°** to either side (what part of a full circle is that?), but now and then by more than 5°: people
#   do write slanted;
# - zoom and contrast as in exercise 1, or weaker, or left out.


# %% nbgrader={"grade": false, "grade_id": "digits_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def augmentation_for_digits():
    """A pipeline that changes handwritten digits so that they keep their labels.

    Returns:
        What build_augmentation returns, but for digits: no flips, turns by at most 18°.

    Example:
        >>> augmentation_for_digits()(np.zeros((2, 28, 28, 1), dtype="float32"), training=True).shape
        TensorShape([2, 28, 28, 1])
    """
    ### BEGIN SOLUTION
    return keras.Sequential([layers.RandomRotation(0.04), layers.RandomZoom(0.1), layers.RandomContrast(0.1)])
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "digits_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure = show_augmented(five[2][..., np.newaxis], augmentation_for_digits())
plt.close(figure)
figure

# %% [markdown] nbgrader={"grade": false, "grade_id": "digits_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (of this kind)
#
# {{figure:digits_try.png|Nine copies of a handwritten 6, slightly turned, smaller or larger. Each can be read as a 6.|Nine times a 6, and nothing else.}}

# %% nbgrader={"grade": true, "grade_id": "digits", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.digits(augmentation_for_digits)

# %% [markdown] nbgrader={"grade": false, "grade_id": "when_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4 · When does it augment?
#
# Keras tells every layer whether this is training. `fit` says yes, `predict` and `evaluate` say no. But if *you* call
# something, nobody says anything, and then each kind of layer does what its own `call` has for a default. `Dropout` does
# nothing then. And the layers for augmentation?
#
# ### Exercise 4 · `when` (1 point)
#
# `pipeline` is what `build_augmentation()` returns, and `model` is
# `keras.Sequential([keras.Input((28, 28, 1)), pipeline, layers.Rescaling(1 / 255), layers.Flatten()])`. Six lines:
#
# - `pipeline(x)`
# - `pipeline(x, training=False)`
# - `model(x)`
# - `model.predict(x)`
# - `model.evaluate(x, y)`
# - `model.fit(x, y)`
#
# **Predict first:** in which of them are the images of `x` augmented? Then try it in cells of your own. (Call twice and
# compare; for `evaluate` and `fit` think about what they are for.) Correct your answers where you were wrong.


# %% nbgrader={"grade": false, "grade_id": "when_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def when_it_augments() -> dict[str, bool]:
    """Which calls augment the images they are given.

    Returns:
        True or False for each of the six lines: a dictionary with the keys "pipeline(x)", "pipeline(x, training=False)",
        "model(x)", "model.predict(x)", "model.evaluate(x, y)" and "model.fit(x, y)".

    Example:
        >>> len(when_it_augments())
        6
    """
    ### BEGIN SOLUTION
    return {
        "pipeline(x)": True,
        "pipeline(x, training=False)": False,
        "model(x)": True,
        "model.predict(x)": False,
        "model.evaluate(x, y)": False,
        "model.fit(x, y)": True,
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "when", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.when(when_it_augments)

# %% [markdown] nbgrader={"grade": false, "grade_id": "model_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5 · Augmentation in the model
#
# The first place for a pipeline is inside the model, in front of everything else. The model then reads raw pixels from 0 to
# 255, and three things follow one another:
#
# 1. the **augmentation**, made for pixels from 0 to 255 (`RandomContrast` cuts off what leaves this range);
# 2. **`Rescaling(1 / 255)`**, because weights want small numbers;
# 3. the **classifier**, which reads values from 0 to 1.
#
# The classifier is given: two convolutions, 10 classes.


# %% nbgrader={"grade": false, "grade_id": "classifier", "locked": true, "schema_version": 3, "solution": false, "task": false}
def build_classifier() -> keras.Model:
    """A small ConvNet for pictures of clothes with values from 0 to 1, with fresh random weights."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


# %% [markdown] nbgrader={"grade": false, "grade_id": "model_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `model` (3 points)
#
# Put the three together. Don't write `training=True` anywhere: `fit` says it for you, and only there it is right. (In a
# model class of your own, `call(self, x, training=None)` is told; pass it on.) And divide by 255 **once**: a second time
# leaves values below 0.004, the network still trains, badly, and nothing tells you why.


# %% nbgrader={"grade": false, "grade_id": "model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_augmented_model(augmentation, classifier=None) -> keras.Model:
    """A model for raw pixels: augmentation, then division by 255, then the classifier.

    Args:
        augmentation: a layer or a Sequential of layers, such as build_augmentation(); any other one as well.
        classifier: a network that reads images (batch, 28, 28, 1) with values from 0 to 1; where none is given, a new
            `build_classifier()`.

    Returns:
        A Keras model, not compiled, that reads images (batch, 28, 28, 1) with values from 0 to 255 and puts out what the
        classifier does. It augments in training only.

    Example:
        >>> build_augmented_model(build_augmentation()).output_shape
        (None, 10)
    """
    ### BEGIN SOLUTION
    classifier = build_classifier() if classifier is None else classifier
    return keras.Sequential([keras.Input((28, 28, 1)), augmentation, layers.Rescaling(1 / 255), classifier])
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "model_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
model = build_augmented_model(build_augmentation())
first, second = (model.predict(clothes[:5], verbose=0) for _ in range(2))
print("predict, twice the same:       ", np.array_equal(first, second))
first, second = (np.array(model(clothes[:5], training=True)) for _ in range(2))
print("training=True, twice the same: ", np.array_equal(first, second))

# %% [markdown] nbgrader={"grade": false, "grade_id": "model_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{expected:model_try.txt}}

# %% nbgrader={"grade": true, "grade_id": "model", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.model(build_augmented_model)

# %% [markdown] nbgrader={"grade": false, "grade_id": "batches_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 6 · Augmentation in the data pipeline
#
# The second place is the data set: images are augmented on their way to the model, which knows nothing of it.
#
# `tf.data` builds such a way step by step. `tf.data.Dataset.from_tensor_slices((images, labels))` hands out pairs;
# `.shuffle(n)` mixes them, anew in each pass; `.batch(size)` puts pairs together; `.map(f)` sends each batch through a
# function `f(images, labels)` of yours, which returns the pair to hand on.
#
# ### Exercise 6 · `batches` (3 points)
#
# A data set of augmented batches for training. In each pass it hands out every image once, in another order each time,
# each with its own label, **and augmented anew**. Traps:
#
# - Nobody calls `fit` on a pipeline inside `map`, so *you* say `training=True`.
# - Augment in `map`, not once beforehand, and not in front of `.cache()`: otherwise each epoch brings the same copies.
# - Shuffle pairs, never images and labels separately. And labels are not to be augmented.
# - Validation data get no pipeline at all. Who augments them measures something else.


# %% nbgrader={"grade": false, "grade_id": "batches_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def augmented_batches(images: np.ndarray, labels: np.ndarray, pipeline, batch_size: int = 32):
    """A data set of augmented images for training.

    Args:
        images: shape (N, height, width, channels), float32, values 0 to 255.
        labels: one for each image, shape (N,) or one-hot (N, classes); handed out as they are.
        pipeline: called as `pipeline(images, training=True)` on a batch, as in exercise 1.
        batch_size: images in a batch; the last one may be smaller.

    Returns:
        A data set that can be gone through again and again, for instance a `tf.data.Dataset`, of pairs (images, labels).

    Example:
        >>> data = augmented_batches(clothes, y_train[:100], build_augmentation())
        >>> [len(labels) for images, labels in data]
        [32, 32, 32, 4]
    """
    ### BEGIN SOLUTION
    pairs = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images)).batch(batch_size)
    return pairs.map(lambda batch, its_labels: (pipeline(batch, training=True), its_labels))
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "batches_try", "locked": true, "schema_version": 3, "solution": false, "task": false}
data = augmented_batches(animals[:64].astype("float32"), kinds[:64], build_augmentation())
for number in (1, 2):
    images, labels = next(iter(data))
    mean = float(np.mean(images))
    print(f"pass {number}: first batch {images.shape}, {np.sum(labels)} of {len(labels)} are mammals, mean {mean:.1f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "batches_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** (of this kind; two passes, two different batches)
#
# {{expected:batches_try.txt}}

# %% nbgrader={"grade": true, "grade_id": "batches", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.batches(augmented_batches)

# %% [markdown] nbgrader={"grade": false, "grade_id": "training_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 7 · With and without
#
# 1,000 images for training, 1,000 others for validation, raw pixels from 0 to 255. The test images stay away. You put the
# augmentation into the model here: then the data are the same in both runs.
#
# ### Exercise 7 · `training` (3 points)
#
# `train_augmented` builds a **fresh** model, compiles it with Adam, categorical cross-entropy and accuracy as a metric,
# fits it, and returns what `fit` returns. Both runs train the same model, but for the augmentation: the run "plain" has
# `layers.Identity()` in its place, a layer that does nothing. Name the arguments of `compile`: its third positional one
# is `loss_weights`, **not** `metrics`. `verbose=0` in `fit` keeps the notebook short.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false}
train, val = cnnkit.data.batches("fashion_mnist", batch_size=32, scaled=False)
train, val = train.first(1000), val.first(1000)
print(f"{train.images:,} images for training, {val.images:,} for validation, {train.batch_size} in a batch")


# %% nbgrader={"grade": false, "grade_id": "training_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_augmented(run: str, train, val, epochs: int = 40, callbacks=()) -> keras.callbacks.History:
    """Train a fresh model, with or without augmentation.

    Args:
        run: "plain" or "augmented".
        train: dataset of batches: images float32 (batch, 28, 28, 1) from 0 to 255, labels one-hot float32 (batch, 10).
        val: dataset of the same kind, for validation after every epoch.
        epochs: how often to go through `train`.
        callbacks: Keras callbacks to pass on to `fit`.

    Returns:
        The History that `fit` returns, with "loss", "accuracy", "val_loss" and "val_accuracy" by epoch.

    Example:
        >>> history = train_augmented("plain", train, val, epochs=2)
        >>> len(history.history["val_loss"])
        2
    """
    ### BEGIN SOLUTION
    model = build_augmented_model(build_augmentation() if run == "augmented" else layers.Identity())
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks), verbose=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "training", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.training(train_augmented, build_augmented_model, build_augmentation)

# %% [markdown] nbgrader={"grade": false, "grade_id": "record_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Now for real
#
# **Predict first.** Which run will have the lower *training* loss? Which the lower *validation* loss?
#
# `cnnkit.record` calls your function and keeps the history, so that nobody has to train again to see your curves. Don't
# clear the output of this cell before you hand in: the record travels in it.
#
# **Time, measured on 2 cores:** full run about 25 seconds for each run; with `QUICK` about 5.

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "record", "locked": true, "schema_version": 3, "solution": false, "task": false}
records = {}
for run in ("plain", "augmented"):
    records[run] = cnnkit.record(train_augmented, run, train, val, epochs=EPOCHS)

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "results", "locked": true, "schema_version": 3, "solution": false, "task": false}
columns = ["loss", "val_loss", "accuracy", "val_accuracy"]
print(f"{'':10}" + "".join(f"{column:>14}" for column in columns) + f"{'gap':>10}")
for name, record in records.items():
    last = {column: record.history[column][-1] for column in columns}
    print(
        f"{name:10}"
        + "".join(f"{last[column]:14.4f}" for column in columns)
        + f"{last['val_loss'] - last['loss']:10.4f}"
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "curves_exercise", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run, after the last epoch (yours differs a little: your seed comes from your student
# id)
#
# {{expected:results.txt}}
#
# The **gap** between training and validation loss says how much a network has learned by heart.
#
# ## 8 · The gap
#
# ### Exercise 8 · `curves` (2 points)
#
# Draw training loss (`"loss"`) and validation loss (`"val_loss"`) of every run against the epoch: two curves for each run,
# each labelled with the run's name and which of the two it is, with a legend; both axes named. All in one picture, or one
# picture for each run, as you like. Make it easy to see which two belong together.


# %% nbgrader={"grade": false, "grade_id": "curves_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def plot_gap(histories):
    """Draw training and validation loss of several runs.

    Args:
        histories: dictionary from a run's name ("plain") to an object with the attribute `history`: a dictionary with
            lists of numbers under "loss" and "val_loss", one for each epoch. A Keras History is such an object, a record
            another.

    Returns:
        The matplotlib Figure, with two labelled lines per run.

    Example:
        >>> figure = plot_gap(records)
        >>> sum(len(axes.lines) for axes in figure.axes)
        4
    """
    ### BEGIN SOLUTION
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for number, (name, run) in enumerate(histories.items()):
        epochs = range(1, len(run.history["loss"]) + 1)
        axes.plot(epochs, run.history["loss"], "-", color=f"C{number}", label=f"{name}, training")
        axes.plot(epochs, run.history["val_loss"], "--", color=f"C{number}", label=f"{name}, validation")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss (categorical cross-entropy)")
    axes.legend()
    return figure
    ### END SOLUTION


# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "curves_show", "locked": true, "schema_version": 3, "solution": false, "task": false}
figure = plot_gap(records)
plt.close(figure)  # or Jupyter would show it twice
figure

# %% [markdown] nbgrader={"grade": false, "grade_id": "curves_expected", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output**
#
# {{figure:curves_show.png|Four curves against 40 epochs. Plain: the training loss falls to nearly zero; the validation loss falls to 0.5 in ten epochs and then rises to 0.7. Augmented: both fall slowly to about 0.7 and stay close together.|Solid: training, dashed: validation. Without augmentation the two part after a few epochs; with it they stay together, but higher than you may have hoped.}}

# %% nbgrader={"grade": true, "grade_id": "curves", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
cnnkit.check.curves(plot_gap)

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 9 · Is a small gap what you wanted?
#
# The gap has shrunk. But look at the accuracy too. Clothes in the validation data stand upright: turning the training
# images by up to 72° teaches the network what never comes, and costs it. An experiment with a gentle pipeline:

# %% tags=["skip-in-grading"] nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
keras.utils.set_random_seed(1)
gentle = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.01), layers.RandomZoom(0.1)])
model = build_augmented_model(gentle)
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
history = model.fit(train, validation_data=val, epochs=EPOCHS, verbose=0).history
gap = history["val_loss"][-1] - history["loss"][-1]
print(
    f"gentle: validation loss {history['val_loss'][-1]:.3f}, accuracy {history['val_accuracy'][-1]:.3f}, gap {gap:.3f}"
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "discussion_text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# **Expected output** of the full run (yours differs a little)
#
# {{expected:experiment.txt}}
#
# ### Exercise 9 · `discussion` (4 points)
#
# In eight to twelve sentences of your own:
#
# 1. What do your curves show? Say for each run when the two curves part, and how wide the gap is at the end. Which model
#    would you use, and by which of your numbers?
# 2. Why does augmentation raise the *training* loss?
# 3. You have put augmentation into the model and into the data. What is the difference: when is it active and who makes
#    sure of it, where does the work happen, and what does a saved model contain? Give a reason for each place.
# 4. Your friend's model gives another answer each time she calls `model(x)`. What happened, and what should she write?

# %% [markdown] nbgrader={"grade": true, "grade_id": "discussion", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Without augmentation the training loss goes to nearly zero (0.02) while the validation loss turns round after about twelve
# epochs and rises from 0.49 to 0.74: a gap of 0.7 at the end. With the strong pipeline both stay close together (gap
# 0.06), but validation accuracy is 0.75 instead of 0.84: it trains for turned clothes that never come. The gentle pipeline
# ends at 0.53 with an accuracy like the plain one's and has not turned round yet, so I would use that one and train it for
# longer; the plain network, stopped after twelve epochs, is hardly worse. A small gap alone is no aim: a network that has
# learned nothing has none.
#
# The training loss is measured on augmented images, which are harder than the originals and never the same twice. So
# the network cannot learn them by heart.
#
# In the model, augmentation is switched on and off by Keras: on in fit, off in predict and evaluate. It runs where the
# model runs, on a GPU with the rest, batch by batch, and it is saved with the model, so that whoever loads it can go on training
# in the same way. In the data pipeline nobody switches it off: I say training=True there and use that data set for training
# only, never for validation. It runs on the CPU, beside the training, can use any code, and the saved model knows nothing of it.
# In the model it cannot be forgotten or mixed up; in the data it costs the GPU no time and leaves the model simple.
#
# A bare call says nothing about training, and layers for augmentation take that for yes, other than Dropout. She should
# write model(x, training=False) or model.predict(x).
# ### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "summary", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Hand in
#
# 1. Set `QUICK = False` and write your student id at the top.
# 2. Restart the kernel and run all cells (menu *Kernel* or *Runtime*). It takes about 3 minutes; you need not watch.
# 3. Look through it: all checks green? Is the output of the training cell there, for both runs?
# 4. Save (Ctrl+S), **with the outputs**. Then take the `#` away in the last cell and run it: `cnnkit.submit()` packs the
#    notebook, your training records and the final weights into one file (about 1 MB).
# 5. Hand that file in. If the upload refuses it, hand in `data_augmentation.ipynb` alone, under this name; your records are in its
#    outputs.
#
# An interrupted training goes on after its last epoch when you run its cell again. A notebook that is not finished is
# marked for what is there, so hand it in all the same.
#
# ### What you can do now
#
# - Choose changes that keep the label, for the data at hand, and look at them before you train.
# - Say when augmentation is active, and put it where it belongs.
# - Read a gap between two loss curves, and not be content with a small one.
#
# **To go on:** train on the birds and mammals with `augmented_batches`. Which layers would you choose there? (256 images;
# a coin has 0.5, and 0.7 is good.)

# %% tags=["skip-in-grading"]
# Save the notebook first.
# cnnkit.submit()
