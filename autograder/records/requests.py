"""Messages between a grading process and the worker that examines records: plain data, decoded strictly."""

from __future__ import annotations

import socket

import msgspec

from autograder.sandbox.protocol import framing
from cnnkit.recording.record_bounds import FIRST_STEPS
from cnnkit.recording.schema import TrainingRecord

FEW_HIDDEN = 5
"""Distance of the hidden images that are evaluated where not all are: 500 of 2,500."""


class ExaminationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Request to examine one run.

    Attributes:
        record: validated; its network and draws give the initial state.
        seed: of the data's order, derived from the student's id.
        weights: bytes of the .npz that came with the record; None without one.
        replay: also replay the first steps and evaluate the hidden images.
        steps: number of first steps to replay at most.
        hidden: evaluate every n-th hidden image, with 1 all of them, with 0 none.
        images: positions of the validation images whose losses are to be told one by one, in ascending order.
        whole: True to evaluate all validation images, False to evaluate only those.
    """

    record: TrainingRecord
    seed: int
    weights: bytes | None
    replay: bool
    steps: int = FIRST_STEPS
    hidden: int = 1
    images: tuple[int, ...] = ()
    whole: bool = True

    @property
    def is_brief(self) -> bool:
        """True if it asks for less than there is."""
        return not self.whole or self.steps < FIRST_STEPS or self.hidden != 1


class KernelSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Change of one kernel (array of weights with two axes or more) in a training.

    Attributes:
        cosine: of the angle between the kernel at the end and at the beginning.
        distance: from beginning to end, as a multiple of the kernel's length at the beginning.
    """

    cosine: float
    distance: float


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """Result of an examination. For a part that could not be examined, `problems` says why and its numbers are missing.

    Attributes:
        versions: versions of the packages in the worker, by name.
        initial: digest of the initial weights that the draws give.
        beginning: their fingerprint, without the loss; only where the digest is not the record's.
        steps: losses of the replayed first steps.
        end: fingerprint of the final weights, without the loss.
        validation_loss, validation_accuracy: of the final weights, over all validation images.
        validation_loss_clipped: the same from probabilities, which Keras cuts off at 1e-7, as it does eagerly. In
            a graph it goes back to the logits, and one image can cost more than 16.
        probe_loss: on the images of the fingerprints.
        image_losses: on the requested validation images, one by one.
        image_losses_clipped: likewise, see `validation_loss_clipped`.
        image_right: for each requested validation image if it is classified right.
        test_loss: on some test images.
        holdout_loss: on images that no student has, see `autograder.records.course_data`.
        training_loss: on a sample of the training images, outside training.
        few_losses: {"test" | "holdout" | "training": loss on every `FEW_HIDDEN`-th of the same images}.
        kernels: see `KernelSummary`.
        problems: {"network" | "data" | "weights" | "replay" | "process": reason}.
        seconds: processor time in the worker.
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
    image_losses: list[float] = []
    image_losses_clipped: list[float] = []
    image_right: list[bool] = []
    few_losses: dict[str, float] = {}
    test_loss: float | None = None
    holdout_loss: float | None = None
    training_loss: float | None = None
    kernels: list[KernelSummary] = []
    problems: dict[str, str] = {}
    seconds: float = 0.0


_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[ExaminationRequest] = msgspec.msgpack.Decoder(ExaminationRequest)
_responses: msgspec.msgpack.Decoder[Examination] = msgspec.msgpack.Decoder(Examination)


def send_message(connection: socket.socket, message: ExaminationRequest | Examination) -> None:
    """Send one message.

    Raises:
        ProtocolError: it is larger than a frame may be.
        OSError: the connection is broken.
    """
    framing.send_frame(connection, encode_message(message))


def receive_request(connection: socket.socket) -> ExaminationRequest:
    """Receive the next request.

    Raises:
        ProtocolError: the grading process closed the connection.
    """
    return _requests.decode(framing.receive_frame(connection))


def receive_response(connection: socket.socket) -> Examination:
    """Receive the response to the last request.

    Raises:
        ProtocolError: the worker has ended.
    """
    return decode_response(framing.receive_frame(connection))


def encode_message(message: ExaminationRequest | Examination) -> bytes:
    """The bytes of a message's frame."""
    return _encoder.encode(message)


def decode_response(frame: bytes) -> Examination:
    """The response from its frame's bytes."""
    return _responses.decode(frame)
