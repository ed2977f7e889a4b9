"""What a tip says is destroyed by two persons; the log says so, and nothing else changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner

from application.audit.fsck import Fsck
from application.campaign.genesis import CITY
from application.platform.home import Home
from application.tips.commands import AcceptTip
from application.tips.shredding import ProposeShredding, ShredTip
from application.vault.crypto import place
from domain.errors import NotAllowed, NotFound, RuleBroken
from interface.bootstrap import services
from interface.cli.main import main
from interface.cli.sign_in import acting
from interface.first_start import create
from tests import places
from tests.cities import City
from tests.matters import Matters

CANARY, NAME, PHONE = "三号楼电梯井里的金丝雀叫了七天七夜没人管", "金丝雀女士", "13812345678"


@pytest.fixture(autouse=True)
def _keyed_first(keyed):
    """The log's first entry names the keys of the home."""


@pytest.fixture
def fsck(keyed, ledger):
    return lambda: Fsck(keyed, ledger).run()


def shred(matters, tip, **proposed):
    matters.on_tip(ProposeShredding, matters.city.desk, tip, **{"ground": "retention"} | proposed)
    return matters.on_tip(ShredTip, matters.city.actor("city_decider", CITY), tip)


def test_two_persons_destroy_what_a_tip_says(matters, fsck):
    tip, other = matters.tip(source="12345", number="W-1"), matters.tip()
    matters.city.actor("city_decider", CITY)

    shred(matters, tip, ground="order", order="常法〔2026〕1号")

    *_, proposed, shredded = matters.city.ledger.read(after=0, limit=1000)
    assert (proposed.topic, shredded.topic) == ("tip.shredding_proposed", "tip.shredded")
    assert shredded.data == {"ground": "依法作出的法律文书（须填写文号）", "order": "常法〔2026〕1号"}
    vault = matters.city.ledger.vault.tips
    with pytest.raises(NotFound, match="已销毁"):
        vault.reporter(tip)
    assert vault.words(other).text
    assert vault.known_sources([vault.source_key("12345", "W-1", "")])  # 已销毁, and not to be registered again
    assert (fsck().faults, fsck().shredded) == ([], 1)


def test_a_destroyed_tip_may_still_be_worked_on(matters):
    tip = matters.tip()
    shred(matters, tip)

    matters.on_tip(AcceptTip, matters.city.desk, tip, note="按登记的来源办理")

    assert matters.city.topics()[-1] == "tip.accepted"


@pytest.mark.parametrize(
    ("ground", "order", "refusal"), [("x", None, "请选择依据"), ("order", " ", "请填写法律文书的文号")]
)
def test_a_ground_is_one_of_the_law(matters, ground, order, refusal):
    tip = matters.tip()
    with pytest.raises(RuleBroken, match=refusal):
        matters.on_tip(ProposeShredding, matters.city.desk, tip, ground=ground, order=order)


def test_nobody_approves_what_nobody_proposed_or_what_he_proposed_himself(matters):
    tip, decider = matters.tip(), matters.city.actor("city_decider", CITY)
    with pytest.raises(RuleBroken, match="尚未有人提请"):
        matters.on_tip(ShredTip, decider, tip)
    with pytest.raises(NotAllowed, match="市专班经办"):
        matters.on_tip(ProposeShredding, decider, tip, ground="retention")
    shred(matters, tip)
    with pytest.raises(RuleBroken, match="已销毁"):
        matters.on_tip(ShredTip, decider, tip)


def test_what_is_gone_without_an_event_is_a_fault(matters, database, fsck):
    tip = matters.tip()
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM vault.tip_blob WHERE tip = %s", (tip,))

    [fault] = fsck().faults
    assert "no event says it was destroyed" in fault


