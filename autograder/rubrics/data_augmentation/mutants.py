# ruff: noqa: E501 -- a table reads best a line a mutant
"""Wrong answers, each with the checks that it must fail, and no others: a rubric that passes one is not finished."""

from autograder.audit.samples import Sample, change_record, compose, replace_cell, swap
from autograder.rubrics.data_augmentation.reference import EPOCHS

PIPELINE = "pipeline_solution"
SHOW = "show_solution"
DIGITS = "digits_solution"
WHEN = "when_solution"
MODEL = "model_solution"
BATCHES = "batches_solution"
TRAINING = "training_solution"
CURVES = "curves_solution"

SHAPE = "pipeline.shape_and_type"
PREDICTION = "pipeline.prediction_unchanged"
VARIES = "pipeline.training_varies"
OWN = "pipeline.own_draw"
RANGE = "pipeline.values_in_range"
MIRRORED = "pipeline.mirrored"
UPRIGHT = "pipeline.never_upside_down"
TURNS = "pipeline.rotation"
ZOOM = "pipeline.zoom"
CONTRAST = "pipeline.contrast"
ELSE = "pipeline.nothing_else"

NINE = "show.nine_copies"
DIFFER = "show.copies_differ"
COLOUR = "show.in_colour"

ORIENTATION = "digits.orientation"
STILL = "digits.still_augments"
SMALL = "digits.small_turns"
STRONGER = "digits.nothing_stronger"

CALLS = "when.calls_of_the_pipeline"
MODEL_CALL = "when.call_of_the_model"
PREDICTS = "when.prediction"
FITS = "when.fit"

KERAS = "model.model_and_classifier"
ONCE = "model.rescaled_once"
FIXED = "model.prediction_is_fixed"
AUGMENTS = "model.augments_in_training"
FIRST = "model.augmentation_first"

FORM = "batches.in_batches"
LABELS = "batches.labels_stay"
EVERY = "batches.every_image_once"
AUGMENTED = "batches.augmented"
ANEW = "batches.anew_in_each_pass"
SHUFFLED = "batches.shuffled"

LOSS = "training.loss_is_crossentropy"
ADAM = "training.optimizer_is_adam"
EACH_EPOCH = "training.trains_for_epochs"
VALIDATES = "training.validates"
CALLBACKS = "training.passes_callbacks"
HISTORY = "training.returns_history"
FRESH = "training.fresh_network"
ASKED = "training.augments_as_asked"
HOLD = "training.records_hold"
COMPLETE = "training.records_complete"
FALL = "training.losses_fall"
TRAINING_CHECKS = (LOSS, ADAM, EACH_EPOCH, VALIDATES, CALLBACKS, HISTORY, FRESH, ASKED)

CURVE = "curves.two_curves_for_each"
LABELLED = "curves.curves_labelled"
AXES = "curves.axes_named"
ANY = "curves.any_histories"
STRENGTHS = (MIRRORED, TURNS, ZOOM, CONTRAST)
WHOLE_PIPELINE = (SHAPE, PREDICTION, VARIES, OWN, RANGE, UPRIGHT, ELSE, *STRENGTHS)
WHOLE_MODEL = (KERAS, ONCE, FIXED, AUGMENTS, FIRST)

FLIP = 'layers.RandomFlip("horizontal"),'
TURN = "layers.RandomRotation(0.2),"
ZOOMS = "layers.RandomZoom(0.2),"
CONTRASTS = "layers.RandomContrast(0.1),"
STACK = "keras.Sequential([keras.Input((28, 28, 1)), augmentation, layers.Rescaling(1 / 255), classifier])"
FIT = "return model.fit(train, validation_data=val, epochs=epochs, callbacks=list(callbacks), verbose=0)"
COMPILE = 'model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])'
CHOICE = 'build_augmentation() if run == "augmented" else layers.Identity()'
COPIES = 'np.array(pipeline(np.stack([image] * 9).astype("float32"), training=True)) / 255'
DIGIT_LAYERS = "layers.RandomRotation(0.04), layers.RandomZoom(0.1), layers.RandomContrast(0.1)"
FROM_MEMORY = "pairs.map(lambda batch, its_labels: (pipeline(batch, training=True), its_labels))"
PAIRS = "tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images)).batch(batch_size)"

CLASS = """
class Pipeline(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.2), layers.RandomZoom(0.2), layers.RandomContrast(0.1)])

    def call(self, images, training=None):
        return BODY


def build_augmentation():
    return Pipeline()
"""


def in_a_class(body: str):
    """A pipeline written as a class, with `body` for its output."""
    return replace_cell(CLASS.replace("BODY", body))


def own_layer(code: str):
    """A layer of the student's own, with `code` for its output in training."""
    return replace_cell(f"""
class Own(layers.Layer):
    def __init__(self):
        super().__init__()
        self.seeds = keras.random.SeedGenerator()
        self.rest = keras.Sequential([layers.RandomRotation(0.2), layers.RandomZoom(0.2), layers.RandomContrast(0.1)])

    def call(self, images, training=None):
        return {code} if training else images


def build_augmentation():
    return Own()
""")


