"""Records that are not what they say: each made from honest runs, as somebody might who knows the format."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.records.image_draw import hard_images
from cnnkit.recording.record_files import packed_arrays
from cnnkit.recording.schema import TrainingRecord
from cnnkit.recording.validation_losses import packed_answers, packed_losses, unpacked_answers, unpacked_losses
from cnnkit.session import seed_of


@dataclass(frozen=True)
class Forgery:
    """One forgery.

    Attributes:
        name: what was done.
        make: given `trained`, the record and the weights that are handed in by s1.
        caught: the checks of which one must speak against it; empty where it is only left open.
        left_open: what is said instead.
    """

    name: str
    make: Callable[[Any], tuple[TrainingRecord, bytes | None]]
    caught: tuple[str, ...] = ()
    left_open: str = ""


FORGERIES: list[Forgery] = []


def forgery(*caught: str, left_open: str = "") -> Callable[..., Any]:
    def keep(make: Callable[..., Any]) -> Callable[..., Any]:
        FORGERIES.append(Forgery(make.__name__, make, caught, left_open))
        return make

    return keep


def single(values):
    """Numbers as Keras would have them."""
    return [float(np.float32(value)) for value in values]


def edited(record, **metrics):
    """The record with other values in its history."""
    return replace(record, history={**record.history, **metrics})


def signed(record, weights):
    """The record with the hash of other weights, as a forger would put it in."""
    import hashlib

    return replace(record, weights=f"sha256:{hashlib.sha256(weights).hexdigest()}"), weights


def arrays(weights):
    with np.load(io.BytesIO(weights)) as file:
        return [file[f"w{number}"] for number in range(len(file.files))]


def invented(record, epochs=3):
    """A history out of thin air, in Keras's form."""
    loss = single(0.45 * 0.5**epoch + 0.02 for epoch in range(epochs))
    val_loss = single(0.14 * 0.7**epoch for epoch in range(epochs))
    accuracy = single(round((1 - value / 3) * 12_000) / 12_000 for value in loss)
    val_accuracy = single(round((1 - value / 3) * 5_000) / 5_000 for value in val_loss)
    return edited(record, loss=loss, val_loss=val_loss, accuracy=accuracy, val_accuracy=val_accuracy)


# --- a history that nobody ran --------------------------------------------------------------------------------------


@forgery("replay", "final weights")
def invented_from_nothing(trained):
    """History and steps invented; the weights are noise of a likely size."""
    run = trained("s1")
    dice = np.random.default_rng(1)
    noise = packed_arrays(
        [(0.03 * dice.standard_normal(array.shape)).astype(np.float16) for array in arrays(run.weights)]
    )
    steps = [2.3 * 0.9**step for step in range(10)]
    return signed(replace(invented(run.record), steps=steps), noise)


@forgery("final weights")
def invented_behind_honest_steps(trained):
    """Ten honest steps, then an invention; the weights are those of one honest epoch."""
    run = trained("s1", epochs=1)
    return replace(invented(trained("s1").record), weights=run.record.weights), run.weights


def plausible(trained):
    """A record with numbers of another run, so that their shape is right."""
    other = trained("s2").record
    numbers = {"image_losses": other.image_losses, "image_right": other.image_right}
    return replace(trained("s1").record, history=other.history, **numbers)


@forgery(left_open="no final weights")
def invented_without_weights(trained):
    return plausible(trained), None


@forgery(left_open="GPU")
def invented_on_a_gpu(trained):
    record = plausible(trained)
    return replace(record, device="GPU Tesla T4", steps=[value * 1.02 for value in record.steps]), None


@forgery(left_open="older version")
def invented_in_the_old_layout(trained):
    record = invented(trained("s1").record)
    return replace(record, schema=1, network=None, draws=(), fingerprints=[], initial="", data={}, weights=""), None


@forgery(left_open="keras 3.8.0")
def invented_with_another_keras(trained):
    record = plausible(trained)
    record = replace(record, versions={**record.versions, "keras": "3.8.0"}, steps=[v * 1.02 for v in record.steps])
    return record, None


