"""Small folders of pictures with boxes, in each of the usual layouts."""

from pathlib import Path

from PIL import Image

SIZES = {"a": (64, 48), "b": (40, 60), "c": (32, 32)}
"""Width and height of each picture."""

BOXES = {
    "a": (("cat", (10.0, 8.0, 30.0, 40.0)), ("dog", (40.0, 4.0, 60.0, 20.0))),
    "b": (),
    "c": (),
}
"""Boxes of each picture, in pixels."""


def picture(path: Path, size: tuple[int, int], **options: object) -> Path:
    """Write a grey picture.

    Args:
        path: The file.
        size: Width and height.
        **options: Of `Image.save`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, 120).save(path, **options)  # type: ignore[arg-type]
    return path


def annotation(
    path: Path,
    boxes: tuple[tuple[str, tuple[float, float, float, float]], ...],
    size: tuple[int, int] | None,
    *,
    name: str = "",
) -> Path:
    """Write an XML file of Pascal VOC.

    Args:
        path: The file.
        boxes: Classes and corners.
        size: Width and height to state; None states none.
        name: Name of the picture to state.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    objects = "".join(
        f"<object><name>{label}</name><bndbox><xmin>{x0:g}</xmin><ymin>{y0:g}</ymin>"
        f"<xmax>{x1:g}</xmax><ymax>{y1:g}</ymax></bndbox></object>"
        for label, (x0, y0, x1, y1) in boxes
    )
    stated = f"<size><width>{size[0]}</width><height>{size[1]}</height></size>" if size else ""
    path.write_text(
        f"<annotation><filename>{name}</filename>{stated}{objects}</annotation>", encoding="utf-8"
    )
    return path
