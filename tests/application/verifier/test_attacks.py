"""The design's table (docs/format.md §8): every attack under every control by itself; ok means that this one alone is blind to it."""

from __future__ import annotations

import shutil

import pytest

from application.log.log_keys import LogKeys
from application.platform.home import Home
from application.publication.publisher import Publisher
from tests.application.verifier import attacked as by
from tests.application.verifier.attacked import AT, SEEN, SIZE, World
from tests.logs import Person, Source

CONTROLS = ("log key", "old", "latest", "witnesses", "age", "events")

TABLE = """
untouched                              | ok | ok | ok | ok | ok | ok
S1 a byte of an entry                  | ENTRY_MISMATCH | ENTRY_MISMATCH | ENTRY_MISMATCH | ENTRY_MISMATCH | ENTRY_MISMATCH | ENTRY_MISMATCH
S2 an entry and its hash               | TILE_MISMATCH | TILE_MISMATCH | TILE_MISMATCH | TILE_MISMATCH | TILE_MISMATCH | TILE_MISMATCH
S3 an entry out of its bundle          | ENTRIES_FORMAT | ENTRIES_FORMAT | ENTRIES_FORMAT | ENTRIES_FORMAT | ENTRIES_FORMAT | ENTRIES_FORMAT
S4 two entries swapped in a bundle     | ENTRY_MISMATCH | ENTRY_MISMATCH | ENTRY_MISMATCH | ENTRY_MISMATCH | ENTRY_MISMATCH | ENTRY_MISMATCH
S5 bytes after a bundle                | ENTRIES_FORMAT | ENTRIES_FORMAT | ENTRIES_FORMAT | ENTRIES_FORMAT | ENTRIES_FORMAT | ENTRIES_FORMAT
S6 a bundle gone                       | ENTRIES_MISSING | ENTRIES_MISSING | ENTRIES_MISSING | ENTRIES_MISSING | ENTRIES_MISSING | ENTRIES_MISSING
S7 a tile of the second level          | TILE_MISMATCH | TILE_MISMATCH | TILE_MISMATCH | TILE_MISMATCH | TILE_MISMATCH | TILE_MISMATCH
S8 the size in the checkpoint          | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE
S9 the old checkpoint put back         | ok | ok | ROLLBACK | ok | WITNESS_QUORUM | ok
S10 signed with a key of one's own     | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE
S11 cosignatures stripped              | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | ok
S12 cosignatures of 700 pasted         | ok | ok | ok | CHECKPOINT_SIGNATURE | CHECKPOINT_SIGNATURE | ok
L1 an entry altered                    | ok | CONSISTENCY | FORK | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_SIGNATURE
L2 an entry deleted                    | ok | CONSISTENCY | ROLLBACK | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_ORDER
L3 two entries swapped                 | ok | CONSISTENCY | FORK | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_ORDER
L4 cut to 900                          | ok | ok | ROLLBACK | WITNESS_QUORUM | WITNESS_QUORUM | ok
L5 an entry replayed at the end        | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_ORDER
L6 another last entry                  | ok | ok | FORK | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_SIGNATURE
I1 deleted, the service signs again    | ok | CONSISTENCY | ROLLBACK | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_SIGNATURE
I2 backdated, the service signs        | ok | CONSISTENCY | CONSISTENCY | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_SIGNATURE
X1 deleted, everybody signs again      | ok | CONSISTENCY | ROLLBACK | WITNESS_QUORUM | WITNESS_QUORUM | ok
X2 altered, its author signs again     | ok | CONSISTENCY | FORK | WITNESS_QUORUM | WITNESS_QUORUM | ok
X3 altered after 700                   | ok | ok | FORK | WITNESS_QUORUM | WITNESS_QUORUM | ok
R1 a revoked key signs                 | ok | ok | ok | ok | ok | EVENT_KEY
A1 role that was not granted           | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_AUTHORITY
A1 act that is not of the role         | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_AUTHORITY
A2 the closer is the verifier          | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_SEPARATION
A3 signature stripped                  | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_SIGNATURE
A3 signature doubled                   | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_SIGNATURE
A4 an id repeated                      | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_REPLAY
A5 a version left out                  | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_ORDER
A5 into the midst of a command         | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_ORDER
A6 recorded before witnesses looked    | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_TIME
A6 recorded after witnesses saw it     | ok | ok | ok | ok | ok | EVENT_TIME
A7 an entry of another log             | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_LOG
A8 a type not in the rules             | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_AUTHORITY
A10 closed without verification        | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_STATE
A11 verified without a report          | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_STATE
A12 decided without a proposal         | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_STATE
A13 acknowledged without assignment    | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_STATE
A14 an act of a unit that is no party  | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_AUTHORITY
A15 closed by whoever refused it       | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_SEPARATION
A16 taken up by a town that is recused | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_SEPARATION
A9 a member that stands twice          | ok | ok | ok | WITNESS_QUORUM | WITNESS_QUORUM | EVENT_FORMAT
"""

