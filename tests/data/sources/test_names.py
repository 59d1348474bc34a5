"""What names say."""

import pytest

from lamina.data.sources.names import is_picture, part_of_split, split_from_name


@pytest.mark.parametrize("name", ["a.jpg", "b/c.PNG", "d.tiff", "e.pgm"])
def test_pictures(name):
    assert is_picture(name)


@pytest.mark.parametrize("name", ["a.txt", "jpg", "a.csv", "a.jpg.gz"])
def test_no_pictures(name):
    assert not is_picture(name)


@pytest.mark.parametrize(
    ("name", "part"),
    [("Train", "train"), ("val", "validation"), ("dev", "validation"), ("testing", "test")],
)
def test_parts(name, part):
    assert part_of_split(name) == part


def test_other_names_are_no_parts():
    assert part_of_split("cats") is None


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("x_train", ("x", "train")),
        ("test_labels", ("labels", "test")),
        ("t10k-images-idx3-ubyte", ("images_idx3_ubyte", "test")),
        ("train", ("", "train")),
        ("x", None),
        ("strain_x", None),
    ],
)
def test_parts_in_names(name, pair):
    assert split_from_name(name) == pair
