"""监督预警: rules about what an overseer should look at, as data. Every number of a rule is the number of its rows.

A rule points at acts, not at guilt: each says in a sentence what it counts. Rules over events look behind a position (`after`),
so a period bounds what is read; what is overdue is told as of today.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from projections import tip_filter
from projections.problem_filter import DUE, OPEN
from projections.query.page import Page, fetch, fetch_page

RECORDED = "时间"
FAST, BULK, WITHIN, BACKDATED, BURST, SHARE = 60, 10, 10, 3, 5, 60


class Rule(NamedTuple):
    """`measure` names the number that each row carries, empty for none; `when` the moment or the day."""

    title: str
    sentence: str
    measure: str
    query: str
    when: str = RECORDED


class Alert(NamedTuple):
    """A row: the position that it is about, the matter, when (as the rule says), who, for which unit, the rule's number."""

    position: int
    stream: str
    at: str
    actor: str
    unit: str
    number: int | None


def _of(condition: str, number: str = "NULL::bigint", join: str = "") -> str:
    return f"""SELECT h.since AS position, h.stream, h.recorded_at, h.actor, h.unit, {number} AS number
        FROM read.happening h {join} WHERE h.since > %(after)s AND {condition}"""


CLOSED = """SELECT h.since, h.stream, h.recorded_at, h.recorded_at::timestamptz AS at, h.actor, h.unit, c.day
    FROM read.countable c JOIN read.happening h ON h.stream = c.matter AND h.version = c.version
    WHERE c.topic = 'problem.closed' AND h.topic = 'problem.closed' AND h.since > %(after)s"""
REPORTED = f"""SELECT DISTINCT ON (h.since) h.*, r.recorded_at::timestamptz AS reported_at FROM ({CLOSED}) h
    JOIN read.happening r ON r.stream = h.stream AND r.topic = 'problem.completion_reported' AND r.since < h.since
    ORDER BY h.since, r.version DESC"""
