"""见证人的沉默: when each witness of HOME/policy last signed, and who has been silent for too long."""

from __future__ import annotations

from typing import NamedTuple

from application.platform.home import Home
from application.publication.cosigning import policy_of
from application.publication.published_log import Published
from application.verifier.formats.note import NotANote, Note, Vkey, WrongSignature

AT_ONCE = 24 * 3_600  # seconds without a signature, for whoever is asked at every publication
BY_HAND = 35 * 24 * 3_600  # for whoever signs a copy on a stick once a month


class Witnessing(NamedTuple):
    """`last` in POSIX seconds, 0 if it never signed; `since` is then when the policy began to name it."""

    name: str
    at_once: bool
    last: int
    since: int

    def is_silent(self, now: float) -> bool:
        return now - self.since > (AT_ONCE if self.at_once else BY_HAND)


def witnessing(home: Home) -> list[Witnessing]:
    """Every witness of the policy, once for all its keys; none before anything is published. Raises OperatorError."""
    policy = policy_of(home)
    if policy is None or not (home.trail / "checkpoint").exists():
        return []
    published = Published(home, "", ())
    heard, named = published.heard(), int(home.policy.stat().st_mtime)
    notes = [_note(home, name) for name in ("checkpoint", f"checkpoints/{published.witnessed()}")]
    found: dict[str, Witnessing] = {}
    for each in policy.witnesses:
        vkey = each.vkey
        before = found[vkey.name].last if vkey.name in found else 0
        last = max(before, heard.get(vkey.label, 0), *(_last(note, vkey) for note in notes))
        found[vkey.name] = Witnessing(vkey.name, bool(each.url), last, last or named)
    return list(found.values())


def silent(home: Home, now: float) -> list[Witnessing]:
    """Those who ought to have signed since. Raises OperatorError."""
    return [each for each in witnessing(home) if each.is_silent(now)]


def _note(home: Home, name: str) -> Note | None:
    try:
        return Note.parse((home.trail / name).read_bytes())
    except (OSError, NotANote):
        return None


def _last(note: Note | None, vkey: Vkey) -> int:
    """When this key signed that checkpoint, 0 if it did not."""
    try:
        return max((line.time for _, line in note.verified([vkey])), default=0) if note else 0
    except WrongSignature:
        return 0
