"""`xiaohao keys` on a real instance: what the log says, what lies in the folder, and what a verifier makes of it."""

from __future__ import annotations

import json
from base64 import b64encode
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result

from application.campaign.genesis import CITY
from application.log.log_keys import KeyFiles, LogKeys
from application.officials.keys import EnrolKey, FreezeLog, RotateKey, RotateLogKey, hand_over
from application.officials.officials import RevokeKey
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.verifier.formats.entry import body_of, loads
from application.verifier.formats.note import ED25519, ML_DSA_44, Note, NoteKey, Vkey
from application.verifier.formats.tiles import directory
from application.verifier.verify import VerifyOptions, verify
from domain.errors import NotAllowed, RuleBroken
from interface.bootstrap import services
from interface.cli.main import main
from interface.cli.sign_in import acting
from interface.first_start import create
from tests.cities import STARTING, City

ORIGIN = "t.example/campaign"
KEEPER = f"key_admin-{CITY}-1"
KINDS = {"ed25519": ED25519, "mldsa44": ML_DSA_44}


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "home")
    create(home, origin=ORIGIN, training=True)
    with services(home) as made:
        city = City(made.ledger, acting(made, "admin", "official.enrolled"))
        for role in ("key_admin", "city_desk"):
            city.actor(role, CITY)
        made.publisher.publish()
    return home


def run(home: Home, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["--home", str(home.path), *map(str, arguments)])


def told(home: Home, *arguments: object) -> dict:
    result = run(home, *arguments, "--json")
    assert result.exit_code == 0, result.stdout
    return json.loads(result.stdout)


def vkeys(home: Home) -> list[Vkey]:
    return [Vkey.parse(line) for line in (home.trail / "log.vkey").read_text().splitlines()]


def something_happens(home: Home) -> None:
    with services(home) as made:
        City(made.ledger, acting(made, "admin", "official.enrolled")).actor("auditor", CITY, number=7)


def signers(home: Home) -> set[str]:
    return {line.key_id.hex() for line in Note.parse((home.trail / "checkpoint").read_bytes()).lines}


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_key_of_the_log_takes_over_and_whoever_holds_the_old_one_follows(home, kind):
    before = vkeys(home)
    old = next(vkey for vkey in before if vkey.kind == KINDS[kind])

    rotated = told(home, "keys", "rotate-log", "--as", KEEPER, "--kind", kind)
    new = Vkey.parse(rotated["new"])

    assert (Vkey.parse(rotated["old"]), new.kind) == (old, old.kind)
    assert set(vkeys(home)) == {*before, new}
    assert signers(home) == {vkey.key_id.hex() for vkey in (*before, new)}

    told(home, "keys", "retire-log", old.key_id.hex())
    something_happens(home)
    told(home, "publish", "--once")

    assert set(vkeys(home)) == {*before, new} - {old}
    assert signers(home) == {vkey.key_id.hex() for vkey in vkeys(home)}
    assert not [path for path in home.keys.iterdir() if path.name.endswith(old.key_id.hex())]
    assert verify(directory(home.trail), VerifyOptions([old])).ok
    assert verify(directory(home.trail), VerifyOptions([new])).ok
    assert not verify(directory(home.trail), VerifyOptions([old], signatures=False)).ok
    assert run(home, "fsck").exit_code == 0


def test_a_service_that_runs_signs_with_the_new_key_at_its_next_publishing(home):
    with services(home) as made:
        keeper = acting(made, KEEPER, "log.key_rotated")
        _, new = hand_over(made.ledger, home.keys, ED25519, keeper)
        assert new not in made.publisher.keys.vkeys
        made.publisher.publish()
    assert new.key_id.hex() in signers(home)


def test_a_hand_over_that_was_cut_off_is_finished_with_the_same_key(home):
    waiting = KeyFiles(home.keys, ED25519).successor()
    with services(home) as made:
        keeper, old = acting(made, KEEPER, "log.key_rotated"), KeyFiles(home.keys, ED25519).current
        proof = b64encode(old.sign_raw(str(waiting.vkey).encode())).decode()
        sent = RotateLogKey(id=uuid4(), actor=keeper, old=str(old.vkey), new=str(waiting.vkey), proof=proof)
        size = made.ledger.handle(sent).position

        assert hand_over(made.ledger, home.keys, ED25519, keeper) == (old.vkey, waiting.vkey)
        assert made.ledger.table.max_notification_id() == size
    assert LogKeys.load(home.keys).vkeys[0] == waiting.vkey


