"""The log itself: how it began, what may be written to it, what was read beside it."""

from typing import Any

from domain.base import CreatedEvent, DomainEvent


class LogOpened(CreatedEvent):
    """日志已启用: entry 0. `log_keys` are vkeys; `service` {keyid, alg, pub}; `administrator` {official, keyid, alg, pub}.

    `continues`: the last signed checkpoint of a frozen log that this one goes on from.
    """

    TOPIC = "log.opened"
    format: int  # of the log's entries: 1 (docs/format.md)
    origin: str
    mode: str  # "production" | "training"
    log_keys: list[str]
    service: dict[str, str]
    administrator: dict[str, str]
    continues: str | None = None


class RulesAdopted(CreatedEvent):
    """权限规则已采用: who may write which type, when, after whom (docs/format.md §4). One stream for each version of the rules.

    `level` of the language; `types` {type: rule}; `lives` {life: {states, of?, first?}}; `parts` {part: 中文}; `apart` pairs of
    parts that are never one person's; `exclusive_roles` pairs of roles.
    """

    TOPIC = "rules.adopted"
    version: int
    level: int
    types: dict[str, Any]
    lives: dict[str, Any]
    parts: dict[str, str]
    apart: list[list[str]]
    exclusive_roles: list[list[str]]


class AccessSealed(CreatedEvent):
    """查阅记录已封存: Merkle root over the rows `from`..`to` (row ids) of the table of readings."""

    TOPIC = "access.sealed"
    from_: int
    to: int
    count: int
    root: str


class LogKeyRotated(DomainEvent):
    """日志密钥已更换: vkeys old and new; `proof` is the old key's signature over the new vkey, base64."""

    TOPIC = "log.key_rotated"
    old: str
    new: str
    proof: str


class LogFrozen(DomainEvent):
    """日志已冻结: the last entry; nothing follows it."""

    TOPIC = "log.frozen"
    reason: str
