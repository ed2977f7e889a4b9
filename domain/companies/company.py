"""物业服务企业"""

from __future__ import annotations

from typing import Self

from domain.base import Aggregate, DomainEvent, public_id
from domain.companies.events import CompanyRegistered
from domain.errors import RuleBroken
from domain.text import TITLE, official
from domain.values import Actor

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def credit_code(text: str) -> str:
    """The 统一社会信用代码 in its one spelling. Raises RuleBroken unless its check character is right (GB 32100-2015)."""
    code = text.strip().upper()
    if len(code) != 18 or any(c not in ALPHABET for c in code) or code[17] != check_character(code):
        raise RuleBroken("统一社会信用代码有误：应为 18 位且校验位正确，请核对营业执照")
    return code


def check_character(code: str) -> str:
    total = sum(ALPHABET.index(c) * weight for c, weight in zip(code, WEIGHTS, strict=False))
    return ALPHABET[-total % 31]


class Company(Aggregate):
    TOPIC = "company"
    Event, Created = DomainEvent, CompanyRegistered

    @classmethod
    def register(cls, *, origin: str, actor: Actor, code: str, name: str) -> Self:
        code = credit_code(code)
        id = public_id(origin, "company", code)
        return cls._create(
            CompanyRegistered, id=id, code=code, name=official("企业名称", name, limit=TITLE), actor=actor.id
        )

    def evolve(self, fact: DomainEvent) -> None:
        match fact:
            case CompanyRegistered():
                self.code, self.name = fact.code, fact.name
            case _:
                super().evolve(fact)
