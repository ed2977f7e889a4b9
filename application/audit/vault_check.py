"""What lies beside the log held against what the log says of it: tips, people, evidence, signing keys. 保密库核对"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from application.core.ledger import Ledger
from application.log.log_rows import Stored
from application.vault.crypto import Unreadable
from application.vault.tips import Reporter, TipVault
from application.verifier.formats.commitments import commit
from application.verifier.formats.entry import body_of, canonical, loads
from application.verifier.formats.signature import is_valid
from domain.errors import NotAllowed

Read = tuple[Stored, dict[str, Any]]
Tell = Callable[..., None]
Commits = dict[str, str]
BLOBS = ("text", "reporter")  # of every tip; whatever else there is was added later
OF_VAULT = ("tip.registered", "tip.supplemented")
FILES = """
    SELECT sha256, media_type, length(bytes), encode(sha256(bytes), 'hex') FROM vault.file WHERE sha256 = ANY(%s)"""


class VaultCheck:
    """`tell(sentence, position)` is called for every fault, with `about=` the entry's where none is to blame; `take` gets every row of the log once, in its order."""

    def __init__(self, ledger: Ledger, tell: Tell) -> None:
        self.ledger, self.database, self.vault, self._tell = ledger, ledger.table.database, ledger.vault, tell
        self.tips = self.shredded = 0
        self._missing: dict[UUID, tuple[int, set[str]]] = {}  # tip: where it was registered, which blobs are gone
        self._additions: dict[UUID, int] = {}  # tip: where the first addition stands that the vault has nothing of
        self._held: dict[UUID, dict[str, Commits | None]] = {}  # by tip and blob, of the rows at hand
        self._files: set[str] = set()  # files that were found as the log says

    def take(self, rows: list[Read]) -> None:
        self._open_tips(rows)
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

    def _open_tips(self, rows: list[Read]) -> None:
        """What the vault has of the tips in these rows, opened once for all of them."""
        tips = {UUID(row.stream) for row, _ in rows if row.topic in OF_VAULT}
        self._held = {tip: {} for tip in tips}
        for tip, blob, content in self.vault.tips.contents(sorted(tips)) if tips else ():
            self._held[tip][blob] = _committed(blob, content)

    def _registered(self, row: Stored, data: dict[str, Any]) -> None:
        self.tips += 1
        tip = UUID(row.stream)
        gone = {blob for blob in BLOBS if not self._holds(row, self._held[tip], blob, data["commits"])}
        if gone:
            self._missing[tip] = (row.position, gone)

    def _holds(self, row: Stored, held: dict[str, Commits | None], blob: str, commits: Commits) -> bool:
        """Whether the vault still has it; where it has, it must be what the event committed to."""
        if blob not in held:
            return False
        if (made := held[blob]) is None:
            self._tell(f"the vault's {blob} of this tip can't be opened", row.position)
        elif any(commits.get(name) != commit for name, commit in made.items()):
            self._tell(f"the vault's {blob} is not what the event committed to", row.position)
        return True

    def _supplemented(self, row: Stored, data: dict[str, Any]) -> None:
        """One of the additions in the vault must be what this event committed to; they may have come in another order."""
        tip = UUID(row.stream)
        found = [made for blob, made in self._held[tip].items() if blob not in BLOBS]
        if None in found:
            self._tell("what was added to this tip can't be opened", row.position)
        elif not found:
            self._additions.setdefault(tip, row.position)
        elif data["commits"] not in found:
            self._tell("nothing that was added to this tip is what the event committed to", row.position)

    def _destroyed(self, row: Stored, _: dict[str, Any]) -> None:
        self.shredded += 1
        tip = UUID(row.stream)
        self._additions.pop(tip, None)
        _position, gone = self._missing.pop(tip, (0, set[str]()))
        if gone != set(BLOBS) or self.vault.tips.holds(tip):
            self._tell("this tip was destroyed, but the vault still holds something of it", row.position)

    def _person(self, row: Stored, data: dict[str, Any]) -> None:
        try:
            kept = self.vault.people.name_commit(UUID(row.stream))
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
            cursor.execute("SELECT id::text, actor FROM log.command WHERE id = ANY(%s::uuid[])", (list(signed),))
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


def _committed(blob: str, content: dict[str, Any] | None) -> Commits | None:
    """The commitments to what a blob says; None where it can't be opened or says nothing."""
    if content is None:
        return None
    try:
        if blob == "reporter":
            who = Reporter(**content)
            salts: dict[str, str] = who.salts
            values: dict[str, str | bytes] = {"reporter": who.reporter, "contact": who.contact}
        else:
            words = TipVault.as_words(content)
            salts, values = words.salts, {"text": words.text, "files": canonical([file.listed for file in words.files])}
        return {name: commit(name, bytes.fromhex(salts[name]), value) for name, value in values.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


CHECKS = {
    "tip.registered": VaultCheck._registered,
    "tip.supplemented": VaultCheck._supplemented,
    "tip.shredded": VaultCheck._destroyed,
    "person.named": VaultCheck._person,
}
