"""佐证照片 in a form: read once, judged without decoding, decoded when everything else is right. 照片字段"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import StopValidation

from application.problems.evidence import Upload
from interface.kit.fields import rules
from interface.kit.photos import ACCEPTED, MOST_PHOTOS, Photo, PhotoRefused, clean, judge

COME_BACK = 20 << 20  # bytes of photos that fit into a form, as text, beside everything else


class Photos(MultipleFileField):
    """佐证照片: several at once, straight from a camera.

    Validating reads what came once and judges number, weight and kind; it decodes nothing where the form is `public`, whose
    pictures are worked on when everything else about it was found right. The outcome is remembered: a form may be validated
    twice. A form that is shown again brings the photos back with it (`kept`), and nothing is stored meanwhile.
    """

    def __init__(self, label: Any, *, needed: bool = False, public: bool = False, **more: Any) -> None:
        more.setdefault("render_kw", {"accept": ACCEPTED})
        more.setdefault(
            "description", _("JPEG、PNG 或 WebP，每张不超过 10 MB，一次最多 %(n)s 张，共 30 MB", n=MOST_PHOTOS)
        )
        super().__init__(label, rules(needed), **more)
        self._public, self._sent = public, list[tuple[str, bytes]]()
        self._photos: list[Photo] | None = None
        self._refusal: PhotoRefused | None = None

    @property
    def photos(self) -> list[Photo]:
        """Cleaned; decoded when first asked for. Raises PhotoRefused, the same one again."""
        if self._refusal is not None:
            raise self._refusal
        if self._photos is None:
            try:
                self._photos = [self.clean(body, name) for name, body in self._sent]
            except PhotoRefused as refused:
                self._refusal = refused
                raise
        return self._photos

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """As a command takes them."""
        return tuple(Upload(photo.media_type, photo.body) for photo in self.photos)

    @property
    def digests(self) -> list[str]:
        """SHA-256 of each as it came: the same photos sent again are known before they are decoded."""
        return [sha256(body).hexdigest() for _name, body in self._sent]

    @property
    def kept(self) -> list[tuple[str, int]]:
        """(name and file as text, its KB) of those that have come and are not refused, as far as they fit into a form."""
        if self._refusal is not None:
            return []
        files = [(one.name, one.body) for one in self._photos or ()] or self._sent
        fitting = files if sum(len(body) for _name, body in files) <= COME_BACK else []
        return [(_as_text(name, body), len(body) // 1024 + 1) for name, body in fitting]

    def judge(self, body: bytes, name: str) -> None:
        """What can be said without decoding. Raises PhotoRefused."""
        judge(body, name)

    def clean(self, body: bytes, name: str) -> Photo:
        """The picture alone. Raises PhotoRefused."""
        return clean(body, name, ahead=not self._public)

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata([_come_again(one) if isinstance(one, str) else one for one in valuelist])
        for file in self.data or ():
            file.stream.seek(0)  # another form of this request may have read it
            self._sent.append((file.filename or "", file.stream.read()))

    def pre_validate(self, form: FlaskForm) -> None:
        try:
            self._judge()
            if not self._public:
                self.uploads  # noqa: B018 (decodes them, and remembers the outcome)
        except PhotoRefused as refusal:
            self._refusal = refusal
            raise StopValidation(str(refusal)) from None

    def _judge(self) -> None:
        """All of them, before the first is decoded."""
        if len(self._sent) > MOST_PHOTOS:
            raise PhotoRefused(gettext("一次最多上传 %(n)s 张照片，请分次上传", n=MOST_PHOTOS))
        for name, body in self._sent:
            self.judge(body, name)


def _come_again(text: str) -> FileStorage:
    """A file that the page brought back, to be read like any other; what is none is no file."""
    name, _dot, text = text.rpartition(".")
    try:
        body, called = b64decode(text, validate=True), b64decode(name, validate=True).decode()
    except ValueError:
        body, called = b"", ""
    return FileStorage(BytesIO(body), (called or gettext("已选照片")) if body else "")


def _as_text(name: str, body: bytes) -> str:
    return f"{b64encode(name.encode()).decode()}.{b64encode(body).decode()}"
