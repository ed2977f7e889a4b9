"""Photos: the picture stays, everything else goes."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from domain.errors import RuleBroken
from interface.web.photos import LARGEST_PHOTO, clean


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), **more) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, kind, **more)
    return written.getvalue()


def opened(body: bytes) -> Image.Image:
    image = Image.open(BytesIO(body))
    image.load()
    return image


def place() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "camera of somebody", 6  # maker; turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_place_and_camera_are_gone_and_the_picture_stands_upright(kind):
    photo = clean(picture(kind, exif=place()), "a.jpg")

    image = opened(photo.body)
    assert image.size == (20, 40)
    assert (dict(image.getexif()), b"somebody" in photo.body) == ({}, False)


def test_a_large_photo_is_made_smaller():
    assert opened(clean(picture(size=(4000, 3000)), "a.jpg").body).size == (2560, 1920)


def test_a_png_stays_a_png():
    assert clean(picture("PNG"), "a.png").media_type == "image/png"


def bomb() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (bomb(), "像素过大"),
        (picture(size=(9000, 7000)), "像素过大"),
        (b"GIF89a" + b"\0" * 100, "不是可以打开的"),
        (picture()[:200], "不是可以打开的"),
        (b"", "不是可以打开的"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是可以打开的"),
        (b"\0" * (LARGEST_PHOTO + 1), "超过 10 MB"),
    ],
    ids=["bomb", "huge", "gif", "cut off", "empty", "svg", "heavy"],
)
def test_what_is_no_usable_photo_is_refused_with_a_sentence(body, words):
    with pytest.raises(RuleBroken, match=words):
        clean(body, "现场.jpg")