@forgery("final weights")
def invented_with_another_keras_and_its_weights(trained):
    """Another version may explain the steps, but not that the weights do not give the loss."""
    record, _ = invented_with_another_keras(trained)
    return record, trained("s1").weights


# --- a classmate's --------------------------------------------------------------------------------------------------


@forgery("final weights")
def classmates_history(trained):
    run, other = trained("s1"), trained("s2")
    return replace(run.record, history=other.record.history), run.weights


@forgery("replay")
def classmates_history_and_steps(trained):
    run, other = trained("s1"), trained("s2")
    record = replace(run.record, history=other.record.history, steps=other.record.steps)
    return replace(record, fingerprints=other.record.fingerprints, weights=other.record.weights), other.weights


@forgery("seed", "replay")
def classmates_everything_renamed(trained):
    other = trained("s2")
    return replace(other.record, student="s1"), other.weights


@forgery("replay")
def classmates_everything_renamed_and_reseeded(trained):
    other = trained("s2")
    return replace(other.record, student="s1", seed=seed_of("mnist_convnet", "s1")), other.weights


@forgery("whose")
def classmates_everything_as_it_is(trained):
    other = trained("s2")
    return other.record, other.weights


@forgery("reference: angle", "reference: way")
def classmates_end_behind_honest_steps(trained):
    """Own start and steps, then all of a classmate's: what is left is that her weights do not come from this start."""
    run, other = trained("s1"), trained("s2")
    marks = [run.record.fingerprints[0], *other.record.fingerprints[1:]]
    record = replace(run.record, history=other.record.history, fingerprints=marks, weights=other.record.weights)
    return record, other.weights


@forgery("single precision")
def classmates_numbers_rounded(trained):
    """Typed off a screen, to four places."""
    other = trained("s2").record
    rounded = {name: [round(value, 4) for value in values] for name, values in other.history.items()}
    return replace(trained("s1").record, history=rounded), trained("s1").weights


# --- another run's weights or numbers -------------------------------------------------------------------------------


@forgery("final weights")
def weights_of_another_optimizer(trained):
    run, other = trained("s1"), trained("s1", "sgd")
    return signed(run.record, other.weights)


@forgery("final weights")
def right_weights_with_a_better_history(trained):
    run, longer = trained("s1"), trained("s1", epochs=6)
    better = {name: values[-3:] for name, values in longer.record.history.items()}
    return replace(run.record, history=better), run.weights


@forgery("replay")
def sgd_relabelled_as_adam(trained):
    run, other = trained("s1"), trained("s1", "sgd")
    return replace(other.record, run="adam", optimizer=run.record.optimizer), other.weights


@forgery("replay")
def larger_rate_said_to_be_the_usual_one(trained):
    fast, usual = trained("s1", "adadelta", settings={"learning_rate": 1.0}), trained("s1", "adadelta").record
    rates = {"step_rates": usual.step_rates, "epoch_rates": usual.epoch_rates}
    return replace(fast.record, optimizer=usual.optimizer, **rates), fast.weights


@forgery(left_open="its learning rate was changed while it trained, from 0.001 to 1")
def larger_rate_said_to_have_been_set_by_a_callback(trained):
    """The record tells the rates, so it is no lie; but it is not the run that its name says."""
    fast = trained("s1", "adadelta", settings={"learning_rate": 1.0})
    return replace(fast.record, optimizer=trained("s1", "adadelta").record.optimizer), fast.weights


@forgery("replay")
def another_network_said_to_be_the_right_one(trained):
    run, other = trained("s1"), trained("s1", model="wider")
    return replace(other.record, network=run.record.network), other.weights


@forgery("replay")
def the_best_of_many_seeds(trained):
    """Trained under another id, whose seed was luckier, and handed in under one's own."""
    lucky = trained("s2")
    record = replace(lucky.record, student="s1", seed=seed_of("mnist_convnet", "s1"))
    return record, lucky.weights


# --- other data -----------------------------------------------------------------------------------------------------


