"""Two interpreters of the rules agree: the one that writer and verifier share, and a small one that was written from the page alone.

Hypothesis walks at random through the lives of a problem, a tip and a deduction: whoever does whatever, in whichever order. What
one refuses the other refuses with the same code, and what the log admits never has one person in two parts that stand apart.
"""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.verifier.formats.entry import parse
from application.verifier.rules.authority import Authority
from domain import rules
from tests.application.verifier.rules.second_judge import refused, taken
from tests.application.verifier.rules.test_life_cycles import CITY, COMMITS, NEXT, TOWN, World

STREAMS = [str(UUID(int=number, version=4)) for number in range(1, 4)]
ACTS = [
    kind for kind in rules.TYPES
    if kind.partition(".")[0] in ("problem", "tip", "deduction", "disclosure") and kind != "tip.supplemented"
]  # fmt: skip
STAFF = [
    ("town_handler", TOWN), ("town_verifier", TOWN), ("town_closer", TOWN), ("town_handler", NEXT), ("city_desk", CITY),
    ("city_decider", CITY), ("housing_decider", CITY),
]  # fmt: skip


@pytest.fixture(name="world", scope="module")
def _world():
    """Everybody in office; one person holds all three offices of the town, a substitute stands in for the closer."""
    world = World()
    world.staff = [world.person(role, unit) for role, unit in STAFF]
    world.staff += [world.person(role, who=world.staff[0]) for role in ("town_verifier", "town_closer")]
    world.staff.append(world.substitute(world.staff[0], "town_closer"))
    world.catch_up()
    world.history = [parse(entry).payload for entry in world.log.entries]
    return world


def data_of(kind, person, unit):
    """What the rules read of an event, and what its form needs."""
    told = {
        "problem.opened": {"unit": TOWN, "owner": person}, "problem.owner_changed": {"owner": person},
        "problem.corrected": {"owner": person}, "tip.registered": {"commits": COMMITS}, "tip.assigned": {"unit": unit},
        "tip.returned": {"unit": CITY}, "tip.unit_recused": {"recused": unit}, "tip.recalled": {"unit": CITY}, "tip.reassigned": {"unit": unit}, "deduction.proposed": {"unit": TOWN},
    }  # fmt: skip
    return told.get(kind, {})


LIKELY = {  # a walk that only drew at random would seldom come beyond its second act
    "problem": ["problem.opened", "problem.assigned", "problem.completion_reported", "problem.rectification_verified", "problem.closed"],
    "tip": ["tip.registered", "tip.accepted", "tip.assigned", "tip.acknowledged", "tip.verified"],
    "deduction": ["deduction.proposed", "deduction.decided", "deduction.served"],
}  # fmt: skip
STEP = st.tuples(
    st.sampled_from(STREAMS),
    st.booleans(),
    st.sampled_from(ACTS),
    st.integers(0, 9),
    st.integers(0, 9),
    st.sampled_from([TOWN, NEXT]),
)


@settings(max_examples=150, deadline=None)
@given(walk=st.lists(STEP, min_size=10, max_size=40))
def test_both_judges_agree_on_every_walk(world, walk):
    judge, history = Authority(), list(world.history)
    for payload in history:
        judge.admit(payload)
    people = list(dict.fromkeys(world.people.values()))
    going = dict(zip(STREAMS, LIKELY.values(), strict=True))
    for stream, goes_on, drawn, who, whose, unit in walk:
        done = [one["type"] for one in history if one["stream"] == stream]
        due = next((kind for kind in going[stream] if kind not in done), drawn)
        kind, by = due if goes_on else drawn, world.staff[who]
        able = [one for one in world.staff if one.role in rules.TYPES[kind]["roles"]]
        by = able[who % len(able)] if able and who < 8 else by
        payload = world.log.payload(kind, data_of(kind, people[whose % len(people)], unit), by, stream)
        payload |= {"seq": len(history), "version": len(done) + 1, "recorded_at": history[-1]["recorded_at"]}
        first, second = judge.judge(payload, by.members["keyid"]), refused(history, payload)
        assert (first and first.code) == second, (kind, done, first)
        if first is None:
            judge.admit(payload)
            history.append(payload)
            parts = taken(history, [one for one in history if one["stream"] == stream])
            for one, other in rules.adopted()["apart"]:
                assert not parts.get(one, set()) & parts.get(other, set()), (kind, parts)
