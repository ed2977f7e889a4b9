"""What lies beside the log held against what the log says of it: tips, people, evidence, signing keys. 保密库核对"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from application.ledger import Ledger
from application.store.reader import Stored
from application.trail.entry import body_of, canonical, loads
from application.trail.signature import is_valid
from application.vault.commitments import commit
from application.vault.crypto import Unreadable
from application.vault.tips import TipWords
from domain.errors import NotAllowed, NotFound

Read = tuple[Stored, dict[str, Any]]
Tell = Callable[..., None]
FILES = """
    SELECT sha256, media_type, length(bytes), encode(sha256(bytes), 'hex') FROM vault.file WHERE sha256 = ANY(%s)"""


class Beside:
    """`tell(sentence, position)` is called for every fault, with `about=` the entry's where none is to blame; `take` gets every row of the log once, in its order."""

    def __init__(self, ledger: Ledger, tell: Tell) -> None:
        self.ledger, self.database, self.vault, self._tell = ledger, ledger.table.database, ledger.vault, tell
        self.tips = self.shredded = 0
        self._missing: dict[UUID, tuple[int, set[str]]] = {}  # tip: where it was registered, which blobs are gone
        self._additions: dict[UUID, int] = {}  # tip: where the first addition stands that the vault has nothing of
        self._files: set[str] = set()  # files that were found as the log says

    def take(self, rows: list[Read]) -> None:
        for row, payload in rows:
            if (check := CHECKS.get(row.topic)) is not None:
                check(self, row, payload["data"])
        self._evidence(rows)
        self._actors(rows)

    def finish(self, size: int) -> None:
        """After the last row: what is missing without an event that destroyed it, and the keys in force now."""
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT stream FROM log.event WHERE stream = ANY(%s) AND topic = 'tip.shredded' AND position > %s",
                ([*self._missing, *self._additions], size),
            )
            since = {stream for (stream,) in cursor.fetchall()}
        for tip, (position, blobs) in self._missing.items():
            if tip not in since:
                what = " and ".join(sorted(blobs, reverse=True))
                self._tell(f"the vault lost the {what} of this tip, and no event says it was destroyed", position)
        for tip, position in self._additions.items():
            if tip not in since:
                self._tell("the vault lost what was added to this tip, and no event says it was destroyed", position)
        self._keys()
        self._second_factors()

    def _registered(self, row: Stored, data: dict[str, Any]) -> None:
        self.tips += 1
        gone = {blob for blob in BLOBS if not self._holds(row, blob, data["commits"])}
        if gone:
            self._missing[row.stream] = (row.position, gone)

    def _holds(self, row: Stored, blob: str, commits: dict[str, str]) -> bool:
        """Whether the vault still has it; where it has, it must be what the event committed to."""
        try:
            salts, values = BLOBS[blob](self, row.stream)
        except (NotFound, FileNotFoundError):
            return False
        except (Unreadable, ValueError, KeyError, TypeError):
            self._tell(f"the vault's {blob} of this tip can't be opened", row.position)
            return True
        if any(commits[name] != commit(name, bytes.fromhex(salts[name]), value) for name, value in values.items()):
            self._tell(f"the vault's {blob} is not what the event committed to", row.position)
        return True

    def _words(self, tip: UUID) -> tuple[dict[str, str], dict[str, str | bytes]]:
        words = self.vault.tips.words(tip)
        return words.salts, _values(words)

    def _supplemented(self, row: Stored, data: dict[str, Any]) -> None:
        """One of the additions in the vault must be what this event committed to; they may have come in another order."""
        try:
            found = self.vault.tips.more(row.stream)
        except (NotFound, FileNotFoundError):
            found = []
        except (Unreadable, ValueError, KeyError, TypeError):
            self._tell("what was added to this tip can't be opened", row.position)
            return
        if not found:
            self._additions.setdefault(row.stream, row.position)
        elif data["commits"] not in map(_committed, found):
            self._tell("nothing that was added to this tip is what the event committed to", row.position)

    def _reporter(self, tip: UUID) -> tuple[dict[str, str], dict[str, str | bytes]]:
        who = self.vault.tips.reporter(tip)
        return who.salts, {"reporter": who.reporter, "contact": who.contact}

    def _destroyed(self, row: Stored, _: dict[str, Any]) -> None:
        self.shredded += 1
        self._additions.pop(row.stream, None)
        _position, gone = self._missing.pop(row.stream, (0, set[str]()))
        if gone != set(BLOBS) or self.vault.tips.holds(row.stream):
            self._tell("this tip was destroyed, but the vault still holds something of it", row.position)

    def _person(self, row: Stored, data: dict[str, Any]) -> None:
        try:
            kept = self.vault.people.name_commit(row.stream)
        except Unreadable:
            self._tell("the vault's name of this person can't be opened", row.position)
            return
        if kept is None:
            self._tell("the vault has no such person", row.position)
        elif kept != data["name_commit"]:
            self._tell("the vault's name is not the one that the event committed to", row.position)

    def _evidence(self, rows: Iterable[Read]) -> None:
        """Each file once, hashed where it lies."""
        named = [
            (member, row.position)
            for row, payload in rows
            for member in payload["data"].get("evidence") or ()
            if member["sha256"] not in self._files
        ]
        if not named:
            return
        with self.database.cursor() as cursor:
            cursor.execute(FILES, ([member["sha256"] for member, _ in named],))
            kept = {name: (digest, size, kind) for name, kind, size, digest in cursor.fetchall()}
        for member, position in named:
            said = (member["sha256"], member["size"], member["media_type"])
            if kept.get(member["sha256"]) == said:
                self._files.add(member["sha256"])
            else:
                self._tell(f"the vault's file {member['sha256'][:12]}… is missing or not what the event says", position)

    def _actors(self, rows: Iterable[Read]) -> None:
        """The table of commands names whoever signed."""
        signed = {row.command: (payload["actor"], row.position) for row, payload in rows}
        with self.database.cursor() as cursor:
            cursor.execute("SELECT id, actor FROM log.command WHERE id = ANY(%s)", (list(signed),))
            for id, actor in cursor.fetchall():
                if actor != signed[id][0]:
                    self._tell(f"command {id} is not by the actor of its entries", signed[id][1])

    def _keys(self) -> None:
        """Whoever has a key in force can sign with it; as far as that is seen without passwords."""
        authority = self.ledger.authority()
        for owner, keyid in authority.keys_in_force.items():
            about = max(1, authority.keys[keyid].from_index)
            try:
                kept = self.ledger.keys.kept(owner)
                tried = kept.signer and (authority.keys[keyid].public, kept.signer.sign(b"fsck"), b"fsck")
                if kept.keyid != keyid or (tried and not is_valid(*tried)):
                    self._tell(f"the signing key that the vault has of {owner} is not the one in force", None)
            except NotAllowed:
                self._tell(f"the vault has no signing key of {owner}", None, about=about)
            except Unreadable:
                self._tell(f"the signing key of {owner} can't be opened with this master key", None, about=about)

    def _second_factors(self) -> None:
        """Whoever enrolled one is asked for its codes, and nobody else has one."""
        topics = {"second_factor.enrolled": True, "second_factor.removed": False}
        payloads = (loads(body_of(entry)) for _, entry in self.ledger.table.of_topics(sorted(topics)))
        told = {UUID(payload["stream"]): payload for payload in payloads}
        in_log = {one for one, payload in told.items() if topics[payload["type"]]}
        in_vault = self.vault.second_factors.owners()
        for official in sorted(in_log ^ in_vault, key=str):
            where = "log" if official in in_log else "vault"
            about = told[official]["seq"] + 1 if official in told else None
            self._tell(f"only the {where} has a second factor of {official}", None, about=about)


def _values(words: TipWords) -> dict[str, str | bytes]:
    return {"text": words.text, "files": canonical([file.listed for file in words.files])}


def _committed(words: TipWords) -> dict[str, str]:
    return {name: commit(name, bytes.fromhex(words.salts[name]), value) for name, value in _values(words).items()}


BLOBS = {"text": Beside._words, "reporter": Beside._reporter}
CHECKS = {
    "tip.registered": Beside._registered,
    "tip.supplemented": Beside._supplemented,
    "tip.shredded": Beside._destroyed,
    "person.named": Beside._person,
}
