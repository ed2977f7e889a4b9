"""The end of an epoch: what is left stays readable at every step, what was deleted is gone."""

from __future__ import annotations

from uuid import uuid4

import pytest
from psycopg2.extras import execute_values

from application.vault.crypto import Box, place
from application.vault.epoch_rotation import roll
from application.vault.epochs import Epochs
from tests.matters import TOLD


class Crash(Exception):
    pass


class Crashing(Epochs):
    """Dies at its nth step: before or after a key is begun, used or destroyed."""

    def __init__(self, folder, steps):
        super().__init__(folder)
        self.steps = steps

    def _step(self):
        self.steps -= 1
        if self.steps == 0:
            raise Crash

    def begin(self, number):
        self._step()
        super().begin(number)
        self._step()
        return number

    def box(self, number):
        self._step()
        return super().box(number)

    def destroy(self, number):
        self._step()
        super().destroy(number)
        self._step()


@pytest.fixture
def vault(ledger):
    return ledger.vault.tips


@pytest.fixture
def keys(vault):
    return lambda: {path.name: path.read_bytes() for path in vault.epochs.folder.iterdir()}


def test_what_is_left_is_wrapped_anew_and_the_old_key_destroyed(matters, database, vault, keys):
    tip = matters.tip()
    before = keys()

    rolled = roll(database, vault.epochs)

    assert (rolled.epoch, rolled.rewrapped, rolled.destroyed, rolled.unreadable) == (2, 2, [1], [])
    assert list(keys()) == ["2.key"]
    assert not set(before.values()) & set(keys().values())
    assert vault.words(tip).text == TOLD


def test_a_crash_at_any_step_leaves_every_tip_readable(matters, database, vault, keys):
    tips = [matters.tip(text=f"{TOLD}{n}") for n in range(3)]
    steps, crashed = 1, True
    while crashed:
        try:
            roll(database, Crashing(vault.epochs.folder, steps))
            crashed = False
        except Crash:
            steps += 1
        fresh = matters.city.ledger.vault.tips
        fresh.epochs = Epochs(vault.epochs.folder)
        assert [fresh.words(tip).text[-1] for tip in tips] == ["0", "1", "2"]
        assert fresh.reporter(tips[0]).contact == ""

    assert steps > 10
    assert len(keys()) == 1


def test_what_a_crash_left_is_destroyed_by_the_next_roll(matters, database, vault, keys):
    matters.tip()
    (vault.epochs.folder / "1.key").write_bytes(b"overwritten, not yet unlinked".ljust(32))
    (vault.epochs.folder / "7.new").write_bytes(b"half")
    rolled = roll(database, Epochs(vault.epochs.folder))

    assert (len(rolled.unreadable), rolled.destroyed) == (2, [])  # never destroy what something may still hang on
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM vault.tip_blob")

    assert roll(database, vault.epochs).destroyed == [1, 2]
    assert list(keys()) == ["3.key"]


def test_a_row_that_waited_while_its_epoch_ended_is_wrapped_when_it_is_written(matters, database, vault):
    """Two processes: one has a tip in its queue, the other ends the epoch."""
    tip = uuid4()
    _, rows = vault.seal(tip, text=TOLD)
    roll(database, Epochs(vault.epochs.folder))

    with database.cursor() as cursor:
        execute_values(cursor, rows[0].statement, [row.row for row in rows[:2]])

    assert vault.words(tip).text == TOLD


def test_no_row_is_written_under_an_epoch_that_has_ended(matters, database, vault):
    matters.tip()
    roll(database, vault.epochs)
    tip, key = uuid4(), bytes(32)
    late = (tip, "text", 1, Box(bytes(32)).seal(key, place(tip, "text")), b"")

    with pytest.raises(Exception, match="the epoch has ended") as refused, database.cursor() as cursor:
        cursor.execute("INSERT INTO vault.tip_blob (tip, blob, epoch, wrapped_key, sealed) VALUES %s", (late,))

    assert refused.value.pgcode == "40001"  # which the writer tries again
