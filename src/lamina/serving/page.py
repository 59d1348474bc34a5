"""The page to try the models: ten files of the package, sent as they are.

They hold nothing of the models, so they are open; what they show they ask for, with the token.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

PAGE: Mapping[str, tuple[str, str]] = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/writing.js": ("writing.js", "text/javascript; charset=utf-8"),
    "/forecast.js": ("forecast.js", "text/javascript; charset=utf-8"),
    "/masks.js": ("masks.js", "text/javascript; charset=utf-8"),
    "/boxes.js": ("boxes.js", "text/javascript; charset=utf-8"),
    "/rests.js": ("rests.js", "text/javascript; charset=utf-8"),
    "/tags.js": ("tags.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
"""File and content type by path."""


@cache
def read_page(path: str) -> tuple[bytes, str]:
    """Return content and content type of a file of the page.

    Args:
        path: One of `PAGE`.
    """
    name, kind = PAGE[path]
    return files("lamina.serving").joinpath("static", name).read_bytes(), kind
