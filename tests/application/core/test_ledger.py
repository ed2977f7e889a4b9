"""One way to change anything: once, whole, by whoever may, on what they saw."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from application.officials.officials import GrantRole, RetireOfficial, WithdrawRole
from application.verifier.formats.entry import parse
from application.verifier.formats.merkle import Edge, leaf_hash
from application.verifier.rules.authority import Authority
from domain.errors import Conflict, NotAllowed, NotFound, RuleBroken
from domain.officials.official import Official
from tests.cities import TOWN


def grant(city, official, role="town_handler", unit=TOWN, actor=None):
    return GrantRole(id=uuid4(), actor=actor or city.administrator, official=UUID(official.id), role=role, unit=unit)


def test_the_same_command_twice_is_recorded_once(city):
    command = grant(city, city.actor("town_verifier"))
    first = city.ledger.handle(command)

    again = city.ledger.handle(command)

    assert again == replace(first, repeated=True)
    assert city.topics().count("role.granted") == 2


def test_a_form_used_for_something_else_is_refused(city):
    command = grant(city, city.actor("town_verifier"))
    city.ledger.handle(command)

    with pytest.raises(Conflict, match="此表单已用于另一次提交"):
        city.ledger.handle(replace(command, role="town_closer"))


def test_a_stale_page_is_refused(city):
    official = city.actor("town_verifier")

    with pytest.raises(Conflict, match="此事项已有更新"):
        city.ledger.fetch(Official, UUID(official.id), seen=1)


def test_what_does_not_exist_or_is_something_else_is_not_found(city):
    with pytest.raises(NotFound):
        city.ledger.fetch(Official, uuid4())


def test_a_role_that_may_not_is_refused_and_leaves_no_trace(city):
    handler = city.actor("town_handler")
    before = city.topics()

    with pytest.raises(NotAllowed):
        city.ledger.handle(grant(city, handler, role="town_closer", actor=handler))

    assert city.topics() == before


def test_a_refused_command_spoils_nothing_for_the_next(city):
    """Its second event is refused, so what the first one said about roles is forgotten with it."""
    official = city.actor("town_verifier")
    thing = city.ledger.fetch(Official, UUID(official.id))
    thing.grant_role(role="key_admin", unit="320581", actor=city.administrator)
    thing.grant_role(role="role_admin", unit="320581", actor=city.administrator)
    with pytest.raises(NotAllowed, match="不得兼任"):
        city.ledger.commit(thing, command=grant(city, official))

    city.ledger.handle(grant(city, official, role="role_admin", unit="320581"))

    assert ("key_admin", "320581") not in city.ledger.fetch(Official, UUID(official.id)).roles


def test_a_retired_official_may_do_nothing(city):
    handler = city.actor("town_handler")
    retire = RetireOfficial(id=uuid4(), actor=city.administrator, official=UUID(handler.id), reason="调离")
    city.ledger.handle(retire)

    with pytest.raises(RuleBroken, match="已停用"):
        city.ledger.handle(grant(city, handler, role="town_closer"))


def test_an_act_by_a_role_withdrawn_meanwhile_is_refused(city):
    """It was decided before, but it waits for the lock after: what counts is the log."""
    admin, _other = city.actor("role_admin", "320581"), city.actor("role_admin", "320581", 2)
    target = city.ledger.fetch(Official, UUID(city.actor("town_handler").id))
    target.grant_role(role="town_closer", unit=TOWN, actor=admin)
    city.ledger.handle(
        WithdrawRole(
            id=uuid4(),
            actor=city.administrator,
            official=UUID(admin.id),
            role="role_admin",
            unit="320581",
            reason="轮岗",
        )
    )

    with pytest.raises(NotAllowed, match="未授予该角色"):
        city.ledger.commit(target, command=grant(city, admin, actor=admin))

    assert verified(city.ledger) == len(city.topics())


def test_the_log_is_verifiable_entry_by_entry(city):
    city.actor("town_handler")
    assert verified(city.ledger) == len(city.topics())


def verified(ledger):
    """The number of entries, each judged by the log alone, under the root that the head holds."""
    with ledger.table.database.cursor() as cursor:
        cursor.execute("SELECT entry, leaf_hash FROM log.event ORDER BY position")
        rows = [(bytes(entry), bytes(leaf)) for entry, leaf in cursor.fetchall()]
        cursor.execute("SELECT size, edge FROM log.head")
        size, edge = cursor.fetchone()
    authority, grown = Authority(), Edge()
    for entry, leaf in rows:
        taken = parse(entry)
        assert authority.judge(taken.payload, taken.keyid) is None
        authority.admit(taken.payload)
        assert leaf == leaf_hash(entry)
        grown = grown.grown(leaf)
    assert grown == Edge.from_bytes(size, bytes(edge))
    return size
