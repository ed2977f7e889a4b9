"""Who may be asked: the roles, and those of one office together. 角色"""

from __future__ import annotations

ROLES = {
    "administrator": "系统初始化",
    "city_desk": "市专班经办",
    "city_decider": "市专班负责人",
    "town_handler": "镇（街道）经办",
    "town_verifier": "镇（街道）核查",
    "town_closer": "镇（街道）销号审核",
    "housing_decider": "市住建局信用决定",
    "department_handler": "部门经办",
    "discipline": "市纪委监委",
    "auditor": "审计",
    "key_admin": "密钥管理",
    "role_admin": "角色管理",
}
CITY = ("city_desk", "city_decider")
TOWN = ("town_handler", "town_verifier", "town_closer")
SETUP = ("administrator",)
EXCLUSIVE_ROLES = [["role_admin", "key_admin"]]  # never one person's
