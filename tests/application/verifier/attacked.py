"""A published, witnessed log of 1,000 entries, and attackers with ever more keys who work on a copy of it (docs/format.md §8)."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from application.log.log_keys import LogKeys
from application.platform.home import Home
from application.publication.publisher import Publisher
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.entry import Signer, _outer, canonical, pae, parse, seal
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import COSIGNATURE, Note, NoteKey
from application.verifier.formats.policy import Policy
from application.verifier.formats.tiles import ENTRIES, directory, join, path_of, split
from application.verifier.verdict import Verdict
from application.verifier.verify import VerifyOptions, verify
from tests.logs import COMMITS, ORIGIN, TOWN, Log, Person, Source

SEEN, SIZE, AT = 700, 1_000, 421
BEGAN = int(datetime(2026, 3, 2, 4, tzinfo=UTC).timestamp())  # of tests.logs: one entry a second
COSIGNED = {SEEN: BEGAN + SEEN, SIZE: BEGAN + SIZE + 3_600}
WITNESSES = [NoteKey(f"w{n}.test/commission", COSIGNATURE, bytes([n]) * 32) for n in (1, 2)]
POLICY = Policy.parse(
    "".join(f"witness w{n} {key.vkey} https://w{n}.test\n" for n, key in enumerate(WITNESSES)).encode()
    + b"group both all w0 w1\nquorum both\n"
)


class World:
    """The honest city: its log, its keys, and what was published and witnessed at 700 and 1,000 entries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        Home(folder).create()
        self.keys = LogKeys.create(Home(folder).keys, ORIGIN)
        self.log = Log("production", self.keys.vkeys)
        self.keeper, self.third, self.handler = Person("key_admin"), Person(), Person("town_handler", TOWN)
        self.verifier, self.closer = Person("town_verifier", TOWN), Person("town_closer", TOWN)
        self.second, self.neighbour = Person("town_verifier", TOWN), Person("town_handler", "320581101")
        self.bureau = Person("housing_decider", "320581")
        self.enrol()
        self.log.grow(SIZE)
        self.trail = self.publish(self.log.entries, folder)
        self.old = {size: (self.trail / f"checkpoints/{size}").read_bytes() for size in (SEEN, SIZE)}

    def enrol(self) -> None:
        for person in self.staff:
            self.log.enrol(person)
        second = self.log.payload("official.enrolled", {"person": self.person(self.verifier)}, self.log.admin)
        self.twin = Person("town_closer", TOWN, second["stream"])
        self.log.entries.append(seal(second, self.log.admin.signer))
        self.log.append("role.granted", {"role": "town_closer", "unit": TOWN}, self.log.admin, self.twin.id)
        self.log.append("key.enrolled", self.twin.members, self.log.admin, self.twin.id)

    def person(self, official: Person) -> str:
        payloads = (parse(entry).payload for entry in self.log.entries)
        return next(p["data"]["person"] for p in payloads if p["stream"] == official.id)

    @property
    def people(self) -> dict[str, Person]:
        return {person.id: person for person in (*self.staff, self.twin, self.log.admin, self.log.desk)}

    @property
    def staff(self) -> tuple[Person, ...]:
        town = (self.handler, self.verifier, self.closer, self.second, self.neighbour)
        return self.keeper, self.third, self.bureau, *town

    def publish(self, entries: Sequence[bytes], folder: Path, sizes: Sequence[int] = (SEEN, SIZE)) -> Path:
        """Publish with the log's own keys at these sizes, and let both witnesses sign the ones they see."""
        home = Home(folder)
        home.create()
        for size in sizes:
            source = Source(with_entries(self.log, entries[:size]))
            signed = COSIGNED[size] - 60 if size in COSIGNED else BEGAN + SIZE
            Publisher(home, self.keys, source, clock=lambda signed=signed: signed).publish()
            if size in COSIGNED:
                cosign(home.trail / "checkpoint", COSIGNED[size])
                shutil.copy(home.trail / "checkpoint", home.trail / f"checkpoints/{size}")
        return home.trail

    def verdict(self, trail: Path, control: str) -> Verdict:
        """As somebody sees it who has this one control beside the log's key."""
        ask: dict[str, Any] = {"vkeys": self.keys.vkeys, "signatures": False}
        match control:
            case "old":
                ask["old"] = [self.old[SEEN]]
            case "latest":
                ask["old"] = [self.old[SIZE]]
            case "witnesses":
                ask["policy"] = POLICY
            case "age":
                ask |= {"policy": POLICY, "max_age": 3_600, "now": COSIGNED[SIZE] + 60}
            case "events" | "events and witnesses":
                ask |= {"genesis": leaf_hash(self.log.entries[0]).hex(), "signatures": True}
                if control != "events":
                    ask |= {"policy": POLICY, "old": [self.old[SIZE]]}
        return verify(directory(trail), VerifyOptions(**ask))

    def resealed(self, payload: dict[str, Any], signer: Signer | None = None) -> bytes:
        return seal(payload, signer or self.people[payload["actor"]].signer)

    def tip(self, seq: int, by: Person | None = None, signer: Signer | None = None, **forged: Any) -> bytes:
        data = {"channel": "12345", "received_on": "2026-03-02", "commits": COMMITS}
        person = by or self.log.desk
        payload = with_entries(self.log, self.log.entries).payload("tip.registered", data, person)
        stamped = {"seq": seq, "recorded_at": when(min(seq, SIZE - 1))}
        return seal(payload | stamped | forged, signer or person.signer)


