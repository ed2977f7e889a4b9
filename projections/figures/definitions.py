"""口径: what each figure counts. A changed definition gets a new version; the sentence is printed beside the figure.

A part is a SELECT of matters: either facts of a period, or rows of the ledger compared to the cut-off (stock). A figure is the
number of rows of its numerator, or the ratio to its denominator.
"""

from __future__ import annotations

from dataclasses import dataclass

from projections.figures.facts import MOVING
from projections.query.as_of import alive, until
from projections.query.scope import Scope


@dataclass(frozen=True)
class Part:
    """`topics` make it a part of a period; `condition` is on m, the matter's row (of a tip or a problem), or f, the fact.

    Conditions and days may name what as_it_stood says: {closed}, {in_time}, {due}, {idle}.
    """

    kind: str
    topics: tuple[str, ...] = ()
    condition: str = "true"
    day: str = "NULL::date"
    also_voided: bool = False

    def sql(self, scope: Scope, at: int | None) -> str:
        """Columns kind, key, unit, item, day, position. Binds start, end, cut_off and the scope."""
        then = as_it_stood(at)
        own = f"{alive(at, 'm')} AND {scope.sql('m.unit')} AND {self.condition.format_map(then)}"
        if self.kind == "problem" and not self.also_voided:
            own += " AND m.voided_on IS NULL"
        if not self.topics:
            day = self.day.format_map(then)
            return f"""SELECT '{self.kind}' AS kind, m.key, m.unit, m.item, {day} AS day, m.position
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


VOIDED = Part("problem", ("problem.voided",), also_voided=True)


STUCK_DAYS = 7  # 停滞: the papers name no number; one turn of the weekly dispatch (待市专班确认)


def as_it_stood(at: int | None) -> dict[str, str]:
    """Conditions on a problem m at the end of the cut-off day, whatever was reopened or closed on later days.

    A close-out that was revoked never counted; one that was followed by a reopening counted until then. Only what was begun
    again, or given more time, needs more than its row: these few are looked for among the facts.
    """
    known = f"FROM read.countable x WHERE x.matter = m.key AND x.day <= %(cut_off)s AND {until(at, 'x')} AND x.topic IN"
    moved = f"SELECT x.detail::date {known} ({_topics('due_on')}) ORDER BY x.version DESC LIMIT 1"
    stood = f"""SELECT CASE x.topic WHEN 'problem.paused' THEN greatest(least(%(cut_off)s::date, x.detail::date) - x.day, 0)
        ELSE 0 END {known} ('problem.paused', 'problem.resumed') ORDER BY x.version DESC LIMIT 1"""
    due = f"""CASE WHEN m.moves = 0 THEN m.original_due_on
        ELSE coalesce(({moved}), m.original_due_on) + coalesce(({stood}), 0) END"""
    closed = f"""CASE WHEN m.reopenings = 0 THEN coalesce(m.closed_on <= %(cut_off)s, false)
        ELSE m.key IN ({_closed_again(at)}) END"""
    then = (
        "" if at is None else f" AND h.since + 0 <= {at:d}"
    )  # bare `since` would have its index read for every problem
    return {
        "due": due,
        "closed": closed,
        "in_time": f"""CASE WHEN m.reopenings = 0 THEN coalesce(m.closed_on <= m.due_on, false)
            ELSE m.key IN ({_closed_again(at, "c.day <= p.original_due_on")}) END""",
        # The last act is asked for of each open problem: few, and an EXISTS would have the whole log read for all of them
        "idle": f"""CASE WHEN {closed} THEN false ELSE (SELECT max(h.day) FROM read.happening h WHERE h.stream = m.key
            AND h.topic <> 'problem.urged' AND h.day <= %(cut_off)s::date::text{then}) <= (%(cut_off)s::date - {STUCK_DAYS})::text END""",
    }


def _topics(member: str) -> str:
    return ", ".join(f"'{topic}'" for topic, named in MOVING.items() if named == member)


def _closed_again(at: int | None, also: str = "true") -> str:
    """Of the problems that were ever begun again, those whose last close-out or reopening by the cut-off was a close-out;
    without close-outs that were revoked since. `also` is a condition on that close-out, c, and on its problem, p.
    """
    return f"""SELECT c.matter FROM (
            SELECT DISTINCT ON (f.matter) f.matter, f.topic, f.day FROM read.countable f
            WHERE f.topic IN ('problem.closed', 'problem.reopened') AND f.day <= %(cut_off)s AND {until(at, "f")}
                AND f.matter IN (SELECT b.matter FROM read.countable b
                    WHERE b.topic IN ('problem.reopened', 'problem.closure_revoked') AND {until(at, "b")})
                AND NOT EXISTS (SELECT FROM read.annulment a
                    WHERE a.matter = f.matter AND a.version = f.version AND {until(at, "a")})
            ORDER BY f.matter, f.version DESC) c
        JOIN read.problem p ON p.key = c.matter AND {alive(at, "p")} WHERE c.topic = 'problem.closed' AND {also}"""


OPENED = "m.opened_on <= %(cut_off)s"
OPEN = f"{OPENED} AND NOT {{closed}}"
DUE = f"{OPENED} AND {{due}} <= %(cut_off)s"
VERIFICATIONS = ("problem.rectification_verified", "problem.rectification_refused")

DEFINITIONS = {
    definition.name: definition
    for definition in (
        Definition("tips_new", 1, "新增线索", "本期登记的线索件数，不含其后撤回的", _tips("tip.registered")),
        Definition("tips_verified", 2, "核查办结线索", "本期核查办结的线索件次，重新核查的以后一次为准", _tips("tip.verified")),
        Definition("tips_open", 3, "在办线索", "截至日已登记、尚未答复、未作不予受理且未撤回的线索件数；答复或不予受理后重新办理的算在办", Part(
            "tip", condition="m.registered_on <= %(cut_off)s AND m.withdrawn_on IS NULL"
            " AND coalesce(least(m.answered_on, m.declined_on) > %(cut_off)s, true)",
            day="m.registered_on")),
        Definition("acceptance_rate", 1, "受理率", "本期受理的线索 ÷ 本期受理与不予受理的线索",
            _tips("tip.accepted"), _tips("tip.accepted", "tip.declined")),
        Definition("substantiated_rate", 1, "查实率", "本期核查为属实或部分属实的线索 ÷ 本期核查办结的线索",
            _tips("tip.verified", condition="f.detail IN ('true', 'partly')"), _tips("tip.verified")),
        Definition("problems_opened", 2, "新增问题", "本期入账的问题个数，不含其后作废的", _problems("problem.opened")),
        Definition("problems_closed", 2, "销号问题", "本期销号的件次，不含其后被撤销的销号", _problems("problem.closed")),
        Definition("problems_reopened", 2, "重开问题", "本期重开的件次", _problems("problem.reopened")),
        Definition("closures_revoked", 2, "撤销销号", "本期撤销销号的件次", _problems("problem.closure_revoked")),
        Definition("closures_refused", 1, "销号审核退回", "本期销号审核退回的件次", _problems("problem.closure_refused")),
        Definition("extensions_granted", 1, "批准延期", "本期批准延期的件次", _problems("problem.extension_granted")),
        Definition("problems_urged", 1, "催办件次", "本期催办的件次", _problems("problem.urged")),
        Definition("problems_voided", 1, "作废问题", "本期作废的问题个数；作废的问题不计入其他各项", VOIDED),
        Definition("pass_rate", 2, "核查通过率", "本期核查通过的次数 ÷ 本期核查通过与不通过的次数",
            _problems("problem.rectification_verified"), _problems(*VERIFICATIONS)),
        Definition("problems_open", 3, "在办问题", "截至日已入账、尚未销号的问题个数",
            Part("problem", condition=OPEN, day="{due}")),
        Definition("problems_overdue", 3, "逾期问题", "截至日尚未销号、完成时限（含已批准的延期和暂停）早于截至日的问题个数",
            Part("problem", condition=f"{OPEN} AND {{due}} < %(cut_off)s", day="{due}")),
        Definition("problems_stuck", 2, "停滞问题",
            f"截至日尚未销号、最近 {STUCK_DAYS} 日（含截至日）没有任何办理记录（催办除外）的问题个数（天数待市专班确认）",
            Part("problem", condition=f"{OPENED} AND {{idle}}", day="{due}")),
        Definition("close_rate", 3, "销号率", "截至日已销号的问题 ÷ 截至日累计入账的问题",
            Part("problem", condition=f"{OPENED} AND {{closed}}", day="m.opened_on"),
            Part("problem", condition=OPENED, day="m.opened_on")),
        Definition("on_time_rate", 3, "按时销号率", "在完成时限内销号的问题 ÷ 完成时限不晚于截至日的问题（含到期未销号）",
            Part("problem", condition=f"{DUE} AND {{in_time}}", day="{due}"),
            Part("problem", condition=DUE, day="{due}")),
    )
}  # fmt: skip
