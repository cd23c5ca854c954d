"""Pictures that people hand in, made anew. Each is taken by its test alone, not by whoever collects the tests."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from booking import pictures


def picture(kind: str, width: int = 60, height: int = 40, mode: str = "RGB", **options: Any) -> bytes:
    """Its left half is red, its right half as the mode begins: black, or seen through."""
    image = Image.new(mode, (width, height))
    image.paste("red" if mode != "LA" else "white", (0, 0, width // 2, height))
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def turned() -> bytes:
    """Taken with the camera on its side, with a place in it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010E] = "52.0302 N, 8.5325 E"
    return picture("JPEG", exif=exif)


def noise() -> bytes:
    """What packs badly."""
    file = BytesIO()
    Image.effect_noise((2000, 1500), 100).save(file, "PNG")
    return file.getvalue()


def announced(width: int, height: int) -> bytes:
    """Some bytes that say they are a picture of this size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


@pytest.mark.parametrize(
    ("take", "size", "right"),
    [
        (lambda: picture("JPEG"), (60, 40), (0, 0, 0)),
        (lambda: picture("PNG", mode="RGBA"), (60, 40), (255, 255, 255)),
        (lambda: picture("PNG", mode="LA"), (60, 40), None),
        (lambda: picture("WEBP", width=3000, height=1000), (1280, 427), (0, 0, 0)),
        (turned, (40, 60), None),
        (noise, (640, 480), None),
    ],
    ids=["jpeg", "transparent", "grey", "large", "turned", "noise"],
)
def test_picture_is_made_anew_small_and_upright(
    take: Callable[[], bytes], size: tuple[int, int], right: tuple[int, int, int] | None
) -> None:
    made = pictures.as_jpeg(take())

    found = Image.open(BytesIO(made))
    assert (found.format, found.size, dict(found.getexif()), len(made) <= pictures.MOST_BYTES) == (
        *("JPEG", size, {}, True),
    )
    if right:
        told = found.getpixel((size[0] - 2, size[1] // 2))
        assert isinstance(told, tuple)
        assert max(abs(a - b) for a, b in zip(told, right, strict=True)) < 30


@pytest.mark.parametrize(
    "take",
    [
        lambda: b"",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        lambda: b"\xff\xd8\xff\xe0 a JPEG, so it says",
        lambda: picture("JPEG")[:-200],
        lambda: picture("PNG")[:60],
        lambda: picture("GIF"),
        lambda: picture("PNG", width=10_000, height=5_001),
        lambda: picture("PNG", width=1, height=30_001),
        lambda: announced(10_000, 9_000),
        lambda: announced(60_000, 60_000),
    ],
    ids=[
        "nothing",
        "svg",
        "its first bytes",
        "half a jpeg",
        "half a png",
        "gif",
        "too many pixels",
        "too long",
        "a bomb",
        "a great bomb",
    ],
)
def test_what_is_no_picture_of_ours_is_refused(take: Callable[[], bytes]) -> None:
    data = take()
    with pytest.raises(pictures.NotAPicture):
        pictures.as_jpeg(data)
