"""What is wrong with the clock, as the writer of the log, the public door and /healthz judge it. Pure. 时钟判定

The log's times never go back (docs/format.md §6.1), so one entry from a clock that was ahead shuts the log until that time has come.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from application.platform.clock import SHANGHAI, Clock
from domain.errors import Unavailable

PATIENCE_WITH_CLOCKS = timedelta(seconds=5)
DIFFERS, LOG_AHEAD, RAN_AHEAD = "differs", "log_ahead", "ran_ahead"


class ClockFault(NamedTuple):
    """`by` how much; `newest`: when the newest entry says that it was recorded."""

    kind: str
    by: timedelta
    newest: datetime

    @property
    def refusal(self) -> Unavailable:
        """For whoever wanted to record something: what is so, since when, and what to do."""
        newest, by = in_shanghai(self.newest), duration(self.by)
        if self.kind == DIFFERS:
            return Unavailable(
                f"服务器时钟异常（与数据库的时钟相差{by}），暂停受理；请通知管理员校准服务器和数据库的时钟后再提交"
            )
        if self.kind == LOG_AHEAD:
            return Unavailable(
                f"日志最新一条记于北京时间 {newest}，比服务器现在的时钟晚{by}：那时或现在的时钟不对。日志的时间不能倒退，暂停受理；"
                "请通知管理员核对时钟。现在的时钟正确的，到上述时间后自动恢复，填写的内容请先保留"
            )
        return Unavailable(
            f"服务器时钟比应有的时间快了{by}（日志最新一条记于北京时间 {newest}），可能拨错了，暂停受理；"
            "请通知管理员校准。时钟确实正确的，请密钥管理员运行 xiaohao clock confirm --as 账号"
        )


def clock_fault(clock: Clock, now: datetime, database_now: datetime, newest: datetime) -> ClockFault | None:
    """Why nothing may be recorded now, if so. A simulated clock is never wrong; `newest` is the head's recorded_at."""
    if clock.simulated:
        return None
    if (by := newest - now) > PATIENCE_WITH_CLOCKS:
        return ClockFault(LOG_AHEAD, by, newest)
    if (by := abs(now - database_now)) > PATIENCE_WITH_CLOCKS:
        return ClockFault(DIFFERS, by, newest)
    return ClockFault(RAN_AHEAD, by, newest) if (by := clock.ran_ahead(newest)) else None


def in_shanghai(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def duration(span: timedelta) -> str:
    """In the largest unit of which it has two at least: a person compares it with a calendar."""
    seconds = round(span.total_seconds())
    if seconds >= 2 * 86_400:
        return spelled(f" {seconds // 86_400} 天")
    if seconds >= 2 * 3_600:
        return spelled(f" {seconds // 3_600} 小时")
    return spelled(f" {seconds // 60} 分钟") if seconds >= 120 else spelled(f" {seconds} 秒")


def spelled(text: str) -> str:
    """As it stands; the test that every sentence has its English looks for what is passed here."""
    return text
