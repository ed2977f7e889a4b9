"""The command line of a log in production: who signs is asked for the password; keys are given with a starting password."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result

from application.audit.fsck import Fsck
from application.campaign.genesis import CITY
from application.officials.officials import EnrolOfficial, GrantRole, SetPassword
from application.platform.home import Home
from application.vault.crypto import Secrets
from application.vault.passwords import Cost, Password
from application.vault.people import Person
from application.verifier.formats.entry import body_of, loads
from domain.values import Actor
from interface.bootstrap import services
from interface.cli.main import main
from interface.first_start import create
from tests.cities import at_work

WORDS = {"admin": "founding a city", "keeper": "keeping the keys", "desk": "answering tips"}
OWN = {login: Password(word, Cost(1, 1, 8)) for login, word in WORDS.items()}


def signed_in(made, login: str, role: str) -> Actor:
    official = str(made.vault.people.credential(login).official)
    return at_work(made.ledger, Actor(official, role, CITY, frozenset({official})), OWN[login])


@pytest.fixture(scope="module")
def production(tmp_path_factory) -> tuple[Home, str]:
    """An instance in production, with an administrator who changed the one-time password, a keeper of keys and a desk."""
    home = Home(tmp_path_factory.mktemp("instance") / "home")
    given = create(home, origin="p.example/campaign", training=False).password
    with services(home) as made:
        official = str(made.vault.people.credential("admin").official)
        first = at_work(made.ledger, Actor(official, "administrator", CITY), Password(given))
        own = {"password": OWN["admin"], "old": Password(given)}
        made.ledger.handle(SetPassword(id=uuid4(), actor=first, **own))
        admin = signed_in(made, "admin", "administrator")
        for login, role in (("keeper", "key_admin"), ("desk", "city_desk")):
            members = {"person": Person(login, "", login), "login": login, "password": OWN[login], "one_time": False}
            made.ledger.handle(EnrolOfficial(id=uuid4(), actor=admin, **members))
            official = made.vault.people.credential(login).official
            made.ledger.handle(GrantRole(id=uuid4(), actor=admin, official=official, role=role, unit=CITY))
    return home, given


@pytest.fixture
def home(production) -> Home:
    return production[0]


def run(home: Home, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["--home", str(home.path), *arguments], input=f"{typed}\n" if typed else None)


def told(home: Home, *arguments: str, typed: str) -> dict:
    result = run(home, *arguments, "--json", typed=typed)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_the_administrators_first_password_opens_nothing_once_it_was_changed(production):
    """`init` printed it; whoever found the paper, or the first backup, signs nothing with it."""
    home, given = production
    with services(home) as made:
        admin = signed_in(made, "admin", "administrator")
        [rotated] = [loads(body_of(entry)) for _, entry in made.ledger.table.of_topics(["key.rotated"])]
        assert (rotated["stream"], rotated["actor"]) == (admin.id, admin.id)
        assert made.ledger.authority().keys_in_force[admin.id] == admin.signer().keyid == rotated["data"]["keyid"]
    assert "wrong account or password" in run(home, "rules", "adopt", "--as", "admin", typed=given).output


@pytest.mark.parametrize("typed", ["a guess", ""])
def test_without_the_password_nothing_is_signed(home, typed):
    refused = run(home, "keys", "revoke", "desk", "--as", "keeper", "--reason", "x", typed=typed)

    assert refused.exit_code == 1
    with services(home) as made:
        assert made.ledger.table.of_topics(["key.revoked"]) == [] or typed


def test_a_forgotten_password_is_reset_with_a_new_key_and_the_starting_one_must_be_changed(home):
    reset = told(home, "keys", "reset", "desk", "--as", "keeper", "--reason", "忘记口令", typed=WORDS["keeper"])
    word = reset["one_time_password"]
    refused = run(home, "keys", "rotate-log", "--as", "desk", typed=word)

    with services(home) as made:
        events = [event.topic for event in made.ledger.read(after=reset["position"] - 3, limit=9)]
        official = made.vault.people.credential("desk").official
        opened = made.keys.unlock(str(official), Password(word)).keyid
        assert opened == made.ledger.authority().keys_in_force[str(official)]
        assert [fault for fault in Fsck(home, made.ledger).run().faults if "key" in fault] == []
    assert events == ["credential.reset", "key.revoked", "key.enrolled"]
    assert (refused.exit_code, "must be changed first" in refused.output) == (1, True)
    assert word not in "".join(path.read_text("utf-8", "ignore") for path in home.path.rglob("*.log"))


def test_the_word_is_said_once_in_words(home):
    said = run(home, "keys", "rotate", "desk", "--as", "keeper", typed=WORDS["keeper"])

    assert said.exit_code == 0, said.output
    assert "desk  one-time password: " in said.stdout
    assert said.stdout.splitlines()[-1].startswith("replaced the key of desk at position")


def test_nobody_resets_their_own(home):
    refused = run(home, "keys", "reset", "keeper", "--as", "keeper", "--reason", "x", typed=WORDS["keeper"])

    assert (refused.exit_code, "another key administrator" in refused.output) == (1, True)


def test_the_doctor_counts_keys_that_no_password_protects(home):
    def custody() -> dict:
        findings = json.loads(run(home, "doctor", "--json").stdout)["findings"]
        return next(finding for finding in findings if finding["name"] == "custody")

    with services(home) as made:
        before = custody()
        official = str(made.vault.people.credential("keeper").official)
        unlocked = made.keys.unlock(official, OWN["keeper"])
        bare = Secrets.load(home.keys / "master.key").box("signing key")
        sealed = bare.seal(unlocked.private, unlocked.keyid.encode())
        with made.database.cursor() as cursor:
            update = "UPDATE vault.signing_key SET sealed = %s, lock = NULL WHERE keyid = %s"
            cursor.execute(update, (sealed, unlocked.keyid))
        after = custody()
        listed = run(home, "keys", "revoke", "nobody", "--as", "keeper", "--reason", "x", typed=WORDS["keeper"])
        signed_in(made, "keeper", "key_admin")
        healed = custody()

    assert (before["state"], "all 3 officials' keys" in before["found"]) == ("ok", True)
    assert (after["state"], "1 of 3 officials' keys" in after["found"]) == ("advice", True)
    assert "sign in once" in after["todo"]
    assert (listed.exit_code, healed["state"]) == (1, "ok")
    assert UUID(official)


@pytest.mark.parametrize("edited", [{"mode": "training"}, {"origin": "q.example/campaign"}])
def test_a_file_that_was_edited_weakens_no_custody(home, edited):
    kept = json.loads(home.instance.read_text())
    home.describe(**kept | edited)
    try:
        result = run(home, "keys", "list")
    finally:
        home.describe(**kept)

    assert (result.exit_code, "the log was opened as p.example/campaign, production" in result.stdout) == (1, True)
    assert run(home, "keys", "list").exit_code == 0
