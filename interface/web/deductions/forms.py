"""Forms of 信用扣分."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DecimalField
from wtforms.validators import InputRequired, ValidationError

from domain.deductions.actions import ACTIONS
from domain.deductions.deduction import repeated
from interface.kit.fields import Choice, Day, Line, Text
from interface.kit.filters import FilterForm
from interface.kit.forms import ActForm
from interface.kit.labels import word
from projections.deductions import Deduction, DeductionItem


class Points(DecimalField):
    """分值 with one decimal; `tenths` is what the log holds."""

    def __init__(self, label: Any, **more: Any) -> None:
        more.setdefault("render_kw", {"inputmode": "decimal", "step": "0.1", "autocomplete": "off"})
        super().__init__(label, [InputRequired(_("请填写分值"))], places=1, **more)

    @property
    def tenths(self) -> int:
        return int(self.data * 10)  # type: ignore[operator]  # InputRequired: read after the form is found right

    def process_formdata(self, valuelist: list[str]) -> None:
        """What was typed is what will be signed: a second decimal is refused, never rounded."""
        typed = unicodedata.normalize("NFKC", valuelist[0]).strip() if valuelist else ""
        if typed and not re.fullmatch(r"-?\d{1,4}(\.\d)?", typed, re.ASCII):
            self.data = None
            raise ValueError(gettext("分值应为数字，最多一位小数，如 1 或 0.5"))
        super().process_formdata([typed] if typed else [])


class Filters(FilterForm):
    state = Choice(_("状态"), needed=False, empty=_("全部"))


class ProposeForm(ActForm):
    """`standing` are the deductions on this problem that count or may come to count, in the log's order."""

    action = ACTIONS["propose"]
    score_code = Choice(_("扣分情形"))
    again = BooleanField(_("同一情形再次发生，再次提请"))
    points = Points(_("建议分值"))
    reason = Text(_("扣分理由"), limit=5000)
    standing: list[DeductionItem] = []

    def know(self, standing: list[DeductionItem]) -> None:
        """A conduct that this problem was cited for before is proposed only by whoever ticks that it happened again."""
        self.standing = standing
        if self._repeated(again=False) is None:
            del self.again

    def _repeated(self, *, again: bool) -> Deduction | None:
        """What the command would refuse to have proposed once more (domain/deductions)."""
        return repeated(self.score_code.data, [one.deduction for one in self.standing], again=again)

    def validate_again(self, field: BooleanField) -> None:
        if (one := self._repeated(again=bool(field.data))) is not None:
            told = gettext(
                "此问题的这一情形已有扣分（%(state)s，%(points)s 分，%(day)s 提请）。请核对是否重复；确系再次发生的，请勾选此项并在理由中写明",
                **_told(one),
            )
            raise ValidationError(told)


def _told(one: Deduction) -> dict[str, Any]:
    return {"state": word(one.state, "deduction_state"), "points": f"{one.points_x10 / 10:g}", "day": one.proposed_on}


class DecideForm(ActForm):
    action = ACTIONS["decide"]
    points = Points(_("决定分值"))
    document = Line(_("告知单文号"), limit=80)
    decided_on = Day(_("决定日期"))
    note = Text(_("说明"), needed=False)


class ServeForm(ActForm):
    action = ACTIONS["serve"]
    served_on = Day(_("送达日期"))
    way = Choice(_("送达方式"))
    note = Text(_("说明"), needed=False)


class DeclineForm(ActForm):
    action, grave = ACTIONS["decline"], True
    reason = Text(_("不予扣分的理由"))
