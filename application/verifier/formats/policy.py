"""见证策略: which logs and witnesses a reader trusts, and how many of them are enough (C2SP tlog-policy). Pure.

A policy is the reader's own file. It is read strictly: what the specification doesn't allow is refused with its line.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from application.verifier.formats.note import COSIGNATURE, ED25519, ML_DSA_44, PUBLIC_BYTES, Vkey

NONE = "none"
ENOUGH = "+"  # a group that no file can name by accident: no key's name holds a plus sign
LOG_KINDS = (ED25519, COSIGNATURE, ML_DSA_44)
WITNESS_KINDS = (COSIGNATURE, ML_DSA_44)

_FORBIDDEN = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_BLANKS = re.compile("[ \t]+")


class NotAPolicy(ValueError):
    """These bytes are not a policy; the sentence names the line."""


@dataclass(frozen=True, slots=True)
class KnownLog:
    vkey: Vkey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """`name` has a meaning in the policy file only; signature lines carry `vkey.name`."""

    name: str
    vkey: Vkey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Counts as a witness once `least` of its members do."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Groups stand in the order in which they are defined, so a group follows its members."""

    logs: tuple[KnownLog, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str
    unread: tuple[str, ...] = ()
    """The names of logs and witnesses whose keys are of a kind that can't be verified here; such a witness never counts."""

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """Raises NotAPolicy. Octets above 7F may stand in names and addresses and are never interpreted."""
        if (wrong := _FORBIDDEN.search(data)) is not None:
            raise NotAPolicy(f"line {data.count(10, 0, wrong.start()) + 1}: byte {wrong[0][0]:#04x} is not allowed")
        if not data.endswith(b"\n"):
            raise NotAPolicy("the last line has no end: the file may have been cut")
        return _Reader().read(data.decode(errors="surrogateescape"))

    @classmethod
    def of_witnesses(cls, vkeys: Iterable[Vkey], least: int | None = None) -> Policy:
        """So many of these witnesses, all of them where `least` is None. Raises NotAPolicy.

        A witness is a name: one that has two keys counts once, and has to sign with both, as its own verify.policy asks.
        """
        reader, keys_of = _Reader(), dict[str, list[str]]()
        try:
            for vkey in dict.fromkeys(vkeys):
                reader.take_witness(str(vkey), str(vkey))
                keys_of.setdefault(vkey.name, []).append(str(vkey))
            for name, keys in keys_of.items():
                reader.take_group(name, "all", *keys)
            reader.take_group(ENOUGH, "all" if least is None else str(least), *keys_of)
        except ValueError as error:
            raise NotAPolicy(str(error)) from None
        return Policy((), tuple(reader.witnesses), tuple(reader.groups), ENOUGH)

    def satisfied(self, verified: Iterable[Vkey]) -> bool:
        """Whether cosignatures by these keys, each already verified, are the quorum."""
        keys = set(verified)
        witnessed = {each.name for each in self.witnesses if each.vkey in keys}
        for group in self.groups:
            if len(witnessed.intersection(group.members)) >= group.least:
                witnessed.add(group.name)
        return self.quorum == NONE or self.quorum in witnessed


@dataclass
class _Reader:
    """Takes the lines in; `defined` are the names of witnesses and groups so far, `members` those that a group has."""

    logs: list[KnownLog] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorums: list[str] = field(default_factory=list)
    unread: dict[tuple[str, bytes], str] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def read(self, text: str) -> Policy:
        for number, line in enumerate(text.split("\n"), 1):
            words = _BLANKS.split(line.strip(" \t"))
            if words == [""] or words[0].startswith("#"):
                continue
            try:
                self._take(words)
            except ValueError as error:
                raise NotAPolicy(f"line {number}: {error}") from None
        if len(self.quorums) != 1:
            raise NotAPolicy(f"a policy has exactly one quorum line, this one {len(self.quorums)}")
        return Policy(
            tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorums[0], tuple(self.unread.values())
        )

    def _take(self, words: list[str]) -> None:
        keyword, *rest = words
        least, most, take = KEYWORDS.get(keyword, (0, 0, None))
        if take is None:
            raise ValueError(f"not log, witness, group or quorum: {keyword[:40]!a}")
        if not least <= len(rest) <= (most or len(rest)):
            raise ValueError(f"{keyword} has a wrong number of words")
        take(self, *rest)

    def take_log(self, vkey: str, url: str = "") -> None:
        if (key := _of_another_kind(vkey)) is not None:
            return self._leave_unread("log", key, vkey.partition("+")[0])
        self.logs.append(KnownLog(_key(vkey, LOG_KINDS, [each.vkey for each in self.logs]), url))

    def take_witness(self, name: str, vkey: str, url: str = "") -> None:
        if (other := _of_another_kind(vkey)) is not None:
            self._define(name)
            return self._leave_unread("witness", other, name)
        key = _key(vkey, WITNESS_KINDS, [each.vkey for each in self.witnesses])
        self._define(name)
        self.witnesses.append(Witness(name, key, url))

    def take_group(self, name: str, least: str, *members: str) -> None:
        if (unknown := next((each for each in members if each not in self.defined), None)) is not None:
            raise ValueError(f"not defined before: {unknown!a}")
        if len(set(members)) != len(members) or self.members.intersection(members):
            raise ValueError("a name can be a member only once, and of one group only")
        self._define(name)
        self.members.update(members)
        self.groups.append(Group(name, _least(least, len(members)), members))

    def take_quorum(self, name: str) -> None:
        if name != NONE and name not in self.defined:
            raise ValueError(f"not defined before: {name!a}")
        self.quorums.append(name)

    def _leave_unread(self, keyword: str, key: bytes, name: str) -> None:
        if (keyword, key) in self.unread:
            raise ValueError(f"this key stands in the policy already: {name[:80]!a}")
        self.unread[keyword, key] = name

    def _define(self, name: str) -> None:
        if name == NONE or name in self.defined:
            raise ValueError(f"this name is taken: {name!a}")
        self.defined.add(name)


def _of_another_kind(text: str) -> bytes | None:
    """Kind and public key of a vkey that we can't verify with (C2SP signed-note assigns new kinds); None for any other text."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        material = b64decode(encoded, validate=True)
    except ValueError:
        return None
    if not name or not material or material[0] in PUBLIC_BYTES or re.fullmatch("[0-9a-f]{8}", key_id) is None:
        return None
    return material


def _key(text: str, kinds: tuple[int, ...], known: list[Vkey]) -> Vkey:
    vkey = Vkey.parse(text)
    if vkey.kind not in kinds:
        raise ValueError(f"a key of this kind can't serve here: {text[:80]!a}")
    if any(vkey.public == each.public for each in known):
        raise ValueError(f"this key stands in the policy already: {text[:80]!a}")
    return vkey


def _least(text: str, members: int) -> int:
    if text in ("any", "all"):
        return 1 if text == "any" else members
    if re.fullmatch("[1-9][0-9]{0,4}", text) is None or int(text) > members:
        raise ValueError(f"not any, all, or a number from 1 to {members}: {text[:40]!a}")
    return int(text)


KEYWORDS: dict[str, tuple[int, int, Callable[..., None] | None]] = {
    "log": (1, 2, _Reader.take_log),
    "witness": (2, 3, _Reader.take_witness),
    "group": (3, 0, _Reader.take_group),
    "quorum": (1, 1, _Reader.take_quorum),
}
"""Fewest and most words after each keyword (0: as many as there are), and who takes them."""
