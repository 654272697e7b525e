"""Public checks of the exercise `arithmetic`."""

from __future__ import annotations

from cnnkit import expect
from cnnkit.assignments.mnist_convnet.brief import CHECKS
from cnnkit.checks.evidence import Evidence


@CHECKS.add("arithmetic", "conv_output_size gives the sizes of the brief: 13, 13 and 12")
def output_size_of_the_brief(evidence: Evidence) -> None:
    """Expect the output sizes of the three specified layers that have a kernel."""
    for size, kernel, stride, padding, wanted in (
        (28, 3, 2, "valid", 13),
        (13, 2, 1, "same", 13),
        (13, 2, 1, "valid", 12),
    ):
        found = evidence.call("conv_output_size", size, kernel, stride=stride, padding=padding)
        what = f'conv_output_size({size}, {kernel}, stride={stride}, padding="{padding}")'
        hint = "A kernel that would stick out over the edge is left out: the division is rounded down."
        expect.number(found, wanted, what, wanted=wanted, hint=hint)


@CHECKS.add("arithmetic", "conv_output_size takes a number of padding pixels")
def output_size_of_the_notes(evidence: Evidence) -> None:
    """Expect the size of the lecture notes' example with padding 2."""
    found = evidence.call("conv_output_size", 32, 5, stride=1, padding=2)
    hint = "An integer is the number of pixels added on each side: size + 2 * padding, before the kernel slides."
    expect.number(found, 32, "conv_output_size(32, 5, stride=1, padding=2)", wanted=32, hint=hint)


@CHECKS.add("arithmetic", "conv_parameters gives the counts of the brief: 640 and 8,224")
def parameters_of_the_brief(evidence: Evidence) -> None:
    """Expect the parameters of the two specified convolutions."""
    hint = "A filter has kernel height times kernel width times channels weights, and one bias."
    found = evidence.call("conv_parameters", 3, 1, 64)
    expect.number(found, 640, "conv_parameters(3, 1, 64)", wanted=640, hint=hint)
    found = evidence.call("conv_parameters", (2, 2), 64, 32)
    expect.number(found, 8224, "conv_parameters((2, 2), 64, 32)", wanted=8224, hint=hint)
