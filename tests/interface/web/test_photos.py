"""Photos: the picture stays, everything else goes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from application.platform.limited.child import LimitedChild, LimitExceeded
from domain.errors import RuleBroken
from interface.kit.photos import LARGEST_PHOTO, REWRITING, PhotoRefused, clean


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


def png(width: int, height: int) -> bytes:
    """A few bytes that say they are this large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def webp(width: int, height: int) -> bytes:
    """Likewise, in forty bytes: a lossless picture of one colour (RFC 9649)."""
    size = (width - 1) | (height - 1) << 14
    data = b"\x2f" + size.to_bytes(4, "little") + bytes.fromhex("00888808")
    chunk = b"VP8L" + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
    return b"RIFF" + (4 + len(chunk)).to_bytes(4, "little") + b"WEBP" + chunk


def heif(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + brand + b"\0" * 100


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (png(30_000, 30_000), "超过 2500 万像素.*缩小"),
        (png(5001, 5000), "超过 2500 万像素"),
        (webp(7700, 7700), "超过 2500 万像素"),
        (webp(16_384, 16_384), "超过 2500 万像素"),
        (picture(size=(9000, 7000)), "超过 2500 万像素"),
        (b"GIF89a" + b"\0" * 100, "GIF 动图，请截图"),
        (heif(b"heic"), "HEIC.*兼容性最佳"),
        (heif(b"avif"), "AVIF.*截图"),
        (picture()[:200], "不是可以打开的"),
        (webp(40, 20)[:24], "不是可以打开的"),
        (b"", "不是可以打开的"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是可以打开的"),
        (b"\0" * (LARGEST_PHOTO + 1), "超过 10 MB"),
    ],
)
def test_what_is_no_usable_photo_is_refused_with_a_sentence(body, words):
    with pytest.raises(RuleBroken, match=words):
        clean(body, "现场.jpg")


def test_a_photo_of_twenty_five_megapixels_is_taken():
    assert opened(clean(picture(size=(5000, 5000)), "a.jpg").body).size == (2560, 2560)


def mutants(body: bytes, count: int) -> Iterator[bytes]:
    """With some bytes of the first kilobyte, where what is odd stands, changed at random."""
    random = Random(4)  # noqa: S311
    for _ in range(count):
        changed = bytearray(body)
        for _ in range(random.randint(1, 6)):
            changed[random.randrange(12, min(len(body), 1000))] = random.randrange(256)
        yield bytes(changed)


def telling() -> Image.Exif:
    """EXIF with every kind of value that readers stumble over."""
    exif = place()
    exif[0x011A], exif[0x8769], exif[0x927C] = 72.0, {0x9003: "2026:11:30 08:00:00"}, b"\0\1maker"
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_e4_a_photo_with_odd_exif_is_a_photo_or_a_sentence(kind):
    """28 of 428,792 mutants were no RuleBroken, but a page that failed."""
    outcomes = set()
    for body in mutants(picture(kind, exif=telling()), 60):
        try:
            outcomes.add(clean(body, "a.jpg").media_type)
        except RuleBroken as refused:
            outcomes.add(type(refused))

    assert outcomes <= {"image/jpeg", "image/png", PhotoRefused}
    assert len(outcomes) > 1


def test_e4_a_picture_that_needs_more_memory_than_it_may_is_refused_and_the_next_is_taken():
    tight = LimitedChild(REWRITING.job, replace(REWRITING.limits, memory=40 << 20))
    try:
        with pytest.raises(LimitExceeded):
            tight.run(picture("PNG", size=(5000, 5000)))
        assert tight.run(picture()).startswith(b"J")
    finally:
        tight.close()
