"""Forms of acts: the token is the command's id, so a form sent twice is one act. 表单"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField

from domain.actions import Action
from domain.errors import RuleBroken


class Form(FlaskForm):
    """A form whose wrongs can be listed on top of the page, each with a link to its field."""

    def wrong(self, name: str | None, sentence: str) -> None:
        """Something a field can't know itself: of a field by name, or of the form as a whole (None)."""
        if name is None:
            self.form_errors.append(sentence)
        else:
            self[name].errors = [*self[name].errors, sentence]

    @property
    def wrongs(self) -> list[tuple[str | None, str]]:
        """(id of the field or None, sentence) of everything that is wrong, in the order of the page."""
        fields = [*(field for field in self if isinstance(field, HiddenField)), *self.shown]
        of_fields = [(field.id, str(sentence)) for field in fields for sentence in field.errors]
        return [(None, str(sentence)) for sentence in self.form_errors] + of_fields

    @property
    def shown(self) -> list[Any]:
        return [field for field in self if not isinstance(field, HiddenField)]

    @property
    def has_files(self) -> bool:
        return any(isinstance(field, MultipleFileField) for field in self)


class ActForm(Form):
    """An act on a matter: `seen` is the version that the person looked at, so a stale page is no overwrite.

    Where its subject has a table of acts, the form names its row (`action`), which says what it is called and whether it is weighty.
    """

    action: ClassVar[Action]
    title: ClassVar[Any] = ""
    button: ClassVar[Any] = ""  # the title, where it is empty
    grave: ClassVar[bool] = False  # shown in red: says no, or undoes
    weighty: ClassVar[bool] = False  # shown once more in words, with the password, before it is signed (核对)

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if (action := cls.__dict__.get("action")) is not None:
            cls.title, cls.weighty = lazy_gettext(action.words), action.weighty

    status = 200  # what the page with this form is answered with

    token = HiddenField(default=lambda: str(uuid4()))
    seen = HiddenField()

    @property
    def command(self) -> UUID:
        """The id of the command that this form sends, however often it is sent."""
        return _read(UUID, self.token.data)

    @property
    def version(self) -> int:
        """The version of the matter that the person looked at."""
        return _read(int, self.seen.data)

    @property
    def typed(self) -> list[tuple[str, Any, str]]:
        """(name, label, words) of every field that says something."""
        return [(field.short_name, field.label.text, words_of(field, field.data)) for field in self.shown if field.data]

    def renew(self) -> None:
        """The next sending is another act."""
        self.token.data = str(uuid4())


def words_of(field: Any, value: Any) -> str:
    """A value of this field, or several, as the page shows them: what is not offered goes with one of the same words."""
    options = {str(option.value): str(option.label) for option in getattr(field, "choices", ())}
    values = [str(one) for one in (value if isinstance(value, list) else [value])]
    return "、".join([options[one] for one in values if one in options] if options else values)


def _read(kind: Any, text: str | None) -> Any:
    try:
        return kind(text or "")
    except ValueError:
        raise RuleBroken(_("表单不完整，请刷新页面后重新填写")) from None
