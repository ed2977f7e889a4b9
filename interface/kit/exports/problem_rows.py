"""Rows of 附件3 as they go out, on the web and on the command line: the columns that come in again. 台账导出行"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from application.vault.people import People
from interface.kit.labels import word
from projections import documents as adopted
from projections import problems as problem_ledger
from projections.problems import ProblemItem
from projections.query.scope import Scope


def ledger_rows(
    cursor: Any, scope: Scope, items: Sequence[ProblemItem], *, people: People, at: int | None
) -> Iterator[tuple[Any, ...]]:
    """One for each item, in the order of COLUMNS."""
    owners = _names(people, (item.problem.owner for item in items))
    texts = problem_ledger.texts(cursor, scope, [item.id for item in items], at=at)
    categories = {one.code: one.category_name for one in adopted.catalogue(cursor, day=date.max, at=at)}
    for item in items:
        problem, text = item.problem, texts.get(item.id)
        yield (
            problem.number,
            item.unit_name,
            item.estate_name,
            item.company_name,
            categories.get(problem.item),
            problem.item,
            problem.title,
            text.description if text else None,
            problem.found_on,
            item.responsible_name,
            owners.get(problem.owner),
            word(problem.kind, "kind"),
            text.measures if text else None,
            problem.due_on,
            word(problem.state, "problem_state"),
            problem.completed_on,
            problem.closed_on,
            f"逾期 {item.overdue_days} 日" if item.overdue_days else None,
        )


def _names(people: People, persons: Iterable[str]) -> dict[str, str]:
    return {str(person): name for person, name in people.names({UUID(person) for person in persons}).items()}
