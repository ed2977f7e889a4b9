"""Photos of evidence: what lies in them besides the picture is thrown away. 佐证照片

A photo is decoded and written anew, so place, camera and anything hidden behind the picture are gone. That happens in a
child process with limits, one photo at a time: a photo of forty bytes may say that it is ten thousand pixels wide.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from application.platform.limited.child import LimitedChild, LimitExceeded, Limits
from application.platform.limited.job import JobRefused
from domain.errors import RuleBroken
from interface.i18n.locales import N_
from interface.kit.picture_rewrite import HEIF, JPEG, MOVING, NO_PICTURE, TOO_LARGE, kind_of

ACCEPTED = "image/*"  # the phones' own pickers offer camera and album for this; what can't be read is told in words
MOST_PHOTOS = 9
LARGEST_PHOTO = 10 * 1024 * 1024
LIMITS = Limits(memory=330 << 20, cpu=10, wall=60.0, answer=64 << 20)
REWRITING = LimitedChild(
    "interface.kit.picture_rewrite:rewrite", LIMITS
)  # one for the process: its limit is the process's
REFUSALS = {
    TOO_LARGE: N_("“%(name)s”超过 2500 万像素，请在相机设置里选低一些的分辨率重拍，或缩小、截图后再上传"),
    HEIF: N_(
        "“%(name)s”是 HEIC 或 AVIF 格式，本系统打不开；请在手机相机设置里把格式改为“兼容性最佳”（JPEG）后重拍，或截图后上传截图"
    ),
    MOVING: N_("“%(name)s”是 GIF 动图，请截图后上传截图，或换一张 JPEG、PNG、WebP 照片"),
    NO_PICTURE: N_("“%(name)s”不是可以打开的 JPEG、PNG 或 WebP 照片，请换一张"),
}


class PhotoRefused(RuleBroken):
    """A photo that can't be taken, in a sentence that says what to do."""


@dataclass(frozen=True)
class Photo:
    """A cleaned picture, to be kept in the vault; or a document, under the name of its file."""

    body: bytes
    media_type: str
    name: str = ""


def judge(body: bytes, name: str) -> None:
    """What can be said without decoding: weight, and kind by the first bytes. Raises PhotoRefused."""
    if len(body) > LARGEST_PHOTO:
        raise PhotoRefused(_("“%(name)s”超过 10 MB，请压缩后再上传", name=short(name)))
    try:
        kind_of(body)
    except JobRefused as refused:
        raise PhotoRefused(_(REFUSALS[str(refused)], name=short(name))) from None


def clean(body: bytes, name: str, *, ahead: bool = False) -> Photo:
    """The picture alone, at most 2,560 pixels long, JPEG (or PNG where it was one). Raises PhotoRefused.

    Officials are served `ahead` of the public page: a flood there keeps no evidence waiting.
    """
    judge(body, name)
    try:
        made = REWRITING.run(body, ahead=ahead)
    except JobRefused as refused:
        raise PhotoRefused(_(REFUSALS.get(str(refused), REFUSALS[NO_PICTURE]), name=short(name))) from None
    except LimitExceeded:
        raise PhotoRefused(
            _("“%(name)s”太大或已损坏，处理不了；请缩小或截图后再上传，或换一张", name=short(name))
        ) from None
    return Photo(made[1:], "image/jpeg" if made[:1] == JPEG else "image/png")


def short(name: str) -> str:
    return name[-40:] or _("照片")