def _disguised(trained, data):
    """Trained on more than the training images, with honest first steps put in."""
    run, cheat = trained("s1"), trained("s1", data=data)
    record = replace(cheat.record, images=12_000, steps=run.record.steps, data=run.record.data)
    accuracy = single(round(value * 12_000) / 12_000 for value in record.history["accuracy"])
    return edited(record, accuracy=accuracy), cheat.weights


@forgery("reference: test")
def trained_on_the_test_images_too(trained):
    return _disguised(trained, "test")


@forgery("reference: holdout", "reference: val_loss", "reference: way")
def trained_on_the_validation_images_too(trained):
    return _disguised(trained, "validation")


@forgery("replay")
def trained_on_the_test_images_openly(trained):
    cheat = trained("s1", data="test")
    accuracy = single(round(value * 12_000) / 12_000 for value in cheat.record.history["accuracy"])
    record = replace(cheat.record, images=12_000, data=trained("s1").record.data)
    return edited(record, accuracy=accuracy), cheat.weights


# --- fewer and more epochs ------------------------------------------------------------------------------------------


@forgery("reference: way", "reference: val_loss")
def fewer_epochs_than_said(trained):
    """One epoch, stretched to three: the end is honest, the middle interpolated."""
    run = trained("s1", epochs=1)
    record, start = run.record, {"loss": 0.6, "val_loss": 0.2, "accuracy": 0.8, "val_accuracy": 0.94}
    history = {}
    for name, values in record.history.items():
        path = [start[name] * (values[-1] / start[name]) ** share for share in (0.4, 0.7)]
        images = {"accuracy": 12_000, "val_accuracy": 5_000}.get(name)
        path = [round(value * images) / images if images else value for value in path]
        history[name] = [*single(path), values[-1]]
    first, last = np.array(record.fingerprints[0]), np.array(record.fingerprints[-1])
    marks = [(first + share * (last - first)).tolist() for share in (0, 0.6, 0.9, 1)]
    return replace(record, history=history, fingerprints=marks, **of_three_epochs(record)), run.weights


def of_three_epochs(record):
    """What else a record says of the number of epochs."""
    return {"epochs": 3, "fit": record.fit | {"epochs": 3.0}, "epoch_rates": record.epoch_rates[:1] * 3}


@forgery("reference: way", "reference: val_loss", "reference: loss")
def more_epochs_than_said(trained):
    """Six epochs, of which every second one is shown."""
    run = trained("s1", epochs=6)
    record = run.record
    history = {name: values[1::2] for name, values in record.history.items()}
    marks = [record.fingerprints[0], *record.fingerprints[2::2]]
    return replace(record, history=history, fingerprints=marks, **of_three_epochs(record)), run.weights


@forgery("lengths")
def an_epoch_added_at_the_end(trained):
    record = trained("s1").record
    history = {name: [*values, values[-1]] for name, values in record.history.items()}
    return replace(record, history=history, epochs=4), trained("s1").weights


# --- edited by hand -------------------------------------------------------------------------------------------------


@forgery("final weights")
def last_loss_edited(trained):
    run = trained("s1")
    losses = run.record.history["val_loss"]
    return edited(run.record, val_loss=single([*losses[:-1], losses[-1] * 0.8])), run.weights


@forgery("reference: val_loss", "reference: probe")
def middle_loss_edited(trained):
    run = trained("s1")
    first, _, last = run.record.history["val_loss"]
    return edited(run.record, val_loss=single([first, last * 0.5, last])), run.weights


@forgery("single precision", "final weights")
def scaled_curves(trained):
    run = trained("s1")
    scaled = {name: [value * 0.9 for value in run.record.history[name]] for name in ("loss", "val_loss")}
    return edited(run.record, **scaled), run.weights


@forgery("final weights", "reference: loss")
def scaled_curves_in_single_precision(trained):
    run = trained("s1")
    scaled = {name: single(0.6 * value for value in run.record.history[name]) for name in ("loss", "val_loss")}
    return edited(run.record, **scaled), run.weights