def test_a_key_is_not_recorded_without_the_word_of_the_old_one(home):
    old, stranger = KeyFiles(home.keys, ED25519).current, NoteKey("other", ED25519, bytes(32))
    pq = KeyFiles(home.keys, ML_DSA_44).current
    with services(home) as made:
        keeper = acting(made, KEEPER, "log.key_rotated")
        size = made.ledger.table.max_notification_id()
        for new, proof in [
            (stranger, old.sign_raw(str(stranger.vkey).encode())),
            (pq, old.sign_raw(str(pq.vkey).encode())),
            (NoteKey(ORIGIN, ED25519, bytes(32)), bytes(64)),
        ]:
            members = {"old": str(old.vkey), "new": str(new.vkey), "proof": b64encode(proof).decode()}
            with pytest.raises(RuleBroken):
                made.ledger.handle(RotateLogKey(id=uuid4(), actor=keeper, **members))
        assert made.ledger.table.max_notification_id() == size


def test_only_a_key_that_gave_way_is_retired(home):
    in_force = vkeys(home)[0].key_id.hex()
    assert "it is in force" in run(home, "keys", "retire-log", in_force).stdout
    unknown = run(home, "keys", "retire-log", "00000000")
    assert (unknown.exit_code, "no key of this id" in unknown.stdout) == (1, True)


def test_a_key_file_that_is_damaged_is_said(home):
    KeyFiles(home.keys, ED25519).waiting.write_text("x")
    with pytest.raises(OperatorError):
        KeyFiles(home.keys, ED25519).successor()


def test_only_the_keeper_of_keys_rotates(home):
    assert run(home, "keys", "rotate-log", "--as", f"city_desk-{CITY}-1").exit_code == 1


def test_a_frozen_log_takes_nothing_more_and_the_next_one_goes_on_from_it(home, tmp_path):
    said = told(home, "keys", "freeze", "--as", KEEPER, "--reason", "日志密钥失窃")
    end = (home.trail / "checkpoint").read_bytes()

    with pytest.raises(NotAllowed, match="日志已冻结"):
        something_happens(home)
    again = run(home, "keys", "freeze", "--as", KEEPER, "--reason", "再次")
    verdict = verify(directory(home.trail), VerifyOptions(vkeys(home)))

    assert said["checkpoint"] == str(home.trail / "checkpoint")
    assert (again.exit_code, "The log is frozen" in again.stdout) == (1, True)
    assert (verdict.ok, verdict.head) == (True, end)
    assert verdict.sentence.endswith(f"日志已于第 {said['position']} 条冻结")

    new, keys = Home(tmp_path / "new"), ("--continues-vkey", f"@{home.trail / 'log.vkey'}")
    own = run(new, "init", "--origin", ORIGIN, "--training", "--continues", said["checkpoint"], *keys)
    made = run(new, "init", "--origin", "t.example/next", "--training", "--continues", said["checkpoint"], *keys)

    assert (own.exit_code, made.exit_code) == (1, 0)
    assert "needs a name of its own" in own.stdout
    with services(new) as next_:
        assert loads(body_of(next_.ledger.table.leaf(1)[1]))["data"]["continues"] == end.decode()
        next_.publisher.publish()
    size = said["position"]
    found = verify(directory(new.trail), VerifyOptions(vkeys(new)))
    assert found.opened.continues == (ORIGIN, size)
    assert f"接续：{ORIGIN}（至第 {size} 条冻结），那本日志须另行核验" in list(found.lines("zh"))
    assert found.members()["continues"] == {"origin": ORIGIN, "size": size}
    assert "接续" in "".join(verify(directory(new.trail), VerifyOptions(vkeys(new), signatures=False)).lines("zh"))


def test_a7_nothing_goes_on_from_a_log_that_is_not_frozen_or_not_signed_so(home, tmp_path):
    new, trail = Home(tmp_path / "new"), home.trail

    def refused(*words):
        result = run(new, "init", "--origin", "t.example/next", "--training", *words)
        assert result.exit_code in (1, 2)
        assert not new.path.exists()
        return result.output

    keys = ("--continues-vkey", f"@{trail / 'log.vkey'}")
    assert "not frozen" in refused("--continues", trail, *keys)
    told(home, "keys", "freeze", "--as", KEEPER, "--reason", "失窃")
    stranger = str(NoteKey(ORIGIN, ED25519, bytes(32)).vkey)
    assert "CHECKPOINT_SIGNATURE" in refused("--continues", trail, "--continues-vkey", stranger)
    assert "go together" in refused("--continues", trail)
    assert "go together" in refused(*keys)
    assert "give the published folder" in refused("--continues", home.policy.parent, *keys)
    assert "not a key" in refused("--continues", trail, "--continues-vkey", "x")
    (trail / "tile/entries").rename(trail / "tile/gone")
    assert "ENTRIES_MISSING" in refused("--continues", trail, *keys)


