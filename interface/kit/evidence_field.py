"""佐证材料 in officials' forms: photos, which are written anew, and documents, which are kept as they are. 材料字段"""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.platform.limited.child import LimitedChild, LimitExceeded, Limits
from application.platform.limited.job import JobRefused
from application.problems.evidence import Upload
from domain.errors import RuleBroken
from domain.text import TITLE, official
from interface.i18n.locales import N_
from interface.kit import photos
from interface.kit.document_check import (
    ACTIVE,
    DAMAGED,
    EXCEL,
    LOCKED,
    MACROS,
    OLD_OFFICE,
    PDF,
    UNKNOWN,
    WEB_PAGE,
    WORD,
    kind_of,
)
from interface.kit.photo_field import Photos
from interface.kit.photos import LARGEST_PHOTO, MOST_PHOTOS, Photo, PhotoRefused, short

LIMITS = Limits(memory=400 << 20, cpu=10, wall=60.0, answer=1 << 10)
CHECKING = LimitedChild("interface.kit.document_check:check", LIMITS)  # one for the process, as for pictures
OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    PDF: "application/pdf",
    WORD: f"{OFFICE}wordprocessingml.document",
    EXCEL: f"{OFFICE}spreadsheetml.sheet",
}
ACCEPTED = "image/*,.pdf,.docx,.xlsx"
REFUSALS = {
    WEB_PAGE: N_("“%(name)s”的内容是网页，不是 PDF、Word 或 Excel 文件；请打开原文件另存为 PDF 后再上传"),
    OLD_OFFICE: N_("“%(name)s”是旧版 Word 或 Excel 文件，或设有密码；请取消密码并另存为 .docx、.xlsx 或 PDF 后再上传"),
    MACROS: N_("“%(name)s”含有宏或嵌入的对象；请另存为不含宏的 .docx、.xlsx 或 PDF 后再上传"),
    ACTIVE: N_("“%(name)s”含有脚本、附件或外部链接模板；请用“打印为 PDF”另存后再上传"),
    LOCKED: N_("“%(name)s”设有密码或加密；请取消后再上传"),
    DAMAGED: N_("“%(name)s”已损坏或不完整；请重新导出后再上传"),
    UNKNOWN: N_("“%(name)s”不是可以采用的文件；请上传 JPEG、PNG、WebP 照片，或 PDF、Word（.docx）、Excel（.xlsx）文件"),
}


class Evidence(Photos):
    """Several at once, photos and documents mixed. A document keeps the name of its file, which the log says for ever: it is
    judged like any other official text.
    """

    def __init__(self, label: Any, **more: Any) -> None:
        more.setdefault("render_kw", {"accept": ACCEPTED})
        more.setdefault(
            "description",
            _(
                "照片（JPEG、PNG、WebP）或 PDF、Word、Excel 文件，每个不超过 10 MB，一次最多 %(n)s 个，共 30 MB",
                n=MOST_PHOTOS,
            ),
        )
        super().__init__(label, **more)

    @property
    def uploads(self) -> tuple[Upload, ...]:
        return tuple(Upload(one.media_type, one.body, one.name) for one in self.photos)

    def judge(self, body: bytes, name: str) -> None:
        """Weight, and kind by the first bytes. Raises PhotoRefused."""
        if _is_picture(body):
            return photos.judge(body, name)
        if len(body) > LARGEST_PHOTO:
            raise PhotoRefused(gettext("“%(name)s”超过 10 MB，请压缩后再上传", name=short(name)))
        try:
            kind_of(body)
        except JobRefused as refused:
            raise _refused(str(refused), name) from None

    def clean(self, body: bytes, name: str) -> Photo:
        """A photo written anew, a document as it is. Raises PhotoRefused."""
        if _is_picture(body):
            return photos.clean(body, name, ahead=True)
        try:
            kind = CHECKING.run(body, ahead=True).decode()
        except JobRefused as refused:
            raise _refused(str(refused), name) from None
        except LimitExceeded:
            raise _refused(DAMAGED, name) from None
        if not name.lower().endswith(f".{kind}"):
            words = {"name": short(name), "kind": kind}
            raise PhotoRefused(
                gettext("“%(name)s”的内容是 .%(kind)s 文件，与文件名不符；请改为正确的扩展名后再上传", **words)
            )
        try:
            return Photo(
                body, MEDIA_TYPES[kind], official(gettext("文件名"), re.split(r"[\\/]", name)[-1], limit=TITLE)
            )
        except RuleBroken as refused:
            raise PhotoRefused(str(refused)) from None


def _is_picture(body: bytes) -> bool:
    """Whatever is no document is judged as a picture, which says of HEIC and of moving ones what to do."""
    try:
        kind_of(body)
        return False
    except JobRefused as refused:
        return str(refused) == UNKNOWN and (
            body[4:8] == b"ftyp" or body[:3] in (b"\xff\xd8\xff", b"\x89PN", b"RIF", b"GIF")
        )


def _refused(why: str, name: str) -> PhotoRefused:
    return PhotoRefused(gettext(REFUSALS[why], name=short(name)))
