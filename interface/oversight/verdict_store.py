"""今日结论: the verdicts that were given on the published folder and the database. 核验结论"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from application.platform.database import Database
from application.verifier import verdict_text as words
from interface.i18n.locales import N_

EVERY = "10 minutes"
LAST = "SELECT id, at, ok, found, checkpoint FROM oversight.verdict"

SAME = N_("数据库中的 %(rows)s 条齐全，已发布的 %(size)s 条逐字节一致")
MISSING = N_("第 %(n)s 条：数据库中缺少此条")
ALTERED = N_("第 %(n)s 条：数据库中的内容与已发布的不同，已被改动")
HASH = N_("第 %(n)s 条：数据库中记的哈希与内容不符")
COLUMN = N_("第 %(n)s 条：数据库的 %(column)s 列与签名的内容不符")
HEAD = N_("数据库记着应有 %(size)s 条，实有 %(rows)s 条，或根哈希不符")

ENOUGH = N_("见证人已在最新检查点上签名，人数符合见证策略")
SHORT = N_("见证人已确认前 %(n)s 条；其后的条目等待见证")
NOT_YET = N_("见证人还没有确认任何检查点")
NO_QUORUM = N_("没有规定由谁见证：服务器若重写全部历史，只有自己保存过检查点的人才看得出")
BAD_POLICY = N_("见证策略文件（policy）有误，没有采用；请通知系统管理员更正")

STRENGTHS = {
    "强": N_("与见证人的签名、此前的检查点、首条（创世）三者都对得上"),
    "中": N_("见证人的签名、此前的检查点、首条（创世）三者只对上一部分"),
    "弱": N_("只核对了日志自己的签名：第一次核验时没有别的可以对照"),
}


class Wrong(NamedTuple):
    """One of the sentences above with its places, and the position of the entry, 0 where it is none's fault."""

    sentence: str
    position: int = 0
    more: dict[str, Any] = {}

    @property
    def places(self) -> dict[str, Any]:
        return {"n": self.position} | self.more


@dataclass(frozen=True)
class Finding:
    """`folder` is a sentence, `table` one with `places`; `position` is the first wrong entry, 0 if none is to blame.

    `witness` is one of the sentences above, of the first `witnessed` entries; `beside` a hash of what no root covers: the policy,
    the lists of keys, and which files there were.
    """

    folder_ok: bool
    folder: str
    table_ok: bool
    table: str
    places: dict[str, Any]
    strength: str
    size: int
    rows: int
    position: int
    unchecked: tuple[str, ...]
    genesis: str
    root: str
    folder_en: str = ""  # verdicts kept before these last ones were thought of have none of them
    witness: str = ""
    witnessed: int = 0
    policy: str = ""  # of older verdicts, which knew nothing of what else lies beside
    beside: str = ""

    @property
    def ok(self) -> bool:
        return self.folder_ok and self.table_ok

    def of_folder(self, language: str) -> str:
        return (self.folder_en if language == "en" else "") or self.folder

    def left_out(self, language: str) -> list[str]:
        """What was not checked. Of witnesses `witness` says more."""
        said = (words.NO_WITNESS, words.NOT_YET_WITNESSED) if self.witness else ()
        told = [text for text in self.unchecked if text not in said]
        return [words.NOTES.get(text, text) if language == "en" else text for text in told]


class Given(NamedTuple):
    """A verdict that was given, and when."""

    id: int
    at: datetime
    ok: bool
    found: Finding
    checkpoint: bytes


class Verdicts:
    """The verdicts that were given: a table that only grows."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def newest(self, *, good: bool = False) -> Given | None:
        found = self._select("WHERE ok" if good else "", 1)
        return found[0] if found else None

    def latest(self, size: int, *, before: int | None = None, red: bool = False) -> list[Given]:
        """The newest first; `before` is the id of one that was shown already, `red` are those that found something."""
        asked = f"WHERE {'NOT ok' if red else 'true'}"
        return self._select(asked if before is None else f"{asked} AND id < {before:d}", size)

    def first_good(self) -> Given | None:
        found = self._select("WHERE ok", 1, "id")
        return found[0] if found else None

    def ask(self) -> None:
        """Somebody wants a new verdict: the job sees it within seconds."""
        with self.database.cursor() as cursor:
            cursor.execute("INSERT INTO oversight.wish DEFAULT VALUES")

    def is_due(self) -> bool:
        """Because it was asked for, or the newest is too old, or there is none."""
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT begun_at < greatest(now() - %s::interval, (SELECT max(asked_at) FROM oversight.wish))"
                " FROM oversight.verdict ORDER BY id DESC LIMIT 1",
                (EVERY,),
            )
            newest = cursor.fetchone()
            return newest is None or newest[0]

    def is_waited_for(self) -> bool:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM oversight.wish)")
            return cursor.fetchone()[0]

    def now(self) -> datetime:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]

    def keep(self, begun: datetime, finding: Finding, checkpoint: bytes) -> None:
        with self.database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO oversight.verdict (begun_at, ok, found, checkpoint) VALUES (%s, %s, %s, %s)",
                (begun, finding.ok, json.dumps(asdict(finding), ensure_ascii=False), checkpoint),
            )
            cursor.execute("DELETE FROM oversight.wish WHERE asked_at <= %s", (begun,))

    def _select(self, condition: str, size: int, order: str = "id DESC") -> list[Given]:
        with self.database.cursor() as cursor:
            cursor.execute(f"{LAST} {condition} ORDER BY {order} LIMIT %s", (size,))
            rows = cursor.fetchall()
        return [Given(id, at, ok, _finding(found), bytes(checkpoint)) for id, at, ok, found, checkpoint in rows]


def _finding(members: dict[str, Any]) -> Finding:
    return Finding(**members | {"unchecked": tuple(members["unchecked"])})
