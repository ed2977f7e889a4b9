"""Every file of a home, removed, emptied, a folder, with one bit changed (faults.md E10): said at the start, or harmless by construction."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from application.log.log_keys import LogKeys
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.preflight.known_files import unknown
from interface.bootstrap import services
from interface.cli.main import main

POLICY = "log {vkey}\nquorum none\n"
STOPS, WARNS, HARMLESS = "stops", "warns", "harmless"


def foldered(path: Path) -> None:
    path.unlink()
    path.mkdir()


def flipped(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "removed": lambda path: path.unlink(),
    "emptied": lambda path: path.write_bytes(b""),
    "an empty folder": foldered,
    "first bit": lambda path: flipped(path, 0),
    "bit amidst": lambda path: flipped(path, len(path.read_bytes()) // 2),
}
# By file, what each damage comes to: removed, emptied, a folder in its place, a bit of the first byte, a bit in the middle.
OUTCOMES = {
    "instance.json": (STOPS, STOPS, STOPS, STOPS, STOPS),
    "keys/master.key": (STOPS, STOPS, STOPS, STOPS, STOPS),
    "keys/log.ed25519": (STOPS, STOPS, STOPS, STOPS, STOPS),
    "keys/log.mldsa44": (STOPS, STOPS, STOPS, STOPS, STOPS),
    "keys/web.secret": (HARMLESS, HARMLESS, STOPS, HARMLESS, HARMLESS),
    "keys/mirrors.json": (HARMLESS, STOPS, STOPS, STOPS, HARMLESS),  # a token that is another one opens nothing
    "publisher/head": (HARMLESS, STOPS, STOPS, STOPS, STOPS),
    "publisher/witnessed": (HARMLESS, WARNS, STOPS, WARNS, WARNS),
    "policy": (HARMLESS, WARNS, STOPS, WARNS, WARNS),
    "demo.json": (HARMLESS, STOPS, STOPS, STOPS, HARMLESS),
    "vault/commission.pub": (WARNS, WARNS, STOPS, WARNS, WARNS),
    "vault/epochs/*.key": (STOPS, STOPS, STOPS, STOPS, STOPS),
    "trail/checkpoint": (HARMLESS, STOPS, STOPS, STOPS, STOPS),
    "trail/checkpoints/*": (HARMLESS, STOPS, STOPS, STOPS, STOPS),
    "trail/log.vkey": (HARMLESS, HARMLESS, STOPS, HARMLESS, HARMLESS),
    "trail/keys.json": (HARMLESS, HARMLESS, STOPS, HARMLESS, HARMLESS),
    "trail/tile/0/*.p/*": (
        HARMLESS,
        HARMLESS,
        HARMLESS,
        HARMLESS,
        HARMLESS,
    ),  # the publisher, `fsck` and `verify` hash them
    "trail/tile/0/000": (HARMLESS, HARMLESS, HARMLESS, HARMLESS, HARMLESS),
    "trail/tile/entries/000": (HARMLESS, HARMLESS, HARMLESS, HARMLESS, HARMLESS),
    "run/lock": (HARMLESS, HARMLESS, STOPS, HARMLESS, HARMLESS),
}
CASES = [
    pytest.param(file, damage, outcome, id=f"{file} {damage}")
    for file, outcomes in OUTCOMES.items()
    for damage, outcome in zip(DAMAGES, outcomes, strict=True)
]


@pytest.fixture
def home(attached: Home) -> Home:
    """With a policy and what is remembered of witnesses, as far as a file can tell."""
    attached.policy.write_text(POLICY.format(vkey=LogKeys.load(attached.keys).vkeys[0]))
    (attached.publisher / "witnessed").write_text(json.dumps({"size": 0, "heard": {}}))
    (attached.run / "lock").write_text("0 command x")
    return attached


def opened(home: Home) -> tuple[str, ...]:
    """What is said of it at a start. Raises OperatorError where there is none."""
    with services(home) as made:
        return made.troubles


def test_e10_an_undamaged_home_is_opened_without_a_word(home):
    assert opened(home) == ()
    assert doctor(home) == {"files": "ok", "letters": "ok"}


@pytest.mark.parametrize(("file", "damage", "outcome"), CASES)
def test_e10_every_damaged_file_is_answered(home, file, damage, outcome):
    if file == "policy" and damage == "removed":
        (home.publisher / "witnessed").unlink()
    path = sorted(home.path.glob(file))[-1]
    DAMAGES[damage](path)

    if outcome == STOPS:
        with pytest.raises(
            OperatorError, match=path.name.replace(".", "[.]") if "log." not in file else "log"
        ) as refused:
            opened(home)
        assert "; " in str(refused.value)  # what to do
        assert "missing" in doctor(home).values()
    else:
        said = opened(home)
        assert (bool(said), all(str(path) in each for each in said)) == (outcome == WARNS, True)
        assert ("advice" in doctor(home).values()) == (outcome == WARNS)


def doctor(home: Home) -> dict[str, str]:
    """The states of the lines about the home's files and its log."""
    result = CliRunner().invoke(main, ["doctor", "--json", "--home", str(home.path)])
    findings = json.loads(result.output)["findings"]
    names = ("home", "keys", "files", "published", "log", "letters")
    bad = {one["name"]: one["state"] for one in findings if one["name"] in names and one["state"] != "ok"}
    return bad or {one["name"]: "ok" for one in findings if one["name"] in ("files", "letters")}