@forgery("whole images")
def an_accuracy_typed_in(trained):
    run = trained("s1")
    accuracy = run.record.history["val_accuracy"]
    return edited(run.record, val_accuracy=single([*accuracy[:-1], 0.99127])), run.weights


@forgery("final weights")
def an_accuracy_of_whole_images(trained):
    run = trained("s1")
    accuracy = run.record.history["val_accuracy"]
    return edited(run.record, val_accuracy=single([*accuracy[:-1], accuracy[-1] + 60 / 5_000])), run.weights


@forgery("lengths")
def bad_epochs_left_out(trained):
    run = trained("s1")
    history = {name: values[1:] for name, values in run.record.history.items()}
    return replace(run.record, history=history, epochs=2), run.weights


@forgery("reference: loss")
def losses_put_in_order(trained):
    """The training loss made to fall evenly to a fifth."""
    run = trained("s1")
    first = run.record.history["loss"][0]
    return edited(run.record, loss=single(first * math.exp(-1.4 * epoch) for epoch in range(3))), run.weights


@forgery("beginning", "replay")
def seeds_made_up(trained):
    run = trained("s1")
    draws = tuple(replace(draw, seed=(123, *draw.seed[1:])) for draw in run.record.draws)
    return replace(run.record, draws=draws), run.weights


# --- losses on single validation images -----------------------------------------------------------------------------


def understated(run, positions, factor=0.0):
    """The record with smaller losses on some images, and a last validation loss that fits them."""
    losses = unpacked_losses(run.record.image_losses)
    losses[positions] *= factor
    packed = packed_losses(losses)
    last = single([unpacked_losses(packed).mean()])
    val_loss = [*run.record.history["val_loss"][:-1], *last]
    return edited(replace(run.record, image_losses=packed), val_loss=val_loss), run.weights


def hidden_from_the_hard(run):
    """Positions of the images that may be looked at by lot only, those with the largest loss first."""
    losses = unpacked_losses(run.record.image_losses)
    losses[list(hard_images("mnist"))] = -1.0
    return np.argsort(-losses)


@forgery("images", "final weights")
def one_piece_understated(trained):
    """All images of one fiftieth."""
    return understated(trained("s1"), np.arange(7, 5_000, 50), 0.1)


@forgery("images", "final weights")
def five_pieces_understated(trained):
    return understated(trained("s1"), np.flatnonzero(np.arange(5_000) % 50 < 5), 0.1)


@forgery("images", "final weights")
def half_of_the_pieces_understated(trained):
    return understated(trained("s1"), np.arange(0, 5_000, 2), 0.5)


@forgery("images", "final weights")
def the_largest_losses_understated(trained):
    """Three images hold a tenth of the loss; they are among the hard ones, which are always looked at."""
    run = trained("s1")
    return understated(run, np.argsort(-unpacked_losses(run.record.image_losses))[:5])


@forgery("images", "final weights")
def a_tenth_of_the_loss_understated_where_it_is_seen_least(trained):
    """As few images as possible, none of them among the hard ones; the loss of SGD is spread over many."""
    run = trained("s1", "sgd")
    losses, order = unpacked_losses(run.record.image_losses), hidden_from_the_hard(run)
    count = int(np.searchsorted(np.cumsum(losses[order]), 0.1 * losses.sum())) + 1
    return understated(run, order[:count])


@forgery("images", "final weights")
def all_losses_shaded(trained):
    """By a hundredth each, so that no single image stands out."""
    return understated(trained("s1"), np.arange(5_000), 0.985)


@forgery("images", "final weights")
def image_losses_of_other_weights(trained):
    """Those of a longer training, with its validation loss."""
    run, longer = trained("s1"), trained("s1", epochs=6).record
    numbers = {"image_losses": longer.image_losses, "image_right": longer.image_right}
    last = {name: [*run.record.history[name][:-1], longer.history[name][-1]] for name in ("val_loss", "val_accuracy")}
    return edited(replace(run.record, **numbers), **last), run.weights


