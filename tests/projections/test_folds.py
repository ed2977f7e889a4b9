"""Folds alone: no SQL, rows in memory."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.recorded import Recorded
from projections.deductions import CREDIT, Deduction
from projections.engine.fold import MemoryRows, ReadModel, Rows, Table
from projections.figures.facts import FACTS, Annulment, Countable
from projections.problem_fold import PROBLEM_LEDGER, Problem, ProblemText
from projections.registers import REGISTERS, Estate, Official, Role
from projections.tips import TIPS_DESK, Tip
from tests.bench.generate import Lives

TOWN = "320581003"
OPENED = {
    "number": "常物整〔2026〕琴川-00001", "unit": TOWN, "estate": "e", "item": "2.3", "title": "公共收益未公示",
    "description": "长", "found_on": "2026-03-01", "kind": "by_deadline", "responsible": "c", "owner": "p", "measures": "公示",
    "due_on": "2026-03-20", "catalogue": 1, "calendar": 1, "company": "c",
}  # fmt: skip


class Story:
    """Tells a read model what happened to one matter, and keeps what it wrote."""

    def __init__(self, model: ReadModel) -> None:
        self.model, self.written, self.position = model, [], 0
        self.rows = MemoryRows(
            [table.row for table in model.tables], lambda kind, row: self.written.append((kind, row))
        )

    def tell(self, topic: str, on: str = "2026-03-02", actor: str = "official", **data: Any) -> Story:
        self.position += 1
        self.rows.position = self.position
        self.model.project(
            self.rows,
            Recorded(
                self.position, "leaf", f"{on}T01:00:00.000000Z", on, topic, "matter", self.position, actor, "role", "320581",
                "command", data,
            ),
        )  # fmt: skip
        return self


def closed() -> Story:
    story = Story(PROBLEM_LEDGER).tell("problem.opened", **OPENED)
    story.tell("problem.assigned", handler="h").tell("problem.step_recorded", note="一")
    story.tell("problem.completion_reported", note="完", completed_on="2026-03-10", actor="h")
    return story.tell("problem.rectification_verified", method="on_site", note="", actor="v").tell(
        "problem.closed", "2026-03-15", "c"
    )


def test_a_problem_keeps_who_did_what_in_the_present_round():
    problem = closed().rows.get(Problem, "matter")

    assert (problem.state, problem.closed_on, problem.version) == ("closed", date(2026, 3, 15), 6)
    assert (problem.handler, problem.reported_by, problem.verified_by, problem.closed_by) == ("h", "h", "v", "c")


def test_a_reopened_problem_begins_a_new_round_and_keeps_its_first_deadline():
    story = closed().tell("problem.reopened", reason="复发", due_on="2026-04-20")

    problem = story.rows.get(Problem, "matter")

    assert (problem.state, problem.closed_on, problem.closed_by, problem.verified_by) == ("reopened", None, None, None)
    assert (problem.original_due_on, problem.due_on) == (date(2026, 3, 20), date(2026, 4, 20))
    assert (problem.reopenings, problem.revoked_on) == (1, None)


def test_a_revoked_close_out_is_marked():
    story = closed().tell("problem.closure_revoked", "2026-03-18", reason="虚假", due_on="2026-04-20", closed=6)

    assert story.rows.get(Problem, "matter").revoked_on == date(2026, 3, 18)


def test_a_correction_changes_what_stands_and_leaves_the_rest():
    story = closed().tell("problem.corrected", reason="填错", item="1.1", found_on="2026-02-28", description="短")

    problem, text = story.rows.get(Problem, "matter"), story.rows.get(ProblemText, "matter")
    assert (problem.state, problem.item, problem.found_on, problem.title) == (
        "closed", "1.1", date(2026, 2, 28), "公共收益未公示",
    )  # fmt: skip
    assert text == ("短", "公示", None)


def test_assigning_again_does_not_undo_what_was_done():
    story = Story(PROBLEM_LEDGER).tell("problem.opened", **OPENED).tell("problem.step_recorded", note="一")

    assert story.tell("problem.assigned", handler="h2").rows.get(Problem, "matter").state == "rectifying"


def test_a_revoked_close_out_annuls_its_fact():
    story = Story(FACTS).tell("problem.opened", **OPENED).tell("problem.closed")
    story.tell("problem.closure_revoked", reason="", due_on="2026-04-20", closed=2)

    assert [row[3:] for kind, row in story.written if kind is Annulment] == [("matter", 2)]
    assert [row[5] for kind, row in story.written if kind is Countable][1:] == [
        "problem.closed",
        "problem.closure_revoked",
    ]


def test_a_tip_moves_to_the_town_and_back():
    story = Story(TIPS_DESK).tell("tip.registered", channel="12345", received_on="2026-03-01", commits={})
    story.tell("tip.assigned", due_on="2026-03-12", unit=TOWN)
    moved = story.rows.get(Tip, "matter")
    returned = story.tell("tip.returned", reason="非本辖区", unit="320581").rows.get(Tip, "matter")

    assert (moved.unit, moved.state, moved.due_on) == (TOWN, "assigned", date(2026, 3, 12))
    assert (returned.unit, returned.state) == ("320581", "returned")


def test_a_withdrawn_role_is_gone_and_its_version_kept():
    story = Story(REGISTERS).tell("official.enrolled", person="p")
    story.tell("role.granted", role="town_closer", unit=TOWN).tell(
        "role.withdrawn", role="town_closer", reason="调离", unit=TOWN
    )

    key = f"matter town_closer {TOWN}"
    assert story.rows.get(Role, key) is None
    assert (Role, (key, 2, 3, "matter", "town_closer", TOWN)) in story.written
    assert story.tell("official.retired", reason="").rows.get(Official, "matter").retired


def test_an_estate_may_be_left_without_a_company():
    story = Story(REGISTERS).tell("estate.registered", name="甲", kind="old", company="c", unit=TOWN)

    estate = story.tell("estate.company_changed", since_on="2026-03-01").rows.get(Estate, "matter")

    assert (estate.company, estate.company_since_on) == (None, date(2026, 3, 1))


def test_a_deduction_counts_what_was_decided():
    proposed = {
        "company": "c",
        "problem": "p",
        "problem_version": 6,
        "score_table": 1,
        "score_code": "K1",
        "reason": "r",
    }
    story = Story(CREDIT).tell("deduction.proposed", points_x10=50, **proposed, unit=TOWN)

    deduction = story.tell(
        "deduction.decided", points_x10=30, document="1号", decided_on="2026-03-05", actor="d"
    ).rows.get(Deduction, "matter")

    assert (deduction.proposed_x10, deduction.points_x10, deduction.state) == (50, 30, "decided")


@pytest.mark.parametrize("topic", ["tip.accepted", "tip.answered"])
def test_an_event_of_a_thing_that_never_began_is_refused(topic):
    with pytest.raises(LookupError, match="no Tip matter"):
        Story(TIPS_DESK).tell(topic)


def test_a_row_changed_twice_by_one_event_has_one_version():
    def twice(rows: Rows, recorded: Recorded) -> None:
        rows.put("k", Role("a", "first", "u"))
        rows.put("k", Role("a", "second", "u"))

    story = Story(ReadModel("m", 1, (Table("role", Role),), {"*": twice})).tell("any").tell("any")
    story.rows.finish()

    assert [row[1:3] + row[4:5] for _, row in story.written] == [(1, 2, "second"), (2, None, "second")]


def test_a_column_has_one_of_four_types():
    from typing import NamedTuple

    class Bad(NamedTuple):
        x: float

    with pytest.raises(TypeError, match="a column is"):
        _ = Table("bad", Bad).columns


def test_the_same_seed_is_the_same_log():
    first, second = (list(Lives(seed=3, at_once=5).payloads(800)) for _ in range(2))

    assert first == second
