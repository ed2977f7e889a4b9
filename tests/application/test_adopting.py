"""A log that began with older rules takes the newer ones by an event, and verifies as before."""

from __future__ import annotations

from uuid import uuid4

import pytest

from application.adopting import AdoptRules, adopt_in_training, is_adopted
from domain import rules
from domain.errors import NotAllowed, RuleBroken
from tests.application.test_ledger import verified
from tests.cities import City


@pytest.fixture
def older(database, clock, tmp_path, monkeypatch):
    """A log from before the last type was thought of; the program has moved on since."""
    with monkeypatch.context() as then:
        then.setattr(rules, "VERSION", rules.VERSION - 1)
        city = City.found(database, clock, tmp_path)
    yield city
    city.ledger.close()


def test_a_new_log_has_the_programs_rules(city):
    assert is_adopted(city.ledger)
    assert adopt_in_training(city.ledger) is None


def test_the_administrator_adopts_what_the_program_brings(older):
    assert not is_adopted(older.ledger)

    older.ledger.handle(AdoptRules(id=uuid4(), actor=older.administrator))

    *_, last = older.ledger.read(after=0, limit=1_000)
    assert (last.topic, last.data["version"], last.data["types"]) == ("rules.adopted", rules.VERSION, rules.TYPES)
    assert is_adopted(older.ledger)
    assert verified(older.ledger) == last.position


def test_a_training_log_adopts_them_by_itself_once(older):
    adopted = adopt_in_training(older.ledger)

    assert adopted is not None
    assert adopt_in_training(older.ledger) is None


def test_rules_are_adopted_once_and_by_the_administrator(older):
    with pytest.raises(NotAllowed):
        older.ledger.handle(AdoptRules(id=uuid4(), actor=older.desk))
    adopt_in_training(older.ledger)

    with pytest.raises(RuleBroken, match="无需再次采用"):
        older.ledger.handle(AdoptRules(id=uuid4(), actor=older.administrator))
