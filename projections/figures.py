"""口径: what each figure counts. A changed definition gets a new version; the sentence is printed beside the figure.

A part is a SELECT of matters: either facts of a period, or rows of the ledger compared to the cut-off (stock). A figure is the
number of rows of its numerator, or the ratio to its denominator.
"""

from __future__ import annotations

from dataclasses import dataclass

from projections.as_of import alive, until
from projections.scope import Scope


@dataclass(frozen=True)
class Part:
    """`topics` make it a part of a period; `condition` is on m, the matter's row (of a tip or a problem), or f, the fact."""

    kind: str
    topics: tuple[str, ...] = ()
    condition: str = "true"
    day: str = "NULL::date"

    def sql(self, scope: Scope, at: int | None) -> str:
        """Columns kind, key, unit, item, day, position. Binds start, end, cut_off and the scope."""
        own = f"{alive(at, 'm')} AND {scope.sql('m.unit')} AND {self.condition}"
        if not self.topics:
            return f"""SELECT '{self.kind}' AS kind, m.key, m.unit, m.item, {self.day} AS day, m.position
                FROM read.{self.kind} m WHERE {own}"""
        topics = ", ".join(f"'{topic}'" for topic in self.topics)
        return f"""SELECT '{self.kind}' AS kind, m.key, m.unit, m.item, f.day, f.since AS position
            FROM read.countable f JOIN read.{self.kind} m ON m.key = f.matter
            WHERE {until(at, "f")} AND f.topic IN ({topics}) AND f.day BETWEEN %(start)s AND %(cut_off)s AND {own}
                AND NOT EXISTS (SELECT FROM read.annulment a
                    WHERE a.matter = f.matter AND a.version = f.version AND {until(at, "a")})"""


@dataclass(frozen=True)
class Definition:
    name: str
    version: int
    title: str
    sentence: str
    numerator: Part
    denominator: Part | None = None

    @property
    def id(self) -> str:
        return f"{self.name}@{self.version}"


def _tips(*topics: str, condition: str = "true") -> Part:
    return Part("tip", topics, condition)


def _problems(*topics: str) -> Part:
    return Part("problem", topics)


OPENED = "m.opened_on <= %(cut_off)s"
OPEN = f"{OPENED} AND (m.closed_on IS NULL OR m.closed_on > %(cut_off)s)"
VERIFICATIONS = ("problem.rectification_verified", "problem.rectification_refused")

DEFINITIONS = {
    definition.name: definition
    for definition in (
        Definition("tips_new", 1, "新增线索", "本期登记的线索件数，不含其后撤回的", _tips("tip.registered")),
        Definition("tips_verified", 1, "核查办结线索", "本期核查办结的线索件数", _tips("tip.verified")),
        Definition("tips_open", 1, "在办线索", "截至日已登记、尚未答复、未作不予受理且未撤回的线索件数", Part(
            "tip", condition="m.registered_on <= %(cut_off)s AND least(m.answered_on, m.declined_on, m.withdrawn_on) IS NULL",
            day="m.registered_on")),
        Definition("acceptance_rate", 1, "受理率", "本期受理的线索 ÷ 本期受理与不予受理的线索",
            _tips("tip.accepted"), _tips("tip.accepted", "tip.declined")),
        Definition("substantiated_rate", 1, "查实率", "本期核查为属实或部分属实的线索 ÷ 本期核查办结的线索",
            _tips("tip.verified", condition="f.detail IN ('true', 'partly')"), _tips("tip.verified")),
        Definition("problems_opened", 1, "新增问题", "本期入账的问题个数", _problems("problem.opened")),
        Definition("problems_closed", 1, "销号问题", "本期销号的件次，不含其后被撤销的销号", _problems("problem.closed")),
        Definition("problems_reopened", 1, "重开问题", "本期重开的件次", _problems("problem.reopened")),
        Definition("closures_revoked", 1, "撤销销号", "本期撤销销号的件次", _problems("problem.closure_revoked")),
        Definition("pass_rate", 1, "核查通过率", "本期核查通过的次数 ÷ 本期核查通过与不通过的次数",
            _problems("problem.rectification_verified"), _problems(*VERIFICATIONS)),
        Definition("problems_open", 1, "在办问题", "截至日已入账、尚未销号的问题个数",
            Part("problem", condition=OPEN, day="m.due_on")),
        Definition("problems_overdue", 1, "逾期问题", "截至日尚未销号、完成时限早于截至日的问题个数",
            Part("problem", condition=f"{OPEN} AND m.due_on < %(cut_off)s", day="m.due_on")),
        Definition("close_rate", 1, "销号率", "截至日已销号的问题 ÷ 截至日累计入账的问题",
            Part("problem", condition=f"{OPENED} AND m.closed_on <= %(cut_off)s", day="m.closed_on"),
            Part("problem", condition=OPENED, day="m.opened_on")),
        Definition("on_time_rate", 1, "按时销号率", "在完成时限内销号的问题 ÷ 完成时限不晚于截至日的问题（含到期未销号）",
            Part("problem", condition=f"{OPENED} AND m.due_on <= %(cut_off)s AND m.closed_on <= m.due_on", day="m.due_on"),
            Part("problem", condition=f"{OPENED} AND m.due_on <= %(cut_off)s", day="m.due_on")),
    )
}  # fmt: skip
