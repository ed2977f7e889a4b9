"""The kinds of field. Each says in a sentence what is wrong with what was typed, and keeps it. 字段"""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from unicodedata import normalize

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import Choice as Option
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, TextInput

from domain.days import is_meant
from domain.text import is_blank

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Needed:
    """必填"""

    field_flags = {"required": True}

    def __init__(self, verb: Any = None) -> None:
        self.sentence = verb or _("请填写%(label)s")

    def __call__(self, form: FlaskForm, field: Field) -> None:
        if not field.errors and not field.data:
            raise StopValidation(str(self.sentence) % {"label": field.label.text})


class AtMost:
    """At most so many characters; what was typed is never cut."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, form: FlaskForm, field: Field) -> None:
        excess = len(field.data or "") - self.limit
        if excess > 0:
            words = {"label": field.label.text, "limit": self.limit, "excess": excess}
            raise ValidationError(gettext("%(label)s不得超过 %(limit)s 字，请删去 %(excess)s 字", **words))


def rules(needed: bool, *more: Any, verb: Any = None) -> list[Any]:
    """The validators of a field: that it is filled in, where it is needed, and `more`."""
    return [Needed(verb) if needed else Optional(), *more]


def tidy(text: str | None) -> str | None:
    """Without control characters and outer blanks; line breaks are LF. What nobody would see is nothing."""
    if text and is_blank(text):
        return ""
    return text and _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str | None) -> str | None:
    return text and re.sub(r"\s+", " ", text)


def narrow(text: str | None) -> str | None:
    """Full-width letters and digits as ordinary ones: for codes and numbers only, never for words."""
    return text and normalize("NFKC", text)


class Line(StringField):
    """One line of text; tabs and line breaks become blanks."""

    def __init__(self, label: Any, *, limit: int = 60, needed: bool = True, code: bool = False, **more: Any) -> None:
        filters = [tidy, one_line, *([narrow] if code else [])]
        super().__init__(label, rules(needed, AtMost(limit)), filters=filters, **more)


class Position(Line):
    """A place in the log, or a number of its entries; None where nothing was typed, or no number."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, needed=False, limit=12, code=True, render_kw={"inputmode": "numeric"}, **more)

    @property
    def number(self) -> int | None:
        typed = self.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 12 else None

    def pre_validate(self, form: FlaskForm) -> None:
        if self.data and self.number is None:
            raise StopValidation(gettext("%(label)s只填数字，如 1073", label=self.label.text))


class Suggested(Line):
    """One line, beside which what is known can be picked (`suggestions`); nothing is sent while typing."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, **more)
        self.suggestions: list[str] = []


class Text(TextAreaField):
    """Text of several lines."""

    def __init__(self, label: Any, *, limit: int = 2000, needed: bool = True, **more: Any) -> None:
        super().__init__(label, rules(needed, AtMost(limit)), filters=[tidy], **more)


class Password(PasswordField):
    """A password is taken as typed."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, [Needed(), AtMost(200)], **more)


class OneTimeCode(Password):
    """A code that is worth nothing once it was given; in sight, since it is copied from another screen."""

    widget = TextInput()

    def __init__(self, label: Any, **more: Any) -> None:
        more.setdefault("render_kw", {"autocomplete": "one-time-code", "spellcheck": "false"})
        super().__init__(label, **more)


class Day(DateField):
    """A day, yyyy-mm-dd; 2026-02-30 is answered with a sentence."""

    data: Any  # a date once it was validated, where one is needed

    def __init__(self, label: Any, *, needed: bool = True, **more: Any) -> None:
        super().__init__(label, rules(needed), **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not (typed := narrow(valuelist[0].strip()) if valuelist else ""):
            return
        try:
            if not re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", typed, re.ASCII):
                raise ValueError(typed)
            if not is_meant(day := date(*map(int, typed.split("-")))):
                raise ValueError(typed)
            self.data = day
        except ValueError:
            words = {"label": self.label.text, "typed": typed[:20]}
            raise ValueError(gettext("%(label)s“%(typed)s”不是有效日期，请按 2026-03-01 的样子填写", **words)) from None


class _Pairs:
    """`choices` are given as pairs (value, words), and may be set after the form is made."""

    @property
    def choices(self) -> list[SelectChoice]:
        return self._choices

    @choices.setter
    def choices(self, pairs: Any) -> None:
        self._choices = _options(pairs)


class _Listed(_Pairs, SelectField):
    def __init__(self, label: Any, *, choices: Any = (), needed: bool = True, **more: Any) -> None:
        super().__init__(label, rules(needed, verb=_("请选择%(label)s")), choices=_options(choices), **more)

    def pre_validate(self, form: FlaskForm) -> None:
        if self.data and self.data not in {option.value for option in self.choices}:
            raise StopValidation(gettext("%(label)s不在可选范围内，请重新选择", label=self.label.text))


def _options(pairs: Any) -> list[SelectChoice]:
    return [SelectChoice(value=str(value), label=words) for value, words in pairs]


class Choice(_Listed):
    """One of a list. The first entry chooses nothing, so nothing is chosen by oversight."""

    def __init__(self, label: Any, *, needed: bool = True, empty: Any = None, **more: Any) -> None:
        super().__init__(label, needed=needed, **more)
        self.empty = empty or (_("请选择") if needed else _("无"))

    def iter_choices(self) -> list[Option]:
        nothing = Option(value="", label=str(self.empty), selected=not self.data, render_kw={})
        return [nothing, *super().iter_choices()]


class Radio(_Listed):
    """One of a few, all in sight. 单选"""

    widget, option_widget = RadioField.widget, RadioField.option_widget

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, **more)
        self.label.field_id = False  # a legend, not a label


class Several(_Pairs, SelectMultipleField):
    """Any number of a few, all in sight: `data` are the values ticked. 多选"""

    widget, option_widget = RadioField.widget, CheckboxInput()
    validate_choice = False  # said in our own words below

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, choices=[], **more)
        self.label.field_id = False  # a legend, not a label

    def pre_validate(self, form: FlaskForm) -> None:
        if not set(self.data or ()) <= {option.value for option in self.choices}:
            raise StopValidation(gettext("%(label)s不在可选范围内，请重新选择", label=self.label.text))
