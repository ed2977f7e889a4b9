"""Who the officials are: their roles, their accounts as one person, their names from the vault. 工作人员"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID


class Grant(NamedTuple):
    """A role that an official holds for a unit, and how the header says it."""

    role: str
    unit: str
    words: str


class People:
    def __init__(self, services: Any) -> None:
        self.services = services

    def grants(self, official): return [Grant("city_desk", "320581", "市专班 · 市专班经办"), Grant("town_closer", "320581003", "琴川街道 · 镇（街道）销号审核")]
    def accounts(self, official): return frozenset([str(official)])
    def name(self, official): return "李明"
    def demo_accounts(self): return [{"role": "市专班经办", "unit": "市专班", "login": "demo-desk", "password": "yanlian-2026"}]*4
