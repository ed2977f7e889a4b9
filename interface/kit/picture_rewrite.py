"""A picture written anew, without anything that lay beside it; runs in a limited child and imports Pillow only. 照片重写

What a picture says of itself is judged before it is decoded: its kind by its first bytes, its size by its header.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

from application.platform.limited.job import JobRefused

LARGEST_SIDE = 2560
MOST_PIXELS = 25_000_000
JPEG, PNG = b"J", b"P"  # the first byte of an answer
NO_PICTURE, TOO_LARGE, HEIF, MOVING = "no picture", "too large", "heif", "moving"  # why a picture is refused
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_KNOWN = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}

# Named so that they are imported before the child is forked, once and not for each picture.
READERS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
Image.MAX_IMAGE_PIXELS = None  # judged here, by our own limit


def rewrite(body: bytes) -> bytes:
    """JPEG or PNG, then the picture alone, upright, at most 2,560 pixels long. Raises JobRefused, MemoryError."""
    kind = kind_of(body)
    try:
        if kind == "WEBP" and _is_too_large(*_webp_size(body)):  # opening one asks for memory by its stated size
            raise JobRefused(TOO_LARGE)
        with Image.open(BytesIO(body), formats=(kind,)) as image:
            if _is_too_large(image.width, image.height):
                raise JobRefused(TOO_LARGE)
            return _written_anew(image)
    except (JobRefused, MemoryError):
        raise
    except Exception:  # Pillow's readers raise whatever a broken file makes them stumble over
        raise JobRefused(NO_PICTURE) from None


def kind_of(body: bytes) -> str:
    """JPEG, PNG or WEBP, by the first bytes. Raises JobRefused for every other kind."""
    for start, kind in _KNOWN.items():
        if body.startswith(start):
            return kind
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "WEBP"
    if body[4:8] == b"ftyp" and any(brand in HEIF_BRANDS for brand in _brands(body)):
        raise JobRefused(HEIF)
    raise JobRefused(MOVING if body[:4] == b"GIF8" else NO_PICTURE)


def _brands(body: bytes) -> Iterator[bytes]:
    """The major brand and the compatible ones of an ISO media file (ISO/IEC 14496-12 §4.3)."""
    end = min(int.from_bytes(body[:4]), 256)
    return (body[at : at + 4] for at in range(8, end, 4))


def _webp_size(body: bytes) -> tuple[int, int]:
    """Width and height by the first chunk (RFC 9649 §2.5–2.7); (0, 0) where it tells none."""
    chunk, data = body[12:16], body[20:30]
    if len(data) < 10:
        return 0, 0
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
    return 0, 0


def _is_too_large(width: int, height: int) -> bool:
    return width * height > MOST_PIXELS


def _written_anew(image: Image.Image) -> bytes:
    """Made small before anything else is made of it: a picture of full size lies in memory once."""
    kind = PNG if image.format == "PNG" else JPEG
    turn = UPRIGHT.get(_orientation(image))
    image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))  # a JPEG is decoded no larger than needed
    small = _small(image, transparent=kind == PNG)
    if turn is not None:
        small = small.transpose(turn)
    written = BytesIO()
    bare = Image.frombytes(small.mode, small.size, small.tobytes())
    bare.save(written, "PNG" if kind == PNG else "JPEG", **({"quality": 85} if kind == JPEG else {}))
    return kind + written.getvalue()


def _orientation(image: Image.Image) -> int:
    """1 where the picture says nothing that can be read: how it is turned is no reason to refuse it."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # odd EXIF raises struct.error, KeyError, SyntaxError, …
        return 1


def _small(image: Image.Image, *, transparent: bool) -> Image.Image:
    image.load()
    mode = "RGBA" if transparent and image.has_transparency_data else "RGB"
    factor = max(image.size) // LARGEST_SIDE
    if factor >= 2 and image.mode == mode:  # the bulk is averaged away before a copy is made
        image = image.reduce(factor)
    picture = image if image.mode == mode else _converted(image, mode)
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), reducing_gap=None)
    return picture


def _converted(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":  # 16 bits of grey: convert() would cut off what is above 255
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    return image.convert(mode)
