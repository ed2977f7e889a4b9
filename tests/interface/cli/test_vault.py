"""`xiaohao vault`, `lead` and `verify-opening`: destroying, and what the commission does on its own machine."""

import json
from base64 import b64encode
from uuid import uuid4

import pytest
from click.testing import CliRunner

from application.disclosures import ApproveDisclosure, OpenDisclosure, RequestDisclosure, opening_file
from application.genesis import CITY
from application.store.home import Home
from domain import laws
from domain.disclosures.disclosure import Disclosure
from interface.bootstrap import services
from interface.cli import commission
from interface.cli.acting import acting
from interface.cli.main import main
from interface.init import create
from tests.cities import City
from tests.matters import TOLD, Matters

GROUND = next(iter(laws.grounds("shred")))


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("instance") / "home")
    create(home, origin="t.example/campaign", training=True)
    with services(home) as made:
        city = City(made.ledger, acting(made, "admin", "official.enrolled"))
        city.actor("city_desk", CITY)
        city.actor("city_decider", CITY)
        Matters(city).tip()
    return home


def run(home, *arguments):
    return CliRunner().invoke(main, ["--home", str(home.path), *map(str, arguments)])


def test_two_officials_destroy_what_a_tip_says(home):
    with services(home) as made:
        tip = next(e.position for e in made.ledger.read(after=0, limit=1000) if e.topic == "tip.registered")
    shred = ("vault", "shred", tip)

    early = run(home, *shred, "--as", f"city_desk-{CITY}-1")
    proposed = run(home, *shred, "--ground", "retention", "--as", f"city_desk-{CITY}-1")
    wrong = run(home, *shred, "--as", f"city_desk-{CITY}-1")
    done = run(home, *shred, "--as", f"city_decider-{CITY}-1", "--json")

    assert (early.exit_code, "nobody has proposed it yet" in early.stdout) == (1, True)
    assert (proposed.exit_code, "a decider of the city has to approve" in proposed.stdout) == (0, True)
    assert (wrong.exit_code, "no role of this account may do that" in wrong.stdout) == (1, True)
    assert json.loads(done.stdout)["ok"]
    assert "1 tips (1 shredded)" in run(home, "fsck").stdout
    assert (home.epochs / "1.key").exists() is False


def test_the_epoch_ends_on_demand(home):
    before = {path.name for path in home.epochs.iterdir()}

    said = run(home, "vault", "shred", "--now")

    assert (said.exit_code, "old epochs destroyed" in said.stdout) == (0, True)
    assert not before & {path.name for path in home.epochs.iterdir()}


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("x", "--now"),
        ("x",),
        ("--now", "--as", "x"),
        ("--now", "--ground", GROUND),
        ("--now", "--order", "1"),
        ("x", "--as", "x", "--order", "1"),
    ],
)
def test_a6_it_is_one_or_the_other(home, arguments):
    assert run(home, "vault", "shred", *arguments).exit_code == 2


@pytest.mark.parametrize("tip", ["x", "999999", "8c69b4df-1053-4ca0-bf7a-3766a3cf95a5"])
def test_a_tip_that_is_not_there_is_said_to_be_unknown(home, tip):
    assert run(home, "vault", "shred", tip, "--ground", "retention", "--as", f"city_desk-{CITY}-1").exit_code == 1


@pytest.fixture
def letter(city, matters, tmp_path):
    lead = matters.tip(accuses_official=True, reporter="金丝雀")
    sealed = city.ledger.vault.tips.letter(lead)
    (tmp_path / "letter.json").write_text(json.dumps({"lead": str(lead), "sealed": b64encode(sealed).decode()}))
    (tmp_path / "key").write_text(city.commission + "\n")
    return tmp_path


def read(letter, name="letter.json"):
    return CliRunner().invoke(main, ["lead", "read", str(letter / name), "--key", str(letter / "key")])


def test_the_commission_reads_a_letter_with_its_own_key(letter, capsys):
    said = read(letter)
    kit = [
        commission.main(["lead", str(letter / name), "--key", str(letter / "key")]) for name in ("letter.json", "key")
    ]

    assert (kit, TOLD in capsys.readouterr().out) == ([0, 1], True)

    assert (said.exit_code, TOLD in said.stdout, "reporter: 金丝雀" in said.stdout) == (0, True, True)


def test_another_key_or_no_letter_is_said_plainly(letter):
    (letter / "other").write_text("{}")
    assert "it is no letter" in read(letter, "other").stdout
    assert "No such file" in read(letter, "none").stdout
    (letter / "key").write_text(b64encode(bytes(range(32))).decode())
    assert (read(letter).exit_code, "couldn't open the letter" in read(letter).stdout) == (1, True)


def test_one_opened_field_is_proved_by_its_entry(city, matters, tmp_path):
    tip, desk = matters.tip(contact="13812345678"), city.desk
    id = matters.do(RequestDisclosure, desk, tip=tip, fields=("contact", "files"), reason="须核实").stream
    seen = city.ledger.fetch(Disclosure, id).version
    matters.do(ApproveDisclosure, city.actor("city_decider", CITY), disclosure=id, seen=seen)
    for field in ("contact", "files"):
        open_ = OpenDisclosure(id=uuid4(), actor=desk, disclosure=id, fields=(field,))
        (tmp_path / f"{field}.json").write_bytes(opening_file(open_, city.ledger))
    position = json.loads((tmp_path / "contact.json").read_text())["index"] + 1
    (tmp_path / "tip.entry").write_bytes(city.ledger.table.leaf(position)[1])
    (tmp_path / "other.entry").write_bytes(city.ledger.table.leaf(position - 1)[1])

    def verified(field, entry="tip"):
        files = [str(tmp_path / f"{field}.json"), "--entry", str(tmp_path / f"{entry}.entry")]
        return CliRunner().invoke(main, ["verify-opening", *files])

    assert f"proved: this is the contact that position {position}" in verified("contact").stdout
    assert verified("files").exit_code == 0
    kit = [str(tmp_path / "contact.json"), "--entry"]
    assert [commission.main(["opening", *kit, str(tmp_path / f"{name}.entry")]) for name in ("tip", "other")] == [0, 1]
    assert (verified("contact", "other").exit_code, "of another entry" in verified("contact", "other").stdout) == (
        1,
        True,
    )
    (tmp_path / "contact.json").write_text("[]")
    assert "this is no opening" in verified("contact").stdout