def after(code: str):
    """Add a layer behind the four."""
    return swap(CONTRASTS, f"{CONTRASTS}\n            {code},")


MUTANTS = [
    # pipeline
    Sample("flips_both_ways", PIPELINE, swap('RandomFlip("horizontal")', "RandomFlip()"), (UPRIGHT,), ("stand on their heads", "none")),
    Sample("flips_spelled_out", PIPELINE, swap('"horizontal"', '"horizontal_and_vertical"'), (UPRIGHT,), "stand on their heads"),
    Sample("flips_upside_down_only", PIPELINE, swap('"horizontal"', '"vertical"'), (MIRRORED, UPRIGHT), ("left and right", "found 0")),
    Sample("flip_forgotten", PIPELINE, swap(FLIP, ""), (MIRRORED,), ("left and right", "about half", "found 0")),
    Sample("always_mirrored", PIPELINE, swap(FLIP, "layers.Lambda(lambda x, training=None: keras.ops.flip(x, 2) if training else x),"), (MIRRORED,), "found 100"),
    Sample("rotation_forgotten", PIPELINE, swap(TURN, ""), (TURNS,), ("turns", "72°")),
    Sample("rotation_too_weak", PIPELINE, swap(TURN, "layers.RandomRotation(0.1),"), (TURNS,), ("turns", "72°")),
    Sample("rotation_of_two_degrees", PIPELINE, swap(TURN, "layers.RandomRotation(0.2 / 36),"), (TURNS,), ("turns", "72°")),
    Sample("rotation_too_strong", PIPELINE, swap(TURN, "layers.RandomRotation(0.25),"), (TURNS,), ("turns", "at most 72°")),
    Sample("rotation_in_degrees", PIPELINE, swap(TURN, "layers.RandomRotation(72 / 180),"), (UPRIGHT, TURNS), "stand on their heads"),
    Sample("rotation_one_way", PIPELINE, swap(f"{FLIP}\n            {TURN}", f"{FLIP}\n            layers.RandomRotation((0, 0.2)),"), (TURNS,), "both directions"),
    Sample("zoom_forgotten", PIPELINE, swap(ZOOMS, ""), (ZOOM,), ("zoom", "20 %")),
    Sample("zoom_too_weak", PIPELINE, swap(ZOOMS, "layers.RandomZoom(0.1),"), (ZOOM,), ("zoom", "20 %")),
    Sample("zoom_too_strong", PIPELINE, swap(ZOOMS, "layers.RandomZoom(0.4),"), (ZOOM,), ("zoom", "at most 20 %")),
    Sample("zooms_out_only", PIPELINE, swap(ZOOMS, "layers.RandomZoom((0, 0.2)),"), (ZOOM,), ("zoom", "in and out")),
    Sample("contrast_forgotten", PIPELINE, swap(CONTRASTS, ""), (CONTRAST,), ("contrast", "10 %")),
    Sample("contrast_too_weak", PIPELINE, swap(CONTRASTS, "layers.RandomContrast(0.02),"), (CONTRAST,), ("contrast", "10 %")),
    Sample("contrast_too_strong", PIPELINE, swap(CONTRASTS, "layers.RandomContrast(0.5),"), (CONTRAST,), ("contrast", "at most 10 %")),
    Sample("contrast_not_cut_off", PIPELINE, swap(CONTRASTS, "layers.RandomContrast(0.1, value_range=(-1000, 1000)),"), (RANGE,), ("values", "0 to 255")),
    Sample("brighter_too", PIPELINE, after("layers.RandomBrightness(0.1)"), (ELSE,), ("brightness", "as it was")),
    Sample("shifted_too", PIPELINE, after("layers.RandomTranslation(0.06, 0.06)"), (ELSE,), ("middle of the image", "in its place")),
    Sample("moved_by_a_tenth", PIPELINE, after("layers.RandomTranslation(0.1, 0.1)"), (ELSE,), ("middle of the image", "in its place")),
    Sample("moved_up_and_down", PIPELINE, after("layers.RandomTranslation(0.12, 0.0)"), (ELSE,), "middle of the image"),
    Sample("moved_and_filled", PIPELINE, after('layers.RandomTranslation(0.1, 0.1, fill_mode="constant")'), (ELSE,), "middle of the image"),
    Sample("rescales_too", PIPELINE, after("layers.Rescaling(1 / 255)"), (PREDICTION,), ("images divided by 255", "model's business")),
    Sample("always_on", PIPELINE, in_a_class("self.inner(images, training=True)"), (PREDICTION,), ("training=False", "the images as they were")),
    Sample("never_on", PIPELINE, in_a_class("self.inner(images, training=False)"), (VARIES, OWN, *STRENGTHS), ("training=True", "changed images")),
    Sample("the_wrong_way_round", PIPELINE, in_a_class("self.inner(images, training=not training)"), (PREDICTION, VARIES, OWN, *STRENGTHS), "the images as they were"),
    Sample("the_same_every_time", PIPELINE, own_layer("keras.ops.where(keras.random.uniform((keras.ops.shape(images)[0], 1, 1, 1), seed=5) < 0.5, keras.ops.flip(images, 2), 0.95 * images)"), (VARIES, OWN, *STRENGTHS), ("called twice", "the same ones")),
    Sample("one_draw_for_the_batch", PIPELINE, own_layer("keras.ops.where(keras.random.uniform((), seed=self.seeds) < 0.5, keras.ops.flip(images, 2), images) * keras.random.uniform((), 0.99, 1, seed=self.seeds)"), (OWN, *STRENGTHS), ("the same image 100 times", "the same copy everywhere")),
    Sample("flips_whole_batches", PIPELINE, own_layer("keras.ops.where(keras.random.uniform((), seed=self.seeds) < 0.5, keras.ops.flip(self.rest(images), 2), self.rest(images))"), (MIRRORED,), "about half"),
    Sample("whole_numbers", PIPELINE, in_a_class('keras.ops.cast(self.inner(images, training=training), "uint8")'), (SHAPE, PREDICTION), ("float32", "uint8")),
    Sample("made_smaller", PIPELINE, after("layers.CenterCrop(10, 10)"), (SHAPE, PREDICTION, VARIES, OWN, RANGE, UPRIGHT, ELSE, *STRENGTHS), ("shape", "(5, 10, 10, 1)")),
    Sample("layers_in_a_list", PIPELINE, swap("return keras.Sequential(\n        [", "return (\n        ["), WHOLE_PIPELINE, ("can be called on images", "list", "keras.Sequential")),
    Sample("rotation_of_twenty", PIPELINE, swap(TURN, "layers.RandomRotation(20),"), WHOLE_PIPELINE, "raised ValueError"),
    Sample("layers_of_another_time", PIPELINE, swap(FLIP, 'layers.experimental.preprocessing.RandomFlip("horizontal"),'), WHOLE_PIPELINE, "experimental"),
    Sample("flip_misspelled", PIPELINE, swap("layers.RandomFlip", "layers.RandomFilp"), WHOLE_PIPELINE, "RandomFilp"),
    Sample("a_function_without_training", PIPELINE, replace_cell("""
def build_augmentation():
    inner = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.2), layers.RandomZoom(0.2), layers.RandomContrast(0.1)])
    return lambda images: inner(images, training=True)
"""), WHOLE_PIPELINE, "takes `training`"),
    Sample("the_class_itself", PIPELINE, replace_cell("def build_augmentation():\n    return layers.RandomFlip"), WHOLE_PIPELINE, "the class RandomFlip itself"),
    Sample("pipeline_not_returned", PIPELINE, swap("return keras", "keras"), WHOLE_PIPELINE, "found None"),
    Sample("one_layer_only", PIPELINE, replace_cell('def build_augmentation():\n    return layers.RandomFlip("horizontal")'), (TURNS, ZOOM, CONTRAST), "turns"),
    # show
    Sample("one_copy_only", SHOW, replace_cell('def show_augmented(image, pipeline):\n    figure, axes = plt.subplots()\n    axes.imshow(np.array(pipeline(image[np.newaxis], training=True))[0] / 255)\n    return figure'), (NINE, DIFFER), ("9 pictures", "1 picture")),
    Sample("eight_copies", SHOW, compose(swap("[image] * 9", "[image] * 8"), swap("subplots(3, 3", "subplots(2, 4")), (NINE,), ("9 pictures", "8 pictures")),
    Sample("augmentation_off", SHOW, swap('astype("float32"), training=True', 'astype("float32"), training=False'), (DIFFER,), "the same one again and again"),
    Sample("one_copy_nine_times", SHOW, swap(COPIES, 'np.array([np.array(pipeline(image[np.newaxis].astype("float32"), training=True))[0]] * 9) / 255'), (DIFFER,), "the same one again and again"),
    Sample("the_original_nine_times", SHOW, swap(COPIES, "np.stack([image] * 9) / 255"), (DIFFER,), "the same one again and again"),
    Sample("colours_burnt_out", SHOW, compose(swap("training=True)) / 255", "training=True))"), swap("np.clip(copy, 0, 1)", "copy"), swap(", vmin=0, vmax=1", "")), (COLOUR,), "0 of them so"),
    Sample("grey_only", SHOW, swap("np.clip(copy, 0, 1)", "np.clip(copy[..., 0], 0, 1)"), (COLOUR,), "0 of them so"),
    Sample("another_image", SHOW, swap("np.stack([image] * 9)", "np.stack([image.swapaxes(0, 1)] * 9)"), (DIFFER, COLOUR), "none of this image"),
    Sample("its_own_pipeline", SHOW, swap("np.array(pipeline(", "np.array(build_augmentation()("), (DIFFER, COLOUR), "as the pipeline makes them"),
    # none of these uses the pipeline that it is given
    Sample("copies_brighter_by_hand", SHOW, swap(COPIES, "np.stack([image + 5.0 * k for k in range(9)]) / 255"), (DIFFER,), ("as the pipeline makes them", "none is flipped")),
    Sample("copies_with_contrast_by_hand", SHOW, swap(COPIES, "np.stack([image * np.random.uniform(0.7, 1.0) + np.random.uniform(-20, 20) for _ in range(9)]) / 255"), (DIFFER,), "none is flipped"),
    Sample("copies_by_another_layer", SHOW, swap("np.array(pipeline(", "np.array(layers.RandomBrightness(0.1)("), (DIFFER,), "none is flipped"),
    Sample("copies_mirrored_by_hand", SHOW, swap(COPIES, "np.stack([image[:, ::-1] if k % 2 else image for k in range(9)]) / 255"), (COLOUR,), "in its colours"),
    Sample("copies_by_a_flip_of_its_own", SHOW, swap("np.array(pipeline(", 'np.array(layers.RandomFlip("horizontal")('), (COLOUR,), "in its colours"),
    Sample("no_figure", SHOW, compose(swap("    return figure", "    plt.close(figure)")), (NINE, DIFFER, COLOUR), "expected a Matplotlib Figure, found None"),
    Sample("empty_axes", SHOW, swap('        axes.imshow(np.clip(copy, 0, 1), cmap="gray_r", vmin=0, vmax=1)\n', ""), (NINE, DIFFER, COLOUR), "0 pictures"),
    # digits
    Sample("as_for_clothes", DIGITS, replace_cell("def augmentation_for_digits():\n    return build_augmentation()"), (ORIENTATION, SMALL), ("left and right", "mirrored 2")),
    Sample("digits_flipped_both_ways", DIGITS, swap(DIGIT_LAYERS, f"layers.RandomFlip(), {DIGIT_LAYERS}"), (ORIENTATION,), ("stand on their heads", "6")),
    Sample("digits_mirrored", DIGITS, swap(DIGIT_LAYERS, f'layers.RandomFlip("horizontal"), {DIGIT_LAYERS}'), (ORIENTATION,), ("left and right", "mirrored 2")),
    Sample("digits_upside_down", DIGITS, swap(DIGIT_LAYERS, f'layers.RandomFlip("vertical"), {DIGIT_LAYERS}'), (ORIENTATION,), "stand on their heads"),
    Sample("digits_turned_by_half", DIGITS, swap("RandomRotation(0.04)", "RandomRotation(0.5)"), (ORIENTATION, SMALL), "stand on their heads"),
    Sample("digits_turned_as_clothes", DIGITS, swap("RandomRotation(0.04)", "RandomRotation(0.2)"), (SMALL,), ("turns", "at most 18°")),
    Sample("digits_turned_too_far", DIGITS, swap("RandomRotation(0.04)", "RandomRotation(0.1)"), (SMALL,), ("turns", "at most 18°")),
    Sample("digits_not_turned", DIGITS, swap("layers.RandomRotation(0.04), ", ""), (SMALL,), "both directions"),
    Sample("digits_hardly_turned", DIGITS, swap("RandomRotation(0.04)", "RandomRotation(0.01)"), (SMALL,), "both directions"),
    Sample("digits_zoomed_too_far", DIGITS, swap("RandomZoom(0.1)", "RandomZoom(0.5)"), (STRONGER,), ("zoom", "at most 20 %")),
    Sample("digits_with_contrast", DIGITS, swap("RandomContrast(0.1)", "RandomContrast(0.6)"), (STRONGER,), ("contrast", "at most 10 %")),
    Sample("digits_shifted", DIGITS, swap("layers.RandomContrast(0.1)", "layers.RandomTranslation(0.08, 0.08)"), (STRONGER,), "middle of the image"),
    Sample("digits_moved_by_a_tenth", DIGITS, swap(DIGIT_LAYERS, "layers.RandomRotation(10 / 360), layers.RandomZoom(0.1), layers.RandomTranslation(0.1, 0.1)"), (STRONGER,), "middle of the image"),
    Sample("digits_not_augmented", DIGITS, replace_cell("def augmentation_for_digits():\n    return keras.Sequential([layers.Rescaling(1.0)])"), (STILL, SMALL), ("changed images", "as they were")),
    Sample("digits_always_on", DIGITS, swap(f"return keras.Sequential([{DIGIT_LAYERS}])", f"inner = keras.Sequential([{DIGIT_LAYERS}])\n    return lambda images, training=True: inner(images, training=True)"), (STILL,), ("training=False", "as they were")),
    # when
    Sample("bare_call_is_off", WHEN, swap('"pipeline(x)": True', '"pipeline(x)": False'), (CALLS,), ("pipeline(x)", "the other way round")),
    Sample("training_false_is_on", WHEN, swap('training=False)": False', 'training=False)": True'), (CALLS,), "training=False"),
    Sample("bare_model_is_off", WHEN, swap('"model(x)": True', '"model(x)": False'), (MODEL_CALL,), "model(x)"),
    Sample("predict_is_on", WHEN, swap('predict(x)": False', 'predict(x)": True'), (PREDICTS,), "model.predict(x)"),
    Sample("evaluate_is_on", WHEN, swap('evaluate(x, y)": False', 'evaluate(x, y)": True'), (PREDICTS,), "model.evaluate(x, y)"),
    Sample("fit_is_off", WHEN, swap('fit(x, y)": True', 'fit(x, y)": False'), (FITS,), "model.fit(x, y)"),
    Sample("a_line_lost", WHEN, swap('        "model.fit(x, y)": True,\n', ""), (CALLS, MODEL_CALL, PREDICTS, FITS), "model.fit(x, y)"),
    Sample("answers_in_words", WHEN, swap('"pipeline(x)": True', '"pipeline(x)": "yes"'), (CALLS, MODEL_CALL, PREDICTS, FITS), ("True or False", "yes")),
    # model
    Sample("not_rescaled", MODEL, swap("layers.Rescaling(1 / 255), ", ""), (ONCE,), ("divided by 255", "as they were")),
    Sample("rescaled_twice", MODEL, swap("layers.Rescaling(1 / 255), ", "layers.Rescaling(1 / 255), layers.Rescaling(1 / 255), "), (ONCE,), ("divided by 255", "twice")),
    Sample("rescaled_before_and_after", MODEL, swap("augmentation, layers.Rescaling", "layers.Rescaling(1 / 255), augmentation, layers.Rescaling"), (ONCE, FIRST), ("divided by 255", "twice")),
    Sample("rescaled_first", MODEL, swap("augmentation, layers.Rescaling(1 / 255)", "layers.Rescaling(1 / 255), augmentation"), (FIRST,), ("pixels from 0 to 255", "something else")),
    Sample("rescaled_to_minus_one", MODEL, swap("Rescaling(1 / 255)", "Rescaling(1 / 127.5, offset=-1)"), (ONCE,), ("divided by 255", "with -1 added")),
    Sample("an_offset_besides", MODEL, swap("Rescaling(1 / 255)", "Rescaling(1 / 255, offset=-0.5)"), (ONCE,), ("divided by 255", "with -0.5 added")),
    Sample("centred_by_hand", MODEL, swap("layers.Rescaling(1 / 255)", "layers.Rescaling(1 / 128, offset=-1.0)"), (ONCE,), "with -1 added"),
    Sample("divided_by_256", MODEL, swap("1 / 255", "1 / 256"), (ONCE,), "divided by 255"),
    Sample("augmentation_always_on", MODEL, replace_cell("""
class Augmented(keras.Model):
    def __init__(self, augmentation, classifier):
        super().__init__()
        self.augmentation, self.scale, self.classifier = augmentation, layers.Rescaling(1 / 255), classifier

    def call(self, x, training=None):
        return self.classifier(self.scale(self.augmentation(x, training=True)))


def build_augmented_model(augmentation, classifier=None):
    return Augmented(augmentation, build_classifier() if classifier is None else classifier)
"""), (FIXED,), ("called twice", "augmented images")),
    Sample("training_not_passed_on", MODEL, replace_cell("""
class Augmented(keras.Model):
    def __init__(self, augmentation, classifier):
        super().__init__()
        self.augmentation, self.scale, self.classifier = augmentation, layers.Rescaling(1 / 255), classifier

    def call(self, x, training=None):
        return self.classifier(self.scale(self.augmentation(x, training=False)))


def build_augmented_model(augmentation, classifier=None):
    return Augmented(augmentation, build_classifier() if classifier is None else classifier)
"""), (AUGMENTS, FIRST), "augmented images"),
    Sample("augmentation_left_out", MODEL, swap("augmentation, layers.Rescaling", "layers.Rescaling"), (AUGMENTS, FIRST), "augmented images"),
    Sample("augmentation_of_its_own", MODEL, swap("augmentation, layers.Rescaling", 'layers.RandomFlip("horizontal"), layers.Rescaling'), (AUGMENTS, FIRST), ("changed by `augmentation`", "something else")),
    Sample("brightness_of_its_own", MODEL, swap("augmentation, layers.Rescaling", "layers.RandomBrightness(0.1), layers.Rescaling"), (AUGMENTS, FIRST), ("changed by `augmentation`", "something else")),
    Sample("the_notebooks_augmentation", MODEL, swap("augmentation, layers.Rescaling", "build_augmentation(), layers.Rescaling"), (AUGMENTS, FIRST), "something else"),
    Sample("contrast_of_its_own", MODEL, swap("augmentation, layers.Rescaling", "layers.RandomContrast(0.2), layers.Rescaling"), (AUGMENTS, FIRST), "something else"),
    Sample("noise_of_its_own", MODEL, swap("augmentation, layers.Rescaling", "layers.GaussianNoise(1.0), layers.Rescaling"), (AUGMENTS, FIRST), "something else"),
    Sample("classifier_of_its_own", MODEL, swap("classifier])", "build_classifier()])"), (KERAS, ONCE, FIXED, AUGMENTS, FIRST), ("(6, 784)", "(6, 10)")),
    Sample("classifier_forgotten", MODEL, swap(", classifier])", "])"), (KERAS, ONCE, FIXED, AUGMENTS, FIRST), "(6, 784)"),
    Sample("model_as_a_function", MODEL, swap(f"return {STACK}", "scale = layers.Rescaling(1 / 255)\n    return lambda images, training=False: classifier(scale(augmentation(images, training=training)))"), (KERAS,), "Keras model"),
    Sample("model_not_returned", MODEL, swap("return keras", "keras"), WHOLE_MODEL, "returned None"),
    Sample("layer_misspelled", MODEL, swap("layers.Rescaling", "layers.Rescale"), WHOLE_MODEL, "Rescale"),
    Sample("model_undefined_name", MODEL, swap("augmentation, layers.Rescaling", "augment, layers.Rescaling"), WHOLE_MODEL, "augment"),
    Sample("model_of_another_input", MODEL, swap("keras.Input((28, 28, 1))", "keras.Input((32, 32, 3))"), WHOLE_MODEL, "raised ValueError"),
    # batches
    Sample("augmented_once_before", BATCHES, compose(swap("from_tensor_slices((images, labels))", "from_tensor_slices((pipeline(images, training=True), labels))"), swap(f"return {FROM_MEMORY}", "return pairs")), (ANEW,), ("two passes", "exactly as in the first")),
    Sample("cached_too_late", BATCHES, swap("its_labels))", "its_labels)).cache()"), (ANEW, SHUFFLED), ("two passes", "exactly as in the first")),
    Sample("a_list_of_batches", BATCHES, swap(f"return {FROM_MEMORY}", f"return list({FROM_MEMORY})"), (ANEW, SHUFFLED), ("two passes", "exactly as in the first")),
    Sample("a_generator", BATCHES, swap(f"return {FROM_MEMORY}", f"return (batch for batch in {FROM_MEMORY})"), (ANEW,), ("second pass", "all images again")),
    Sample("training_unsaid_and_off", BATCHES, swap("pipeline(batch, training=True)", "pipeline(batch, training=False)"), (AUGMENTED, ANEW), "changed by the pipeline"),
    Sample("pipeline_forgotten", BATCHES, swap(f"return {FROM_MEMORY}", "return pairs"), (AUGMENTED, ANEW), "changed by the pipeline"),
    Sample("labels_augmented", BATCHES, swap(", its_labels))", ', its_labels + tf.cast(tf.random.uniform(tf.shape(its_labels)) < 0.5, its_labels.dtype)))'), (LABELS,), "each image's own"),
    Sample("shuffled_apart", BATCHES, swap(PAIRS, "tf.data.Dataset.zip((tf.data.Dataset.from_tensor_slices(images).shuffle(len(images)), tf.data.Dataset.from_tensor_slices(labels).shuffle(len(images)))).batch(batch_size)"), (LABELS,), "each image's own"),
    Sample("not_shuffled", BATCHES, swap(".shuffle(len(images))", ""), (SHUFFLED,), "that of the arrays"),
    Sample("shuffled_once", BATCHES, swap(".shuffle(len(images))", ".shuffle(len(images), reshuffle_each_iteration=False)"), (SHUFFLED,), "the same both times"),
    Sample("last_batch_dropped", BATCHES, swap("batch(batch_size)", "batch(batch_size, drop_remainder=True)"), (EVERY,), ("every image once", "of those given are not among them")),
    Sample("repeated", BATCHES, swap(".batch(batch_size)", ".repeat(3).batch(batch_size)"), (EVERY,), ("every image once", "0 of those given are not among them")),
    # augmented by something else than the pipeline: batches, labels and order are right
    Sample("augmented_by_tf_image", BATCHES, swap("pipeline(batch, training=True)", "tf.image.random_flip_left_right(tf.image.random_brightness(batch, 20.0))"), (AUGMENTED, ANEW), ("changed by the pipeline", "something else")),
    Sample("brightness_by_hand", BATCHES, swap("pipeline(batch, training=True)", "batch + tf.random.uniform((tf.shape(batch)[0], 1, 1, 1), -25.0, 25.0)"), (AUGMENTED, ANEW), "something else"),
    Sample("a_layer_of_its_own", BATCHES, compose(lambda source: "OWN = layers.RandomBrightness(0.1)\n\n\n" + source, swap("pipeline(batch, training=True)", "OWN(batch, training=True)")), (AUGMENTED, ANEW), "something else"),
    Sample("the_notebooks_pipeline", BATCHES, compose(lambda source: "OWN = build_augmentation()\n\n\n" + source, swap("pipeline(batch, training=True)", "OWN(batch, training=True)")), (AUGMENTED, ANEW), "something else"),
    Sample("upside_down_by_hand", BATCHES, swap("pipeline(batch, training=True)", "tf.image.random_flip_up_down(batch)"), (AUGMENTED, ANEW), "something else"),
    Sample("noise_for_augmentation", BATCHES, swap("pipeline(batch, training=True)", "batch + tf.random.normal(tf.shape(batch), stddev=60.0)"), (AUGMENTED, ANEW), "something else"),
    Sample("batch_size_ignored", BATCHES, swap(".batch(batch_size)", ".batch(32)"), (FORM,), ("8 images", "20")),
    Sample("not_batched", BATCHES, compose(swap(".batch(batch_size)", ""), swap("pipeline(batch, training=True)", "pipeline(batch[tf.newaxis], training=True)[0]")), (FORM, LABELS, EVERY, AUGMENTED, ANEW, SHUFFLED), "shape"),
    Sample("images_without_labels", BATCHES, swap("(pipeline(batch, training=True), its_labels)", "pipeline(batch, training=True)"), (FORM, LABELS, EVERY, AUGMENTED, ANEW, SHUFFLED), "a pair (images, labels)"),
    Sample("arrays_returned", BATCHES, swap(f"return {FROM_MEMORY}", "return pipeline(images, training=True), labels"), (FORM, LABELS, EVERY, AUGMENTED, ANEW, SHUFFLED), "a pair (images, labels)"),
    Sample("data_set_not_returned", BATCHES, swap("return pairs.map", "pairs.map"), (FORM, LABELS, EVERY, AUGMENTED, ANEW, SHUFFLED), "found None"),
    # training
    Sample("sparse_loss", TRAINING, swap('"categorical_crossentropy"', '"sparse_categorical_crossentropy"'), (LOSS,), "loss"),
    Sample("squared_error", TRAINING, swap('"categorical_crossentropy"', '"mean_squared_error"'), (LOSS,), "mean_squared_error"),
    Sample("from_logits", TRAINING, swap('loss="categorical_crossentropy"', "loss=keras.losses.CategoricalCrossentropy(from_logits=True)"), (LOSS,), "1.461"),
    Sample("metrics_by_position", TRAINING, swap(COMPILE, 'model.compile("adam", "categorical_crossentropy", ["accuracy"])'), (LOSS,), "string"),
    Sample("another_optimizer", TRAINING, swap('optimizer="adam"', 'optimizer="sgd"'), (ADAM,), ("adam", "sgd")),
    Sample("another_learning_rate", TRAINING, swap('optimizer="adam"', "optimizer=keras.optimizers.Adam(0.01)"), (ADAM,), "learning_rate"),
    Sample("fifty_steps", TRAINING, swap("epochs=epochs, ", "epochs=epochs, steps_per_epoch=50, "), (EACH_EPOCH,), ("steps_per_epoch", "50")),
    Sample("epochs_ignored", TRAINING, swap("epochs=epochs, ", "epochs=40, "), (EACH_EPOCH,), "4 epochs"),
    Sample("trains_on_validation_data", TRAINING, swap("model.fit(train, ", "model.fit(val, "), (EACH_EPOCH,), "`val`"),
    Sample("validation_forgotten", TRAINING, swap("validation_data=val, ", ""), (VALIDATES,), "val_loss"),
    Sample("validates_on_training_data", TRAINING, swap("validation_data=val", "validation_data=train"), (VALIDATES,), "training data"),
    Sample("validates_on_augmented_data", TRAINING, swap("validation_data=val", "validation_data=[(build_augmentation()(images, training=True), labels) for images, labels in (val[k] for k in range(len(val)))]"), (VALIDATES,), "something else"),
    Sample("callbacks_forgotten", TRAINING, swap("callbacks=list(callbacks), ", ""), (CALLBACKS,), "callbacks"),
    Sample("history_forgotten", TRAINING, swap("return model.fit", "model.fit"), (HISTORY,), "None"),
    Sample("dictionary_returned", TRAINING, swap("verbose=0)", "verbose=0).history"), (HISTORY,), "history.history"),
    Sample("classifier_reused", TRAINING, compose(lambda source: "shared = build_classifier()\n\n\n" + source, swap("layers.Identity())", "layers.Identity(), shared)")), (FRESH,), "an earlier run"),
    Sample("always_augmented", TRAINING, swap(CHOICE, "build_augmentation()"), (ASKED,), ('"plain"', "with augmentation")),
    Sample("never_augmented", TRAINING, swap(CHOICE, "layers.Identity()"), (ASKED,), ('"augmented"', "without augmentation")),
    Sample("runs_mixed_up", TRAINING, swap('run == "augmented"', 'run == "plain"'), (ASKED,), ('"plain"', "with augmentation")),
    Sample("another_network_for_plain", TRAINING, swap("layers.Identity())", "layers.Identity(), None if run == \"augmented\" else keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation=\"softmax\")]))"), (ASKED,), "Dense (7,850)"),
    Sample("never_trained", TRAINING, swap(FIT, "return keras.callbacks.History()"), TRAINING_CHECKS, "model.fit"),
    # records
    Sample("no_records", "", records=lambda records: {}, fails=(HOLD, COMPLETE, FALL), says="none"),
    Sample("one_run_only", "", records=lambda records: {"plain": records["plain"]}, fails=(COMPLETE, FALL), says=("plain, augmented", "found plain")),
    Sample("quick_mode_handed_in", "", records=change_record("augmented", loss=[2.0, 1.0, 0.9, 0.8, 0.7, 0.6]), fails=(COMPLETE, FALL), says=("augmented", "6 epochs")),
    Sample("seed_of_another_student", "", records=change_record("plain", assignment="data_augmentation", student="audit", seed=1), fails=(HOLD, COMPLETE, FALL), says=("plain", "seed 1")),
    Sample("more_epochs_than_asked_for", "", records=change_record("plain", epochs=2), fails=(HOLD, COMPLETE, FALL), says=("plain", "asked for 2")),
    Sample("all_images", "", records=change_record("plain", images=55_000), fails=(COMPLETE, FALL), says=("plain", "55,000")),
    Sample("loss_does_not_fall", "", records=change_record("augmented", loss=[2.3] * (EPOCHS - 1) + [2.31]), fails=(FALL,), says=("augmented", "2.300", "2.310")),
    Sample("losses_not_numbers", "", records=change_record("plain", loss=[float("nan")] * EPOCHS), fails=(FALL,), says=("plain", "nan")),
    # curves
    Sample("training_only", CURVES, swap('        axes.plot(epochs, run.history["val_loss"], "--", color=f"C{number}", label=f"{name}, validation")\n', ""), (CURVE, ANY), ("validation loss of plain", "2 curves")),
    Sample("validation_only", CURVES, swap('        axes.plot(epochs, run.history["loss"], "-", color=f"C{number}", label=f"{name}, training")\n', ""), (CURVE, ANY), ("the training loss of plain", "2 curves")),
    Sample("accuracy_plotted", CURVES, compose(swap('epochs, run.history["loss"]', 'epochs, run.history["accuracy"]'), swap('epochs, run.history["val_loss"]', 'epochs, run.history["val_accuracy"]')), (CURVE, LABELLED, ANY), "4 curves"),
    Sample("the_gap_itself", CURVES, swap('axes.plot(epochs, run.history["val_loss"],', 'axes.plot(epochs, np.subtract(run.history["val_loss"], run.history["loss"]),'), (CURVE, ANY), "validation loss of plain"),
    Sample("one_run_drawn", CURVES, swap("enumerate(histories.items())", 'enumerate([("plain", histories.get("plain", next(iter(histories.values()))))])'), (CURVE, ANY), "augmented"),
    Sample("names_fixed", CURVES, swap("enumerate(histories.items())", 'enumerate((name, histories[name]) for name in ("plain", "augmented"))'), (ANY,), "plain"),
    Sample("reads_the_notebook", CURVES, swap("epochs = range(1, len(run.history[\"loss\"]) + 1)", "epochs = range(1, 6)"), (ANY,), "plot_gap"),
    Sample("no_labels", CURVES, compose(swap(', label=f"{name}, training"', ""), swap(', label=f"{name}, validation"', "")), (LABELLED,), "label"),
    Sample("no_legend", CURVES, swap("    axes.legend()\n", ""), (LABELLED,), "legend"),
    Sample("labels_without_the_run", CURVES, compose(swap('f"{name}, training"', '"training"'), swap('f"{name}, validation"', '"validation"')), (LABELLED,), "plain"),
    Sample("one_label_for_both", CURVES, compose(swap('f"{name}, training"', "name"), swap('f"{name}, validation"', "name")), (LABELLED,), "different ones"),
    Sample("x_axis_unnamed", CURVES, swap('    axes.set_xlabel("epoch")\n', ""), (AXES,), "x axis"),
    Sample("y_axis_unnamed", CURVES, swap('    axes.set_ylabel("loss (categorical cross-entropy)")\n', ""), (AXES,), "y axis"),
    Sample("curves_not_returned", CURVES, compose(swap("    return figure", "    plt.close(figure)")), (CURVE, LABELLED, AXES, ANY), "expected a Matplotlib Figure, found None"),
]  # fmt: skip
