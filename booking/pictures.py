"""Pictures that people hand in, made anew: nobody gets the bytes that came in, nor what else stood in them."""

import importlib
import struct
import zlib
from io import BytesIO
from typing import Any

#: Kinds that are read; which one it is, the content says.
KINDS = ("JPEG", "PNG", "WEBP")
#: Pixels that are read, and of those on one side; the longer side and the bytes of what is made of them.
MOST_PIXELS = 50_000_000
MOST_OF_SIDE = 30_000
LONGEST_SIDE = 1280
MOST_BYTES = 90_000

#: Longer side and quality, the first that packs it well enough.
_TRIES = [(LONGEST_SIDE, 80), (LONGEST_SIDE, 65), (LONGEST_SIDE, 50), (960, 60), (960, 45), (640, 45), (480, 30)]

#: What the library says of what cannot be read, besides that it is too large.
_ODD = (OSError, ValueError, SyntaxError, IndexError, OverflowError, struct.error, zlib.error)


class NotAPicture(Exception):
    """What came in is none that can be read, or has more pixels than anybody needs."""


def as_jpeg(data: bytes) -> bytes:
    """The picture upright, no larger than a page needs, without what cameras note of time and place."""
    image_of, upright = (importlib.import_module(f"PIL.{name}") for name in ("Image", "ImageOps"))  # ADR 18
    try:
        with image_of.open(BytesIO(data), formats=KINDS) as found:
            if found.width * found.height > MOST_PIXELS or max(found.size) > MOST_OF_SIDE:
                raise NotAPicture
            found.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than that takes
            found.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # before anything makes a copy of it
            return _packed(_on_white(upright.exif_transpose(found), image_of))
    except (*_ODD, image_of.DecompressionBombError, image_of.DecompressionBombWarning) as fault:
        raise NotAPicture from fault


def _on_white(picture: Any, image_of: Any) -> Any:
    layers = picture.convert("RGBA")
    return image_of.alpha_composite(image_of.new("RGBA", layers.size, "white"), layers).convert("RGB")


def _packed(picture: Any) -> bytes:
    packed = b""
    for side, quality in _TRIES:
        picture.thumbnail((side, side))
        file = BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        packed = file.getvalue()
        if len(packed) <= MOST_BYTES:
            break
    return packed
