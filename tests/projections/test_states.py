"""State names are the same in the table, the aggregate and the read model; cards show what waits for an act of theirs.

A read model folds what happened and never asks today's rules, so it writes its states itself: here it is held against the table.
"""

from __future__ import annotations

from typing import Any

import pytest

from domain.actions import BEGINS, Actions
from domain.base import DomainEvent
from domain.deductions import actions as deductions
from domain.disclosures import actions as disclosures
from domain.problems import actions as problems
from domain.recorded import Recorded
from domain.roles import ROLES
from domain.tips import actions as tips
from projections import deductions as credit
from projections import disclosures as disclosure_list
from projections import problem_fold as problem_ledger
from projections import tip_filter, todo
from projections import tips as tips_desk
from projections.engine.fold import MemoryRows, ReadModel
from tests.support.given import TOWN, given, happened

MODELS: dict[str, tuple[Actions, ReadModel, type]] = {
    "tips": (tips.ACTIONS, tips_desk.TIPS_DESK, tips_desk.Tip),
    "problems": (problems.ACTIONS, problem_ledger.PROBLEM_LEDGER, problem_ledger.Problem),
    "deductions": (deductions.ACTIONS, credit.CREDIT, credit.Deduction),
    "disclosures": (disclosures.ACTIONS, disclosure_list.DISCLOSURES, disclosure_list.Disclosure),
}
DAY = "2026-03-02"
SAYS: dict[str, dict[str, Any]] = {
    "tip.registered": {"channel": "12345", "received_on": DAY, "commits": {}},
    "tip.assigned": {"unit": TOWN, "due_on": DAY},
    "tip.returned": {"reason": "不在辖区", "unit": "320581"},
    "tip.taken_up": {"due_on": DAY},
    "tip.recalled": {"reason": "交办有误", "unit": "320581"},
    "tip.reassigned": {"reason": "在邻镇", "unit": TOWN, "due_on": DAY},
    "tip.joined_problem": {"problem": "p"},
    "tip.reopened": {"of": 1, "cause": "order", "reason": "督办", "due_on": DAY},
    "tip.verified": {"result": "true", "finding": "属实"},
    "tip.became_problems": {"problems": ["p"]},
    "tip.unit_recused": {"recused": TOWN, "reason": "反映该单位"},
    "problem.opened": {
        "number": "1", "unit": TOWN, "estate": "e", "item": "1.1", "title": "照明", "description": "坏", "found_on": DAY,
        "kind": "at_once", "responsible": TOWN, "owner": "o", "measures": "换", "due_on": DAY, "catalogue": 1, "calendar": 1,
    },
    "problem.assigned": {"handler": "h"},
    "problem.corrected": {"reason": "填错", "title": "楼道"},
    "problem.owner_changed": {"owner": "n", "reason": "调离"},
    "problem.extension_requested": {"due_on": DAY, "reason": "材料未到", "measures": "围挡"},
    "problem.extension_granted": {"due_on": DAY},
    "problem.paused": {"reason": "冬季", "since": DAY, "until": "2026-03-20"},
    "problem.resumed": {"due_on": DAY},
    "problem.completion_reported": {"note": "好", "completed_on": DAY},
    "problem.reopened": {"cause": "relapse", "reason": "反弹", "due_on": DAY},
    "problem.closure_revoked": {"reason": "不实", "due_on": DAY, "closed": 1},
    "deduction.proposed": {
        "company": "c", "problem": "p", "problem_version": 1, "unit": TOWN, "score_table": 1, "score_code": "1",
        "points_x10": 10, "reason": "未公示",
    },
    "deduction.decided": {"points_x10": 10, "document": "1号", "decided_on": DAY},
    "deduction.served": {"served_on": DAY, "way": "by_post"},
    "deduction.declined": {"reason": "证据不足"},
    "disclosure.requested": {
        "unit": TOWN, "tip": "00000000-0000-0000-0000-000000000009", "fields": ["reporter"], "reason": "需回访",
    },
    "disclosure.opened": {"fields": ["reporter"]},
}  # fmt: skip


def histories(table: Actions) -> dict[str, tuple[str, ...]]:
    """For every state the shortest way there, as events."""
    [opening] = [one for one in table.values() if one.starts_from == BEGINS]
    ways, waiting = {str(opening.to): (opening.event,)}, [str(opening.to)]
    while waiting:
        state = waiting.pop(0)
        for action in table.values():
            if action.starts_in(state) and (after := action.leads_to(state)) not in ways:
                ways[after] = (*ways[state], action.event)
                waiting.append(after)
    return ways