ROWS = {row[0]: row[1:] for row in ([cell.strip() for cell in line.split("|")] for line in TABLE.strip().split("\n"))}

WITH_THE_FILES = {
    "untouched": lambda world, trail: None,
    "S1": by.alter_a_byte,
    "S2": by.alter_with_its_hash,
    "S3": by.delete_from_bundle,
    "S4": by.swap_in_bundle,
    "S5": by.append_bytes,
    "S6": by.delete_bundle,
    "S7": by.corrupt_tile,
    "S8": by.edit_size,
    "S9": by.put_back,
    "S10": by.sign_as_oneself,
    "S11": by.strip_cosignatures,
    "S12": by.paste_cosignatures,
}
WITH_KEYS = {
    "L1": lambda w, e: [*e[:AT], by.altered(w, e[AT]), *e[AT + 1 :]],
    "L2": lambda w, e: [*e[:AT], *e[AT + 1 :]],
    "L3": lambda w, e: [*e[: AT - 1], e[AT], e[AT - 1], *e[AT + 1 :]],
    "L4": lambda w, e: e[:900],
    "L5": lambda w, e: [*e, e[AT]],
    "L6": lambda w, e: [*e[:-1], by.altered(w, e[-1])],
    "I1": lambda w, e: by.relinked(w, [*e[:AT], *e[AT + 1 :]], AT, w.log.service.signer),
    "I2": by.backdated,
    "X1": lambda w, e: by.relinked(w, [*e[:AT], *e[AT + 1 :]], AT),
    "X2": lambda w, e: by.remade(w, e, AT),
    "X3": lambda w, e: by.remade(w, e, 950),
    "A1 role": lambda w, e: [*e, w.tip(SIZE, role="city_decider")],
    "A1 act": lambda w, e: [*e, w.tip(SIZE, type="access.sealed")],
    **{row: by.life(*acts) for row, acts in by.OUT_OF_TURN.items()},
    "A3 signature stripped": lambda w, e: [*e, by.signatures(w, 0)],
    "A3 signature doubled": lambda w, e: [*e, by.signatures(w, 2)],
    "A4": lambda w, e: [*e, w.tip(SIZE, id=by.parse(e[AT]).payload["id"])],
    "A5 into": lambda w, e: [*e, *by.torn_apart(w)],
    "A5": lambda w, e: [*e, w.tip(SIZE, version=2)],
    "A6 recorded before": lambda w, e: [*e, w.tip(SIZE, recorded_at=by.when(SIZE + 60))],
    "A7": lambda w, e: [*e, w.tip(SIZE, log="another.log/x")],
    "A8": lambda w, e: [*e, w.tip(SIZE, type="tip.vanished")],
    "A9": lambda w, e: [*e, by.said_twice(w)],
}
SEEN_BY_ALL = {"R1": by.revoked, "A6 recorded after": by.too_late}
BLAMED = {
    "S1": AT, "S4": AT - 1, "L1": AT, "L2": AT, "L3": AT - 1, "L5": SIZE, "L6": SIZE - 1, "I1": AT, "I2": AT, "R1": 600,
    "A1": SIZE, "A3": SIZE, "A4": SIZE, "A5 into": SIZE + 3, "A5": SIZE, "A6 recorded before": SIZE, "A7": SIZE, "A8": SIZE,
    "A6 recorded after": SIZE - 1, "A9": SIZE,
    **{row: SIZE + len(acts) - 1 for row, acts in by.OUT_OF_TURN.items()},
}  # fmt: skip


def of(attack, choices):
    """What belongs to this row: by its number, or by the number and more where one row is two."""
    return next((chosen for name, chosen in choices.items() if f"{attack} ".startswith(f"{name} ")), None)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def scenes(world, tmp_path_factory):
    """Each attack is made once: a function from its name to the folder that the verifier gets."""
    made = {}

    def scene(attack):
        if attack not in made:
            folder = tmp_path_factory.mktemp("attack")
            made[attack] = (folder, attack_on(world, attack, folder))
        return made[attack]

    return scene


