"""问题台账的行: what the log says of each problem, folded into one row of today and all rows of before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table, day


class Problem(NamedTuple):
    """`responsible` is a company's id or a unit's code, `owner` a person's id, `handler` and the doers officials' ids.

    The days of a round (reported, verified, closed) are of the present one; `due_on` is the current deadline, `moves` says how
    often it was moved or stopped, `asked_due_on` what is asked for now. `urged_on`: reminded of, and nothing was done since.
    """

    position: int
    version: int
    state: str
    number: str
    unit: str
    estate: str
    item: str
    title: str
    kind: str
    responsible: str
    owner: str
    found_on: date
    opened_on: date
    original_due_on: date
    due_on: date
    due_tentative: bool
    company: str | None
    secondary: str | None  # codes, one space between
    tip: str | None
    catalogue: int
    calendar: int
    opened_by: str
    handler: str | None = None
    steps: int = 0
    refusals: int = 0
    reopenings: int = 0
    completed_on: date | None = None
    reported_on: date | None = None
    reported_by: str | None = None
    verified_on: date | None = None
    verified_by: str | None = None
    closed_on: date | None = None
    closed_by: str | None = None
    revoked_on: date | None = None
    supervisor: str | None = None
    case_leader: str | None = None
    found_by: str | None = None
    moves: int = 0
    extensions: int = 0
    asked_due_on: date | None = None
    paused_on: date | None = None
    paused_until: date | None = None
    urgings: int = 0
    urged_on: date | None = None
    voided_on: date | None = None
    duplicate_of: str | None = None

    @property
    def extension_state(self) -> str:
        return "unasked" if self.asked_due_on is None else "requested"

    @property
    def pause_state(self) -> str:
        return "running" if self.paused_on is None else "paused"

    def due(self, day: date) -> date:
        """The deadline as of that day: later by the days for which the clock stood until then."""
        if self.paused_on is None or self.paused_until is None:
            return self.due_on
        return self.due_on + max(min(day, self.paused_until) - self.paused_on, timedelta())


class ProblemText(NamedTuple):
    """The long texts, kept apart since they hardly ever change."""

    description: str
    measures: str
    source: str | None = None


def _opened(rows: Rows, recorded: Recorded) -> None:
    data, due_on = recorded.data, date.fromisoformat(recorded.data["due_on"])
    rows.put(recorded.stream, ProblemText(data["description"], data["measures"], data.get("source")))
    rows.put(
        recorded.stream,
        Problem(
            recorded.position, recorded.version, "opened", data["number"], data["unit"], data["estate"], data["item"],
            data["title"], data["kind"], data["responsible"], data["owner"], date.fromisoformat(data["found_on"]),
            date.fromisoformat(recorded.on), due_on, due_on, data.get("due_tentative", False), data.get("company"),
            " ".join(data.get("secondary", ())), data.get("tip"), data["catalogue"], data["calendar"], recorded.actor,
            supervisor=data.get("supervisor"), case_leader=data.get("case_leader"), found_by=data.get("found_by"),
        ),
    )  # fmt: skip


def _assigned(rows: Rows, recorded: Recorded) -> None:
    """Whom it is assigned to changes at any time; the state only if nothing was done yet."""
    old = rows.need(Problem, recorded.stream)
    state = "assigned" if old.state == "opened" else old.state
    rows.put(recorded.stream, old._replace(version=recorded.version, state=state, handler=recorded.data["handler"]))


def _corrected(rows: Rows, recorded: Recorded) -> None:
    """The row says what holds now; its earlier versions and the event say what stood there. Only a deadline that has not moved
    since is corrected, so it is both the first and the present one.
    """
    data = recorded.data | dict.fromkeys(recorded.data.get("cleared", ()))
    for name in ("found_on", "due_on"):
        if name in data:
            data[name] = date.fromisoformat(data[name])
    if "due_on" in data:
        data |= {"original_due_on": data["due_on"], "due_tentative": False}
    if "secondary" in data:
        data["secondary"] = " ".join(data["secondary"] or ())
    own = {name: data[name] for name in Problem._fields if name in data}
    rows.change(Problem, recorded.stream, version=recorded.version, **own)
    if long := {name: data[name] for name in ProblemText._fields if name in data}:
        rows.change(ProblemText, recorded.stream, **long)


def _voided(rows: Rows, recorded: Recorded) -> None:
    """It stays as it was when it was found wrong, and counts nowhere from then on."""
    rows.change(
        Problem, recorded.stream, version=recorded.version, state="voided", voided_on=day(recorded.on),
        duplicate_of=recorded.data.get("duplicate_of"), asked_due_on=None, paused_on=None, paused_until=None, urged_on=None,
    )  # fmt: skip


def _owner_changed(rows: Rows, recorded: Recorded) -> None:
    rows.change(Problem, recorded.stream, version=recorded.version, owner=recorded.data["owner"])


def _step_recorded(rows: Rows, recorded: Recorded) -> None:
    old = rows.need(Problem, recorded.stream)
    rows.put(
        recorded.stream, old._replace(version=recorded.version, state="rectifying", steps=old.steps + 1, urged_on=None)
    )


def _completion_reported(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Problem,
        recorded.stream,
        version=recorded.version,
        state="reported",
        urged_on=None,
        completed_on=day(recorded.data["completed_on"]),
        reported_on=day(recorded.on),
        reported_by=recorded.actor,
    )


def _verified(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Problem,
        recorded.stream,
        version=recorded.version,
        state="verified",
        verified_on=day(recorded.on),
        verified_by=recorded.actor,
    )


def _rectified_at_once(rows: Rows, recorded: Recorded) -> None:
    """Handled and verified in one."""
    on, by = day(recorded.on), recorded.actor
    rows.change(
        Problem, recorded.stream, version=recorded.version, state="verified", completed_on=on, reported_on=on, reported_by=by,
        verified_on=on, verified_by=by, urged_on=None,
    )  # fmt: skip


def _refused(rows: Rows, recorded: Recorded) -> None:
    old = rows.need(Problem, recorded.stream)
    rows.put(recorded.stream, old._replace(version=recorded.version, state="refused", refusals=old.refusals + 1))


def _closed(rows: Rows, recorded: Recorded) -> None:
    rows.change(
        Problem,
        recorded.stream,
        version=recorded.version,
        state="closed",
        closed_on=day(recorded.on),
        closed_by=recorded.actor,
    )


def _urged(rows: Rows, recorded: Recorded) -> None:
    old = rows.need(Problem, recorded.stream)
    rows.put(
        recorded.stream, old._replace(version=recorded.version, urgings=old.urgings + 1, urged_on=day(recorded.on))
    )


def _extension_requested(rows: Rows, recorded: Recorded) -> None:
    rows.change(Problem, recorded.stream, version=recorded.version, asked_due_on=day(recorded.data["due_on"]))


def _extension_granted(rows: Rows, recorded: Recorded) -> None:
    old = rows.need(Problem, recorded.stream)
    moved = old._replace(version=recorded.version, moves=old.moves + 1, extensions=old.extensions + 1)
    rows.put(recorded.stream, moved._replace(asked_due_on=None, due_on=date.fromisoformat(recorded.data["due_on"])))


def _extension_refused(rows: Rows, recorded: Recorded) -> None:
    rows.change(Problem, recorded.stream, version=recorded.version, asked_due_on=None)


def _paused(rows: Rows, recorded: Recorded) -> None:
    old, data = rows.need(Problem, recorded.stream), recorded.data
    since, until = date.fromisoformat(data["since"]), date.fromisoformat(data["until"])
    paused = old._replace(version=recorded.version, moves=old.moves + 1, paused_on=since, paused_until=until)
    rows.put(recorded.stream, paused)


def _resumed(rows: Rows, recorded: Recorded) -> None:
    due_on = date.fromisoformat(recorded.data["due_on"])
    rows.change(Problem, recorded.stream, version=recorded.version, paused_on=None, paused_until=None, due_on=due_on)


def _reopened(rows: Rows, recorded: Recorded) -> None:
    _begin_again(rows, recorded, rows.need(Problem, recorded.stream))


def _closure_revoked(rows: Rows, recorded: Recorded) -> None:
    _begin_again(rows, recorded, rows.need(Problem, recorded.stream)._replace(revoked_on=day(recorded.on)))


def _begin_again(rows: Rows, recorded: Recorded, old: Problem) -> None:
    rows.put(
        recorded.stream,
        old._replace(
            version=recorded.version, state="reopened", due_on=date.fromisoformat(recorded.data["due_on"]),
            reopenings=old.reopenings + 1, moves=old.moves + 1, completed_on=None, reported_on=None, reported_by=None, verified_on=None,
            verified_by=None, closed_on=None, closed_by=None,
        ),
    )  # fmt: skip


PROBLEM_LEDGER = ReadModel(
    "problem_ledger",
    5,
    (
        Table("problem", Problem, ("unit, state", "position", "number", "estate", "company", "tip")),
        Table("problem_text", ProblemText),
    ),
    {
        "problem.opened": _opened,
        "problem.assigned": _assigned,
        "problem.corrected": _corrected,
        "problem.voided": _voided,
        "problem.owner_changed": _owner_changed,
        "problem.step_recorded": _step_recorded,
        "problem.completion_reported": _completion_reported,
        "problem.rectification_verified": _verified,
        "problem.rectification_refused": _refused,
        "problem.rectified_at_once": _rectified_at_once,
        "problem.closure_refused": _refused,
        "problem.closed": _closed,
        "problem.urged": _urged,
        "problem.extension_requested": _extension_requested,
        "problem.extension_granted": _extension_granted,
        "problem.extension_refused": _extension_refused,
        "problem.paused": _paused,
        "problem.resumed": _resumed,
        "problem.reopened": _reopened,
        "problem.closure_revoked": _closure_revoked,
    },
)
