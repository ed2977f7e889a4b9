"""整改前后: what a problem looked like and what was done, side by side; and which demanded papers are there."""

from __future__ import annotations

from typing import Any, NamedTuple

from domain.problems.values import ANY_EVIDENCE

FOUND = {"tip.verified", "problem.opened"}
SENT_BACK = ("problem.rectification_refused", "problem.closure_refused")
BEGUN = {"problem.opened", "problem.reopened", "problem.closure_revoked", *SENT_BACK}
MENDED = {
    "problem.rectified_at_once",
    "problem.step_recorded",
    "problem.completion_reported",
    "problem.rectification_verified",
}
HANDED_IN = {"problem.step_recorded", "problem.completion_reported"}


class Compared(NamedTuple):
    """Happenings as history.told shows them; `again` is what the present attempt began with, if it is not the first."""

    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    again: dict[str, Any] | None
    earlier: list[tuple[bool, dict[str, Any]]]  # what was done in earlier rounds; and whether a refusal ended its round


class Demand(NamedTuple):
    """A kind of evidence that must be there before completion can be reported, and what answered it last."""

    kind: str
    answer: dict[str, Any] | None


def compared(items: list[Any], told: list[dict[str, Any]], id: str) -> Compared:
    """Of the problem `id`: how it was found, or what the refusal or re-check saw; and what was done about it since.

    `told` are the same happenings as `items`, as people read them. The newest stands first among what was done.
    """
    pairs = list(zip(items, told, strict=True))
    begun = _began(items, id)
    found = [one for item, one in pairs if item.topic in FOUND and one["photos"] and item.position <= begun]
    start = next((one for item, one in pairs if item.position == begun), None)
    again = start if any(item.position == begun and item.topic != "problem.opened" for item in items) else None
    done = [one for item, one in pairs if item.stream == id and item.topic in MENDED and item.position > begun]
    earlier = [
        (_refused(items, id, item.position), one)
        for item, one in pairs
        if item.stream == id and item.topic in MENDED and item.position < begun
    ]
    return Compared([*found, *([again] if again else [])], done[::-1], again, earlier[::-1])


def _refused(items: list[Any], id: str, position: int) -> bool:
    """Whether a refusal, and not a re-opening, ended the round in which this was done."""
    ends = (one.topic for one in items if one.stream == id and one.topic in BEGUN and one.position > position)
    return next(ends) in SENT_BACK


def demands(kinds: list[str], items: list[Any], told: list[dict[str, Any]], id: str) -> list[Demand]:
    """Which of the kinds the present attempt has answered; what was handed in before a refusal no longer counts."""
    begun = _began(items, id)
    pairs = [
        (item.data, one)
        for item, one in zip(items, told, strict=True)
        if item.stream == id and item.topic in HANDED_IN and item.position > begun
    ]
    return [Demand(kind, next((one for data, one in reversed(pairs) if _answers(data, kind)), None)) for kind in kinds]


def _answers(data: dict[str, Any], kind: str) -> bool:
    return kind in data.get("shows", ()) or (kind == ANY_EVIDENCE and bool(data.get("evidence")))


def _began(items: list[Any], id: str) -> int:
    """Where the present attempt began: entered, begun again, or refused."""
    return max((item.position for item in items if item.stream == id and item.topic in BEGUN), default=0)
