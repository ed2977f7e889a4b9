"""A roll dies in each of its statements and file steps, before the step or just after it; then the service starts again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from application.audit.fsck import Fsck
from application.campaign.genesis import CITY
from application.tips import shredding
from application.tips.shredding import ProposeShredding, ShredTip
from application.vault.crypto import Box, Unreadable, place
from application.vault.epoch_rotation import roll
from application.vault.epochs import Epochs
from application.vault.tips import TipVault
from domain.errors import NotFound
from tests.matters import TOLD

STEPS = {"execute", "urandom", "write", "flush", "fsync", "rename", "unlink", "flock"}
BEFORE, AFTER = "c_call", "c_return"  # as the interpreter's profiler calls them
AT = {BEFORE: STEPS | {"open"}, AFTER: STEPS}  # what was opened would only be left open


class Crash(BaseException):
    """Nothing in the service catches it."""


@contextmanager
def dying(number: int, event: str) -> Iterator[list[str]]:
    """The `number`th step dies, BEFORE or AFTER it was done. Yields the steps so far."""
    done: list[str] = []

    def look(_frame, what, function):
        name = getattr(function, "__name__", "")
        if what == event and name in AT[event]:
            done.append(name)
            if len(done) == number:
                raise Crash

    sys.setprofile(look)
    try:
        yield done
    finally:
        sys.setprofile(None)


@pytest.fixture(autouse=True)
def _keyed_first(keyed):
    """The log's first entry names the keys of the home."""


@pytest.fixture
def fsck(keyed, ledger):
    return lambda: Fsck(keyed, ledger).run()


class Shredder:
    """Destroys tips without ending the epoch, and knows what could still open them."""

    def __init__(self, matters, database) -> None:
        self.matters, self.database = matters, database
        self.vault: TipVault = matters.city.ledger.vault.tips
        self.decider = matters.city.actor("city_decider", CITY)
        self.folder = self.vault.epochs.folder
        self.known_keys = set[bytes]()
        self.wrapped: list[tuple[bytes, bytes]] = []

    def shred(self):
        tip = self.matters.tip(text=f"{TOLD}，须销毁")
        self.known_keys |= {path.read_bytes() for path in self.folder.glob("*.key")}
        with self.database.cursor() as cursor:
            cursor.execute("SELECT blob, wrapped_key FROM vault.tip_blob WHERE tip = %s", (tip,))
            self.wrapped += [(bytes(wrapped), place(tip, blob)) for blob, wrapped in cursor.fetchall()]
        self.matters.on_tip(ProposeShredding, self.matters.city.desk, tip, ground="retention")
        self.matters.on_tip(ShredTip, self.decider, tip)
        return tip

    def restarted(self) -> TipVault:
        """What another process finds."""
        return TipVault(self.database, self.vault.secrets, Epochs(self.folder), self.vault.letterbox)

    def opened(self) -> int:
        """How many destroyed keys any file that is left would give back."""
        boxes = [Box(path.read_bytes()) for path in self.folder.iterdir() if path.stat().st_size == 32]
        return sum(opens(box, *each) for box in boxes for each in self.wrapped)


def opens(box: Box, wrapped: bytes, where: bytes) -> bool:
    try:
        return bool(box.open(wrapped, where))
    except Unreadable:
        return False


@pytest.mark.parametrize("event", [BEFORE, AFTER], ids=["failed", "failed but done"])
def test_whatever_step_a_roll_dies_in_nothing_is_lost_and_nothing_comes_back(
    matters, database, fsck, monkeypatch, event
):
    monkeypatch.setattr(shredding, "end_epoch", lambda ledger: None)
    shredder = Shredder(matters, database)
    kept = [matters.tip(text=f"{TOLD}{n}", reporter=f"反映人{n}") for n in range(3)]
    number, died, steps = 1, True, list[str]()
    while died:
        gone = shredder.shred()
        assert shredder.opened() == 2  # its words and its reporter: the search can find them
        try:
            with dying(number, event) as steps:
                roll(database, Epochs(shredder.folder))
            died = False
        except Crash:
            number += 1
        for vault in (shredder.restarted(), shredder.vault):
            assert [vault.words(tip).text[-1] for tip in kept] == ["0", "1", "2"], steps
            assert [vault.reporter(tip).reporter[-1] for tip in kept] == ["0", "1", "2"], steps
            with pytest.raises(NotFound):
                vault.words(gone)

        rolled = roll(database, Epochs(shredder.folder))
        [left] = shredder.folder.iterdir()
        assert (rolled.unreadable, shredder.opened(), left.read_bytes() in shredder.known_keys) == ([], 0, False), steps

    assert {"execute", "write", "fsync", "rename", "unlink", "flock"} <= set(steps)
    assert number > 25, steps
    result = fsck()
    assert (result.faults, result.shredded) == ([], number)
