"""What the entries of an evidence pack say about one another: whose keys signed, who that is, and which matters they tell. Pure.

Keys, names and units are not believed because a list says so: each comes from an entry of the log that lies in the pack with its
own proof. What only the whole log could tell (whether a key was ended meanwhile, whether a matter goes on) is not claimed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from application.verifier.formats.commitments import SALT, commit
from application.verifier.formats.entry import Entry
from application.verifier.formats.signature import is_signed_by
from application.verifier.rules.entry_check import Fault
from application.verifier.rules.event_schema import UUID, malformed_key
from application.verifier.rules.rights_register import SERVICE
from application.verifier.signed_heads import VerificationFailed

OF_KEYS = frozenset({"log.opened", "key.enrolled", "key.rotated", "key.revoked"})
SUPPORTING = OF_KEYS | {
    "log.key_rotated", "official.enrolled", "person.named", "unit.registered", "estate.registered", "company.registered",
}  # fmt: skip


class Item(NamedTuple):
    """An entry of the pack, once its place in the log is proved and its form is right."""

    index: int  # type: ignore[assignment]  # a tuple has a method of this name; an entry has a place
    leaf: str
    entry: Entry
    payload: dict[str, Any]


@dataclass
class Key:
    """Whose it is, and from which index on; `until` an index that the pack knows of, else None."""

    owner: str
    public: bytes
    since: int
    until: int | None = None


@dataclass
class Dossier:
    """`told` are the entries that the pack is about, `matters` how many versions of each stream they are; `mode` is what the
    log's first entry says of it.
    """

    told: Sequence[Item]
    mode: str = ""
    keys: dict[str, Key] = field(default_factory=dict)
    log_keys: list[str] = field(default_factory=list)
    rotations: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    persons: dict[str, str] = field(default_factory=dict)
    commits: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    matters: dict[str, int] = field(default_factory=dict)

    def called(self, id: str) -> str | None:
        """What a unit's code, or the id of a person, an official or a thing, stands for; None where no entry here tells."""
        return self.units.get(id) or self.names.get(self.persons.get(id, id)) or self.things.get(id)

    @property
    def directory(self) -> dict[str, dict[str, Any]]:
        """The content of the pack's keys.json: what its entries tell of the keys that they brought."""
        return {
            keyid: {
                "alg": "ed25519",
                "owner": key.owner,
                "use": "service" if key.owner == SERVICE else "official",
                "pub": b64encode(key.public).decode(),
                "from_index": key.since,
            }
            for keyid, key in self.keys.items()
        }


def dossier(items: Iterable[Item], told: Iterable[int]) -> Dossier:
    """`told` are the indices that the pack is about; every other entry only supports them. Raises VerificationFailed.

    Each signature is verified with a key that an earlier entry of the pack brought, and that signs for the actor.
    """
    ordered, main = sorted(items), set(told)
    made = Dossier([item for item in ordered if item.index in main])
    for item in ordered:
        kind = item.payload["type"]
        if item.index not in main and kind not in SUPPORTING:
            raise VerificationFailed(
                Fault("PACK", f"随附的条目只能是说明密钥、人员和名称的，这条是 {kind[:40]}", item.index)
            )
        if kind == "log.opened":
            _open(made, item)
        _check_signature(made, item)
        if kind in SUPPORTING:
            LEARN[kind](made, item, item.payload["data"])
    made.matters = _matters(made.told)
    return made


def is_official(actor: str) -> bool:
    """Jobs and the public have no ids."""
    return UUID.fullmatch(actor) is not None


def _check_signature(made: Dossier, item: Item) -> None:
    key, actor = made.keys.get(item.entry.keyid), item.payload["actor"]
    if key is None:
        raise VerificationFailed(Fault("EVENT_KEY", f"包中没有登记此密钥的条目：{item.entry.keyid[:60]}", item.index))
    if key.owner != (actor if is_official(actor) else SERVICE):
        raise VerificationFailed(Fault("EVENT_SIGNATURE", f"不是 {actor[:60]} 的密钥：{item.entry.keyid}", item.index))
    if key.until is not None and key.until < item.index:
        raise VerificationFailed(Fault("EVENT_KEY", f"密钥已停用：{item.entry.keyid}", item.index))
    if not is_signed_by(key.public, item.entry):
        raise VerificationFailed(Fault("EVENT_SIGNATURE", "签名与内容不符", item.index))


