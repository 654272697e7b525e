"""Build birds_mammals.npz and birds_mammals.json: photographs of birds and mammals on plain backgrounds.

Usage:
    apt-get download tuxpaint-stamps-default
    dpkg-deb -x tuxpaint-stamps-default_*.deb unpacked
    python datasets/build_birds_mammals.py unpacked/usr/share/tuxpaint/stamps/animals

The package has photographs with their backgrounds removed. Each is placed several times on a plain background, in
different sizes and positions, and mirrored half of the time. The rest of an image must not tell the class. Therefore
images are made in pairs, a bird and a mammal, with the same background, position and mirroring. A photograph is in one
part only (training, validation or test), with all images made of it.

The random numbers are Python's `random.random`, whose sequence never changes, and colours are computed in integers, so
the same Pillow gives the same images.
"""

from __future__ import annotations

import hashlib
import io
import random
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import archive
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

# The photographs, file -> md5. The package has 105 stamps in birds/ and mammals/ that are PNG images. Left out are
# - drawings: birds/cartoon/{penguin_with_spider,pengwin,tux}, mammals/bears/cartoon/teddy_bear,
#   mammals/cats/cartoon/lion, mammals/hedgehog;
# - paintings that look like photographs: birds/{quetzal,tucan}, mammals/aquatic/orca, mammals/dogs/dog;
# - images that show too little of an animal: mammals/echidna, a black silhouette; mammals/apes/tamarin_emperor, half
#   transparent and ragged; mammals/bears/toys/edward_bear, a photographed toy;
# - those whose licence is not the GPL, according to the package's changelog: birds/{heron_greatblue,
#   heron_greatblue_flying,pelican} (CC BY-SA 2.5) and birds/helmeted_guineafowl (GFDL).
# Photographs of one animal or one occasion (gnus, golden pigs) are in the same part.
TRAINING = {
    "birds/adelaide-rosella.png": "763a830809dd0ab33f9637a016bd01ca",
    "birds/albino_peahen.png": "97e31bfaf7376ca320a41ca538e30936",
    "birds/chicken_profile.png": "0a136f39190b040244a2c54ef716b525",
    "birds/crowned_crane.png": "a0be6b043f3acfa9ccea64ebd398928a",
    "birds/cuckoo.png": "aafcba3aeda0c4b2e9cafae48d80293c",
    "birds/drake.png": "3d58699331532cea3eff70eb8de2889b",
    "birds/lark.png": "81b6b6a2f8a183c597578ee48a1c6dad",
    "birds/little-penguin.png": "6cae3aef50890162bf4fe84c39ac5acb",
    "birds/magpie.png": "6cbea12cdd6fc614e35b0dc38776c7d8",
    "birds/owl.png": "2b0cc5b4f7547a051de0ea9ef719f3bd",
    "birds/peacock.png": "4cccf26019fc84a969a7a0789088b130",
    "birds/pigeon.png": "98337be10aeb20ff6d05280004cca2bd",
    "birds/pink_flamingo.png": "99fce908dfd386ec19fa034c9207f60b",
    "birds/silver-gull.png": "a14c119bb834dd610a1355a6cf895d42",
    "birds/turkey.png": "75c33976217cf16f614aa1dda3b14710",
    "birds/vulture.png": "3ac105f205cb46c21c168f707d2bffb0",
    "mammals/apes/chimp.png": "96d420fea04a85667d30fe0d35a31826",
    "mammals/aquatic/dolphin.png": "c40ad0471589b0a12ffd0cb94ddb5760",
    "mammals/aquatic/whale.png": "383d40ead4900a755887539144014c9b",
    "mammals/badger.png": "1947ca1dc6abd249fe0d61e7923d2066",
    "mammals/bovines/bison.png": "dc99b9f8c74ebeba04c585bfee5bc90e",
    "mammals/bovines/cow_white.png": "dae566cbff1dc3b1a3c0e2e2ecf11727",
    "mammals/bovines/gnu-baby-stand.png": "786790eeb289fc6c673f783f4eeb7f64",
    "mammals/bovines/gnu-baby.png": "51e5f37db2703d17335f4669a11a6789",
    "mammals/bovines/gnu-sitting.png": "779069a696413e3d4c71259718cdfb2b",
    "mammals/bovines/gnu-stand.png": "ceb0461dab3ed206544ead660d052730",
    "mammals/bovines/indian_blackbuck.png": "92f7c82505f43ee641e0db154fd31e8e",
    "mammals/bovines/ram.png": "ff512fac0e60a4eee6ac997abd73adbd",
    "mammals/bovines/sheep_lamb.png": "974e4a809218fad847aef4d2219afa78",
    "mammals/bovines/yak.png": "01dc0056debb3fb707f6b2262a0106a3",
    "mammals/bovines/zebu.png": "de9b71cc2142abdd9ed97ab1c4e5c986",
    "mammals/cats/lion-2.png": "5fb9ef97a1dd7db462271eca05da322e",
    "mammals/deer/caribou.png": "85c7a8a4f640e7882254ba60f583a079",
    "mammals/deer/doe.png": "da73c2942c7eefc2ec0d3d3cbeb2d94e",
    "mammals/dogs/dingo.png": "cc63aa1d6a2fb61e7e5bf890df4fff60",
    "mammals/elephant.png": "d07bb8ac79cd8abed38582d64753debd",
    "mammals/equines/donkey_eating.png": "13ef5828b961dc7aee2645e8946aaa99",
    "mammals/equines/zebra.png": "c342bf8a6619d561eae9f33df715dfc2",
    "mammals/ferret.png": "0392c4c250d62c8841e81cb2768a7174",
    "mammals/giraffe.png": "a5368f230af5d54edfed305353264eee",
    "mammals/pig.png": "eb4539212a0aeb965830a1be6f2a59c3",
    "mammals/pig_golden.png": "14c479d325839662afb3dd11b5754a7e",
    "mammals/pig_golden2.png": "6ae574ff67c78feece22ad6fcc07eb9e",
    "mammals/rhino_black.png": "d907d206e500aead876db84c27f5ea94",
    "mammals/rodents/beaver.png": "bb80313590e8094cafb29e1e8c346488",
    "mammals/rodents/capybara.png": "9f5f8f12d30dfab23d8d43634e13bfc1",
    "mammals/rodents/rabbit.png": "04f6b1ccae7fca66e26f75cd75f87906",
    "mammals/rodents/squirrel.png": "4d233de18751985365839671e1237fa4",
    "mammals/wildboar.png": "6ac642c410e373fdb5033c149a57909d",
}
VALIDATION = {
    "birds/crow.png": "6d869d251529a1f63eb7c9d10de87733",
    "birds/gander.png": "52ff23ca1be9a1df66284cacec0f8069",
    "birds/magellanic_penguin.png": "8b0d5258fa26736a2330e21d87e1b09c",
    "birds/ostrich.png": "cad74168372f16f59cd5d53e11a0e4bf",
    "birds/rooster.png": "74f16bf368d44613c8a6ee1c3b32fcf5",
    "mammals/aquatic/otter.png": "063eb745e82b18842431dcda6f9324bd",
    "mammals/bears/bear.png": "b1c46c157b077e8d7f7717066390d177",
    "mammals/bovines/cow.png": "ac566fba9508b68b729e0c950b296731",
    "mammals/bovines/mountaingoat.png": "1f82b78516de5e2f68d431d157385d03",
    "mammals/camel/dromedary.png": "9c60408b49617dc16d2123982ecba157",
    "mammals/cats/tiger.png": "5cd8ccc39a5aa10405400ce0074b12b0",
    "mammals/deer/wapiti.png": "56d8b9dbb87dd6ba1296bda1e8316725",
    "mammals/equines/horse.png": "a45e71e51511db008140430089d38367",
    "mammals/rabbit_little.png": "2ef2c1a0225a39935d8ad805ad468106",
    "mammals/rodents/mouse.png": "28a353f20d049985896e75fd9902612a",
}
TEST = {
    "birds/blackbird.png": "e5231ea669bb14875f2dfd9485990abd",
    "birds/duck.png": "0945d74ecf24c5ce694dd1a41b5b0b80",
    "birds/guineafowl.png": "f2a55401031d0c2611e462fd1dc2a78f",
    "birds/hen.png": "8108d6e65807d9618ff9e3a2b5540266",
    "birds/nandou.png": "4e9ae50270e9137f673383588e96b0be",
    "birds/penguin.png": "6cd36dd831faddeaa38f95732865fdc2",
    "birds/rainbow-lorikeet.png": "7efedf4b5868b2a6a0277ac86a9e20b5",
    "birds/seagull.png": "374238b9cfab4da8b706bed6be3bdf43",
    "mammals/apes/gorilla.png": "e406e0d5c78338bc83ec09e19ef14b13",
    "mammals/aquatic/sea_lion.png": "2ac35144c11dee6792c72555769121db",
    "mammals/bears/european-bear.png": "f8ff49480b33bc0b905b552d7ff12f34",
    "mammals/bovines/bull.png": "780704de5531afef7fa6fe2e5fd443f4",
    "mammals/bovines/goat.png": "5c18de38f14e7bdad61e8b47f5b5725a",
    "mammals/bovines/sheep.png": "bf3f88b60a7e2f0b67609f3b6baebc3d",
    "mammals/camel/camel.png": "0ec7a0d21e072251740f9a2e4b5acb29",
    "mammals/cats/lion.png": "2290f450f38caf93b5b6bad14a78241c",
    "mammals/cats/tiger_sumatran.png": "4098b0f87d220dda42fc41107308c916",
    "mammals/deer/deer.png": "e40ee5acbce233c41059f3c3b34717f6",
    "mammals/dogs/fox.png": "c2532a4cac61ef04d9dd6ebfcfe169cc",
    "mammals/equines/donkey.png": "de4e990c84ab2f79444e12f0d327a9ed",
    "mammals/hippopotamus.png": "c4a534b285ed95f2aaa2deb58e0d4cbe",
    "mammals/rodents/marmot.png": "3dee7f2501e16be3cd98dd6c31d7c87e",
    "mammals/rodents/rabbit-2.png": "a3a34f2d76691a79053532666ef774d3",
    "mammals/rodents/rat.png": "dadb91154713d23f979c060123121125",
}

