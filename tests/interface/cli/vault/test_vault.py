"""`xiaohao vault`, `lead` and `verify-opening`: destroying, and what the commission does on its own machine."""

import json
from base64 import b64decode, b64encode
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from application.campaign.genesis import CITY
from application.disclosures.disclosures import ApproveDisclosure, OpenDisclosure, RequestDisclosure, opening_file
from application.platform.home import Home
from application.vault.crypto import place
from application.vault.letterbox import Letterbox
from application.verifier.formats.commitments import opening, opens
from application.verifier.formats.entry import seal
from application.verifier.formats.merkle import leaf_hash
from domain import laws
from domain.disclosures.disclosure import Disclosure
from interface.bootstrap import services
from interface.cli.commission import program as commission
from interface.cli.main import main
from interface.cli.sign_in import acting
from interface.first_start import create
from tests.cities import City
from tests.logs import Person
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


DEEP = "[" * 100_000


@pytest.mark.parametrize("words", [b"[]", b"{", b'{"text":1}', b"\xff", DEEP.encode(), b'{"text":"a","text":"b"}'])
def test_a12_whatever_a_stranger_seals_to_the_commission_is_a_sentence(letter, words):
    """Its public key stands on the server: anybody who writes there can seal anything to it."""
    lead = json.loads((letter / "letter.json").read_text())["lead"]
    (letter / "pub").write_text(public_of(letter))
    sealed = Letterbox(letter / "pub").seal(words, place(UUID(lead), "lead"))
    (letter / "strange").write_text(json.dumps({"lead": lead, "sealed": b64encode(sealed).decode()}))

    said = read(letter, "strange")
    assert (said.exit_code, "holds no words of a lead" in said.stdout) == (1, True)


def test_a12_a_letter_moves_no_cursor(letter):
    lead = json.loads((letter / "letter.json").read_text())["lead"]
    (letter / "pub").write_text(public_of(letter))
    words = json.dumps({"reporter": "\x1b[2J", "text": "两行\n\x1b]0;x\x07"}).encode()
    sealed = Letterbox(letter / "pub").seal(words, place(UUID(lead), "lead"))
    (letter / "strange").write_text(json.dumps({"lead": lead, "sealed": b64encode(sealed).decode()}))

    said = read(letter, "strange")
    assert (said.exit_code, "\x1b" in said.stdout, "两行\n" in said.stdout) == (0, False, True)


def public_of(letter):
    private = X25519PrivateKey.from_private_bytes(b64decode((letter / "key").read_text()))
    return b64encode(private.public_key().public_bytes_raw()).decode()


@pytest.mark.parametrize("name", ["letter", "opening"])
@pytest.mark.parametrize(
    "words", [DEEP, '{"a":' * 100_000, "[]", "null", '{"lead":%s}' % ("1" * 9_000), '{"lead":1e999}']
)
def test_a12_a_file_that_is_nested_without_end_is_a_sentence(letter, name, words):
    (letter / "strange").write_text(words)
    said = (
        read(letter, "strange")
        if name == "letter"
        else CliRunner().invoke(main, ["verify-opening", str(letter / "strange"), "--entry", str(letter / "key")])
    )
    assert (said.exit_code, f"is no {name}" in said.stdout) == (1, True)


@pytest.mark.parametrize("data", [[], "text", {"commits": "text"}, {"commits": ["text"]}, {}])
def test_a12_an_entry_without_commitments_proves_no_opening(data):
    """Nothing is known of the entry yet: whoever shows an opening brings it along."""
    entry = seal({"log": "l", "seq": 0, "data": data}, Person().signer)
    shown = opening("l", 0, leaf_hash(entry).hex(), "text", "00" * 32, "x")
    assert opens(shown, entry) == "the entry commits to no text"


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