def torn_apart(world: World) -> list[bytes]:
    """Three events of one command, and one of another before the last of them."""
    commands = [str(uuid4()), str(uuid4())]
    return [world.tip(SIZE + place, command=commands[of]) for place, of in enumerate((0, 0, 1, 0))]


def when(seconds: int) -> str:
    return datetime.fromtimestamp(BEGAN + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def with_entries(log: Log, entries: Sequence[bytes]) -> Log:
    forged = Log.__new__(Log)
    forged.__dict__.update(log.__dict__)
    forged.entries, forged.versions = list(entries), dict(log.versions)
    return forged


def cosign(path: Path, time: int) -> None:
    note = Note.parse(path.read_bytes())
    lines = tuple(key.sign(note.text, time) for key in WITNESSES)
    path.write_bytes(Note(note.text, note.lines[:2] + lines).to_bytes())


# S: with the files only. Each changes the folder.


def alter_a_byte(world: World, trail: Path) -> None:
    bundle(
        trail,
        lambda entries: [each.replace(b"ZW", b"ZX", 1) if n == AT - 256 else each for n, each in enumerate(entries)],
    )


def alter_with_its_hash(world: World, trail: Path) -> None:
    bundle(trail, lambda entries: [b"forged" if n == AT - 256 else each for n, each in enumerate(entries)])
    tile, at = trail / path_of(0, 1), (AT - 256) * 32
    hashes = tile.read_bytes()
    tile.write_bytes(hashes[:at] + leaf_hash(b"forged") + hashes[at + 32 :])


def delete_from_bundle(world: World, trail: Path) -> None:
    bundle(trail, lambda entries: entries[: AT - 256] + entries[AT - 255 :])


def swap_in_bundle(world: World, trail: Path) -> None:
    bundle(trail, lambda e: [*e[: AT - 257], e[AT - 256], e[AT - 257], *e[AT - 255 :]])


def append_bytes(world: World, trail: Path) -> None:
    path = trail / path_of(ENTRIES, 1)
    path.write_bytes(path.read_bytes() + b"\0\0")


def delete_bundle(world: World, trail: Path) -> None:
    (trail / path_of(ENTRIES, 1)).unlink()


def corrupt_tile(world: World, trail: Path) -> None:
    path = trail / path_of(1, 0, SIZE // 256)
    path.write_bytes(bytes(32) + path.read_bytes()[32:])


def edit_size(world: World, trail: Path) -> None:
    path = trail / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n1000\n", b"\n1001\n"))


def put_back(world: World, trail: Path) -> None:
    (trail / "checkpoint").write_bytes(world.old[SEEN])
    (trail / f"checkpoints/{SIZE}").unlink()


def sign_as_oneself(world: World, trail: Path) -> None:
    own = [NoteKey(ORIGIN, key.kind, bytes(32)) for key in world.keys.keys]
    text = Note.parse((trail / "checkpoint").read_bytes()).text
    (trail / "checkpoint").write_bytes(LogKeys(own).sign(Checkpoint.parse(text), COSIGNED[SIZE]).to_bytes())
    shutil.rmtree(trail / "checkpoints")


def strip_cosignatures(world: World, trail: Path) -> None:
    other_lines(trail, ())


def paste_cosignatures(world: World, trail: Path) -> None:
    other_lines(trail, Note.parse(world.old[SEEN]).lines[2:])


def other_lines(trail: Path, lines: tuple[Any, ...]) -> None:
    note = Note.parse((trail / "checkpoint").read_bytes())
    (trail / "checkpoint").write_bytes(Note(note.text, note.lines[:2] + lines).to_bytes())
    (trail / f"checkpoints/{SIZE}").unlink()


def bundle(trail: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path = trail / path_of(ENTRIES, 1)
    before = split(path.read_bytes(), 256, "")
    after = change(list(before))
    assert after != before
    path.write_bytes(join(after))


# L: also with the log's key · I: also with the service's · X: with every key · R, A: see each. They give other entries.


def altered(world: World, entry: bytes) -> bytes:
    """Another content under the old signature."""
    taken = parse(entry)
    forged = canonical(taken.payload | {"id": str(uuid4())})
    return entry.replace(b64encode(taken.body), b64encode(forged))


def relinked(world: World, entries: Sequence[bytes], first: int, signer: Signer | None = None) -> list[bytes]:
    """From `first` on numbered anew, and signed: by whose they are, or by this one."""
    fresh = [parse(entry).payload | {"seq": seq} for seq, entry in enumerate(entries[first:], first)]
    return [*entries[:first], *(world.resealed(payload, signer) for payload in fresh)]


def remade(world: World, entries: Sequence[bytes], at: int) -> list[bytes]:
    """The entry at this index with another content, signed by whose it is."""
    payload = parse(entries[at]).payload
    changed = payload | {"data": payload["data"] | {"channel": "mailbox"}}
    return [*entries[:at], world.resealed(changed), *entries[at + 1 :]]


def backdated(world: World, entries: list[bytes]) -> list[bytes]:
    inserted = [*entries[:AT], world.tip(AT, signer=world.log.service.signer), *entries[AT:]]
    return relinked(world, inserted, AT, world.log.service.signer)


def revoked(world: World, entries: list[bytes]) -> list[bytes]:
    """The key of official-03 is revoked at 500 and signs again at 600; everybody sees the log like that."""
    end = with_entries(world.log, entries).payload("key.revoked", {"keyid": world.third.members["keyid"]}, world.keeper)
    end |= {
        "stream": world.third.id,
        "version": world.log.versions[world.third.id] + 1,
        "seq": 500,
        "recorded_at": when(500),
    }
    changed = [*entries[:500], seal(end, world.keeper.signer), *entries[501:]]
    return [*changed[:600], world.tip(600, world.third), *changed[601:]]


Act = tuple[str, str] | tuple[str, str, dict[str, Any]]


def life(*acts: Act) -> Callable[[World, list[bytes]], list[bytes]]:
    """Appends a matter to which this was done, each act signed by whoever the world has under that name."""

    def appended(world: World, entries: list[bytes]) -> list[bytes]:
        log, stream = with_entries(world.log, entries), str(uuid4())
        for topic, who, *data in acts:
            by = log.desk if who == "desk" else getattr(world, who)
            log.append(topic, data[0] if data else {}, by, stream, recorded_at=when(SIZE))
        return log.entries

    return appended


OPENED: tuple[Act, ...] = (("problem.opened", "handler", {"unit": TOWN}), ("problem.assigned", "handler"))
REPORTED: tuple[Act, ...] = (*OPENED, ("problem.completion_reported", "handler"))
TIP = {"channel": "12345", "received_on": "2026-03-02", "commits": COMMITS}
REGISTERED: Act = ("tip.registered", "handler", TIP)
GIVEN: tuple[Act, ...] = (
    ("tip.registered", "desk", TIP),
    ("tip.accepted", "desk"),
    ("tip.assigned", "desk", {"unit": TOWN}),
)
OUT_OF_TURN = {  # the last act of each is the one to blame
    "A2": (*REPORTED, ("problem.rectification_verified", "verifier"), ("problem.closed", "twin")),
    "A10": (*REPORTED, ("problem.closed", "closer")),
    "A11": (*OPENED, ("problem.rectification_verified", "verifier")),
    "A12": (("deduction.decided", "bureau"),),
    "A13": (REGISTERED, ("tip.accepted", "handler"), ("tip.acknowledged", "handler")),
    "A14": (*OPENED, ("problem.step_recorded", "neighbour")),
    "A15": (
        *REPORTED,
        ("problem.rectification_refused", "verifier"),
        ("problem.completion_reported", "handler"),
        ("problem.rectification_verified", "second"),
        ("problem.closed", "twin"),
    ),
    "A16": (
        *GIVEN,
        ("tip.unit_recused", "desk", {"recused": TOWN}),
        ("tip.assigned", "desk", {"unit": TOWN}),
        ("tip.acknowledged", "handler"),
    ),
}


def signatures(world: World, count: int) -> bytes:
    outer = json.loads(world.tip(SIZE))
    return canonical(outer | {"signatures": outer["signatures"] * count})


def said_twice(world: World) -> bytes:
    body = parse(world.tip(SIZE)).body.replace(b'{"actor"', b'{"actor":"x","actor"', 1)
    return _outer(body, world.log.desk.members["keyid"], world.log.desk.private.sign(pae(body)))


def too_late(world: World, entries: list[bytes]) -> list[bytes]:
    """Recorded, it says, a day after witnesses had seen it; everybody sees the log like that."""
    last = parse(entries[-1]).payload | {"recorded_at": when(86_400)}
    return [*entries[:-1], world.resealed(last)]