RECORDED_ON = "(h.recorded_at::timestamptz AT TIME ZONE 'Asia/Shanghai')::date"
RULES = {
    "problems_overdue": Rule(
        "问题逾期",
        "完成时限已过、尚未销号的问题（截至今日）",
        "逾期天数",
        f"""SELECT p.position, p.key AS stream, p.due_on::text AS recorded_at, coalesce(p.handler, p.opened_by) AS actor, p.unit,
            (%(day)s::date - {DUE})::bigint AS number FROM read.problem p
            WHERE p.until IS NULL AND {OPEN} AND {DUE} < %(day)s::date""",
        "完成时限",
    ),
    "tips_overdue": Rule(
        "线索逾期",
        "核查期限已过、尚未核查办结的线索（截至今日）",
        "逾期天数",
        f"""SELECT t.position, t.key AS stream, t.due_on::text AS recorded_at, t.registered_by AS actor, t.unit,
            (%(day)s::date - t.due_on)::bigint AS number FROM read.tip t WHERE t.until IS NULL AND {tip_filter.OVERDUE}""",
        "核查期限",
    ),
    "closed_fast": Rule(
        "疑似虚假销号：过快",
        f"申报整改完成后 {FAST} 分钟内即销号",
        "相隔分钟",
        f"""SELECT h.since AS position, h.stream, h.recorded_at, h.actor, h.unit,
            (extract(epoch FROM h.at - h.reported_at) / 60)::bigint AS number
            FROM ({REPORTED}) h WHERE h.at - h.reported_at < interval '{FAST} minutes'""",
    ),
    "same_photo": Rule(
        "疑似虚假销号：照片重复",
        "同一张照片（哈希相同）用于两个以上事项",
        "事项数",
        """SELECT h.since AS position, h.stream, h.recorded_at, h.actor, h.unit, x.matters AS number
            FROM (SELECT sha256, count(DISTINCT stream) AS matters FROM read.exhibit GROUP BY sha256
                  HAVING count(DISTINCT stream) > 1 AND max(since) > %(after)s) x
            JOIN read.exhibit e USING (sha256) JOIN read.happening h ON h.since = e.since""",
    ),
    "burst": Rule(
        "月度节点前集中销号",
        f"同一单位当月 {BURST} 件以上、占当月六成以上的销号发生在 18 日至 20 日",
        "该时段件数",
        f"""SELECT since AS position, stream, recorded_at, actor, unit, late AS number FROM (
            SELECT h.*, count(*) FILTER (WHERE extract(day FROM day) BETWEEN 18 AND 20) OVER month AS late,
                count(*) OVER month AS whole FROM ({CLOSED}) h WINDOW month AS (PARTITION BY unit, date_trunc('month', day))
            ) x WHERE extract(day FROM day) BETWEEN 18 AND 20 AND late >= {BURST} AND late * 100 >= whole * {SHARE}""",
    ),
    "bulk": Rule(
        "批量销号",
        f"同一人 {WITHIN} 分钟内销号 {BULK} 件以上",
        "件数",
        f"""SELECT since AS position, stream, recorded_at, actor, unit, together AS number FROM (
            SELECT h.*, count(*) OVER (PARTITION BY actor ORDER BY at
                RANGE BETWEEN interval '{WITHIN} minutes' PRECEDING AND interval '{WITHIN} minutes' FOLLOWING) AS together
            FROM ({CLOSED}) h) x WHERE together >= {BULK}""",
    ),
    "corrected_late": Rule(
        "逾期后或 20 日后更正",
        "完成时限已过才更正登记，或在当月 20 日（报数截止）以后更正登记",
        "超过时限天数",
        _of(
            f"""h.topic = 'problem.corrected' AND (extract(day FROM {RECORDED_ON}) > 20
            OR {RECORDED_ON} > p.due_on)""",
            f"greatest({RECORDED_ON} - p.due_on, 0)::bigint",
            "JOIN read.problem p ON p.key = h.stream AND p.until IS NULL",
        ),
    ),
    "backdated": Rule(
        "倒填日期",
        f"所填发生日期比记录日期早 {BACKDATED} 天以上（含补录）",
        "早于记录天数",
        _of(
            f"h.day < left(h.recorded_at, 10) AND {RECORDED_ON} - h.day::date >= {BACKDATED}",
            f"({RECORDED_ON} - h.day::date)::bigint",
        ),
    ),
    "closures_revoked": Rule(
        "销号被撤销", "销号后被认定从一开始就不实", "", _of("h.topic = 'problem.closure_revoked'")
    ),
    "disclosures": Rule("打开身份", "申请、批准或打开举报人身份", "", _of("h.topic ^@ 'disclosure.'")),
    "authority": Rule(
        "账号、角色与密钥变动",
        "账号登记或停用、角色授予或收回、口令重置、密钥登记或更换或吊销、规则调整",
        "",
        _of(
            """(h.topic ^@ 'official.' OR h.topic ^@ 'role.' OR h.topic ^@ 'key.' OR h.topic ^@ 'rules.'
            OR h.topic ^@ 'log.' OR h.topic = 'credential.reset'
            OR h.topic = 'second_factor.removed')"""
        ),
    ),
}


def count(cursor: Any, code: str, *, day: date, after: int) -> int:
    [number] = fetch(cursor, f"SELECT count(*) FROM ({RULES[code].query}) x", {"day": day, "after": after}, int)
    return number


def rows(cursor: Any, code: str, *, day: date, after: int, page: int, size: int = 20) -> Page[Alert]:
    """The newest first."""
    query = f"SELECT * FROM ({RULES[code].query}) x ORDER BY position DESC, stream"
    return fetch_page(cursor, query, {"day": day, "after": after}, Alert, page=page, size=size)


def position_before(cursor: Any, moment: str) -> int:
    """The last position recorded before that moment (as the log writes it), 0 if there is none."""
    cursor.execute("SELECT coalesce(max(since), 0) FROM read.happening")
    low, high = 0, cursor.fetchone()[0]
    while low < high:  # recorded_at never decreases along the log
        middle = (low + high + 1) // 2
        cursor.execute(
            "SELECT recorded_at FROM read.happening WHERE since <= %s ORDER BY since DESC LIMIT 1", (middle,)
        )
        found = cursor.fetchone()
        low, high = (middle, high) if found is None or found[0] < moment else (low, middle - 1)
    return low
