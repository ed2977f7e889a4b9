"""A process of the service that registers tips with four threads until it is killed, and says of each when it was acknowledged."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Thread
from uuid import uuid4

from application.platform.home import Home
from application.tips.commands import RegisterTip
from domain.errors import Unavailable
from domain.values import CITY, Actor
from interface.bootstrap import Services, services

THREADS = 4


def main(home: str, official: str) -> None:
    with services(Home(Path(home))) as made:
        actor = Actor(official, "city_desk", CITY)
        threads = [Thread(target=_work, args=(made, actor, number)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _work(made: Services, actor: Actor, number: int) -> None:
    """The same command again after a refusal, as a form is sent again: it must not stand there twice."""
    count = 0
    while True:
        count += 1
        command = RegisterTip(
            id=uuid4(),
            actor=actor,
            channel="12345",
            received_on=made.ledger.today,
            text=f"{os.getpid()}/{number}/{count}",
        )
        while True:
            try:
                receipt = made.ledger.handle(command)
                break
            except Unavailable:
                continue
        os.write(1, f"{receipt.position} {receipt.leaf_hash} {command.id} .\n".encode())  # one write: lines don't mix


if __name__ == "__main__":
    main(*sys.argv[1:])