def test_e10_every_bit_of_instance_json_counts(home):
    """A bit that passes unseen would leave the instance as it was."""
    kept, said = home.instance.read_bytes(), home.read()
    for at in range(len(kept)):
        for bit in range(8):
            content = bytearray(kept)
            content[at] ^= 1 << bit
            home.instance.write_bytes(content)
            try:
                read = home.read()
            except OperatorError:
                continue
            assert read != said or content.split() == kept.split()
            assert read.keys() == said.keys()


@pytest.mark.parametrize("weaker", ["requirex", "", "optional", True])
def test_e10_a_second_factor_that_is_misspelled_is_no_weaker_instance(home, weaker):
    home.instance.write_text(json.dumps(home.read() | {"second_factor": weaker}))

    with pytest.raises(OperatorError, match="its second_factor can't be"):
        opened(home)


def test_e10_keys_of_another_log_are_not_signed_with(home):
    for name in ("log.ed25519", "log.mldsa44"):
        (home.keys / name).unlink()
    LogKeys.create(home.keys, home.read()["origin"])

    with pytest.raises(OperatorError, match="is none that the log names"):
        opened(home)


def test_e10_another_master_key_is_not_served(home):
    (home.keys / "master.key").write_bytes(os.urandom(32))

    with pytest.raises(OperatorError, match=r"not this instance's master key.*`xiaohao master-key`"):
        opened(home)


def test_e10_an_epoch_key_that_is_lost_is_never_followed_by_one_of_its_number(home):
    [key] = home.epochs.glob("*.key")
    number = int(key.stem)
    key.unlink()

    with pytest.raises(OperatorError, match=rf"{number}\.lost"):
        opened(home)
    key.with_suffix(".lost").touch()
    with services(home) as made:
        assert made.vault.tips.epochs.newest == number + 1
        assert any(str(key) in trouble for trouble in made.troubles)
    assert not key.exists()


def test_e10_an_epoch_key_of_another_home_does_not_pass(home):
    [key] = home.epochs.glob("*.key")
    key.write_bytes(os.urandom(32))

    with pytest.raises(OperatorError, match="does not open what is wrapped under it"):
        opened(home)


def test_e10_a_policy_that_is_gone_after_witnesses_cosigned_is_told(home):
    home.policy.unlink()

    [trouble] = opened(home)

    assert "it is missing, though witnesses have cosigned" in trouble


def test_e10_files_that_no_program_made_are_named_by_doctor(home):
    for name in ("keys/log.ed25519 (1)", "vault/epochs/x.key", "notes.txt"):
        (home.path / name).write_text("")

    assert opened(home) == ()
    assert {path.name for path in unknown(home)} == {"log.ed25519 (1)", "x.key", "notes.txt"}
    assert doctor(home) == {"files": "advice"}


def test_e10_every_file_that_a_home_has_is_in_the_table(home):
    shutil.rmtree(home.run)
    known = {path for pattern in OUTCOMES for path in home.path.glob(pattern)}
    left = [path for path in home.path.rglob("*") if path.is_file() and path not in known]

    names = {
        path.relative_to(home.path).as_posix()
        for path in left
        if path.relative_to(home.path).parts[:2] != ("trail", "tile")
    }
    assert names <= {"cluster.path", "keys/postgres.password", "keys/mirrors.lock", "publisher/lock"}


@pytest.mark.parametrize("damage", ["", "AAAA", "x"])
def test_e8_a_damaged_key_of_the_commission_is_a_sentence_for_whoever_writes_a_letter(home, damage):
    from uuid import uuid4

    from domain.errors import Unavailable

    (home.epochs.parent / "commission.pub").write_text(damage)

    with services(home) as made, pytest.raises(Unavailable, match="接收公钥文件已损坏"):
        made.vault.tips.seal_lead(uuid4(), text="x")


def test_e8_an_exchanged_key_of_the_commission_is_named_with_its_fingerprint(home):
    from application.vault.letterbox import fingerprint, new_pair

    _, stranger = new_pair()
    (home.epochs.parent / "commission.pub").write_text(stranger)

    [trouble] = opened(home)
    fsck = CliRunner().invoke(main, ["fsck", "--json", "--home", str(home.path)])

    assert (fingerprint(stranger) in trouble, home.read()["commission"] in trouble) == (True, True)
    assert json.loads(fsck.output)["warnings"] == [trouble]
    assert doctor(home) == {"files": "advice"}


def test_e8_an_older_home_has_the_fingerprint_recorded_at_its_first_start(home):
    from application.preflight.letterbox_key import record_fingerprint

    said = home.read()
    home.instance.write_text(json.dumps({name: said[name] for name in ("origin", "mode")}))

    record_fingerprint(home)

    assert home.read() == said
