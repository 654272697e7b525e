"""The architecture as a table."""

from cnnkit.networks.brief import sequence
from cnnkit.networks.text import table


def test_a_line_a_layer_with_shapes_and_parameters():
    spec = sequence(
        (None, 28, 28, 1),
        [
            ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "strides": (2, 2), "activation": "relu"}),
            ("MaxPooling2D", {}),
            ("Flatten", {}),
            ("Dense", {"units": 256}),
        ],
    )
    lines = [line.split("  ") for line in table(spec).splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]

    assert cells[2] == ["input", "28×28×1"]
    assert cells[3] == [
        "Conv2D",
        "filters 64, kernel_size (3, 3), strides (2, 2), activation 'relu'",
        "13×13×64",
        "640",
    ]
    assert cells[4] == ["MaxPooling2D", "pool_size (2, 2), strides (2, 2)", "6×6×64", "0"]
    assert cells[6] == ["Dense", "units 256", "256", "590,080"]
    assert cells[8] == ["total", "590,720"]
