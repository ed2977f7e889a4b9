"""Newer rules on an older log: adopted once, by the administrator; until then new kinds of acts are refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result

from application.audit.fsck import Fsck
from application.campaign.genesis import adopt_in_training, adoption, version_in_force
from application.officials.officials import RetireOfficial
from application.platform.home import Home
from application.tips.commands import AcceptTip
from domain import rules
from domain.errors import NotAllowed, RuleBroken
from interface.bootstrap import Services, services
from interface.cli.main import main
from interface.first_start import create
from tests.cities import City

NEW = "tip.accepted"  # stands for a type that the older program did not know


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What is made inside is made by the program before this one."""
    with monkeypatch.context() as patch:
        patch.setattr(rules, "VERSION", rules.VERSION - 1)
        patch.setattr(rules, "TYPES", {kind: rule for kind, rule in rules.TYPES.items() if kind != NEW})
        yield patch


@pytest.fixture
def home(older: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    create(home, origin="t.example/campaign", training=True)
    older.undo()
    return home


@pytest.fixture
def old_city(older: pytest.MonkeyPatch, city: City) -> City:
    """Asked for after `older`, so founded under its rules."""
    older.undo()
    return city


def run(home: Home, *arguments: str, command: str = "rules") -> Result:
    return CliRunner().invoke(main, ["--home", str(home.path), command, *arguments])


def faults(made: Services) -> list[str]:
    return Fsck(made.home, made.ledger).run(lambda done, of: None).faults


def test_the_rules_of_a_newer_program_are_adopted_once_and_the_log_still_verifies(home):
    before = run(home, "show")
    done = run(home, "adopt", "--as", "admin", "--json")
    again = run(home, "adopt", "--as", "admin", "--json")
    after = json.loads(run(home, "show", "--json").stdout)

    assert f"{NEW:32} not adopted yet" in before.stdout
    assert f"this program brings version {rules.VERSION}" in before.stdout.splitlines()[-1]
    assert (done.exit_code, json.loads(done.stdout)["repeated"]) == (0, False)
    assert (again.exit_code, json.loads(again.stdout)["repeated"]) == (0, True)
    assert json.loads(again.stdout)["position"] == json.loads(done.stdout)["position"]
    assert (after["adopted"], after["not_adopted"], after["types"]) == (rules.VERSION, [], rules.TYPES)
    with services(home) as made:
        assert faults(made) == []


def test_a_log_with_the_programs_own_rules_has_nothing_to_adopt(city):
    with pytest.raises(RuleBroken, match="没有更新的版本"):
        city.ledger.handle(adoption(city.ledger, city.administrator))


def test_only_the_administrator_adopts(old_city):
    with pytest.raises(NotAllowed):
        old_city.ledger.handle(adoption(old_city.ledger, old_city.desk))

    assert version_in_force(old_city.ledger.table.database) == rules.VERSION - 1


def test_until_then_a_new_kind_of_act_is_refused_with_a_sentence(old_city, matters):
    tip = matters.tip()
    with pytest.raises(NotAllowed, match=f"权限规则未列此类事件（{NEW}）.*请联系系统管理员"):
        matters.on_tip(AcceptTip, old_city.desk, tip)

    adopt_in_training(old_city.ledger)
    matters.on_tip(AcceptTip, old_city.desk, tip)

    assert old_city.topics()[-1] == NEW


def test_a_training_log_adopts_by_itself_and_only_what_is_new(old_city):
    first, second = adopt_in_training(old_city.ledger), adopt_in_training(old_city.ledger)

    assert (first.repeated, second) == (False, None)
    assert old_city.topics().count("rules.adopted") == 2


def test_a_production_log_never_does(old_city):
    old_city.ledger.mode = "production"

    assert adopt_in_training(old_city.ledger) is None


def test_nobody_adopts_where_the_administrator_was_retired(old_city):
    keeper, administrator = old_city.actor("role_admin", "320581"), UUID(old_city.administrator.id)
    old_city.actor("key_admin", "320581")
    old_city.ledger.handle(RetireOfficial(id=uuid4(), actor=keeper, official=administrator, reason="离任"))

    assert adopt_in_training(old_city.ledger) is None


def test_the_doctor_says_so_where_the_log_is_served(home):
    with services(home):
        findings = json.loads(run(home, "--json", command="doctor").stdout)["findings"]

    [found] = [finding for finding in findings if finding["name"] == "rules"]
    assert (found["state"], f"version {rules.VERSION - 1}" in found["found"]) == ("advice", True)
    assert "xiaohao rules adopt" in found["todo"]
