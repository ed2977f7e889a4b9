"""The home's keys of the log held against those that the log names: in its first entry, and where one took over. 日志密钥核对"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from application.log.log_keys import FILES, KeyFiles, LogKeys
from application.platform.home import Home
from application.verifier.formats.note import NotANote, Vkey
from application.verifier.formats.tiles import directory
from application.verifier.messages_en import english
from application.verifier.signed_heads import KeySuccession

Tell = Callable[[str, int | None], None]
ELSE = "what it signs can't be verified with the log's key"
WAITS = "the new one waits there, and `xiaohao keys rotate-log` brings the change to its end"


class NamedKeys:
    """`tell(sentence, position)` is called for every fault; `take` gets the payload of every entry, in the log's order."""

    def __init__(self, origin: str, tell: Tell) -> None:
        self.origin, self._tell = origin, tell
        self._first: list[Any] = []
        self._rotations: list[tuple[int, dict[str, Any]]] = []

    def take(self, payloads: Iterable[tuple[int, dict[str, Any]]]) -> None:
        """Each with its position."""
        for position, payload in payloads:
            if payload.get("type") == "log.opened" and position == 1:
                self._first = payload["data"].get("log_keys", [])
            elif payload.get("type") == "log.key_rotated":
                self._rotations.append((position - 1, payload["data"]))

    def compare(self, home: Home, published: int) -> None:
        """The home's key files, and the log.vkey beside the `published` entries. Raises OperatorError."""
        heirs = KeySuccession(self.origin, self._named())
        if (fault := heirs.follow(self._rotations)) is not None:
            self._tell(f"{english(fault.sentence)} [{fault.code}]", (fault.index or 0) + 1)
        for vkey in LogKeys.load(home.keys).vkeys:
            if vkey not in heirs.since:
                self._tell(f"the key {vkey.label} in {home.keys} is none that the log names", None)
        replaced = {data.get("old") for _, data in self._rotations}
        in_force = {vkey: index for vkey, index in heirs.since.items() if str(vkey) not in replaced}
        self._signing(home, in_force)
        self._shown(home, heirs, {str(vkey) for vkey, index in in_force.items() if max(index, 0) < published})

    def _named(self) -> Iterator[Vkey]:
        """By the first entry."""
        for text in self._first:
            try:
                yield Vkey.parse(str(text))
            except NotANote as error:
                self._tell(f"what the first entry names is no key of a log: {error}", 1)

    def _signing(self, home: Home, in_force: Iterable[Vkey]) -> None:
        """Each key in force is the one that signs."""
        files = [KeyFiles(home.keys, kind) for kind in FILES]
        signing = {each.current.vkey for each in files}
        waiting = {each.successor().vkey for each in files if each.waiting.exists()}
        for vkey in in_force:
            if vkey not in signing:
                why = WAITS if vkey in waiting else ELSE
                self._tell(f"the log's key in force is {vkey.label}, but {home.keys} signs with another: {why}", None)

    def _shown(self, home: Home, heirs: KeySuccession, due: set[str]) -> None:
        """What log.vkey tells whoever has no paper."""
        lines = set((directory(home.trail)("log.vkey") or b"").decode(errors="replace").split())
        for text in sorted(lines - set(map(str, heirs.since))):
            self._tell(f"log.vkey holds a key that the log does not name: {text:.80}", None)
        for text in sorted(due - lines):
            self._tell(
                f"log.vkey does not hold the key in force {text:.80}; `xiaohao publish --once` writes it again", None
            )