def test_what_is_still_there_after_its_event_is_a_fault(matters, database, fsck):
    tip = matters.tip()
    with database.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE kept AS SELECT * FROM vault.tip_blob WHERE blob = 'reporter'")
        cursor.execute("TABLE kept")
        [row] = cursor.fetchall()
    shred(matters, tip)
    with database.cursor() as cursor:
        cursor.execute("UPDATE vault.epoch SET oldest = 0")
        cursor.execute("INSERT INTO vault.tip_blob VALUES %s", (row,))

    [fault] = fsck().faults
    assert "the vault still holds something of it" in fault


def test_an_epoch_that_can_not_end_now_ends_at_the_next_roll(matters, fsck):
    tip, epochs = matters.tip(), matters.city.ledger.vault.tips.epochs
    (epochs.folder / "2.new").mkdir()  # no new key can be written

    receipt = shred(matters, tip)

    assert (receipt.repeated, epochs.numbers()) == (False, [1])
    (epochs.folder / "2.new").rmdir()
    matters.tip()
    result = fsck()
    assert (result.faults, result.shredded) == ([], 1)


# The whole data directory


@pytest.fixture
def home():
    place = places.place("home")
    yield Home(place / "home")
    shutil.rmtree(place, ignore_errors=True)


def secrets_of(made, tip):
    """The per-tip keys, and every epoch key that has ever wrapped them."""
    found = [path.read_bytes() for path in made.vault.tips.epochs.folder.glob("*.key")]
    with made.database.cursor() as cursor:
        cursor.execute("SELECT blob, epoch, wrapped_key FROM vault.tip_blob WHERE tip = %s", (tip,))
        for blob, epoch, wrapped in cursor.fetchall():
            found.append(made.vault.tips.epochs.box(epoch).open(bytes(wrapped), place(tip, blob)))
    return found


def everywhere(home, needles):
    """What of the needles is in any file below the home, or in the cluster beside it."""
    pointer = home.path / "cluster.path"
    folders = [home.path, *([Path(pointer.read_text())] if pointer.exists() else [])]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert any("pg_wal" in path.parts for path in files)
    return {(path.name, needle) for path in files for needle in needles if needle in path.read_bytes()}


def run(home, *arguments):
    result = CliRunner().invoke(main, ["--home", str(home.path), *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def test_after_shredding_nothing_is_found_anywhere(home):
    create(home, origin="t.example/campaign", training=True)
    with services(home) as made:
        admin = acting(made, "admin", "official.enrolled")
        city = City(made.ledger, admin)
        matters = Matters(city)
        tip = matters.tip(text=CANARY, reporter=NAME, contact=PHONE)
        other = matters.tip(text="另一条线索", reporter="李某")
        city.actor("city_decider", CITY)
        keys = secrets_of(made, tip)
        matters.on_tip(ProposeShredding, city.desk, tip, ground="consent")
        decider = city.actors["city_decider", CITY, 1]
        made.publisher.publish()
        checkpoint(made)
    words = [text.encode(form) for text in (CANARY, NAME, PHONE) for form in ("utf-8", "utf-16-le")]
    assert everywhere(home, words) == set()  # not even before
    assert everywhere(home, keys[:1]) != set()  # the search can find what is there
    verify = ("verify", home.trail, "--vkey", f"@{home.trail / 'log.vkey'}")
    before = run(home, *verify)

    with services(home) as made:
        Matters(City(made.ledger, admin)).on_tip(ShredTip, decider, tip)
        run(home, "export", "ledger", "-o", home.path / "ledger.xlsx")
        checkpoint(made)
        assert made.vault.tips.reporter(other).reporter == "李某"
    assert everywhere(home, words + keys) == set()

    assert run(home, *verify) == before
    run(home, "publish", "--once")
    run(home, *verify)
    assert "2 tips (1 shredded)" in run(home, "fsck")


def checkpoint(made):
    connection = psycopg2.connect(made.logins.owner)
    connection.autocommit = True
    connection.cursor().execute("CHECKPOINT")
    connection.close()
