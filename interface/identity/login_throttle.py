"""Wrong words make the next try wait: longer each time, and never for ever. One count for every door. 登录延迟

A device on which an account has signed in before is counted by itself: a stranger who tries that account, from anywhere and
also from the same office, can't make its owner wait there. Everybody else waits for what was tried with the account. The
address alone slows only whoever tries very many accounts, since a whole office may stand behind one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import Any, NamedTuple

from flask_babel import gettext as _

from application.vault.crypto import Secrets


class Wait(Exception):
    """请稍后再试: this account or address has to wait so many seconds; as text, a sentence for the page."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return _("口令错误次数较多，请 %(n)s 秒后再试", n=self.seconds)


class Pace(NamedTuple):
    """After `free` failures the delay doubles from one second up to `longest` seconds."""

    free: int
    longest: int


# A stranger who tries an official's account must not be able to lock the official out for long: the account as a
# whole waits little, the stranger's own address with that account waits much.
PACES = {"device": Pace(3, 300), "both": Pace(3, 300), "account": Pace(10, 20), "address": Pace(300, 5)}
FORGOTTEN = "1 hour"


class Visitor(NamedTuple):
    """Who tries: the address that the connection or a trusted proxy tells, and what this device proved to be, "" if nothing."""

    address: str
    device: str = ""


class Try:
    """One try; whoever looked at it says when it was right."""

    was_right = False

    def right(self) -> None:
        self.was_right = True


class Attempts:
    def __init__(self, database: Any, secrets: Secrets) -> None:
        self.database, self.secrets = database, secrets

    @contextmanager
    def trying(self, account: str, visitor: Visitor) -> Iterator[Try]:
        """One try, counted before it is looked at, so that many at once count as many. Raises Wait: it comes too early.

        What could not be looked at (Busy, no database) counts for nothing.
        """
        keys, attempt = self._keys(account, visitor), Try()
        self._count(keys)
        try:
            yield attempt
        except BaseException:
            self._take_back(list(keys.values()))
            raise
        if attempt.was_right:
            self._forgive(keys)
        else:
            self._wait_from_now(list(keys.values()))

    def _count(self, keys: dict[str, bytes]) -> None:
        """The rows are locked in one order, so nobody waits for somebody who waits for them."""
        kinds = {key: kind for kind, key in keys.items()}
        with self.database.transaction() as cursor:
            cursor.execute("DELETE FROM sign_in.attempt WHERE last_at < now() - %s::interval", (FORGOTTEN,))
            from_now_on(cursor, "sign_in.attempt", sorted(kinds))
            cursor.execute(
                "SELECT who, failures, extract(epoch FROM now() - last_at) FROM sign_in.attempt"
                " WHERE who = ANY(%s) ORDER BY who FOR UPDATE",
                (list(kinds),),
            )
            for who, failures, passed in cursor.fetchall():
                if (left := round(_delay(PACES[kinds[bytes(who)]], failures) - float(passed))) > 0:
                    raise Wait(left)
            for key in sorted(kinds):
                cursor.execute(
                    "INSERT INTO sign_in.attempt AS a VALUES (%s, 1, now())"
                    " ON CONFLICT (who) DO UPDATE SET failures = a.failures + 1, last_at = now()",
                    (key,),
                )

    def _forgive(self, keys: dict[str, bytes]) -> None:
        """The owner was here; an address that tries many accounts stays remembered."""
        own = [key for kind, key in keys.items() if kind != "address"]
        with self.database.cursor() as cursor:
            cursor.execute("DELETE FROM sign_in.attempt WHERE who = ANY(%s)", (own,))
        self._take_back([key for kind, key in keys.items() if kind == "address"])

    def _wait_from_now(self, keys: list[bytes]) -> None:
        """What the look itself took is no waiting."""
        with self.database.cursor() as cursor:
            cursor.execute("UPDATE sign_in.attempt SET last_at = clock_timestamp() WHERE who = ANY(%s)", (keys,))

    def _take_back(self, keys: list[bytes]) -> None:
        with self.database.cursor() as cursor:
            cursor.execute("UPDATE sign_in.attempt SET failures = failures - 1 WHERE who = ANY(%s)", (keys,))

    def _keys(self, account: str, visitor: Visitor) -> dict[str, bytes]:
        """Keyed: an account may hold a person's name, and addresses are few enough to be tried out."""
        address = network_of(visitor.address)
        parts = {"both": f"{account}\n{address}", "account": account, "address": address}
        if visitor.device:
            parts = {"device": f"{account}\n{visitor.device}"}
        return {kind: self.secrets.digest("attempt", f"{kind}\n{text}".encode()) for kind, text in parts.items()}


def network_of(address: str) -> str:
    """What one household or machine has: an IPv4 address, or 64 bits of an IPv6 one, of which everybody has many."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(int(found) >> 64) if isinstance(found, IPv6Address) else str(found)


def from_now_on(cursor: Any, table: str, keys: list[Any]) -> None:
    """A failure that lies ahead, because the clock was set back since, counts from now on: nobody waits for its time."""
    cursor.execute(f"UPDATE {table} SET last_at = now() WHERE who = ANY(%s) AND last_at > now()", (keys,))


def _delay(pace: Pace, failures: int) -> int:
    over = failures - pace.free
    return 0 if over < 0 else min(2 ** min(over, 12), pace.longest)
