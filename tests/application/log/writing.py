"""A process of its own that commits with four threads until it is killed, and says of each act when it was acknowledged."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread
from uuid import uuid4

from application.platform.clock import SystemClock
from application.platform.database import Database
from application.tips.commands import RegisterTip
from domain.errors import Unavailable
from domain.tips.tip import Tip
from domain.values import Actor
from tests.cities import ledger_on

COMMITS = dict.fromkeys(("text", "reporter", "contact", "files"), "0" * 64)


def main(told: str, dsn: str, home: str, official: str) -> None:
    """`told`: the file that is written to, as it would be to a terminal: what was written stays when the process is killed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a lost server makes of its threads' last words
    out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    ledger = ledger_on(Database(dsn, size=4), SystemClock(), Path(home))
    actor = Actor(official, "city_desk", "320581")

    def work() -> None:
        while True:
            command = RegisterTip(id=uuid4(), actor=actor, channel="12345", received_on=ledger.today, text="")
            tip = Tip.register(
                id=uuid4(),
                channel="12345",
                received_on=ledger.today,
                today=ledger.today,
                commits=COMMITS,
                actor=actor,
            )
            try:
                receipt = ledger.commit(tip, command=command)
            except Unavailable:
                continue
            os.write(
                out, f"{receipt.position} {receipt.leaf_hash} .\n".encode()
            )  # one write: lines of threads don't mix

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
