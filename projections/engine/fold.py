"""Read models as pure folds over keyed rows, versioned by log position. 读模型

A fold knows no SQL, no clock, no connection. Whoever runs it (catch_up on live tables, rebuild in memory) keeps `since` and
`until` for it: a row stands for the positions since <= P < until, and a row changed by one event has one version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar, get_args, get_type_hints

from domain.recorded import Recorded

TYPES = {str: "text", int: "bigint", bool: "boolean", date: "date"}
Row = TypeVar("Row", bound=tuple)


@dataclass(frozen=True)
class Table:
    """The rows of one NamedTuple class: text, bigint, boolean and date columns, found by a text key.

    `append_only` tables take facts: their rows never end, and the fold cannot read them. `indexes` are column lists; those of
    other tables cover the present only.
    """

    name: str
    row: type[tuple]
    indexes: tuple[str, ...] = ()
    append_only: bool = False

    @cached_property
    def columns(self) -> dict[str, str]:
        return {name: _sql_type(hint) for name, hint in get_type_hints(self.row).items()}


def _sql_type(hint: Any) -> str:
    kinds = [kind for kind in (get_args(hint) or (hint,)) if kind is not type(None)]
    if len(kinds) != 1 or kinds[0] not in TYPES:
        raise TypeError(f"a column is text, bigint, boolean or date, not {hint}")
    return TYPES[kinds[0]]


Fold = Callable[["Rows", Recorded], None]


@dataclass(frozen=True)
class ReadModel:
    """One question's tables and the fold that fills them. A changed fold or table needs a new `version`.

    `folds` has a function for each topic; "*" is for every event.
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    folds: Mapping[str, Fold]

    def project(self, rows: Rows, recorded: Recorded) -> None:
        fold = self.folds.get(recorded.topic) or self.folds.get("*")
        if fold is not None:
            fold(rows, recorded)


class Rows:
    """What a fold sees: the rows as they stand after the event before, plus its own changes."""

    def get(self, kind: type[Row], key: str) -> Row | None:
        raise NotImplementedError

    def put(self, key: str, row: tuple) -> None:
        """Make `row` the row of its class at this key. An empty text is kept as None: no table can tell them apart."""
        raise NotImplementedError

    def drop(self, kind: type[tuple], key: str) -> None:
        raise NotImplementedError

    def append(self, fact: tuple) -> None:
        """Add a row to an append-only table."""
        raise NotImplementedError

    def need(self, kind: type[Row], key: str) -> Row:
        """Like get. Raises LookupError if there is no such row: the log says something of a thing that never began."""
        row = self.get(kind, key)
        if row is None:
            raise LookupError(f"no {kind.__name__} {key}")
        return row

    def change(self, kind: type[tuple], key: str, /, **columns: Any) -> None:
        self.put(key, self.need(kind, key)._replace(**columns))  # type: ignore[attr-defined]


def without_empty(row: tuple) -> tuple:
    """The row as a table gives it back."""
    return row._make([None if v == "" else v for v in row]) if "" in row else row  # type: ignore[attr-defined]


def fact_key(position: int, number: int) -> str:
    """Facts are numbered within their table, so that a model's rows don't depend on which others are folded with it."""
    return f"{position}.{number}" if number else str(position)


Sink = Callable[[type[tuple], tuple], None]


class MemoryRows(Rows):
    """Rows in memory. Versions and facts go to `sink(kind, (key, since, until, *columns))` as soon as they are final.

    Whoever folds sets `position` before each event. There is no way back from a fold that failed half-way.
    """

    def __init__(self, kinds: Iterable[type[tuple]], sink: Sink) -> None:
        self.now: dict[type[tuple], dict[str, tuple[tuple, int]]] = {kind: {} for kind in kinds}
        self.sink, self.position = sink, 0
        self._numbers: dict[type[tuple], tuple[int, int]] = {}

    def get(self, kind: type[Row], key: str) -> Row | None:
        held = self.now[kind].get(key)
        return held[0] if held is not None else None  # type: ignore[return-value]

    def put(self, key: str, row: tuple) -> None:
        kind, position = type(row), self.position
        now = self.now[kind]
        old = now.get(key)
        if old is not None and old[1] != position:
            self.sink(kind, (key, old[1], position, *old[0]))
        now[key] = (without_empty(row), position)

    def drop(self, kind: type[tuple], key: str) -> None:
        old = self.now[kind].pop(key, None)
        if old is not None and old[1] != self.position:
            self.sink(kind, (key, old[1], self.position, *old[0]))

    def append(self, fact: tuple) -> None:
        kind, position = type(fact), self.position
        last, number = self._numbers.get(kind, (0, 0))
        number = number + 1 if last == position else 0
        self._numbers[kind] = (position, number)
        self.sink(kind, (fact_key(position, number), position, None, *without_empty(fact)))

    def finish(self) -> None:
        """Hand over what stands at the end."""
        for kind, now in self.now.items():
            for key, (row, since) in now.items():
                self.sink(kind, (key, since, None, *row))


def day(text: str | None) -> date | None:
    """The date of an ISO day in the log; None stays None. Raises ValueError."""
    return date.fromisoformat(text) if text is not None else None