FACTS = {
    "name": "birds_mammals",
    "title": "Birds and mammals: cut-out photographs on plain grounds",
    "authors": "Bill Kendrick, Stas Zytkiewicz (Childsplay), Pere Pujal i Carabantes, Chris Goerner, John O'Sullivan "
    "and the other contributors of Tux Paint",
    "licence": "GPL-2.0-or-later",
    "licence_file": "birds_mammals.LICENSE",
    "origin": "Debian package tuxpaint-stamps-default 2022.06.04-1, files usr/share/tuxpaint/stamps/animals/"
    "{birds,mammals}/**.png; the images are derived from them by datasets/build_birds_mammals.py",
    "class_names": ["bird", "mammal"],
}

SIDE = 96
"""Height and width of an image."""

# Pairs of a bird and a mammal, in the order of the file: the last training images are those of the photographs for
# validation, and the first ones show every photograph for training.
_PAIRS = {"training": 128, "validation": 40, "test": 48}
_QUICK_PAIRS = 64
_SEED = 2022_06_04

_MARGIN = 2
_MEAN_SIDE = 74  # of a rectangle around the animal, before it is scaled down at random
_SMALLEST = 0.85
# Black and white animals are visible on a background of these values.
_DARKEST, _BRIGHTEST = 60, 210
_GRADIENT = 60
_CONTRAST = 40
_ATTEMPTS = 200
# Values are multiples of 5. The eye sees no difference, and the file is two fifths smaller.
_STEP = 5

