"""工作人员: an account is active until it is retired; what can be done about it, by whom, and whose account it may be."""

from __future__ import annotations

from domain.actions import ANY, BEGINS, Action, Actions
from domain.roles import ROLES, SETUP

STATES = {"active": "在任", "retired": "已停用"}
ACTIVE = ("active",)
ROLE_ADMINS, KEY_ADMINS = (*SETUP, "role_admin"), (*SETUP, "key_admin")
EVERYBODY = tuple(ROLES)

ACTIONS = Actions(
    "official",
    STATES,
    Action("enrol", "official.enrolled", "登记工作人员", starts_from=BEGINS, to="active", roles=ROLE_ADMINS),
    Action("retire", "official.retired", "停用账号", starts_from=ACTIVE, to="retired", roles=ROLE_ADMINS, weighty=True),
    Action("grant", "role.granted", "授予角色", starts_from=ACTIVE, roles=ROLE_ADMINS, weighty=True),
    Action("substitute", "role.granted", "指定此人为代理人", starts_from=ACTIVE, roles=ROLE_ADMINS, weighty=True),
    Action("withdraw", "role.withdrawn", "收回角色", starts_from=ANY, roles=ROLE_ADMINS, weighty=True),
    Action("enrol_key", "key.enrolled", "登记签名密钥", starts_from=ACTIVE, roles=KEY_ADMINS, weighty=True),
    Action(
        "rotate_key", "key.rotated", "更换签名密钥",
        starts_from=ACTIVE, roles=EVERYBODY, others=("key_admin",), weighty=True,
    ),
    Action("revoke_key", "key.revoked", "吊销签名密钥", starts_from=ANY, roles=("key_admin",), weighty=True),
    Action("set_credential", "credential.set", "设置口令", starts_from=ACTIVE, roles=EVERYBODY, others=()),
    Action("reset", "credential.reset", "重置口令", starts_from=ACTIVE, roles=("key_admin",), weighty=True),
    Action(
        "enrol_factor", "second_factor.enrolled", "启用动态验证码", starts_from=ACTIVE, roles=EVERYBODY, others=()
    ),
    Action(
        "renew_recovery", "second_factor.recovery_renewed", "更换恢复码",
        starts_from=ACTIVE, roles=EVERYBODY, others=(), weighty=True,
    ),
    Action(
        "remove_factor", "second_factor.removed", "停用动态验证码",
        starts_from=ANY, roles=EVERYBODY, others=("role_admin",), weighty=True,
    ),
)  # fmt: skip
