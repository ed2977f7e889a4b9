"""What the service says of itself to whoever watches it, and to administrators."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from application.log.log_keys import LogKeys
from application.publication.log_source import LogReader
from application.publication.publisher import Publisher
from application.vault.letterbox import fingerprint, new_pair
from application.verifier.formats.note import COSIGNATURE, NoteKey
from domain import rules
from interface.web.log.health import Answering, report
from tests.application.log.test_group_commit import JumpyClock

CITY = "320581"


@pytest.fixture
def health(services):
    return lambda: report(services)


def test_it_says_how_far_each_part_is(health, city, services):
    services.projections.catch_up()
    told = health()

    assert {name: told[name] for name in ("store", "read_models", "signer")} == dict.fromkeys(
        ("store", "read_models", "signer"), True
    )
    assert told["projections"] == {"behind_events": 0, "behind_seconds": 0.0, "dead_letters": 0}
    [first] = city.ledger.read(after=0, limit=1)
    nothing = {"size": 0, "at": None, "waiting": len(city.topics()), "waiting_since": first.recorded_at}
    assert told["published"] == nothing | {"rolled_back": False}
    assert "not_published" in told["warnings"]
    assert told["sealed"] == {"at": None, "waiting": 0, "waiting_since": None}
    assert told["disk"]["free_bytes"] > 0


def test_what_read_models_have_not_taken_in_yet_is_counted(health, matters, services):
    services.projections.catch_up()
    matters.tip()

    assert health()["projections"]["behind_events"] >= 1


def test_readings_that_nobody_sealed_for_hours_are_a_warning(health, database):
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vault.access (at, actor, unit, what, why) VALUES (now() - interval '3 hours', 'a', 'b', 'c', 'd')"
        )

    assert "not_sealed" in health()["warnings"]


def test_a_clock_that_was_put_back_is_a_warning(health, services):
    services.clock = JumpyClock()
    assert "clock_wrong" not in health()["warnings"]
    services.clock.off = -timedelta(hours=1)

    told = health()

    assert (told["clock"]["wrong_seconds"] >= 3599, "clock_wrong" in told["warnings"]) == (True, True)


def test_c1_a_clock_that_was_set_is_a_warning(health, services):
    class Set(JumpyClock):
        def told(self):
            return -timedelta(hours=2)

    services.clock = Set()

    told = health()

    assert (told["clock"]["set_seconds"], "clock_set" in told["warnings"]) == (-7200.0, True)


def test_a_key_that_should_be_destroyed_long_ago_is_a_warning(health, services, matters):
    matters.tip()
    [key] = services.ledger.vault.tips.epochs.folder.glob("*.key")
    assert "epoch_old" not in health()["warnings"]
    os.utime(key, (0, (datetime.now(UTC) - timedelta(days=31)).timestamp()))

    assert "epoch_old" in health()["warnings"]


def test_what_has_waited_for_a_moment_only_is_no_warning(health, city, matters, services, clock):
    LogKeys.create(services.home.keys, services.origin)
    Publisher(services.home, LogKeys.load(services.home.keys), LogReader(services.ledger)).publish()
    os.utime(services.home.trail / "checkpoint", (0, 0))
    clock.at = datetime.now(UTC)
    matters.tip()

    told = health()
    assert (told["published"]["waiting"] > 0, "not_published" in told["warnings"]) == (True, False)


@pytest.fixture
def dead_letter(database):
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO read.dead_letter VALUES ('tips_desk', 7, 'tip.registered', 'KeyError')")


def test_an_event_left_out_of_a_read_model_is_a_warning(health, dead_letter):
    told = health()

    assert (told["projections"]["dead_letters"], "dead_letters" in told["warnings"]) == (1, True)


@pytest.mark.parametrize(
    ("role", "unit", "shown"),
    [("role_admin", CITY, True), ("key_admin", CITY, True), ("town_handler", "320581003", False)],
)
def test_administrators_are_told_on_every_page(signed_in, dead_letter, role, unit, shown):
    page = signed_in(role, unit).get("/desk").text

    assert ("有日志条目未能计入台账和统计" in page) == shown


def test_a_database_that_is_away_is_no_defect_of_the_answer(health, lose_database, browser):
    lose_database()

    answer, told = browser.get("/healthz"), health()

    assert (answer.status_code, answer.json, told["store"], told["sealed"]) == (503, {"ok": False}, False, None)


@pytest.mark.parametrize(("role", "unit"), [("", ""), ("town_handler", "320581003"), ("auditor", CITY)])
def test_e15_strangers_are_told_only_whether_it_answers(browser, signed_in, role, unit):
    asking = signed_in(role, unit) if role else browser

    assert asking.get("/healthz").json == {"ok": True}


def test_e15_administrators_are_told_how_far_each_part_is(signed_in, health):
    told = signed_in("role_admin", CITY).get("/healthz").json

    assert told.keys() == health().keys()


def test_e15_the_parts_are_asked_once_however_often_strangers_ask(services):
    class Signer:
        asked = 0

        def sign(self, _message):
            self.asked += 1
            return b"signed"

    signer = Signer()
    asked = SimpleNamespace(**vars(services) | {"keys": SimpleNamespace(service=signer)})
    answering = Answering(seconds=3600)

    assert [answering.is_up(asked) for _ in range(5)] == [True] * 5
    assert signer.asked == 1
    answering.seconds = 0
    assert (answering.is_up(asked), signer.asked) == (True, 2)


@pytest.fixture
def newer_rules(city, monkeypatch):
    """The program grows newer than the log."""
    monkeypatch.setattr(rules, "VERSION", rules.VERSION + 1)


def test_rules_that_the_log_has_not_adopted_are_a_warning(newer_rules, health):
    told = health()

    assert (told["rules"]["program"] - told["rules"]["adopted"], "rules_older" in told["warnings"]) == (1, True)


@pytest.mark.parametrize(("role", "shown"), [("key_admin", True), ("city_desk", False)])
def test_administrators_are_told_how_to_adopt_them(newer_rules, signed_in, role, shown):
    assert ("请系统管理员运行 xiaohao rules adopt" in signed_in(role, CITY).get("/desk").text) == shown


def test_a_witness_that_is_silent_is_a_warning(health, services, browser):
    key = NoteKey("commission.test/w1", COSIGNATURE, bytes(32))
    services.home.policy.write_text(f"witness w {key.vkey} http://w.test\nquorum w\n")
    assert health()["witnesses"] == {"last": {}, "silent": []}

    (services.home.trail / "checkpoint").write_text("")
    assert health()["witnesses"] == {"last": {"commission.test/w1": None}, "silent": []}
    os.utime(services.home.policy, (0, 0))
    told = health()

    assert told["witnesses"]["silent"] == ["commission.test/w1"]
    assert "witness_silent" in told["warnings"]
    (services.home.policy).write_text("nonsense")
    assert health()["witnesses"] is None


def test_e2_an_older_database_is_a_warning_and_the_store_does_not_answer(browser, city, health):
    city.ledger.table.writer.guard.refused = True

    told = health()

    assert browser.get("/healthz").status_code == 503
    assert (told["store"], "rolled_back" in told["warnings"]) == (False, True)


def test_e8_a_key_of_the_commission_that_is_missing_or_was_exchanged_is_a_warning(health, services):
    home, (_, first), (_, other) = services.home, new_pair(), new_pair()
    home.create()
    home.describe(origin="t.example/x", mode="training", commission=fingerprint(first))
    states = []
    for public in (None, "", first, other):
        if public is not None:
            (home.path / "vault" / "commission.pub").write_text(public)
        told = health()
        states.append(("commission_key" in told["warnings"], told["commission"]["fingerprint"]))

    assert states == [(True, ""), (True, ""), (False, fingerprint(first)), (True, fingerprint(other))]
