"""lenet_table, row by row. Messages quote the student's values only."""

import pytest

from cnnkit import expect
from cnnkit.assignments.lenet import table as public
from cnnkit.assignments.lenet.brief import BRIEF
from cnnkit.mismatch import Mismatch
from cnnkit.networks.wording import shape_text


@pytest.fixture
def rows(call):
    return public.rows_of(call("lenet_table"))


def check_shapes(rows, positions, hint):
    for position in positions:
        layer, found = BRIEF.layers[position], rows[position][0]
        if found != layer.output_shape[1:]:
            raise Mismatch(
                f"{public.cell('output shape', position + 1)} ({layer.kind})",
                found=shape_text((None, *found)),
                consequence=expect.ANOTHER_SHAPE,
                hint=hint,
            )


def check_parameters(rows, positions, hint):
    for position in positions:
        layer, found = BRIEF.layers[position], rows[position][1]
        what = f"{public.cell('parameters', position + 1)} ({layer.kind})"
        expect.number(found, None, what, wanted=layer.parameters, hint=hint)


@pytest.mark.public
@pytest.mark.points(0.25)
def test_table_form(evidence):
    public.table_form(evidence)


@pytest.mark.points(0.75)
@pytest.mark.depends("table_form")
def test_shapes_of_maps(rows):
    check_shapes(rows, range(4), "A window of k pixels that moves by s fits (n − k) / s + 1 times, rounded down.")


@pytest.mark.points(0.5)
@pytest.mark.depends("table_form")
def test_shapes_of_vectors(rows):
    check_shapes(rows, range(4, 8), "Flatten writes all numbers in one row; a Dense layer puts out one number a unit.")


@pytest.mark.points(0.5)
@pytest.mark.depends("table_form")
def test_parameters_of_convolutions(rows):
    check_parameters(rows, (0, 2), "A filter has height × width × input channels weights, and one bias.")


@pytest.mark.points(0.75)
@pytest.mark.depends("table_form")
def test_parameters_of_dense_layers(rows):
    check_parameters(rows, (5, 6, 7), "Each unit has one weight for each of its inputs, and one bias.")


@pytest.mark.points(0.25)
@pytest.mark.depends("table_form")
def test_parameters_of_the_others(rows):
    check_parameters(rows, (1, 3, 4), "Has this layer anything to learn?")
