"""Photos of evidence: what lies in them besides the picture is thrown away. 佐证照片

A photo is decoded and written anew, so place, camera and anything hidden behind the picture are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from flask_babel import gettext as _
from PIL import Image, ImageOps

from domain.errors import RuleBroken

ACCEPTED = "image/jpeg,image/png,image/webp"
MOST_PHOTOS = 9
LARGEST_PHOTO = 10 * 1024 * 1024
LARGEST_SIDE = 2560
MOST_PIXELS = 60_000_000  # more than any phone takes; a bomb claims more
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
NO_PICTURE = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, OverflowError, MemoryError)


@dataclass(frozen=True)
class Photo:
    """A cleaned picture, to be kept in the vault."""

    body: bytes
    media_type: str


def clean(body: bytes, name: str) -> Photo:
    """The picture alone, at most 2,560 pixels long, JPEG (or PNG where it was one). RuleBroken says what is wrong."""
    name = name[-40:] or _("照片")
    if len(body) > LARGEST_PHOTO:
        raise RuleBroken(_("“%(name)s”超过 10 MB，请压缩后再上传", name=name))
    try:
        with Image.open(BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise RuleBroken(_too_large(name))
            return _written_anew(image)
    except BOMBS:
        raise RuleBroken(_too_large(name)) from None
    except NO_PICTURE:
        raise RuleBroken(_("“%(name)s”不是可以打开的 JPEG、PNG 或 WebP 照片，请换一张", name=name)) from None


def _too_large(name: str) -> str:
    return _("“%(name)s”的像素过大（超过六千万），请缩小后再上传", name=name)


def _written_anew(image: Image.Image) -> Photo:
    kind = "PNG" if image.format == "PNG" else "JPEG"
    image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))  # a JPEG is decoded no larger than needed
    upright = ImageOps.exif_transpose(image)
    picture = upright.convert("RGBA" if kind == "PNG" and upright.has_transparency_data else "RGB")
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    written = BytesIO()
    bare.save(written, kind, **({"quality": 85} if kind == "JPEG" else {}))
    return Photo(written.getvalue(), f"image/{kind.lower()}")
