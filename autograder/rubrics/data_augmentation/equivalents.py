"""Right answers, written differently from the solution: each must get full marks."""

from autograder.audit.samples import Sample, compose, replace_cell, swap
from autograder.rubrics.data_augmentation.mutants import (
    BATCHES,
    CHOICE,
    COMPILE,
    CONTRASTS,
    CURVES,
    DIGITS,
    FIT,
    FROM_MEMORY,
    MODEL,
    PIPELINE,
    SHOW,
    STACK,
    TRAINING,
    TURN,
    WHEN,
    ZOOMS,
)

EQUIVALENTS = [
    # pipeline
    Sample(
        "another_order",
        PIPELINE,
        replace_cell("""
def build_augmentation():
    model = keras.models.Sequential(name="augmentation")
    model.add(tf.keras.layers.RandomContrast(factor=0.1))
    model.add(tf.keras.layers.RandomZoom(0.2, 0.2, fill_mode="nearest"))
    model.add(tf.keras.layers.RandomRotation([-0.2, 0.2], interpolation="nearest"))
    model.add(tf.keras.layers.RandomFlip(mode="horizontal", seed=7))
    return model
"""),
    ),
    Sample(
        "black_borders",
        PIPELINE,
        compose(
            swap(TURN, 'layers.RandomRotation(0.2, fill_mode="constant"),'),
            swap(ZOOMS, 'layers.RandomZoom(0.2, fill_mode="constant", fill_value=0),'),
        ),
    ),
    Sample("with_an_input", PIPELINE, swap("        [\n", "        [\n            keras.Input((28, 28, 1)),\n")),
    Sample("borders_wrapped", PIPELINE, swap(TURN, 'layers.RandomRotation(0.2, fill_mode="wrap"),')),
    Sample(
        "functional_pipeline",
        PIPELINE,
        replace_cell("""
def build_augmentation():
    image = keras.Input((None, None, None))
    x = layers.RandomFlip("horizontal")(image)
    x = layers.RandomRotation(0.2)(x)
    x = layers.RandomContrast(0.1)(layers.RandomZoom((-0.2, 0.2))(x))
    return keras.Model(image, x)
"""),
    ),
    Sample(
        "a_model_class",
        PIPELINE,
        replace_cell("""
class Augmentation(keras.Model):
    def __init__(self):
        super().__init__()
        self.steps = [
            layers.RandomFlip("horizontal"), layers.RandomRotation(0.2), layers.RandomZoom(0.2),
            layers.RandomContrast(0.1),
        ]

    def call(self, images, training=None):
        for step in self.steps:
            images = step(images, training=training)
        return images


def build_augmentation():
    return Augmentation()
"""),
    ),
    Sample(
        "a_function_of_layers",
        PIPELINE,
        replace_cell("""
def build_augmentation():
    steps = [layers.RandomFlip("horizontal"), layers.RandomRotation(0.2), layers.RandomZoom(0.2)]
    steps.append(layers.RandomContrast(0.1))

    def pipeline(images, training=True):
        for step in steps:
            images = step(images, training=training)
        return images

    return pipeline
"""),
    ),
    Sample(
        "by_hand_with_ops",
        PIPELINE,
        replace_cell("""
class ByHand(layers.Layer):
    def __init__(self):
        super().__init__()
        self.seeds = keras.random.SeedGenerator()

    def draw(self, images, low, high):
        return keras.random.uniform((keras.ops.shape(images)[0], 1, 1, 1), low, high, seed=self.seeds)

    def call(self, images, training=None):
        if not training:
            return images
        ops = keras.ops
        flip = self.draw(images, 0, 1) < 0.5
        images = ops.where(flip, ops.flip(images, axis=2), images)
        angle = self.draw(images, -0.4 * np.pi, 0.4 * np.pi)[:, 0, 0, 0]
        size = self.draw(images, 0.8, 1.2)[:, 0, 0, 0]
        shape = ops.shape(images)
        y, x = (ops.cast(shape[axis] - 1, "float32") / 2 for axis in (1, 2))
        cos, sin, zero = ops.cos(angle) * size, ops.sin(angle) * size, ops.zeros_like(angle)
        matrix = ops.stack([cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y, zero, zero], axis=-1)
        images = ops.image.affine_transform(images, matrix, fill_mode="nearest")
        mean = ops.mean(images, axis=(1, 2), keepdims=True)
        return ops.clip((images - mean) * self.draw(images, 0.9, 1.1) + mean, 0, 255)


def build_augmentation():
    return ByHand()
"""),
    ),
    Sample(
        "tf_image_for_some",
        PIPELINE,
        replace_cell("""
class Mixed(layers.Layer):
    def __init__(self):
        super().__init__()
        self.turn, self.zoom = layers.RandomRotation(0.2), layers.RandomZoom(0.2)

    def call(self, images, training=False):
        if not training:
            return images
        images = tf.image.random_flip_left_right(images)
        images = tf.map_fn(lambda image: tf.image.random_contrast(image, 0.9, 1.1), images)
        return tf.clip_by_value(self.zoom(self.turn(images, training=True), training=True), 0.0, 255.0)


def build_augmentation():
    return Mixed()
"""),
    ),
    Sample(
        "made_once",
        PIPELINE,
        replace_cell("""
AUGMENTATION = keras.Sequential(
    [layers.RandomFlip("horizontal"), layers.RandomRotation(0.2), layers.RandomZoom(0.2), layers.RandomContrast(0.1)]
)


def build_augmentation():
    return AUGMENTATION
"""),
    ),
    Sample("contrast_both_ways", PIPELINE, swap(CONTRASTS, "layers.RandomContrast((0.1, 0.1)),")),
    # show
    Sample(
        "one_by_one",
        SHOW,
        replace_cell("""
def show_augmented(image, pipeline):
    fig = plt.figure(figsize=(6, 6))
    for k in range(9):
        plt.subplot(3, 3, k + 1)
        copy = pipeline(tf.expand_dims(tf.cast(image, tf.float32), 0), training=True)[0]
        plt.imshow(copy.numpy().astype("uint8").squeeze(), cmap="gray")
        plt.axis("off")
    return fig
"""),
    ),
    Sample(
        "a_bare_call",
        SHOW,
        replace_cell("""
def show_augmented(image, pipeline):
    fig, grid = plt.subplots(3, 3)
    for ax in grid.ravel():
        ax.imshow(keras.utils.array_to_img(pipeline(image[None].astype("float32"))[0], scale=False), cmap="gray")
    plt.show()
"""),
    ),
    # it stretches each copy to all shades, which undoes a change of brightness
    Sample(
        "stretched_by_keras",
        SHOW,
        replace_cell("""
def show_augmented(image, pipeline):
    fig, grid = plt.subplots(3, 3)
    copies = pipeline(np.stack([image] * 9).astype("float32"), training=True)
    for ax, copy in zip(grid.flat, copies):
        ax.imshow(keras.utils.array_to_img(copy), cmap="gray" if image.shape[-1] == 1 else None)
    return fig
"""),
    ),
    Sample(
        "stretched_by_hand",
        SHOW,
        replace_cell("""
def show_augmented(image, pipeline):
    fig = plt.figure()
    for k in range(9):
        copy = np.squeeze(np.array(pipeline(image[None].astype("float32"), training=True)))
        plt.subplot(3, 3, k + 1)
        plt.imshow((copy - copy.min()) / (copy.max() - copy.min()))
    return fig
"""),
    ),
    Sample(
        "without_a_batch",
        SHOW,
        replace_cell("""
def show_augmented(image, pipeline):
    fig, grid = plt.subplots(3, 3)
    for row in grid:
        for ax in row:
            ax.imshow(np.array(pipeline(image.astype("float32"), training=True)) / 255.0)
    return fig
"""),
    ),
    Sample(
        "original_first",
        SHOW,
        replace_cell("""
def show_augmented(image, pipeline):
    copies = [image] + [np.asarray(pipeline(image[np.newaxis], training=True))[0] for _ in range(9)]
    fig, grid = plt.subplots(2, 5)
    for ax, copy in zip(grid.flat, copies):
        ax.imshow(np.clip(np.round(copy), 0, 255).astype(np.uint8), cmap="gray", vmin=0, vmax=255)
        ax.set(xticks=[], yticks=[])
    return fig
"""),
    ),
    Sample(
        "one_large_picture",
        SHOW,
        replace_cell("""
def show_augmented(image, pipeline):
    copies = np.asarray(pipeline(np.stack([image] * 9), training=True)) / 255
    rows = [np.concatenate(list(copies[k : k + 3]), axis=1) for k in (0, 3, 6)]
    fig, ax = plt.subplots()
    ax.imshow(np.concatenate(rows, axis=0), cmap="gray_r")
    return fig
"""),
    ),
    # digits
    Sample(
        "rotation_only",
        DIGITS,
        replace_cell("def augmentation_for_digits():\n    return layers.RandomRotation(18 / 360)"),
    ),
    Sample(
        "all_that_is_allowed",
        DIGITS,
        replace_cell("""
def augmentation_for_digits():
    return keras.Sequential([layers.RandomZoom(0.2), layers.RandomContrast(0.1), layers.RandomRotation((-0.05, 0.05))])
"""),
    ),
    Sample(
        "digits_by_a_function",
        DIGITS,
        replace_cell("""
def augmentation_for_digits():
    turn, zoom = layers.RandomRotation(0.03, fill_mode="constant"), layers.RandomZoom(0.1, fill_mode="constant")
    return lambda images, training=False: zoom(turn(images, training=training), training=training)
"""),
    ),
    # when
    Sample(
        "answers_by_a_loop",
        WHEN,
        replace_cell("""
def when_it_augments():
    answers = {"pipeline(x)": np.bool_(True), "model(x)": True, "model.fit(x, y)": 1 == 1}
    for line in ("pipeline(x, training=False)", "model.predict(x)", "model.evaluate(x, y)"):
        answers[line] = False
    return answers
"""),
    ),
    # model
    Sample(
        "functional_model",
        MODEL,
        swap(
            f"return {STACK}",
            "image = keras.Input(shape=(28, 28, 1))\n"
            "    x = augmentation(image)\n"
            "    x = layers.Rescaling(scale=1.0 / 255.0, offset=0.0)(x)\n"
            "    return keras.Model(inputs=image, outputs=classifier(x))",
        ),
    ),
    # in a functional model Keras says itself what training is, whatever the layer was called with
    Sample(
        "training_said_in_a_functional_model",
        MODEL,
        swap(
            f"return {STACK}",
            "image = keras.Input((28, 28, 1))\n"
            "    x = layers.Rescaling(1 / 255)(augmentation(image, training=True))\n"
            "    return keras.Model(image, classifier(x))",
        ),
    ),
    Sample(
        "model_class",
        MODEL,
        replace_cell("""
class Augmented(keras.Model):
    def __init__(self, augmentation, classifier):
        super().__init__()
        self.augmentation, self.classifier = augmentation, classifier

    def call(self, x, training=False):
        x = self.augmentation(x, training=training)
        return self.classifier(x / 255.0)


def build_augmented_model(augmentation, classifier=None):
    return Augmented(augmentation, classifier or build_classifier())
"""),
    ),
    Sample(
        "added_one_by_one",
        MODEL,
        swap(
            f"return {STACK}",
            "model = keras.models.Sequential()\n"
            "    model.add(layers.InputLayer(shape=(28, 28, 1)))\n"
            "    for part in (augmentation, layers.Rescaling(0.00392156862745098), classifier):\n"
            "        model.add(part)\n"
            '    model.compile("sgd", "mse")\n'
            "    return model",
        ),
    ),
    Sample(
        "front_and_back",
        MODEL,
        swap(
            f"return {STACK}",
            "front = keras.Sequential([augmentation, layers.Rescaling(1 / 255)])\n"
            "    return keras.Sequential([keras.Input((28, 28, 1)), front, *classifier.layers])",
        ),
    ),
    Sample(
        "size_left_open",
        MODEL,
        swap("keras.Input((28, 28, 1)), ", ""),
    ),
    # batches
    Sample(
        "mapped_before_batching",
        BATCHES,
        swap(
            f"return {FROM_MEMORY}",
            "pairs = tf.data.Dataset.from_tensor_slices((images, labels)).cache().shuffle(1000)\n"
            "    pairs = pairs.map(lambda x, y: (pipeline(x[tf.newaxis], training=True)[0], y))\n"
            "    return pairs.batch(batch_size).prefetch(tf.data.AUTOTUNE)",
        ),
    ),
    Sample(
        "a_bare_call_in_map",
        BATCHES,
        swap("pipeline(batch, training=True)", "pipeline(batch)"),
    ),
    Sample(
        "a_keras_data_set",
        BATCHES,
        replace_cell("""
class Augmented(keras.utils.PyDataset):
    def __init__(self, images, labels, pipeline, batch_size):
        super().__init__()
        self.images, self.labels, self.pipeline, self.size = images, labels, pipeline, batch_size
        self.order = np.random.permutation(len(images))

    def __len__(self):
        return -(-len(self.images) // self.size)

    def __getitem__(self, index):
        chosen = self.order[index * self.size : (index + 1) * self.size]
        return np.array(self.pipeline(self.images[chosen], training=True)), self.labels[chosen]

    def on_epoch_end(self):
        self.order = np.random.permutation(len(self.images))


def augmented_batches(images, labels, pipeline, batch_size=32):
    return Augmented(images, labels, pipeline, batch_size)
"""),
    ),
    Sample(
        "from_a_generator",
        BATCHES,
        replace_cell("""
def augmented_batches(images, labels, pipeline, batch_size=32):
    class Again:
        def __iter__(self):
            order = np.random.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                yield pipeline(images[chosen], training=True), labels[chosen]

    return Again()
"""),
    ),
    Sample(
        "two_data_sets_zipped",
        BATCHES,
        replace_cell("""
def augmented_batches(images, labels, pipeline, batch_size=32):
    data = tf.data.Dataset.zip((tf.data.Dataset.from_tensor_slices(images), tf.data.Dataset.from_tensor_slices(labels)))
    data = data.shuffle(buffer_size=10 * batch_size, seed=3).batch(batch_size)

    def augment(x, y):
        return pipeline(x, training=True), y

    return data.map(augment, num_parallel_calls=tf.data.AUTOTUNE)
"""),
    ),
    # training
    Sample(
        "sparse_by_another_name", TRAINING, swap('"categorical_crossentropy"', "keras.losses.CategoricalCrossentropy()")
    ),
    Sample(
        "optimizer_object", TRAINING, swap('optimizer="adam"', "optimizer=keras.optimizers.Adam(learning_rate=1e-3)")
    ),
    Sample(
        "two_models_spelled_out",
        TRAINING,
        compose(
            swap(f"build_augmented_model({CHOICE})", "None"),
            swap(
                COMPILE,
                'if run == "plain":\n'
                "        model = keras.Sequential([keras.Input((28, 28, 1)), layers.Rescaling(1 / 255)])\n"
                "        model.add(build_classifier())\n"
                "    else:\n"
                "        model = build_augmented_model(build_augmentation())\n"
                '    model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])',
            ),
        ),
    ),
    Sample("history_kept", TRAINING, swap(FIT, FIT.replace("return ", "history = ") + "\n    return history")),
    # curves
    Sample(
        "a_picture_for_each_run",
        CURVES,
        replace_cell("""
def plot_gap(histories):
    fig, grid = plt.subplots(1, len(histories), sharey=True, figsize=(10, 4), squeeze=False)
    for ax, (name, run) in zip(grid[0], histories.items()):
        ax.plot(np.arange(1, len(run.history["loss"]) + 1), run.history["loss"], label="training")
        ax.plot(np.arange(1, len(run.history["loss"]) + 1), run.history["val_loss"], label="validation")
        ax.set_title(name)
        ax.legend()
    fig.supxlabel("epoch")
    fig.supylabel("loss")
    return fig
"""),
    ),
    Sample(
        "drawn_with_pyplot",
        CURVES,
        replace_cell("""
def plot_gap(histories):
    for name in histories:
        for metric in ("loss", "val_loss"):
            plt.semilogy(histories[name].history[metric], label=name + " " + metric)
    plt.legend(loc="upper right")
    plt.xlabel("Epoche")
    plt.ylabel("Verlust")
    plt.show()
"""),
    ),
    Sample(
        "a_picture_for_each_loss",
        CURVES,
        replace_cell("""
def plot_gap(histories):
    fig, axes = plt.subplots(2, 1, layout="constrained")
    for ax, metric in zip(axes, ["loss", "val_loss"]):
        for name, run in histories.items():
            ax.plot(run.history[metric], marker="o", label=name)
        ax.set(title=metric, xlabel="epoch", ylabel=metric)
        ax.legend()
    return fig
"""),
    ),
]
