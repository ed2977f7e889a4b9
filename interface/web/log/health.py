"""Whether the service is well: what /healthz answers and administrators see on every page. 运行状况"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from flask import g
from flask_babel import gettext as _

from application.audit import access_record
from application.backup.paper_key import PaperKey
from application.campaign.genesis import version_in_force
from application.platform.failures import OperatorError
from application.preflight.letterbox_key import commission_key
from application.publication.witness_liveness import witnessing
from application.verifier.rules.time_bounds import LATEST_TIME
from domain import rules
from domain.errors import Refusal
from interface.daily_backup import newest_of
from interface.i18n.locales import N_

ADMINISTRATORS = frozenset({"administrator", "role_admin", "key_admin"})
ANSWERING = ("store", "read_models", "signer")
BEHIND = 60  # seconds that read models may lag
UNPUBLISHED, UNSEALED = timedelta(minutes=10), timedelta(hours=2)
OLDEST_EPOCH = timedelta(days=30)  # how long a backup of what was destroyed can be read at most (docs/format.md §10.3)
NO_ROOM = 1 << 20  # bytes of free disk below which the store is asked whether it can still write
LITTLE = 500 << 20  # bytes of free disk
OLDEST_BACKUP = timedelta(days=2)
SENTENCES = {
    "dead_letters": N_(
        "有日志条目未能计入台账和统计，数字可能不全。请运行 xiaohao rebuild；仍未消除的，请联系维护人员"
    ),
    "read_models_behind": N_("台账和统计落后于日志，页面上可能不是最新内容。请检查后台作业"),
    "not_published": N_("日志超过十分钟没有发布。请检查后台作业和磁盘"),
    "not_sealed": N_("查阅记录超过两小时没有封存。请检查后台作业"),
    "epoch_old": N_(
        "保密库的旧密钥超过三十天没有销毁，已销毁的线索内容可能还能从备份中读出。请运行 xiaohao vault shred --now"
    ),
    "witness_silent": N_(
        "有见证人超过规定时间（在线一天，U 盘三十五天）没有见证。请与见证单位联系，并核对 policy 文件中的地址"
    ),
    "rules_older": N_(
        "日志采用的权限规则比本程序旧，新增的事项暂不能办理。请系统管理员运行 xiaohao rules adopt --as 账号"
    ),
    "clock_wrong": N_("服务器时钟不对，现在什么都不能记录。请校准服务器和数据库的时钟"),
    "rolled_back": N_(
        "数据库中的日志比已经记录或发布的少，可能是恢复了旧的数据库，现在什么都不能记录。请停止服务，运行 xiaohao restore"
    ),
    "commission_key": N_(
        "检举线索的接收公钥缺失、已损坏或被调换，检举线索可能无法转送，或被他人读取。请运行 xiaohao doctor，并与市纪委监委核对指纹"
    ),
    "clock_set": N_(
        "服务器时钟一小时内被拨动过，或与应有的时间不符；相差半小时以上的，网上举报暂不受理。请核对时钟，"
        "确实正确的，请密钥管理员运行 xiaohao clock confirm --as 账号"
    ),
    "disk_low": N_("磁盘剩余空间不足，请尽快清理或扩容"),
    "backup_without_key": N_(
        "没有自动备份：尚未生成纸质备份密钥。请系统管理员运行 xiaohao backup-key，并把显示的词抄在纸上保管"
    ),
    "backup_old": N_("最近两天没有做成备份。请检查备份目录、磁盘空间和后台作业，或运行 xiaohao backup -o 文件"),
}


def report(services: Any) -> dict[str, Any]:
    """What answers (store, read_models, signer), how far each part is, and the warnings that follow; None: not known."""
    told = {name: _told(check, services) for name, check in PARTS.items()}
    told |= {name: bool(told[name]) for name in ANSWERING}
    told["warnings"] = [name for name, wrong in WARNINGS.items() if wrong(told)]
    return told


def is_up(told: dict[str, Any]) -> bool:
    """200 only if store, read models and signer answer."""
    return all(told[name] for name in ANSWERING)


class Answering:
    """What strangers are told: whether it answers. Asked of the parts once in some seconds, however often it is asked here."""

    def __init__(self, seconds: float = 5.0) -> None:
        self.seconds, self._lock = seconds, Lock()
        self._told, self._at = False, -math.inf

    def is_up(self, services: Any) -> bool:
        with self._lock:
            if time.monotonic() - self._at >= self.seconds:
                self._told = all(_told(PARTS[name], services) for name in ANSWERING)
                self._at = time.monotonic()
            return self._told


def alarms() -> list[str]:
    """The warnings in sentences, for administrators only."""
    if g.actor is None or g.actor.role not in ADMINISTRATORS:
        return []
    return [_(SENTENCES[name]) for name in report(g.services)["warnings"]]


def _told(check: Callable[[Any], Any], services: Any) -> Any:
    try:
        return check(services)
    except (Refusal, OperatorError, OSError, ValueError, KeyError):
        return None


def _store(services: Any) -> bool:
    with services.database.cursor() as cursor:
        cursor.execute("SELECT size FROM log.head")
        found = cursor.fetchone() is not None
    if services.ledger.table.writer.failing or shutil.disk_usage(services.home.path).free < NO_ROOM:
        with services.database.transaction() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE room ON COMMIT DROP AS SELECT generate_series(1, 10000)")
    return found and not services.ledger.table.writer.guard.refused


def _read_models(services: Any) -> bool:
    with services.database.cursor() as cursor:
        cursor.execute("SELECT to_regclass('read.happening') IS NOT NULL")
        return cursor.fetchone()[0]


def _signer(services: Any) -> bool:
    return bool(services.keys.service.sign(b"healthz"))


def _projections(services: Any) -> dict[str, Any]:
    lag = services.projections.lag()
    return {"behind_events": lag.events, "behind_seconds": round(lag.seconds, 1), "dead_letters": lag.dead_letters}


def _published(services: Any) -> dict[str, Any]:
    with services.database.cursor() as cursor:
        cursor.execute("SELECT size FROM log.head")
        (size,) = cursor.fetchone()
    head, checkpoint = services.home.publisher / "head", services.home.trail / "checkpoint"
    published = json.loads(head.read_text())["size"] if head.exists() else 0
    at = (
        datetime.fromtimestamp(checkpoint.stat().st_mtime, UTC).isoformat(timespec="seconds")
        if checkpoint.exists()
        else None
    )
    first = next(services.ledger.read(after=published, limit=1), None)
    since = first.recorded_at if first else None
    told = {"size": published, "at": at, "waiting": size - published, "waiting_since": since}
    return told | {"rolled_back": size < published or services.ledger.table.writer.guard.refused}


def _sealed(services: Any) -> dict[str, Any]:
    newest = access_record.newest(services.database)
    with services.database.cursor() as cursor:
        cursor.execute("SELECT count(*), min(at) FROM vault.access WHERE id > %s", (newest.last if newest else 0,))
        waiting, since = cursor.fetchone()
    since = since.astimezone(UTC).isoformat(timespec="seconds") if since else None
    return {"at": newest.recorded_at if newest else None, "waiting": waiting, "waiting_since": since}


def _epochs(services: Any) -> dict[str, Any]:
    """Since when the oldest of the keys lies there that tips are wrapped under."""
    oldest = min((path.stat().st_mtime for path in services.vault.tips.epochs.folder.glob("*.key")), default=None)
    return {"oldest_at": _moment(oldest) if oldest else None}


def _witnesses(services: Any) -> dict[str, Any]:
    """When each of them signed last, and who is silent for longer than it may be."""
    known = witnessing(services.home)
    names = {each.name: _moment(each.last) if each.last else None for each in known}
    return {"last": names, "silent": [each.name for each in known if each.is_silent(time.time())]}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(min(seconds, LATEST_TIME), UTC).isoformat(timespec="seconds")


def _rules(services: Any) -> dict[str, int]:
    return {"adopted": version_in_force(services.database), "program": rules.VERSION}


def _commission(services: Any) -> dict[str, Any]:
    """The fingerprint of the key that letters are sealed to, and the one that it had at first."""
    key = commission_key(services.home)
    return {"fingerprint": key.found, "recorded": key.recorded, "right": key.is_right}


def _disk(services: Any) -> dict[str, int]:
    usage = shutil.disk_usage(services.home.path)
    return {"free_bytes": usage.free, "total_bytes": usage.total}


def _clock(services: Any) -> dict[str, Any]:
    """By how many seconds it is wrong, as the writer of the log judges it, and was set, as the watch on it says."""
    wrong = services.ledger.table.clock_fault(services.clock)
    return {
        "wrong": wrong and wrong.kind,
        "wrong_seconds": round(wrong.by.total_seconds(), 1) if wrong else 0.0,
        "set_seconds": round(services.clock.told().total_seconds(), 1),
    }


def _backup(services: Any) -> dict[str, Any]:
    """When the newest of those that make themselves was made. A training log asks for none, and has them with a paper key."""
    newest, key = newest_of(services), PaperKey(services.home.keys / "backup.pub").exists
    at = newest.isoformat(timespec="seconds") if newest else None
    return {"at": at, "paper_key": key, "needed": key or services.mode != "training"}


PARTS: dict[str, Callable[[Any], Any]] = {
    "store": _store,
    "read_models": _read_models,
    "signer": _signer,
    "projections": _projections,
    "published": _published,
    "sealed": _sealed,
    "epochs": _epochs,
    "witnesses": _witnesses,
    "rules": _rules,
    "clock": _clock,
    "commission": _commission,
    "disk": _disk,
    "backup": _backup,
}


def _longer_than(since: str | None, term: timedelta) -> bool:
    return since is None or datetime.now(UTC) - datetime.fromisoformat(since) > term


WARNINGS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "dead_letters": lambda told: told["projections"] and told["projections"]["dead_letters"],
    "read_models_behind": lambda told: told["projections"] and told["projections"]["behind_seconds"] > BEHIND,
    "not_published": lambda told: (
        told["published"]
        and told["published"]["waiting"]
        and all(_longer_than(told["published"][since], UNPUBLISHED) for since in ("at", "waiting_since"))
    ),
    "not_sealed": lambda told: (
        told["sealed"] and told["sealed"]["waiting"] and _longer_than(told["sealed"]["waiting_since"], UNSEALED)
    ),
    "epoch_old": lambda told: (
        told["epochs"] and told["epochs"]["oldest_at"] and _longer_than(told["epochs"]["oldest_at"], OLDEST_EPOCH)
    ),
    "witness_silent": lambda told: told["witnesses"] and told["witnesses"]["silent"],
    "rules_older": lambda told: told["rules"] and told["rules"]["adopted"] < told["rules"]["program"],
    "clock_wrong": lambda told: told["clock"] and told["clock"]["wrong"],
    "clock_set": lambda told: told["clock"] and told["clock"]["set_seconds"],
    "rolled_back": lambda told: told["published"] and told["published"]["rolled_back"],
    "commission_key": lambda told: not (told["commission"] and told["commission"]["right"]),
    "disk_low": lambda told: told["disk"] and told["disk"]["free_bytes"] < LITTLE,
    "backup_without_key": lambda told: told["backup"] and told["backup"]["needed"] and not told["backup"]["paper_key"],
    "backup_old": lambda told: (
        told["backup"] is None or (told["backup"]["paper_key"] and _longer_than(told["backup"]["at"], OLDEST_BACKUP))
    ),
}
