"""No command leaves a log in which nobody could grant roles or give keys. 防止无人管理"""

from __future__ import annotations

from application.verifier.rules.authority import Authority
from application.verifier.rules.event_schema import NO_END
from application.verifier.rules.rights_register import ADMINISTRATOR
from domain.errors import RuleBroken
from domain.roles import ROLES

KEPT = {"role_admin": ROLES["role_admin"], "key_admin": ROLES["key_admin"]}  # without them nobody comes into office


def refuse_lock_out(before: Authority, after: Authority) -> None:
    """Raises RuleBroken where a command leaves nobody who could grant roles or give keys any more.

    The founder's role may do both, and is never granted again: before it goes, both offices and another who adopts rules.
    """
    founding = bool(_keepers(before, ADMINISTRATOR) - _keepers(after, ADMINISTRATOR))
    for role, words in KEPT.items():
        if not _keepers(after, role) and (_keepers(before, role) or founding):
            raise RuleBroken(
                f"办理后将没有持有密钥的{words}人员；请先把这个角色授予另一人并登记密钥；密钥失窃的，请更换密钥或重置口令"
            )
    if founding and set(after.rules["rules.adopted"]["roles"]) <= {ADMINISTRATOR}:
        raise RuleBroken("日志现行的权限规则只许系统初始化角色采用新规则；请先采用新版权限规则，再办理此项")


def _keepers(authority: Authority, role: str) -> set[tuple[str, tuple[str, str]]]:
    """(official, grant) of everybody who holds the role without an end, and a key that still signs."""
    return {
        (official, held)
        for official in authority.keys_in_force.keys() - authority.retired
        for held in authority.roles.get(official, ())
        if held[0] == role and authority.until.get((official, *held), NO_END) == NO_END
    }
