import hashlib
import json
import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from cnnkit import data

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def builder(load_script):
    return load_script("datasets/build_birds_mammals.py")


def draw_stamps(folder):
    """Draw stamps into `folder`, round birds and square mammals; the parts that `build` needs."""
    parts = {"training": {}, "validation": {}, "test": {}}
    colours = random.Random(3)
    for part, photographs in parts.items():
        for kind, count in (("birds", 2), ("mammals", 3)):
            for number in range(count):
                stamp = Image.new("RGBA", (120, 100))
                colour = (*(int(colours.random() * 40) for _ in range(3)), 255)
                draw = ImageDraw.Draw(stamp)
                (draw.ellipse if kind == "birds" else draw.rectangle)((10, 20, 90 + number, 80), fill=colour)
                path = folder / kind / f"{part}{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                stamp.save(path)
                photographs[f"{kind}/{path.name}"] = hashlib.md5(path.read_bytes()).hexdigest()
    return parts


@pytest.fixture
def stamps(tmp_path):
    """A folder of stamps, and the parts that `build` needs."""
    return tmp_path / "stamps", draw_stamps(tmp_path / "stamps")


@pytest.fixture(scope="module")
def built(builder, tmp_path_factory):
    """Two files built from the same stamps, one after the other."""
    source = tmp_path_factory.mktemp("stamps")
    parts = draw_stamps(source)
    return [builder.build(source, tmp_path_factory.mktemp("built"), parts) for _ in range(2)]


