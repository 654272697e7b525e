"""What goes between a grading process and the one that examines records: plain data, decoded strictly."""

from __future__ import annotations

import socket

import msgspec

from autograder.sandbox.protocol import framing
from cnnkit.recording.schema import TrainingRecord


class ExaminationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Look at one run.

    Attributes:
        record: of the run; its network and draws say where it began.
        seed: of the data's order, as the student's id gives it.
        weights: the .npz that came with the record; None where there was none.
        replay: whether to take the first steps again, and to look at the hidden images: half of the time.
    """

    record: TrainingRecord
    seed: int
    weights: bytes | None
    replay: bool


class KernelSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One array of weights with two axes or more, at the end of the training.

    Attributes:
        likeness: cosine of the angle between the array at the end and at the beginning.
        way: how far it moved, as a multiple of its length at the beginning.
    """

    likeness: float
    way: float


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What came out. Where something could not be had, `problems` says why and its numbers are missing.

    Attributes:
        versions: of this process, by package.
        initial: digest of the weights that the draws give.
        beginning: their fingerprint, without the loss; only where the digest is not the record's.
        steps: losses of the first steps, taken again.
        end: fingerprint of the final weights, without the loss.
        validation_loss, validation_accuracy: of the final weights, over all validation images.
        validation_loss_clipped: the same from probabilities, which Keras cuts off at 1e-7, as it does eagerly. In
            a graph it goes back to the logits, and one image can cost more than 16.
        probe_loss: on the images of the fingerprints.
        test_loss: on some test images.
        holdout_loss: on images that nobody has seen, see `autograder.records.course_data`.
        training_loss: on a sample of the training images, outside training.
        kernels: see `KernelSummary`.
        problems: {"network" | "data" | "weights" | "replay": why there is nothing}.
        seconds: of processor time.
    """

    versions: dict[str, str] = {}
    initial: str = ""
    beginning: list[float] = []
    steps: list[float] = []
    end: list[float] = []
    validation_loss: float | None = None
    validation_loss_clipped: float | None = None
    validation_accuracy: float | None = None
    probe_loss: float | None = None
    test_loss: float | None = None
    holdout_loss: float | None = None
    training_loss: float | None = None
    kernels: list[KernelSummary] = []
    problems: dict[str, str] = {}
    seconds: float = 0.0


_encoder = msgspec.msgpack.Encoder()
_questions: msgspec.msgpack.Decoder[ExaminationRequest] = msgspec.msgpack.Decoder(ExaminationRequest)
_answers: msgspec.msgpack.Decoder[Examination] = msgspec.msgpack.Decoder(Examination)


def send_message(connection: socket.socket, message: ExaminationRequest | Examination) -> None:
    """Send one message.

    Raises:
        WireError: it is larger than a frame may be.
        OSError: the other side is gone.
    """
    framing.send_frame(connection, _encoder.encode(message))


def receive_request(connection: socket.socket) -> ExaminationRequest:
    """The next question.

    Raises:
        WireError: the other side hung up.
    """
    return _questions.decode(framing.receive_frame(connection))


def receive_response(connection: socket.socket) -> Examination:
    """The answer.

    Raises:
        WireError: the process has ended.
    """
    return _answers.decode(framing.receive_frame(connection))