@forgery("images")
def image_losses_whose_mean_does_not_fit(trained):
    record = trained("s1").record
    losses = packed_losses(0.9 * unpacked_losses(record.image_losses))
    return replace(record, image_losses=losses), trained("s1").weights


@forgery("images")
def image_losses_typed(trained):
    """All alike, with the right mean."""
    record = trained("s1").record
    losses = packed_losses(np.full(5_000, record.history["val_loss"][-1]))
    return replace(record, image_losses=losses), trained("s1").weights


@forgery("images", "final weights")
def wrong_answers_said_to_be_right(trained):
    run = trained("s1")
    right = unpacked_answers(run.record.image_right, 5_000)
    right[np.flatnonzero(~right)[:60]] = True
    accuracy = [*run.record.history["val_accuracy"][:-1], *single([right.sum() / 5_000])]
    return edited(replace(run.record, image_right=packed_answers(right)), val_accuracy=accuracy), run.weights


@forgery(left_open="the losses on single validation images")
def image_losses_left_out(trained):
    """Then all images are evaluated, but the record is not one that the kit wrote."""
    run = trained("s1")
    return replace(run.record, image_losses="", image_right=""), run.weights


@forgery(left_open="the settings of fit")
def the_call_of_fit_left_out(trained):
    run = trained("s1")
    return replace(run.record, fit={}), run.weights


@forgery("missing")
def what_the_kit_always_writes_left_out(trained):
    run = trained("s1")
    return replace(run.record, floatx="", dtypes=()), run.weights


@forgery("missing")
def straight_lines_typed(trained):
    """The shortest record that is one: five fields."""
    losses = [0.2 - 0.02 * epoch for epoch in range(3)]
    return TrainingRecord(run="adam", history={"loss": losses}, images=12_000, epochs=3), None


@forgery("reference: val_loss", "reference: loss")
def straight_lines_in_an_honest_record(trained):
    """All that the kit writes, copied from an honest run; no weights, so that nothing can be evaluated."""
    record = replace(trained("s1").record, weights="", image_losses="", image_right="", unclear={"images": "lost"})
    losses = single(0.2 - 0.02 * epoch for epoch in range(3))
    return edited(record, loss=losses, val_loss=losses), None


def transplanted(trained):
    """A friend's training under one's own id, with the first steps taken again in one's own order of the images."""
    friend = trained("s2")
    return replace(
        friend.record, student="s1", seed=seed_of("mnist_convnet", "s1"), steps=_own_steps(friend)
    ), friend.weights


def _own_steps(friend):
    """Losses of ten steps from the friend's initial weights with the images in the order of s1."""
    from autograder.records.course_data import run_data
    from autograder.records.examination import _network_of

    live, data = _network_of(friend.record), run_data(friend.record)
    live.network.begin(friend.record.draws)
    batches = data.first_batches(seed_of("mnist_convnet", "s1"), len(friend.record.steps))
    return live.stepper(friend.record).losses(batches, friend.record.step_rates)


@forgery("draws")
def a_friends_training_transplanted(trained):
    return transplanted(trained)


@forgery(left_open="seeds of its own")
def a_friends_training_transplanted_with_seeds_said_to_be_chosen(trained):
    """Across a class it is found beside the friend's record, see `autograder.records.similarity`."""
    record, weights = transplanted(trained)
    return replace(record, draws=tuple(replace(draw, position=-1) for draw in record.draws)), weights


@forgery(left_open="seeds of its own")
def a_friends_training_transplanted_in_an_earlier_layout(trained):
    record, weights = transplanted(trained)
    draws = tuple(replace(draw, position=-1) for draw in record.draws)
    return replace(record, draws=draws, schema=2, image_losses="", image_right=""), weights


@forgery("draws")
def seeds_said_to_be_drawn(trained):
    """Seeds of one's own choice, each said to stand somewhere in the stream."""
    run = trained("s1")
    draws = tuple(replace(draw, position=number) for number, draw in enumerate(reversed(run.record.draws)))
    return replace(run.record, draws=draws), run.weights
