"""Who may write what, of whose unit, with what weight: written out by hand from the requirements, and asked of the log's own judge.

The subjects' tables (domain/<subject>/actions.py) are what is tested; what is adopted by a log does not change with them unless
VERSION grows.
"""

from __future__ import annotations

from hashlib import sha256
from uuid import uuid4

import pytest

from application.verifier.formats.entry import canonical, parse
from application.verifier.rules.authority import Authority, Stream
from domain import roles, rules
from domain.campaign import actions as documents
from domain.deductions import actions as deductions
from domain.disclosures import actions as disclosures
from domain.imports import actions as imports
from domain.officials import actions as officials
from domain.problems import actions as problems
from domain.tips import actions as tips
from tests.logs import COMMITS, Log, Person

TABLES = {
    "officials": officials.ACTIONS,
    "tips": tips.ACTIONS,
    "shredding": tips.SHREDDING,
    "disclosures": disclosures.ACTIONS,
    "problems": problems.ACTIONS,
    "documents": documents.ACTIONS,
    "extension": problems.EXTENSION,
    "pause": problems.PAUSE,
    "imports": imports.ACTIONS,
    "deductions": deductions.ACTIONS,
}
ROWS = [(subject, name) for subject, table in TABLES.items() for name in table]
OWN, CITY, NEXT = "320581003", "320581", "320581001"
# What has to be shown once more, and signed with the password and the second factor: no more and no less.
WEIGHTY = {
    *("problems/correct", "problems/change_owner", "problems/close", "problems/revoke", "problems/void"),
    *("extension/grant_extension", "pause/pause"),
    *("shredding/shred", "deductions/decide", "documents/adopt", "disclosures/approve", "disclosures/open"),
    *("officials/retire", "officials/grant", "officials/substitute", "officials/withdraw", "officials/enrol_key"),
    *("officials/rotate_key", "officials/revoke_key", "officials/reset"),
    *("officials/renew_recovery", "officials/remove_factor"),
}
# What a town writes only of its own matters (the city's desk of all): the rest is the city's, the bureau's or of accounts.
OF_ONES_UNIT = {
    "tip.accepted", "tip.declined", "tip.withdrawn", "tip.acknowledged", "tip.returned", "tip.verified",
    "tip.taken_up", "tip.joined_problem", "tip.reporter_informed", "tip.reopened", "tip.urgent_marked",
    "tip.became_problems", "tip.answered", "tip.unit_recused", "tip.shredding_proposed",
    "disclosure.requested", "disclosure.opened", "problem.opened", "problem.assigned", "problem.corrected",
    "problem.owner_changed", "problem.step_recorded", "problem.completion_reported", "problem.rectification_verified",
    "problem.rectification_refused", "problem.closed", "problem.reopened", "problem.closure_revoked",
    "problem.voided", "problem.rectified_at_once", "problem.closure_refused", "problem.urged",
    "problem.extension_requested", "problem.extension_granted", "problem.extension_refused", "problem.paused",
    "problem.resumed",
    "deduction.proposed", "deduction.served", "import.withdrawn",
}  # fmt: skip
# What the rules themselves need of an event's data.
DATA = {
    "tip.reassigned": {"unit": OWN}, "tip.recalled": {"unit": CITY},
    "tip.assigned": {"unit": OWN}, "tip.returned": {"unit": OWN}, "tip.unit_recused": {"recused": NEXT},
    "tip.supplemented": {"commits": dict.fromkeys(("text", "files"), "0" * 64)},
    "official.enrolled": {"person": "p"}, "role.granted": {"role": "auditor", "unit": OWN},
    "role.withdrawn": {"role": "auditor", "unit": OWN}, "key.revoked": {"keyid": "k"},
    "key.enrolled": Person().members, "key.rotated": Person().members | {"old": "k"},
    "tip.registered": {"commits": COMMITS},
}  # fmt: skip
ROLES = {
    "tip.assigned": {"city_desk", "city_decider"},
    "tip.reassigned": {"city_desk", "city_decider"},
    "tip.recalled": {"city_desk", "city_decider"},
    "tip.reopened": {"city_desk", "city_decider"},
    "tip.taken_up": {"town_handler"},
    "tip.acknowledged": {"town_handler", "town_verifier", "town_closer"},
    "tip.verified": {"town_handler", "town_verifier"},
    "tip.shredded": {"city_decider"},
    "problem.step_recorded": {"town_handler"},
    "problem.completion_reported": {"town_handler"},
    "problem.rectification_verified": {"town_verifier"},
    "problem.rectification_refused": {"town_verifier"},
    "problem.closed": {"town_closer"},
    "problem.closure_revoked": {"city_decider", "town_closer"},
    "problem.rectified_at_once": {"town_handler", "town_verifier"},
    "problem.closure_refused": {"town_closer"},
    "problem.voided": {"city_desk", "city_decider", "town_closer"},
    "problem.urged": {"city_desk", "city_decider", "town_verifier", "town_closer"},
    "problem.extension_requested": {"town_handler"},
    "problem.extension_granted": {"city_decider", "town_closer"},
    "problem.extension_refused": {"city_decider", "town_closer"},
    "problem.paused": {"city_desk", "city_decider", "town_closer"},
    "deduction.decided": {"housing_decider"},
    "deduction.declined": {"housing_decider"},
    "disclosure.approved": {"city_decider", "discipline"},
    "key.revoked": {"key_admin"},
    "official.retired": {"administrator", "role_admin"},
}