def in_the_list(model: ReadModel, row: type, events: tuple[str, ...], *, whole: bool = False) -> Any:
    """The state that the read model shows after these events, or the whole row."""
    rows = MemoryRows([table.row for table in model.tables], lambda _kind, _row: None)
    for number, topic in enumerate(events, 1):
        rows.position = number
        head = (number, "leaf", f"{DAY}T01:00:00.000000Z", DAY, topic, "matter", number, "somebody", "role", "320581")
        model.project(rows, Recorded(*head, "command", SAYS.get(topic, {})))
    found: Any = rows.need(row, "matter")
    return found if whole else found.state


def in_the_aggregate(events: tuple[str, ...]) -> str:
    told = (happened(DomainEvent.KINDS[topic], acting_unit="320581", **SAYS.get(topic, {})) for topic in events)
    return given(*told).matter.state


@pytest.mark.parametrize("subject", MODELS)
def test_after_every_act_in_every_state_list_and_aggregate_say_the_same(subject):
    table, model, row = MODELS[subject]
    ways = histories(table)
    assert ways.keys() == table.states.keys()
    for state, way in ways.items():
        for action in table.values():
            if action.starts_in(state):
                told = (*way, action.event)
                assert in_the_list(model, row, told) == in_the_aggregate(told), told


LIVES = {"extension": problems.EXTENSION, "pause_": problems.PAUSE}


@pytest.mark.parametrize("life", LIVES)
def test_the_lives_of_the_deadline_are_the_same_in_list_and_aggregate(life):
    table, opened = LIVES[life], ("problem.opened", "problem.assigned")
    there, back = (next(one for one in table.values() if one.to == state) for state in list(table.states)[::-1])
    for told in (
        opened,
        (*opened, there.event),
        (*opened, there.event, back.event),
        (*opened, there.event, "problem.voided"),
    ):
        row = in_the_list(problem_ledger.PROBLEM_LEDGER, problem_ledger.Problem, told, whole=True)
        matter = given(
            *(happened(DomainEvent.KINDS[topic], acting_unit="320581", **SAYS.get(topic, {})) for topic in told)
        ).matter
        shown = row.extension_state if life == "extension" else row.pause_state
        assert shown == (getattr(matter, life) if "problem.voided" not in told else next(iter(table.states)))


def test_a_recused_unit_gives_back_in_both_what_it_holds():
    given = ("tip.registered", "tip.accepted", "tip.assigned")
    for held in (given, (*given, "tip.acknowledged")):
        told = (*held, "tip.unit_recused")
        assert in_the_list(tips_desk.TIPS_DESK, tips_desk.Tip, told) == in_the_aggregate(told) == "returned"


def test_the_term_for_verifying_runs_while_a_town_has_it():
    assert tip_filter.TO_VERIFY == tips.WITH_TOWN


WAITING = {
    "tips_to_screen": {"registered"}, "tips_returned": {"returned"}, "tips_to_assign": {"accepted"},
    "tips_to_acknowledge": {"assigned"}, "tips_to_verify": {"acknowledged"},
    "tips_to_answer": {"verified", "became_problems"}, "problems_to_assign": {"opened"},
    "problems_to_handle": {"assigned", "rectifying", "reopened"}, "problems_refused": {"refused"},
    "problems_to_verify": {"reported"}, "problems_to_close": {"verified"}, "deductions_to_decide": {"proposed"},
    "disclosures_to_decide": {"requested"}, "extensions_to_decide": set(),
}  # fmt: skip
# A card that some see although the act is another's: the city looks at what its towns have to close.
WATCHED = {("city_desk", "problems_to_close"), ("city_decider", "problems_to_close")}


@pytest.mark.parametrize("role", ROLES)
def test_a_card_shows_what_waits_for_an_act_of_this_role(role):
    for code, wanted in todo._filters(role, ("own",)).items():
        if code in todo.ACTS:
            assert role in todo.ACTS[code].roles or (role, code) in WATCHED
            assert set(getattr(wanted, "states", ())) in (WAITING.get(code, set()), set())
            assert code in ("deductions_to_serve", "shreddings_to_decide", "extensions_to_decide") or wanted.states
