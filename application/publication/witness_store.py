"""见证人的目录: a witness's keys and what it remembers of each log, as files; nothing in it is ever overwritten but its last."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from application.platform.failures import OperatorError
from application.platform.home import alone, settle, write_whole, writing
from application.verifier.formats.note import COSIGNATURE, ML_DSA_44, NotANote, Note, NoteKey, Vkey
from application.verifier.formats.policy import NONE, NotAPolicy, Policy

KEYS = {COSIGNATURE: "witness.ed25519", ML_DSA_44: "witness.mldsa44"}
SHORT = {COSIGNATURE: "ed25519", ML_DSA_44: "mldsa44"}
ADDRESS = re.compile(r"https?://[!-\"$-~]+", re.ASCII)
SEED = 32
SAID = {
    "fork": "contradicts what was cosigned before",
    "rollback": "is smaller than what was cosigned before it was signed",
    "unproved": "came without proof that it extends what was cosigned before: a fork, or nonsense from whoever sent it",
    "ahead": "was cosigned here at a time that has not come yet: this computer's clock ran ahead then, and that cosignature "
    "counts for nothing; this one has the right time again",
}
AHEAD = "ahead-"  # evidence against nobody but this computer's clock


class WitnessStore:
    """The home of a witness: keys/, policy (the logs it knows), witness.vkey for paper, logs/<SHA-256 of the origin>/, and
    verify.policy, which says to whoever verifies that these logs need this witness. `told` hears of evidence that comes in."""

    def __init__(self, folder: Path, *, told: Callable[[str], object] = lambda _sentence: None) -> None:
        self.folder, self._told = folder, told
        self.vkey_file, self.verify_file = folder / "witness.vkey", folder / "verify.policy"

    def create(self, name: str, logs: list[Vkey], url: str = "") -> list[NoteKey]:
        """New keys under this name. Raises OperatorError rather than make a second pair.

        `url`: where `witness run` will answer, for the policy: whoever is asked at once bounds times from below too.
        """
        _check(name, url)
        keys = [NoteKey(name, kind, os.urandom(SEED)) for kind in KEYS]
        known = "".join(f"log {vkey}\n" for vkey in logs)
        policy, wanted = f"{known}quorum {NONE}\n", f"{known}{_wanted(keys, url)}"
        try:
            for key in keys:
                Vkey.parse(str(key.vkey))
            for text in (policy, wanted):
                Policy.parse(text.encode())
        except (NotANote, NotAPolicy) as error:
            raise OperatorError(f"couldn't make a witness: {error}") from None
        with writing(self.folder):
            for part in (self.folder / "keys", self.folder / "logs"):
                part.mkdir(parents=True, exist_ok=True, mode=0o700)
            if any((self.folder / "keys" / file).exists() for file in KEYS.values()):
                raise OperatorError(
                    f"couldn't make a witness in {self.folder}: there is one already; choose another --home"
                )
            for key in keys:
                write_whole(self.folder / "keys" / KEYS[key.kind], key.to_text().encode())
            write_whole(self.folder / "policy", policy.encode())
            write_whole(self.verify_file, wanted.encode())
            write_whole(self.vkey_file, "".join(f"{key.vkey}\n" for key in keys).encode())
        return keys

    def open(self) -> tuple[list[NoteKey], list[Vkey]]:
        """Its keys, and those of the logs that it knows. Raises OperatorError."""
        try:
            keys = [NoteKey.from_text((self.folder / "keys" / file).read_text()) for file in KEYS.values()]
            policy = Policy.parse((self.folder / "policy").read_bytes())
        except FileNotFoundError:
            raise OperatorError(
                f"couldn't open {self.folder}: no witness is here; make one with `witness init`"
            ) from None
        except (OSError, NotANote, NotAPolicy) as error:
            raise OperatorError(f"couldn't open the witness in {self.folder}: {error}") from None
        return keys, [log.vkey for log in policy.logs]

    @contextmanager
    def alone(self, origin: str) -> Iterator[None]:
        place = self._place(origin)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with alone(place / "lock"):
            yield

    def last(self, origin: str) -> Note | None:
        """Raises OperatorError if it is damaged: whoever forgot may not cosign."""
        path = self._place(origin) / "checkpoint"
        try:
            return Note.parse(path.read_bytes())
        except FileNotFoundError:
            return None
        except NotANote as error:
            raise OperatorError(f"couldn't read {path}: {error}; put it back from a copy") from None

    def remember(self, origin: str, note: Note) -> None:
        place = self._place(origin)
        write_whole(place / "checkpoint", note.to_bytes())
        settle(place)

    def testify(self, origin: str, kind: str, signed: bytes) -> None:
        """Named after its text, so that one sent a thousand times is kept once."""
        held, place = self.last(origin), self._place(origin) / "evidence"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = place / f"{kind}-{sha256(Note.parse(signed).text.encode()).hexdigest()[:16]}"
        if not path.exists():
            write_whole(path.with_name(f"{path.name}.cosigned-before"), held.to_bytes() if held else b"")
            write_whole(path, signed)
            settle(place)
            self._told(f"a checkpoint that {origin} signed {SAID[kind.partition('-')[0]]}; it is kept in {path}")

    def evidence(self) -> list[Path]:
        """The checkpoints that contradict what was cosigned before, of every log."""
        found = self.folder.glob("logs/*/evidence/*")
        contradicting = (path for path in found if not path.name.startswith(AHEAD))
        return sorted(path for path in contradicting if path.suffix not in (".tmp", ".cosigned-before"))

    def _place(self, origin: str) -> Path:
        return self.folder / "logs" / sha256(origin.encode()).hexdigest()


def _check(name: str, url: str) -> None:
    """Other readers of policies take whatever follows a # for a comment. Raises OperatorError."""
    if "#" in name:
        raise OperatorError(f"couldn't make a witness: its name may hold no #, so not {name!r}; choose another --name")
    if url and ADDRESS.fullmatch(url) is None:
        raise OperatorError(f"couldn't make a witness: --url is an address like http://10.1.2.3:8100, not {url!r}")


def _wanted(keys: list[NoteKey], url: str) -> str:
    """The lines of a policy that needs both cosignatures."""
    named = {f"{key.vkey.name}/{SHORT[key.kind]}": key.vkey for key in keys}
    witnesses = "".join(f"witness {name} {vkey} {url}".rstrip() + "\n" for name, vkey in named.items())
    name = keys[0].vkey.name
    return f"{witnesses}group {name} all {' '.join(named)}\nquorum {name}\n"
