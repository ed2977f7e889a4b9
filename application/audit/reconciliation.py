"""Every promise to a citizen held against the log. 承诺核对"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from application.core.ledger import Ledger
from application.platform.clock import rfc3339
from application.vault.public_tips import PublicBox
from application.verifier.formats.entry import body_of, canonical, loads
from application.verifier.formats.promise import parse


@dataclass(frozen=True)
class Reconciled:
    """`faults` are sentences; `open` promises still have time."""

    promises: int
    kept: int
    open: int
    faults: list[str]


def reconcile(ledger: Ledger, *, restored: bool = False) -> Reconciled:
    """Every promise's four commitments occur in exactly one registration: no tip vanished, none was counted twice.

    `restored`: what still waits is registered when the service runs again, late and not lost.
    """
    registered = Counter[bytes]()
    with ledger.table.database.cursor() as cursor:
        cursor.execute("SELECT entry FROM log.event WHERE topic = 'tip.registered'")
        for (entry,) in cursor.fetchall():
            registered[canonical(loads(body_of(bytes(entry)))["data"]["commits"])] += 1
    now, kept, still, faults = rfc3339(ledger.clock.now()), 0, 0, []
    box = PublicBox(ledger.vault.database)
    promises, waiting = box.promises(), set[UUID]()
    if restored:
        waiting = {one.matter for one in box.waiting(datetime.max.replace(tzinfo=UTC))}
    for locator, tip, raw in promises:
        promise = parse(raw)
        times = registered[canonical(dict(promise.commits))]
        kept += times == 1
        if times == 0 and (promise.promised_by > now or tip in waiting):
            still += 1
        elif times != 1:
            faults.append(f"the promise with locator {locator} stands {times} times in the log, not once")
    return Reconciled(len(promises), kept, still, faults)
