"""待办: what waits for a role, as counts whose filters open exactly the rows counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from projections import credit, disclosures, problem_ledger, tips_desk
from projections.credit import DeductionFilter, DeductionItem
from projections.disclosures import DisclosureFilter, DisclosureItem
from projections.page import Page
from projections.problem_filter import ProblemFilter
from projections.problem_ledger import ProblemItem
from projections.scope import Scope
from projections.tips_desk import TipFilter, TipItem

Filter = TipFilter | ProblemFilter | DeductionFilter | DisclosureFilter


class Card(NamedTuple):
    """`code` names the card (its 中文 is in the glossary); `kind` is tips | problems | deductions | disclosures."""

    code: str
    kind: str
    filter: Filter
    count: int  # type: ignore[assignment]  # a tuple has a method of this name; a card has a number


TO_HANDLE = ("assigned", "rectifying", "reopened")
TO_SCREEN = {"tips_to_screen": TipFilter(states=("registered",)), "tips_returned": TipFilter(states=("returned",))}
TO_ASSIGN = {"tips_to_assign": TipFilter(states=("accepted",))}
TO_ANSWER = {"tips_to_answer": TipFilter(states=("verified", "became_problems"))}
TO_VERIFY = {"tips_to_verify": TipFilter(states=("acknowledged",))}
OVERDUE: dict[str, Filter] = {"tips_overdue": TipFilter(overdue=True), "problems_overdue": ProblemFilter(overdue=True)}
CLOSURES = {"problems_to_close": ProblemFilter(states=("verified",))}
WATCHED = {"problems_overdue": OVERDUE["problems_overdue"], "closures_revoked": ProblemFilter(revoked=True)}

CARDS: dict[str, dict[str, Filter]] = {
    "city_desk": {**TO_SCREEN, **TO_ASSIGN, **TO_ANSWER, **OVERDUE, **CLOSURES},
    "city_decider": {**OVERDUE, **CLOSURES, "closures_revoked": ProblemFilter(revoked=True)},
    "town_handler": {
        "tips_to_screen": TO_SCREEN["tips_to_screen"],
        "tips_to_acknowledge": TipFilter(states=("assigned",)),
        **TO_VERIFY,
        **TO_ANSWER,
        "problems_to_assign": ProblemFilter(states=("opened",)),
        "problems_to_handle": ProblemFilter(states=TO_HANDLE),
        "problems_refused": ProblemFilter(states=("refused",)),
        "deductions_to_serve": DeductionFilter(unserved=True),
        **OVERDUE,
    },
    "town_verifier": {**TO_VERIFY, "problems_to_verify": ProblemFilter(states=("reported",)), **OVERDUE},
    "town_closer": {**CLOSURES, **OVERDUE},
    "housing_decider": {"deductions_to_decide": DeductionFilter(states=("proposed",))},
    "discipline": WATCHED,
    "auditor": WATCHED,
}
# What waits for a second person: not for whoever asked for it.
SECOND: dict[str, Callable[[tuple[str, ...]], Filter]] = {
    "disclosures_to_decide": lambda own: DisclosureFilter(states=("requested",), not_by=own),
    "shreddings_to_decide": lambda own: TipFilter(shredding_not_by=own),
}
DECIDES = {"city_decider": tuple(SECOND), "discipline": ("disclosures_to_decide",)}
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
    second = {code: SECOND[code](own) for code in DECIDES.get(role, ())} if own else {}
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