def test_who_waits_at_the_lock_while_the_log_is_frozen_is_refused_there(home):
    """The act was decided before; what counts is what stands in the log when it is its turn."""
    with services(home) as made, services(home) as other:
        keeper, old = acting(made, KEEPER, "log.key_rotated"), KeyFiles(home.keys, ED25519).current
        new = KeyFiles(home.keys, ED25519).successor().vkey
        proof = b64encode(old.sign_raw(str(new).encode())).decode()
        made.ledger.authority()
        other.ledger.handle(FreezeLog(id=uuid4(), actor=keeper, reason="失窃"))
        with pytest.raises(NotAllowed, match="日志已冻结"):
            made.ledger.handle(RotateLogKey(id=uuid4(), actor=keeper, old=str(old.vkey), new=str(new), proof=proof))


DESK = f"city_desk-{CITY}-1"


def of_desk(home: Home, *arguments: object) -> list[tuple[str, bool]]:
    """(state, still open) of the desk's keys, as `keys list` tells them."""
    return [
        (k["state"], k["last"] is None) for k in told(home, "keys", "list", *arguments)["keys"] if k["account"] == DESK
    ]


def test_a_key_of_an_official_is_replaced_revoked_and_enrolled_by_position(home):
    rotated = told(home, "keys", "rotate", DESK, "--as", KEEPER)["position"]
    revoked = told(home, "keys", "revoke", DESK, "--as", KEEPER, "--reason", "遗失")["position"]
    twice = run(home, "keys", "revoke", DESK, "--as", KEEPER, "--reason", "遗失")
    enrolled = told(home, "keys", "enrol", DESK, "--as", KEEPER)["position"]
    known = [k for k in told(home, "keys", "list")["keys"] if k["account"] == DESK]

    assert twice.exit_code == 1
    assert [(k["state"], k["last"]) for k in known] == [("replaced", rotated), ("revoked", revoked), ("in force", None)]
    assert [k["first"] for k in known][1:] == [rotated + 1, enrolled + 1]
    assert of_desk(home, "--at", rotated - 1) == [("in force", True)]
    assert of_desk(home, "--at", revoked) == [("replaced", False), ("revoked", False)]
    lines = run(home, "keys", "list").stdout.splitlines()
    assert any(DESK in line and f"–{revoked}  revoked" in line for line in lines)
    assert "service" in "".join(lines)
    told(home, "publish", "--once")
    assert verify(directory(home.trail), VerifyOptions(vkeys(home))).ok
    nobody = run(home, "keys", "rotate", "nobody", "--as", KEEPER)
    assert (nobody.exit_code, "there is no such account" in nobody.stdout) == (1, True)


def test_whose_key_another_process_replaced_signs_no_more_until_they_begin_anew(home):
    with services(home) as made, services(home) as other:
        city = City(made.ledger, acting(made, "admin", "official.enrolled"))
        desk = acting(made, DESK, "company.registered")
        city.actors["city_desk", CITY, 1] = desk
        city.company(1)
        keeper = acting(other, KEEPER, "key.rotated")
        other.ledger.handle(RotateKey(id=uuid4(), actor=keeper, official=UUID(desk.id), password=STARTING))

        with pytest.raises(NotAllowed, match="密钥已停用"):
            city.company(2)
        city.actors["city_desk", CITY, 1] = acting(made, DESK, "company.registered")
        city.company(2)

        other.ledger.handle(RevokeKey(id=uuid4(), actor=keeper, official=UUID(desk.id), reason="遗失"))
        with pytest.raises(NotAllowed, match="密钥已停用"):
            city.company(3)
        other.ledger.handle(EnrolKey(id=uuid4(), actor=keeper, official=UUID(desk.id), password=STARTING))
        city.actors["city_desk", CITY, 1] = acting(made, DESK, "company.registered")
        city.company(3)