def _open(made: Dossier, item: Item) -> None:
    data = item.payload["data"]
    if item.index or data.get("origin") != item.payload["log"]:
        raise VerificationFailed(Fault("EVENT_LOG", "首条的日志名称或模式不符", item.index))
    made.log_keys, made.mode = data["log_keys"], str(data.get("mode"))
    _enrol(made, item, data["service"], SERVICE, 0)
    _enrol(made, item, data["administrator"], str(data["administrator"].get("official")), 0)


def _enrol(made: Dossier, item: Item, members: dict[str, Any], owner: str, since: int) -> None:
    if (reason := malformed_key(members)) is not None:
        raise VerificationFailed(Fault(*reason, item.index))
    if members["keyid"] in made.keys:
        raise VerificationFailed(Fault("EVENT_KEY", f"密钥已登记过：{members['keyid']}", item.index))
    made.keys[members["keyid"]] = Key(owner, b64decode(members["pub"]), since)


def _key_enrolled(made: Dossier, item: Item, data: dict[str, Any]) -> None:
    _enrol(made, item, data, item.payload["stream"], item.index + 1)


def _key_rotated(made: Dossier, item: Item, data: dict[str, Any]) -> None:
    _end(made, item, data["old"])
    _enrol(made, item, data, item.payload["stream"], item.index + 1)


def _key_revoked(made: Dossier, item: Item, data: dict[str, Any]) -> None:
    _end(made, item, data["keyid"])


def _end(made: Dossier, item: Item, keyid: str) -> None:
    """Only its owner's own stream ends a key."""
    key = made.keys.get(keyid)
    if key is not None and key.owner == item.payload["stream"]:
        key.until = item.index


def _log_key_rotated(made: Dossier, item: Item, data: dict[str, Any]) -> None:
    made.rotations.append((item.index, data))


def _enrolled(made: Dossier, item: Item, data: dict[str, Any]) -> None:
    made.persons[item.payload["stream"]] = data["person"]


def _named(made: Dossier, item: Item, data: dict[str, Any]) -> None:
    made.commits[item.payload["stream"]] = _text(item, data, "name_commit")


def _unit(made: Dossier, item: Item, data: dict[str, Any]) -> None:
    made.units[_text(item, data, "code")] = _text(item, data, "short_name")


def _thing(made: Dossier, item: Item, data: dict[str, Any]) -> None:
    made.things[item.payload["stream"]] = _text(item, data, "name")


def _text(item: Item, data: dict[str, Any], name: str) -> str:
    if type(data.get(name)) is not str:
        raise VerificationFailed(Fault("EVENT_FORMAT", f"缺少成员或类型不符：data.{name}", item.index))
    return str(data[name])


LEARN = {
    "log.opened": lambda made, item, data: None,
    "key.enrolled": _key_enrolled,
    "key.rotated": _key_rotated,
    "key.revoked": _key_revoked,
    "log.key_rotated": _log_key_rotated,
    "official.enrolled": _enrolled,
    "person.named": _named,
    "unit.registered": _unit,
    "estate.registered": _thing,
    "company.registered": _thing,
}


def _matters(told: Sequence[Item]) -> dict[str, int]:
    """How many versions each stream has here, all from the first on; in the order of the log. Raises VerificationFailed for a gap."""
    found = dict[str, int]()
    for item in told:
        stream, version = item.payload["stream"], item.payload["version"]
        due = found.get(stream, 0) + 1
        if version != due:
            raise VerificationFailed(Fault("PACK", f"事项 {stream} 缺第 {due} 版：包中不得漏掉一条", item.index))
        found[stream] = version
    return found


def take_names(made: Dossier, openings: Mapping[str, Any]) -> None:
    """Names of persons with the salts that the log's commitments were made with: {person: {name, salt}}. Raises VerificationFailed."""
    for person, opening in openings.items():
        if not _opens(opening, made.commits.get(person)):
            raise VerificationFailed(Fault("PACK", f"names.json 中的姓名与日志中的承诺值不符：{person[:60]}"))
        made.names[person] = opening["name"]


def _opens(opening: Any, committed: str | None) -> bool:
    if committed is None or type(opening) is not dict or opening.keys() != {"name", "salt"}:
        return False
    try:
        salt = bytes.fromhex(opening["salt"])
        return (
            len(salt) == SALT and opening["salt"] == salt.hex() and commit("name", salt, opening["name"]) == committed
        )
    except (TypeError, ValueError, AttributeError):
        return False