@pytest.fixture
def committed(root):
    return json.loads((root / "datasets" / "birds_mammals.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def images(data_set):
    return data_set("birds_mammals")


def one(stamp, tmp_path):
    """The folder of one stamp, and the photographs that `read_photographs` needs."""
    (tmp_path / "birds").mkdir()
    stamp.save(tmp_path / "birds" / "one.png")
    return tmp_path, {"birds/one.png": hashlib.md5((tmp_path / "birds" / "one.png").read_bytes()).hexdigest()}


# What is committed.


def test_the_committed_file_is_the_one_described(root, committed):
    body = (root / "datasets" / "birds_mammals.npz").read_bytes()
    assert (hashlib.sha256(body).hexdigest(), len(body)) == (committed["sha256"], committed["bytes"])
    assert len(body) < 5_000_000
    with np.load(root / "datasets" / "birds_mammals.npz", allow_pickle=False) as arrays:
        assert {
            name: {
                "shape": list(arrays[name].shape),
                "dtype": str(arrays[name].dtype),
                "sha256": hashlib.sha256(arrays[name].tobytes()).hexdigest(),
            }
            for name in arrays.files
        } == committed["arrays"]


def test_the_committed_description_is_that_of_the_script(builder, committed):
    assert committed.items() >= builder.FACTS.items()
    assert committed["photographs"] == [*builder.TRAINING, *builder.VALIDATION, *builder.TEST]


def test_no_photograph_is_in_two_parts(builder, committed):
    photo_train, photo_test = data.photographs("birds_mammals")
    fitting, validation = np.split(photo_train, [-committed["validation_images"]])
    parts = [{committed["photographs"][i] for i in part} for part in (fitting, validation, photo_test)]
    assert parts == [set(builder.TRAINING), set(builder.VALIDATION), set(builder.TEST)]
    assert sum(len(part) for part in parts) == len(set.union(*parts)) == 88
    # The same photograph under another name would have the same checksum.
    sums = [*builder.TRAINING.values(), *builder.VALIDATION.values(), *builder.TEST.values()]
    assert len(set(sums)) == len(sums)


def test_both_classes_are_equally_frequent_in_each_part(images, committed):
    (_, y_train), (_, y_test) = images
    fitting, validation = np.split(y_train, [-committed["validation_images"]])
    quick = y_train[: committed["quick_images"]]
    assert [np.bincount(part).tolist() for part in (fitting, quick, validation, y_test)] == [
        [128, 128],
        [64, 64],
        [40, 40],
        [48, 48],
    ]


def test_the_label_is_what_the_photograph_shows(images, committed):
    names = committed["photographs"]
    for (_, labels), photographs in zip(images, data.photographs("birds_mammals"), strict=True):
        assert [names[i].partition("/")[0] for i in photographs] == [("birds", "mammals")[label] for label in labels]


def test_quick_mode_shows_every_photograph_for_training(builder, committed):
    photo_train, _ = data.photographs("birds_mammals")
    seen = {committed["photographs"][i] for i in photo_train[: committed["quick_images"]]}
    assert seen == set(builder.TRAINING)


def test_a_bird_and_its_mammal_have_the_ground_in_common(images):
    """Thus the background does not tell the class. Margins of two pixels are background in every image."""
    for pixels, labels in images:
        assert np.array_equal(labels, np.tile([0, 1], len(labels) // 2))
        for edge in (pixels[:, :2], pixels[:, -2:], pixels[:, :, :2], pixels[:, :, -2:]):
            assert np.array_equal(edge[::2], edge[1::2])


def test_its_licence_travels_with_it(root, committed):
    assert committed["licence"] == "GPL-2.0-or-later"
    text = (root / "datasets" / committed["licence_file"]).read_text()
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 2, June 1991" in text


def test_the_readme_names_origin_licence_authors_and_checksum(root, committed):
    text = (root / "datasets" / "README.md").read_text(encoding="utf-8")
    for fact in (committed["sha256"], committed["authors"], "GPL-2.0-or-later", "tuxpaint-stamps-default"):
        assert fact in text


# How it is built.


def test_building_twice_gives_the_same_bytes(built):
    one, two = ((path.read_bytes(), path.with_suffix(".json").read_bytes()) for path in built)
    assert one == two


def test_what_is_built_has_the_committed_shapes_and_keeps_the_parts_apart(built, committed):
    with np.load(built[0], allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    described = {name: (list(array.shape), str(array.dtype)) for name, array in arrays.items()}
    assert described == {name: (entry["shape"], entry["dtype"]) for name, entry in committed["arrays"].items()}
    numbers = [arrays["photo_train"][:256], arrays["photo_train"][256:], arrays["photo_test"]]
    assert [sorted(set(part.tolist())) for part in numbers] == [[*range(5)], [*range(5, 10)], [*range(10, 15)]]
    assert not (arrays["x_train"] % 5).any()


def test_an_animal_is_whole_and_large_wherever_it_is_put(builder):
    ground = np.full((96, 96, 3), 200, np.uint8)
    for size, mirrored in ((0.85, False), (1.0, True)):
        for across in (0, 0.5, 1):
            for width, height in ((200, 20), (20, 200), (100, 100), (300, 200)):
                animal = Image.new("RGBA", (width, height), (0, 0, 0, 255))
                pixels, visible = builder.place(animal, ground, builder.Pose(size, across, 1 - across, mirrored))
                rows, columns = np.nonzero(pixels[..., 0] < 100)
                assert visible
                assert min(rows.min(), columns.min()) >= 2
                assert max(rows.max(), columns.max()) <= 93
                sides = np.ptp(rows) + 1, np.ptp(columns) + 1
                assert sides[0] / sides[1] == pytest.approx(height / width, rel=0.15)
                assert max(sides) >= 60


def test_mirroring_mirrors(builder):
    animal = Image.new("RGBA", (60, 60), (0, 0, 0, 255))
    animal.paste((250, 250, 250, 255), (0, 0, 30, 60))
    ground = np.full((96, 96, 3), 100, np.uint8)
    plain, _ = builder.place(animal, ground, builder.Pose(1, 0.5, 0.5, False))
    mirrored, _ = builder.place(animal, ground, builder.Pose(1, 0.5, 0.5, True))
    assert (plain[48, 30, 0], plain[48, 65, 0], mirrored[48, 30, 0], mirrored[48, 65, 0]) == (250, 0, 0, 250)


def test_an_animal_in_the_colour_of_the_ground_does_not_stand_out(builder):
    animal = Image.new("RGBA", (60, 60), (110, 100, 90, 255))
    pose = builder.Pose(1, 0.5, 0.5, False)
    assert not builder.place(animal, np.full((96, 96, 3), 100, np.uint8), pose)[1]
    assert builder.place(animal, np.full((96, 96, 3), 150, np.uint8), pose)[1]


def test_grounds_are_varied_and_never_black_or_white(builder):
    numbers = random.Random(0)
    grounds = np.stack([builder.draw_ground(numbers) for _ in range(100)])
    assert grounds.shape == (100, 96, 96, 3)
    assert (grounds.min() >= 60, grounds.max() <= 210) == (True, True)
    assert len({ground[0, 0].tobytes() for ground in grounds}) > 95
    plain = [ground for ground in grounds if (ground == ground[0, 0]).all()]
    assert 10 < len(plain) < 45


def test_what_is_nearly_transparent_is_not_the_animal(builder, tmp_path):
    stamp = Image.new("RGBA", (50, 40), (0, 0, 0, 20))
    stamp.paste((0, 0, 0, 255), (10, 5, 30, 20))
    (animal,) = builder.read_photographs(*one(stamp, tmp_path))
    assert animal.size == (20, 15)


def test_a_missing_photograph_is_named(builder, stamps, tmp_path):
    source, parts = stamps
    (source / "birds" / "test1.png").unlink()
    with pytest.raises(
        builder.archive.SourceError, match=r"expected the photograph birds/test1\.png in .*, found none"
    ):
        builder.build(source, tmp_path, parts)
    with pytest.raises(builder.archive.SourceError, match=r"expected the photograph birds/\S+ in .*, found none"):
        builder.build(tmp_path / "absent", tmp_path)
    assert not (tmp_path / "birds_mammals.npz").exists()


def test_another_photograph_is_refused(builder, stamps, tmp_path):
    source, parts = stamps
    path = source / "mammals" / "training2.png"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(builder.archive.SourceError, match=r"mammals/training2\.png: expected md5 \w{32}, found \w{32}"):
        builder.build(source, tmp_path, parts)


def test_a_file_that_is_no_image_is_refused(builder, tmp_path):
    (tmp_path / "birds").mkdir()
    (tmp_path / "birds" / "one.png").write_bytes(b"not an image")
    photographs = {"birds/one.png": hashlib.md5(b"not an image").hexdigest()}
    with pytest.raises(builder.archive.SourceError, match="expected a PNG image, found a file that cannot be read"):
        builder.read_photographs(tmp_path, photographs)


def test_a_stamp_without_an_animal_is_refused(builder, tmp_path):
    with pytest.raises(builder.archive.SourceError, match="found nothing but ground"):
        builder.read_photographs(*one(Image.new("RGBA", (50, 40)), tmp_path))


def test_animals_that_stand_out_from_no_ground_in_common_are_refused(builder):
    ghost = Image.new("RGBA", (60, 60), (255, 0, 255, 40))
    with pytest.raises(builder.archive.SourceError, match="expected bird 0 and mammal 0 to stand out from one of"):
        list(builder.pairs(([ghost], [ghost]), count=1, seed=0))
