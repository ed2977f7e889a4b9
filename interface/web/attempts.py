"""Wrong passwords make the next try wait: longer each time, per account and address, and never for ever. 登录延迟"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, NamedTuple

from flask_babel import gettext as _


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
PACES = {"both": Pace(3, 300), "account": Pace(10, 20), "address": Pace(30, 300)}
FORGOTTEN = "1 hour"


class Attempts:
    def __init__(self, database: Any, *, schema: str = "web") -> None:
        self.database, self._table = database, f"{schema}.attempt"

    def check(self, account: str, address: str) -> None:
        """Raises Wait if this try comes too early."""
        with self.database.cursor() as cursor:
            from_now_on(cursor, self._table, list(_keys(account, address).values()))
            for kind, key in _keys(account, address).items():
                cursor.execute(
                    f"SELECT failures, extract(epoch FROM now() - last_at) FROM {self._table}"
                    " WHERE who = %s AND last_at > now() - %s::interval",
                    (key, FORGOTTEN),
                )
                row = cursor.fetchone()
                if row and (left := round(_delay(PACES[kind], row[0]) - float(row[1]))) > 0:
                    raise Wait(left)

    def failed(self, account: str, address: str) -> None:
        with self.database.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self._table} WHERE last_at < now() - %s::interval", (FORGOTTEN,))
            for key in _keys(account, address).values():
                cursor.execute(
                    f"INSERT INTO {self._table} AS a (who, failures, last_at) VALUES (%s, 1, now())"
                    " ON CONFLICT (who) DO UPDATE SET failures = a.failures + 1, last_at = now()",
                    (key,),
                )

    def succeeded(self, account: str, address: str) -> None:
        """Forget the failures of this account; an address that tries many accounts stays remembered."""
        keys = _keys(account, address)
        with self.database.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self._table} WHERE who IN (%s, %s)", (keys["both"], keys["account"]))


def from_now_on(cursor: Any, table: str, keys: list[str]) -> None:
    """A failure that lies ahead, because the clock was set back since, counts from now on: nobody waits for its time."""
    cursor.execute(f"UPDATE {table} SET last_at = now() WHERE who = ANY(%s) AND last_at > now()", (keys,))


def _delay(pace: Pace, failures: int) -> int:
    over = failures - pace.free
    return 0 if over < 0 else min(2 ** min(over, 12), pace.longest)


def _keys(account: str, address: str) -> dict[str, str]:
    """Hashed: an account may hold a person's name."""
    parts = {"both": f"{account}\n{address}", "account": account, "address": address}
    return {kind: f"{kind}:{sha256(text.encode()).hexdigest()}" for kind, text in parts.items()}
