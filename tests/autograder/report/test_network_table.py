from autograder.report.network_table import MOST_ROWS, side_by_side
from cnnkit.networks.brief import sequence

LAYERS = [
    ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2), "activation": "relu"}),
    ("Conv2D", {"filters": 32, "kernel_size": (2, 2), "padding": "same", "activation": "relu"}),
    ("Flatten", {}),
    ("Dense", {"units": 10, "activation": "softmax"}),
]


def network(*layers):
    return sequence((None, 28, 28, 1), layers)


BRIEF = network(*LAYERS)


def test_the_same_network():
    compared = side_by_side(BRIEF, BRIEF)
    assert compared.same
    assert [row.state for row in compared.rows] == ["same"] * 4
    assert compared.rows[0].found.shape == "13×13×64"
    assert compared.rows[0].found.parameters == "640"


def test_one_wrong_setting_marks_its_layer_and_what_follows():
    found = network(LAYERS[0], ("Conv2D", {"filters": 32, "kernel_size": (2, 2), "activation": "relu"}), *LAYERS[2:])
    compared = side_by_side(found, BRIEF)
    assert [row.state for row in compared.rows] == ["same", "differs", "follows", "follows"]
    # A default is shown where it is the difference.
    assert ("padding 'valid'", True) in compared.rows[1].found.settings
    assert ("padding 'same'", True) in compared.rows[1].brief.settings
    assert compared.rows[1].found.shape_differs
    assert not compared.rows[1].found.parameters_differ
    assert compared.rows[3].found.parameters_differ
    assert not compared.same_total


def test_missing_and_extra_layers():
    found = network(LAYERS[0], ("Dropout", {"rate": 0.5}), *LAYERS[2:])
    states = [row.state for row in side_by_side(found, BRIEF).rows]
    assert states.count("same") >= 1
    assert set(states) & {"missing", "extra", "differs"}
    shorter = side_by_side(network(*LAYERS[:1], *LAYERS[2:]), BRIEF)
    assert [row.state for row in shorter.rows][1] == "missing"
    assert shorter.rows[1].found is None


def test_another_input():
    found = sequence((None, 32, 32, 1), LAYERS)
    compared = side_by_side(found, BRIEF)
    assert not compared.same
    assert (compared.brief_input, compared.found_input) == ("28×28×1", "32×32×1")


def test_a_very_deep_network_is_cut():
    found = network(*LAYERS[:1] * 0, *[("Dropout", {"rate": 0.1})] * 100, *LAYERS)
    compared = side_by_side(found, BRIEF)
    assert len(compared.rows) == MOST_ROWS
    assert compared.left_out == 104 - MOST_ROWS