Pixels = NDArray[np.uint8]
Photographs = Mapping[str, str]
"""Path below the folder of the stamps -> md5. The first folder, birds or mammals, is the class."""


class Pose(NamedTuple):
    """Size of the animal, from `_SMALLEST` to 1, its position within the free space, from 0 to 1, and mirroring."""

    size: float
    across: float
    down: float
    mirrored: bool


def read_photographs(source: Path, photographs: Photographs) -> list[Image.Image]:
    """Read the animals (RGBA), each cropped to its opaque part.

    Args:
        source: the folder that holds `birds` and `mammals`.
        photographs: those to read.

    Raises:
        SourceError: a file is missing, differs from the expected one, or is empty.
    """
    return [_cut_out(source, name, md5) for name, md5 in photographs.items()]


def place(animal: Image.Image, ground: Pixels, pose: Pose) -> tuple[Pixels, bool]:
    """Place an animal on a background.

    Args:
        animal: RGBA, cropped to the animal.
        ground: the background, (96, 96, 3).
        pose: size, position and mirroring.

    Returns:
        The image (96, 96, 3), and True if the animal contrasts with the background.
    """
    width, height = animal.size
    largest = min((SIDE - 2 * _MARGIN) / max(width, height), _MEAN_SIDE / (width * height) ** 0.5)
    scale = largest * pose.size
    small = animal.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.LANCZOS)
    if pose.mirrored:
        small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    left, top = (
        _MARGIN + int((SIDE - 2 * _MARGIN - extent) * fraction + 0.5)
        for extent, fraction in zip(small.size, (pose.across, pose.down), strict=True)
    )
    canvas = Image.fromarray(ground)
    canvas.paste(small, (left, top), small)
    pixels = np.asarray(canvas)
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    mask[top : top + small.height, left : left + small.width] = np.asarray(small.getchannel("A")) > 127
    difference = np.abs(pixels.astype(np.int16) - ground).max(axis=2)[mask]
    rounded = (pixels.astype(np.uint16) + _STEP // 2) // _STEP * _STEP
    return rounded.astype(np.uint8), bool(difference.size) and float(np.median(difference)) >= _CONTRAST


def draw_ground(numbers: random.Random) -> Pixels:
    """A background (96, 96, 3): one colour, or a horizontal, vertical or diagonal gradient between two."""
    first = [_integer(numbers, _DARKEST, _BRIGHTEST) for _ in range(3)]
    second = [
        _integer(numbers, max(_DARKEST, value - _GRADIENT), min(_BRIGHTEST, value + _GRADIENT)) for value in first
    ]
    across, down = ((0, 0), (1, 0), (0, 1), (1, 1))[_integer(numbers, 0, 3)]
    rows, columns = np.indices((SIDE, SIDE))
    distance = across * columns + down * rows
    length = max(1, (across + down) * (SIDE - 1))
    change = (np.array(second) - np.array(first)) * distance[..., np.newaxis] // length
    return (np.array(first) + change).astype(np.uint8)


def pairs(
    animals: tuple[list[Image.Image], list[Image.Image]], count: int, seed: int
) -> Iterator[tuple[int, int, Pixels]]:
    """Images in pairs, a bird and then a mammal, with the same background, position and mirroring.

    Args:
        animals: the birds and the mammals. Those of the smaller class are used more often.
        count: number of pairs.
        seed: of the random numbers.

    Yields:
        The class (0 or 1), the number of the animal in its list, and the image, (96, 96, 3).

    Raises:
        SourceError: an animal contrasts with no background.
    """
    numbers = random.Random(seed)
    for number in range(count):
        chosen = [number % len(kind) for kind in animals]
        pose = Pose(
            size=_SMALLEST + (1 - _SMALLEST) * numbers.random(),
            across=numbers.random(),
            down=numbers.random(),
            mirrored=numbers.random() < 0.5,
        )
        for _ in range(_ATTEMPTS):
            ground = draw_ground(numbers)
            placed = [place(kind[which], ground, pose) for kind, which in zip(animals, chosen, strict=True)]
            if all(stands_out for _, stands_out in placed):
                break
        else:
            raise archive.SourceError(
                f"expected bird {chosen[0]} and mammal {chosen[1]} to stand out from one of {_ATTEMPTS} grounds, "
                "found none; are they opaque?"
            )
        for label, (which, (pixels, _)) in enumerate(zip(chosen, placed, strict=True)):
            yield label, which, pixels


def make(source: Path, parts: Mapping[str, Photographs]) -> dict[str, Pixels]:
    """The arrays of the data set.

    Args:
        source: the folder that holds `birds` and `mammals`.
        parts: "training", "validation" and "test" -> photographs of both classes.

    Returns:
        x_train (336, 96, 96, 3), y_train (336,), x_test (96, 96, 96, 3), y_test (96,), and `photo_train` and
        `photo_test`: the number of the photograph that an image was made of, among those of all parts.
    """
    rows: dict[str, list[tuple[int, int, Pixels]]] = {"train": [], "test": []}
    before = 0
    for number, (part, photographs) in enumerate(parts.items()):
        read = read_photographs(source, photographs)
        kinds = [[i for i, name in enumerate(photographs) if name.startswith(kind)] for kind in ("birds/", "mammals/")]
        animals = ([read[i] for i in kinds[0]], [read[i] for i in kinds[1]])
        rows["test" if part == "test" else "train"] += [
            (label, before + kinds[label][which], pixels)
            for label, which, pixels in pairs(animals, _PAIRS[part], _SEED + number)
        ]
        before += len(photographs)
    arrays: dict[str, Pixels] = {}
    for part, images in rows.items():
        arrays[f"x_{part}"] = np.stack([pixels for _, _, pixels in images])
        arrays[f"y_{part}"] = np.array([label for label, _, _ in images], dtype=np.uint8)
        arrays[f"photo_{part}"] = np.array([photograph for _, photograph, _ in images], dtype=np.uint8)
    return arrays


def build(source: Path, folder: Path, parts: Mapping[str, Photographs] | None = None) -> Path:
    """Write birds_mammals.npz and birds_mammals.json into `folder` and return the path of the first."""
    parts = parts or {"training": TRAINING, "validation": VALIDATION, "test": TEST}
    facts = FACTS | {
        "validation_images": 2 * _PAIRS["validation"],
        "quick_images": 2 * _QUICK_PAIRS,
        "photographs": [name for photographs in parts.values() for name in photographs],
    }
    return archive.write(folder, facts, make(source, parts), zipfile.ZIP_LZMA)


def _cut_out(source: Path, name: str, expected: str) -> Image.Image:
    try:
        body = (source / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise archive.SourceError(f"expected the photograph {name} in {source}, found none") from None
    found = hashlib.md5(body, usedforsecurity=False).hexdigest()
    if found != expected:
        raise archive.SourceError(f"{name}: expected md5 {expected}, found {found}; get the package again")
    try:
        image = Image.open(io.BytesIO(body)).convert("RGBA")
    except (UnidentifiedImageError, OSError) as error:
        raise archive.SourceError(f"{name}: expected a PNG image, found a file that cannot be read: {error}") from error
    # Nearly transparent pixels are shadows, or remains of the removed background.
    box = image.getchannel("A").point([0] * 32 + [255] * 224).getbbox()
    if box is None:
        raise archive.SourceError(f"{name}: expected an animal on transparent ground, found nothing but ground")
    return image.crop(box)


def _integer(numbers: random.Random, low: int, high: int) -> int:
    """A random integer from low to high, both included."""
    return low + int(numbers.random() * (high - low + 1))


if __name__ == "__main__":
    sys.exit(archive.main(build, __doc__))
