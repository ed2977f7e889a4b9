"""待办: what waits for a role, as counts whose filters open exactly the rows counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from domain.actions import Action
from domain.deductions.actions import ACTIONS as OF_DEDUCTIONS
from domain.disclosures.actions import ACTIONS as OF_DISCLOSURES
from domain.problems.actions import ACTIONS as OF_PROBLEMS
from domain.problems.actions import EXTENSION
from domain.tips.actions import ACTIONS as OF_TIPS
from domain.tips.actions import SHREDDING
from projections import deductions as credit
from projections import disclosures
from projections import problems as problem_ledger
from projections import tips as tips_desk
from projections.deductions import DeductionFilter, DeductionItem
from projections.disclosures import DisclosureFilter, DisclosureItem
from projections.problem_filter import ProblemFilter
from projections.problems import ProblemItem
from projections.query.page import Page
from projections.query.scope import Scope
from projections.tip_filter import TipFilter
from projections.tips import TipItem

Filter = TipFilter | ProblemFilter | DeductionFilter | DisclosureFilter


class Card(NamedTuple):
    """`code` names the card (its 中文 is in the glossary); `kind` is tips | problems | deductions | disclosures."""

    code: str
    kind: str
    filter: Filter
    count: int  # type: ignore[assignment]  # a tuple has a method of this name; a card has a number


# The act that the matters of a card wait for, and the states that they wait in.
ACTS: dict[str, Action] = {
    "tips_to_screen": OF_TIPS["accept"],
    "tips_returned": OF_TIPS["assign"],
    "tips_to_assign": OF_TIPS["assign"],
    "tips_to_acknowledge": OF_TIPS["acknowledge"],
    "tips_to_verify": OF_TIPS["verify"],
    "tips_to_answer": OF_TIPS["answer"],
    "problems_to_assign": OF_PROBLEMS["assign"],
    "problems_to_handle": OF_PROBLEMS["step"],
    "problems_refused": OF_PROBLEMS["step"],
    "problems_to_verify": OF_PROBLEMS["verify"],
    "problems_to_close": OF_PROBLEMS["close"],
    "extensions_to_decide": EXTENSION["grant_extension"],
    "deductions_to_decide": OF_DEDUCTIONS["decide"],
    "deductions_to_serve": OF_DEDUCTIONS["serve"],
    "disclosures_to_decide": OF_DISCLOSURES["approve"],
    "shreddings_to_decide": SHREDDING["shred"],
}
# Where an act waits on two cards, which of its states are on this one: those that another act has just led to, or the rest.
AFTER = {
    "tips_returned": OF_TIPS["return"],
    "tips_to_assign": OF_TIPS["accept"],
    "problems_to_assign": OF_PROBLEMS["open"],
    "problems_refused": OF_PROBLEMS["refuse"],
}
REST = {"problems_to_handle": "problems_refused"}


def _states(code: str) -> tuple[str, ...]:
    """The states of the matters on a card, in the order of the table."""
    act = ACTS[code]
    states = act.starts_from or () if act.offered_in is None else act.offered_in
    if code in REST:
        return tuple(one for one in states if one not in _states(REST[code]))
    return tuple(one for one in states if code not in AFTER or one == AFTER[code].to)


def _tips(*codes: str) -> dict[str, Filter]:
    return {code: TipFilter(states=_states(code)) for code in codes}


def _problems(*codes: str) -> dict[str, Filter]:
    return {code: ProblemFilter(states=_states(code)) for code in codes}


OVERDUE: dict[str, Filter] = {
    "tips_overdue": TipFilter(overdue=True),
    "tips_answer_overdue": TipFilter(unanswered=True),
    "problems_overdue": ProblemFilter(overdue=True),
}
EXTENSIONS: dict[str, Filter] = {"extensions_to_decide": ProblemFilter(asked=True)}
URGED: dict[str, Filter] = {"problems_urged": ProblemFilter(urged=True)}
REVOKED: dict[str, Filter] = {"closures_revoked": ProblemFilter(revoked=True)}
WATCHED: dict[str, Filter] = {"problems_overdue": OVERDUE["problems_overdue"], **REVOKED}

CARDS: dict[str, dict[str, Filter]] = {
    "city_desk": {
        **_tips("tips_to_screen", "tips_returned", "tips_to_assign", "tips_to_answer"),
        **OVERDUE,
        **_problems("problems_to_close"),
    },
    "city_decider": {**EXTENSIONS, **OVERDUE, **_problems("problems_to_close"), **REVOKED},
    "town_handler": {
        **_tips("tips_to_screen", "tips_to_acknowledge", "tips_to_verify", "tips_to_answer"),
        **_problems("problems_to_assign", "problems_to_handle", "problems_refused"),
        **URGED,
        "deductions_to_serve": DeductionFilter(unserved=True),
        **OVERDUE,
    },
    "town_verifier": {**_tips("tips_to_verify"), **_problems("problems_to_verify"), **OVERDUE},
    "town_closer": {**_problems("problems_to_close"), **EXTENSIONS, **OVERDUE},
    "housing_decider": {"deductions_to_decide": DeductionFilter(states=_states("deductions_to_decide"))},
    "discipline": WATCHED,
    "auditor": WATCHED,
}
# What waits for a second person: for every role that may do it, but not for whoever asked for it.
SECOND: dict[str, Callable[[tuple[str, ...]], Filter]] = {
    "disclosures_to_decide": lambda own: DisclosureFilter(states=_states("disclosures_to_decide"), not_by=own),
    "shreddings_to_decide": lambda own: TipFilter(shredding_not_by=own),
}
SOON = ("city_desk", "town_handler")
SIGNING = (*SOON, "city_decider", "town_verifier", "town_closer")


def cards(
    cursor: Any,
    scope: Scope,
    role: str,
    *,
    day: date,
    soon: date,
    unsigned_before: date | None = None,
    own: tuple[str, ...] = (),
    at: int | None = None,
) -> list[Card]:
    """The cards of a role, also those with nothing on them; roles without matters have none.

    By the calendar in force: `soon` is the last deadline that counts as 即将到期, three working days ahead; what was assigned
    `unsigned_before` is 逾期未签收. `own` are the accounts of whoever looks; without them nothing waits for a second person.
    """
    filters = _filters(role, own)
    if role in SOON:
        filters["problems_due_soon"] = ProblemFilter(due_by=soon)
    if role in SIGNING and unsigned_before is not None:
        filters["tips_receipt_overdue"] = TipFilter(unsigned_before=unsigned_before)
    return [_card(cursor, scope, code, wanted, day, at) for code, wanted in filters.items()]


def number(
    cursor: Any,
    scope: Scope,
    role: str,
    acts_on: Callable[[str], bool],
    *,
    day: date,
    own: tuple[str, ...] = (),
    at: int | None = None,
) -> int:
    """How many matters wait on the cards whose codes `acts_on` takes."""
    wanted = [_card(cursor, scope, code, one, day, at) for code, one in _filters(role, own).items() if acts_on(code)]
    return sum(card.count for card in wanted)


def _filters(role: str, own: tuple[str, ...]) -> dict[str, Filter]:
    second = {code: make(own) for code, make in SECOND.items() if own and role in ACTS[code].roles}
    return CARDS.get(role, {}) | second


def _card(cursor: Any, scope: Scope, code: str, wanted: Filter, day: date, at: int | None) -> Card:
    match wanted:
        case TipFilter():
            return Card(code, "tips", wanted, tips_desk.count(cursor, scope, wanted, day=day, at=at))
        case ProblemFilter():
            return Card(code, "problems", wanted, problem_ledger.count(cursor, scope, wanted, day=day, at=at))
        case DeductionFilter():
            return Card(code, "deductions", wanted, credit.count(cursor, scope, wanted, at=at))
        case DisclosureFilter():
            return Card(code, "disclosures", wanted, disclosures.count(cursor, scope, wanted, at=at))


def rows(
    cursor: Any, scope: Scope, card: Card, *, day: date, at: int | None = None, page: int = 1, size: int = 20
) -> Page[TipItem] | Page[ProblemItem] | Page[DeductionItem] | Page[DisclosureItem]:
    """Exactly what a card counts, what is due soonest first."""
    match card.filter:
        case TipFilter():
            return tips_desk.tips(cursor, scope, card.filter, day=day, at=at, order="due", page=page, size=size)
        case ProblemFilter():
            return problem_ledger.problems(
                cursor, scope, card.filter, day=day, at=at, order="due", page=page, size=size
            )
        case DeductionFilter():
            return credit.deductions(cursor, scope, card.filter, at=at, page=page, size=size)
        case DisclosureFilter():
            return disclosures.disclosures(cursor, scope, card.filter, at=at, page=page, size=size)
