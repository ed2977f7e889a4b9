"""What happened at the doors: who signed in, who was refused, for a month. 登录记录

Not in the log, which keeps everything for ever. An address stands here as a keyed hash of its first part: enough to see that
it is the usual one or another, and nothing that leads to a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, NamedTuple
from uuid import UUID

from application.vault.crypto import Secrets
from interface.i18n.locales import N_
from interface.identity.login_throttle import Visitor
from projections.query.page import Page, fetch_page

KEPT = "30 days"
NOBODY = UUID(int=0)  # there is no such account
PREFIX = {4: 24, 6: 48}  # bits of an address
RESULTS = {
    "signed_in": (N_("登录成功"), "green"),
    "wrong_password": (N_("口令不正确"), "amber"),
    "wrong_code": (N_("动态验证码不正确"), "amber"),
    "too_early": (N_("错误次数较多，被要求等候"), "amber"),
    "refused": (N_("口令正确，但不能从此处登录"), "red"),
}
DOORS = {"web": N_("办理端"), "oversight": N_("监督端"), "cli": N_("命令行")}
SELECT = "SELECT official, door, result, place, known, at, times FROM sign_in.record"


class Line(NamedTuple):
    """So many of the same within a minute, the last of them `at`."""

    official: UUID
    door: str
    result: str
    place: bytes
    known: bool
    at: datetime
    times: int

    @property
    def where(self) -> str:
        """A short name of the network; "" on the command line."""
        return bytes(self.place).hex()[:4].upper()


class SignInRecord:
    def __init__(self, database: Any, secrets: Secrets, door: str) -> None:
        self.database, self.secrets, self.door = database, secrets, door

    def add(self, official: UUID | None, result: str, visitor: Visitor) -> None:
        row = (official or NOBODY, self.door, result, self._place(visitor.address), bool(visitor.device))
        with self.database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO sign_in.record AS r VALUES (%s, %s, %s, %s, %s, date_trunc('minute', now()), now(), 1)"
                " ON CONFLICT (official, since, door, result, place, known)"
                " DO UPDATE SET at = now(), times = r.times + 1",
                row,
            )

    def forget(self) -> None:
        """What is older than a month."""
        with self.database.cursor() as cursor:
            cursor.execute("DELETE FROM sign_in.record WHERE at < now() - %s::interval", (KEPT,))

    def of(self, official: UUID, limit: int = 20) -> list[Line]:
        """What happened at one account, the newest first."""
        with self.database.cursor() as cursor:
            cursor.execute(
                f"{SELECT} WHERE official = %s AND at > now() - %s::interval ORDER BY at DESC LIMIT %s",
                (official, KEPT, limit),
            )
            return [Line(*row) for row in cursor.fetchall()]

    def page(self, cursor: Any, number: int, officials: Sequence[UUID] | None, result: str | None) -> Page[Line]:
        """Everybody's, the newest first; of these accounts or with this result, where given."""
        conditions, bound = ["at > now() - %(kept)s::interval"], dict[str, Any](kept=KEPT)
        if officials is not None:
            conditions.append("official = ANY(%(officials)s)")
            bound["officials"] = list(officials)
        if result:
            conditions.append("result = %(result)s")
            bound["result"] = result
        query = f"{SELECT} WHERE {' AND '.join(conditions)} ORDER BY at DESC, official, result"
        return fetch_page(cursor, query, bound, Line, page=number, size=20)

    def _place(self, address: str) -> bytes:
        try:
            found = ip_address(address)
        except ValueError:
            return b""
        prefix = ip_network(f"{found}/{PREFIX[6 if isinstance(found, IPv6Address) else 4]}", strict=False)
        digest: Any = self.secrets.digest("sign-in place", str(prefix).encode())
        return digest[:8]
