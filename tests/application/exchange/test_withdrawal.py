"""A batch taken back: what nobody works on is withdrawn, the rest stays; the file may come again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from application.exchange.mapping import Mapping
from application.exchange.sheet import read
from application.exchange.tip_import import Import
from application.exchange.withdrawal import Withdrawal
from application.tips.commands import AcceptTip
from application.verifier.formats.entry import body_of
from domain.errors import NotAllowed, NotFound, RuleBroken
from domain.tips.tip import Tip
from projections import tips as tips_desk
from projections.engine.catch_up import ReadModels
from projections.engine.rebuild import rebuild
from projections.figures import report as statistics
from projections.models import MODELS
from projections.query.scope import Scope
from projections.tip_filter import TipFilter
from tests.application.exchange.test_tip_import import DOCS, HERE, MAPPING, imported, stop_after
from tests.cities import OTHER_TOWN, TOWN
from tests.plugin import DATA

DAY = date(2026, 3, 2)


def withdrawn(city, batch, actor=None, **members):
    task = Withdrawal(city.ledger, actor or city.desk, batch, reason="导入了错误的文件", **members)
    task.run()
    return task


def streams(city):
    return [UUID(e.stream) for e in city.ledger.read(after=0, limit=10_000) if e.topic == "tip.registered"]


def test_a_batch_is_withdrawn_and_the_file_may_be_imported_again(city):
    first = imported(city)

    withdrawn(city, first.batch)
    again = imported(city)

    assert [t for t in city.topics() if t.endswith(".withdrawn")] == [*["tip.withdrawn"] * 3, "import.withdrawn"]
    assert again.counts == {"registered": 3, "repeated": 2, "refused": 3}  # the lead is with the commission and stays
    assert imported(city).counts["registered"] == 0


def test_what_somebody_works_on_stays_and_is_named_by_its_row(city, matters):
    first = imported(city)
    matters.on_tip(AcceptTip, city.desk, streams(city)[1])

    task = withdrawn(city, first.batch)

    assert task.kept == [(3, "此线索现为“待交办”，已在办理，不撤回")]
    assert task.sealed == 1
    assert city.ledger.fetch(Tip, streams(city)[1]).state == "accepted"
    last = list(city.ledger.read(after=0, limit=10_000))[-1]
    assert last.data == {"reason": "导入了错误的文件", "withdrawn": 2, "kept": 1}


def test_a_second_withdrawal_changes_nothing(city):
    batch = imported(city).batch
    withdrawn(city, batch)
    before = city.topics()

    withdrawn(city, batch)

    assert city.topics() == before


def test_a_withdrawal_that_was_cut_off_is_completed_by_the_next(city, monkeypatch):
    batch = imported(city).batch
    monkeypatch.setattr("application.exchange.withdrawal.GROUP", 2)
    task = Withdrawal(city.ledger, city.desk, batch, reason="导入了错误的文件")
    with pytest.raises(KeyboardInterrupt):
        task.run(cut_off)
    assert city.topics().count("tip.withdrawn") == 2

    withdrawn(city, batch)

    assert [t for t in city.topics() if t.endswith(".withdrawn")] == [*["tip.withdrawn"] * 3, "import.withdrawn"]


def cut_off(_):
    raise KeyboardInterrupt


def test_an_import_that_was_cut_off_is_withdrawn_too(city):
    task = Import(city.ledger, city.desk, read(HERE / "orders.csv"), MAPPING)
    with pytest.raises(KeyboardInterrupt):
        task.run(stop_after(7))

    assert withdrawn(city, task.batch).withdrawn == 3


def test_who_takes_a_tip_up_in_the_meantime_keeps_it(city, matters):
    batch = imported(city).batch
    task = Withdrawal(city.ledger, city.desk, batch, reason="导入了错误的文件")
    matters.on_tip(AcceptTip, city.desk, streams(city)[0])

    task.run()

    assert (task.withdrawn, [row for row, _ in task.kept]) == (2, [2])


def test_only_whose_batch_it_is_may_withdraw_it(city):
    task = Import(city.ledger, city.actor("town_handler", TOWN), read(HERE / "orders.csv"), MAPPING)
    task.run()

    with pytest.raises(NotFound):
        withdrawn(city, task.batch, city.actor("town_handler", OTHER_TOWN))
    with pytest.raises(NotAllowed):
        withdrawn(city, task.batch, city.actor("town_verifier", TOWN))
    assert withdrawn(city, task.batch, city.actor("town_handler", TOWN)).withdrawn == 3


def test_a_withdrawal_says_why(city):
    with pytest.raises(RuleBroken, match="请填写撤回理由"):
        Withdrawal(city.ledger, city.desk, imported(city).batch, reason=" ")


def test_lists_and_figures_are_without_them_and_as_of_before_with_them(city, database, owner):
    models = ReadModels(owner, body_of, models=MODELS)
    batch = imported(city).batch
    before = models.catch_up()
    city.ledger.clock.advance(
        days=14
    )  # the week is over: what should never have been counted is not counted in it either
    withdrawn(city, batch)
    models.catch_up()

    assert counted(database) == (0, 0, 3)
    assert counted(database, at=before) == (3, 3, 0)
    assert rebuild(models, check=True).same


def counted(database, at=None):
    """Figures of new and of open tips; tips in the list of withdrawn ones."""
    with database.cursor() as cursor:
        total = statistics.weekly(cursor, Scope.all(), "2026-W10", day=DAY, at=at).total
        listed = tips_desk.count(cursor, Scope.all(), TipFilter(states=("withdrawn",)), day=DAY, at=at)
    return total["tips_new"].value, total["tips_open"].value, listed


@pytest.mark.realdata
def test_the_real_file_is_withdrawn_and_registered_again_once(city):
    mapping = Mapping.parse((DOCS / "messages.toml").read_bytes())
    file = DATA / "tips_cn" / "messages_4326.xlsx"
    batch = imported(city, file, mapping).batch

    task = withdrawn(city, batch)

    assert (task.withdrawn, task.kept) == (4326, [])
    assert imported(city, file, mapping).counts == {"registered": 4326, "repeated": 0, "refused": 0}