@pytest.mark.parametrize("subject", TABLES)
def test_a_table_speaks_of_its_own_states_and_names_each_event_once(subject):
    table = TABLES[subject]
    for action in table.values():
        leads = {action.to} - {""} if isinstance(action.to, str) else {*action.to, *action.to.values()}
        named = {*(action.starts_from or ()), *(action.offered_in or ()), *leads}
        assert named <= table.states.keys(), action
        assert action.rule | {"life": table.life} == table.rules[action.event], (
            "two acts that write one event differ in the log's rules"
        )
    reached = {to for one in table.values() for to in ([one.to] if isinstance(one.to, str) else one.to.values())}
    assert table.states.keys() - reached <= {"kept", "returned"}  # before any event; and by 回避


@pytest.mark.parametrize(("subject", "name"), ROWS)
def test_weighty_is_what_is_written_here(subject, name):
    assert TABLES[subject][name].weighty == (f"{subject}/{name}" in WEIGHTY)


@pytest.mark.parametrize("event", ROLES)
def test_the_roles_are_those_of_the_notice(event):
    assert set(rules.TYPES[event]["roles"]) == ROLES[event]


def test_adopted_rules_change_only_with_their_version():
    adopted = canonical(rules.adopted())
    digest = "2021eba5ba820f1c"
    assert (rules.VERSION, sha256(adopted).hexdigest()[:16]) == (5, digest)


@pytest.fixture(name="judge", scope="module")
def _judge():
    """The log's judge after somebody of every role came into office, in this town and in the next one."""
    log = Log()
    people = {
        (role, unit): Person(role, unit) for role in roles.ROLES if role != "administrator" for unit in (OWN, NEXT)
    }
    for one in people.values():
        log.enrol(one)
    authority = Authority()
    for entry in log.entries:
        authority.admit(parse(entry).payload)
    return log, people, authority


def judged(judge, event, role, unit, **known):
    """What the judge says of `event` on a matter of the town of which so much is known, written by this role for this unit."""
    log, people, authority = judge
    by = people[role, unit]
    stream = by.id if rules.TYPES[event].get("others") is not None else str(uuid4())
    before = authority.streams.get(stream), log.versions.get(stream)
    authority.streams[stream] = Stream(1, OWN, **known)
    log.versions[stream] = 1
    try:
        payload = log.payload(event, DATA.get(event, {}), by, stream)
        return authority.judge(payload, by.members["keyid"])
    finally:
        authority.streams[stream], log.versions[stream] = before


@pytest.mark.parametrize(
    ("subject", "name"), [(s, n) for s, n in ROWS if s != "officials" and TABLES[s][n].starts_from != ()]
)
def test_another_towns_matter_is_refused_where_the_unit_counts(judge, subject, name):
    table = TABLES[subject]
    event, states = table[name].event, standing(table, (table[name].starts_from or tuple(table.states))[0])
    for role in set(rules.TYPES[event]["roles"]) - {"public", "system"}:
        own, other = (judged(judge, event, role, unit, states=states) for unit in (OWN, NEXT))
        assert own is None
        assert (other is not None and "不属于本单位" in other.sentence) == (event in OF_ONES_UNIT)


def standing(table, state):
    """The states of a matter whose life of this table has come so far."""
    return {table.life: state} | ({table.of: next(iter(rules.LIVES[table.of]["states"]))} if table.of else {})


OFFICES = [(s, n) for s, n in ROWS if n != "supplement"]  # which nobody in office writes


def an_office(action):
    """A role that may do it, which somebody in the town has."""
    return next(one for one in action.roles if one not in ("public", "system", "administrator"))


@pytest.mark.parametrize(("subject", "name"), OFFICES)
def test_what_the_table_allows_the_log_allows_and_nothing_else(judge, subject, name):
    """In every state, by a role that may; and on a matter that has no such life at all."""
    table = TABLES[subject]
    action = table[name]
    role = an_office(action)
    for state in table.states:
        reason = judged(judge, action.event, role, OWN, states=standing(table, state))
        assert (reason is None or reason.code != "EVENT_STATE") == action.starts_in(state), (state, reason)
    elsewhere = judged(judge, action.event, role, OWN, states={"estate": "begun"})
    assert elsewhere is not None
    assert elsewhere.code == "EVENT_STATE"


@pytest.mark.parametrize(("subject", "name"), [(s, n) for s, n in OFFICES if TABLES[s][n].starts_from != ()])
def test_whoever_took_a_part_takes_none_that_stands_apart_from_it(judge, subject, name):
    """And the other way round: whichever of the two came first."""
    _, people, authority = judge
    table = TABLES[subject]
    action = table[name]
    role = an_office(action)
    who = authority.persons[people[role, OWN].id]
    states = standing(table, (action.starts_from or ("",))[0])
    for part in rules.PARTS:
        reason = judged(judge, action.event, role, OWN, states=states, parts={part: frozenset({who})})
        apart = sorted((action.part, part)) in rules.adopted()["apart"]
        assert (reason is not None and reason.code == "EVENT_SEPARATION") == apart, (part, reason)


@pytest.mark.parametrize(
    ("role", "unit", "found"),
    [
        ("department_handler", NEXT, None), ("town_handler", OWN, None), ("town_handler", NEXT, "不属于本单位"),
        ("town_verifier", NEXT, "不属于本单位"),
    ],
)  # fmt: skip
def test_only_a_department_enters_problems_of_any_town(judge, role, unit, found):
    log, people, authority = judge
    by = people[role, unit]
    reason = authority.judge(log.payload("problem.opened", {"unit": OWN}, by, str(uuid4())), by.members["keyid"])
    assert (reason and found in reason.sentence) or (reason is found)


@pytest.mark.parametrize("event", sorted(OF_ONES_UNIT))
def test_every_event_of_ones_own_unit_is_ruled_so(event):
    assert rules.TYPES[event]["unit"] == "own"
