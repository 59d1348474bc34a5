"""Encoded pictures of requests: told from other bytes, and measured, before they are decoded.

Only the head of a file is read here. What a few bytes can unfold to is bounded before anything is
unfolded, and formats whose readers run other programs are never tried.
"""

import base64
import binascii
import io
import re
import warnings

from lamina.serving.refusal import Place, Refusal

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""Kinds of pictures that are taken."""
_DATA_URI = re.compile(r"^data:(?:image|audio)/[a-z0-9.+-]{1,40};base64,", re.IGNORECASE)


def decode_base64(text: str, where: Place) -> bytes:
    """Return the bytes of a cell.

    Args:
        text: Base64, or a data URI of a picture or a recording.
        where: Place in the body, for messages.

    Raises:
        Refusal: It is not base64; 422.
    """
    start = _DATA_URI.match(text)
    try:
        content = base64.b64decode(text[start.end() if start else 0 :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(
            422,
            "the file is not base64. Send the bytes of the file in base64, or as a data URI.",
            where=where,
        ) from error
    return content


def count_pixels(content: bytes, where: Place) -> int:
    """Return how many pixels an encoded picture has, from its head alone.

    Args:
        content: Bytes of the file.
        where: Place in the body, for messages.

    Raises:
        Refusal: It is no picture of a kind that is taken; 422.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                width, height = picture.size
    except Image.DecompressionBombError as error:
        raise Refusal(413, "the picture claims far too many pixels.", where=where) from error
    except Exception as error:  # readers raise whatever foreign bytes lead them to
        raise Refusal(
            422, f"the bytes are no picture; wanted {', '.join(FORMATS)}.", where=where
        ) from error
    return int(width) * int(height)