def attack_on(world, attack, folder):
    """The folder, and the world in which the verifier saw the log before."""
    if (files := of(attack, WITH_THE_FILES)) is not None:
        shutil.copytree(world.trail, folder / "trail")
        files(world, folder / "trail")
    elif (forge := of(attack, WITH_KEYS)) is not None:
        entries = forge(world, list(world.log.entries))
        world.publish(entries, folder, [len(entries)] if len(entries) != SIZE else [SIZE])
        by.strip_cosignatures(world, folder / "trail") if len(entries) == SIZE else None
    else:
        return seen_by_all(world, of(attack, SEEN_BY_ALL), folder)
    return world


def seen_by_all(world, forge, folder):
    changed = World.__new__(World)
    changed.__dict__.update(world.__dict__)
    trail = world.publish(forge(world, list(world.log.entries)), folder)
    changed.old = {size: (trail / f"checkpoints/{size}").read_bytes() for size in (SEEN, SIZE)}
    return changed


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("attack", ROWS)
def test_the_table(scenes, attack, control):
    folder, eyes = scenes(attack)
    due = ROWS[attack][CONTROLS.index(control)]
    if control == "events" and due == "EVENT_TIME":
        control = "events and witnesses"

    verdict = eyes.verdict(folder / "trail", control)

    assert (verdict.fault.code if verdict.fault else "ok") == due, verdict.sentence
    if due.startswith(("EVENT", "ENTRY")):
        assert verdict.fault.index == of(attack, BLAMED), verdict.sentence
        assert f"第 {verdict.fault.index + 1} 条" in verdict.sentence


def test_the_table_is_whole():
    numbers = [row.split(" ")[0] for row in ROWS]
    assert len({n for n in numbers if n[0] in "SLIXR"}) == 24
    assert {n for n in numbers if n[0] == "A"} == {f"A{n}" for n in range(1, 17)}
    assert all(len(cells) == len(CONTROLS) for cells in ROWS.values())


def test_all_controls_together_are_strong(world):
    ask = by.VerifyOptions(
        world.keys.vkeys, by.leaf_hash(world.log.entries[0]).hex(), [world.old[SEEN]], policy=by.POLICY
    )
    verdict = by.verify(by.directory(world.trail), ask)

    assert (verdict.fault, verdict.strength, verdict.unchecked) == (None, "强", ())


def test_an_entry_to_blame_is_named_first_and_the_rest_besides(world, scenes):
    folder, _ = scenes("L1 an entry altered")
    ask = by.VerifyOptions(
        world.keys.vkeys, by.leaf_hash(world.log.entries[0]).hex(), [world.old[SIZE]], policy=by.POLICY
    )
    verdict = by.verify(by.directory(folder / "trail"), ask)

    assert (verdict.fault.code, verdict.fault.index) == ("EVENT_SIGNATURE", AT)
    assert {fault.code for fault in verdict.further} == {"FORK", "WITNESS_QUORUM"}


def test_an_entry_and_every_hash_above_it_made_anew(world, tmp_path):
    """Somebody with the files alone, but patient: only the signed root is left to say so."""
    trail = shutil.copytree(world.trail, tmp_path / "trail")
    entries = [by.altered(world, each) if n == AT else each for n, each in enumerate(world.log.entries)]
    made = world.publish(entries, tmp_path / "made", [SIZE])
    shutil.copytree(made / "tile", trail / "tile", dirs_exist_ok=True)

    assert {world.verdict(trail, control).fault.code for control in CONTROLS[:-1]} == {"TILE_MISMATCH"}


def test_a_whole_log_under_another_name_is_none(world, tmp_path):
    home = Home(tmp_path)
    home.create()
    keys = LogKeys.create(home.keys, "another.log/x")
    Publisher(home, keys, Source(world.log)).publish()
    fault = by.verify(by.directory(home.trail), by.VerifyOptions(keys.vkeys)).fault
    assert (fault.code, fault.index) == ("EVENT_LOG", 0)


def test_a_stranger_has_no_key(world, tmp_path):
    trail = world.publish([*world.log.entries, world.tip(SIZE, world.log.desk, Person().signer)], tmp_path, [SIZE + 1])
    assert world.verdict(trail, "events").fault.code == "EVENT_KEY"
