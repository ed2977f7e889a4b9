"""A disk that fills up under the ledger: who asks is told so at once, nothing is half-done, and later all goes on."""

from __future__ import annotations

from contextlib import closing
from uuid import uuid4

import pytest

from application.clock import TrainingClock
from application.store.database import FULL, Database
from application.store.embedded import serve
from application.store.home import Home
from application.store.migrate import migrate
from application.store.reader import LogReader
from application.tips import RegisterTip
from application.trail.fsck import Fsck
from application.trail.logkeys import LogKeys
from domain.errors import Unavailable
from tests.application.store.test_home import fill
from tests.cities import ORIGIN, City
from tests.conftest import NOON

LONG = "电梯又停了，物业不来修。" * 3_000


@pytest.mark.mount
def test_a_full_disk_is_told_and_nothing_is_lost(tiny_home: Home):
    server = serve(tiny_home)
    migrate(server.dsn)
    LogKeys.create(tiny_home.keys, ORIGIN)
    with closing(Database(server.dsn, size=2)) as database:
        city = City.found(database, TrainingClock(NOON), tiny_home.path)
        desk, ledger = city.desk, city.ledger

        def told() -> RegisterTip:
            return RegisterTip(id=uuid4(), actor=desk, channel="12345", received_on=ledger.today, text=LONG)

        acknowledged, refused = [ledger.handle(told())], None
        ballast = fill(tiny_home.path)

        while refused is None:
            command = told()
            try:
                acknowledged.append(ledger.handle(command))
            except Unavailable as error:
                refused = str(error)
        ballast.unlink()
        again = ledger.handle(command)

        assert refused == FULL
        assert (again.repeated, again.position) == (False, LogReader(ledger).head().size)
        assert [ledger.table.leaf(receipt.position)[0].hex() for receipt in acknowledged] == [
            receipt.leaf_hash for receipt in acknowledged
        ]
        assert Fsck(tiny_home, ledger).run().faults == []
        ledger.close()
    server.stop()
