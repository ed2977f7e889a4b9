"""The files of a home, each by itself: what is wrong with it and how it is mended. 实例文件检查

Left out on purpose, for nothing is lost with them: `keys/web.secret` (a new one is made; forms that lie open are asked for
again), `run/` and the locks (they say who runs now), `trail/log.vkey` and `trail/keys.json` (written anew when something is
published), tiles and entries (`fsck`, the oversight door and the publisher hash them).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from application.log.log_keys import LogKeys
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.preflight.known_files import no_files
from application.preflight.letterbox_key import commission_key, letterbox_of
from application.publication.cosigning import policy_of
from application.publication.mirror_tokens import MirrorTokens
from application.publication.published_log import Published
from application.vault.crypto import KEY, Secrets
from application.vault.epochs import Epochs
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.merkle import EMPTY_ROOT
from application.verifier.formats.note import WrongSignature

ON_PAPER = "bring it back, or write it again from its words on paper with `xiaohao master-key`"
LOG_KEY = (
    "bring HOME/keys back from where you keep a copy; without it nothing more is published here, and only a new log can go "
    "on from the last checkpoint (`xiaohao init --continues`)"
)


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a file; where it `stops`, nothing is opened before it is mended."""

    path: Path
    what: str
    mend: str
    stops: bool = True

    def __str__(self) -> str:
        return f"{self.path}: {self.what}; {self.mend}"


def flaws(home: Home) -> Iterator[Flaw]:
    """Of the files of an instance, without its database. Raises OperatorError for instance.json, which tells about the others."""
    instance = home.read()
    if none := list(_no_files(home)):
        yield from none  # nobody can read them, so nothing is read
        return
    yield from _master(home)
    yield from _log_keys(home, instance["origin"])
    yield from _epochs(home)
    yield from _lists(home)
    yield from _witnesses(home)
    if (letters := letterbox_flaw(home)) is not None:
        yield letters


def refuse(found: Iterator[Flaw], home: Home) -> list[Flaw]:
    """The flaws that stop nothing. Raises OperatorError at the first that does."""
    left = []
    for flaw in found:
        if flaw.stops:
            raise OperatorError(f"couldn't open {home.path}: {flaw}")
        left.append(flaw)
    return left


def _no_files(home: Home) -> Iterator[Flaw]:
    for path in no_files(home):
        yield Flaw(path, "it is no file, where one belongs", "move it away and bring the file back, if there was one")


def _master(home: Home) -> Iterator[Flaw]:
    path = home.keys / "master.key"
    try:
        Secrets.load(path)
    except OSError as error:
        yield Flaw(path, f"the master key can't be read ({error.strerror})", ON_PAPER)
    except ValueError as error:
        yield Flaw(path, f"it is damaged ({error})", f"move it away, then {ON_PAPER}")


def _log_keys(home: Home, origin: str) -> Iterator[Flaw]:
    """Each signs; whether they are this log's is asked of the log."""
    try:
        keys = LogKeys.load(home.keys)
        checkpoint = Checkpoint(origin, 0, EMPTY_ROOT)
        for vkey, line in zip(keys.vkeys, keys.sign(checkpoint, 0).lines, strict=True):
            vkey.verify(checkpoint.text, line)
    except (OperatorError, WrongSignature) as error:
        yield Flaw(home.keys, str(error), LOG_KEY)


def _epochs(home: Home) -> Iterator[Flaw]:
    """Whether each opens what it ought to is tried with the database."""
    for number in Epochs(home.epochs).numbers():
        path = home.epochs / f"{number}.key"
        if len(path.read_bytes()) != KEY:
            yield Flaw(path, f"it is no key of {KEY} bytes", epoch_mend(path))


def epoch_mend(path: Path) -> str:
    """How to go on with and without the key."""
    away = "move this file away and " if path.exists() else ""
    return (
        "bring the right one back; where it is lost for good, what it wrapped comes only from a backup: then "
        f"{away}make an empty file {path.with_suffix('.lost')}"
    )


def _lists(home: Home) -> Iterator[Flaw]:
    """What is asked while pages are shown."""
    for path, todo in (
        (home.keys / "mirrors.json", "move it away, and give each mirror a new token (`publish --new-mirror-token`)"),
        (home.path / "demo.json", "move it away: the accounts of the demonstration are then not listed at sign-in"),
    ):
        if (wrong := _unreadable(path)) is not None:
            yield Flaw(path, wrong, todo)
    try:
        MirrorTokens(home.keys).know("")
    except (KeyError, TypeError, AttributeError, ValueError):
        yield Flaw(home.keys / "mirrors.json", "it holds no tokens", "move it away, and give each mirror a new token")


def _unreadable(path: Path) -> str | None:
    try:
        json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"it can't be read ({error.strerror})"
    except ValueError:
        return "it is empty or damaged"
    return None


def _witnesses(home: Home) -> Iterator[Flaw]:
    """Publishing never waits for a witness, and neither does a start."""
    published = Published(home, "", ())
    for path, look in ((home.policy, lambda: policy_of(home)), (published.witnessed_file, published.witnessed)):
        if (wrong := _said(look)) is not None:
            yield Flaw(path, wrong, "until then no witness is asked", stops=False)
    if not home.policy.exists() and published.witnessed_file.exists():
        todo = "bring it back from where `witness init` wrote it; until then none of them is asked"
        yield Flaw(home.policy, "it is missing, though witnesses have cosigned", todo, stops=False)


def _said(look: Callable[[], object]) -> str | None:
    try:
        look()
    except OperatorError as error:
        return str(error)
    return None


def letterbox_flaw(home: Home) -> Flaw | None:
    """Whether letters to the commission are sealed to the key that was there at first."""
    key, path = commission_key(home), letterbox_of(home).path
    if key.is_right:
        return None
    if key.is_exchanged:
        what = f"the commission's key for letters was exchanged: its SHA-256 is {key.found}, and was {key.recorded}"
        mend = "hold both against the commission's paper, and put the right key back; whoever has the other half reads letters"
        return Flaw(path, what, mend, stops=False)
    what = f"the commission's key for letters is {'damaged' if key.is_there else 'missing'}, and nothing can be sealed to it"
    known = f", with SHA-256 {key.recorded}," if key.recorded else ""
    return Flaw(path, what, f"put the one{known} back that the commission handed over", stops=False)
