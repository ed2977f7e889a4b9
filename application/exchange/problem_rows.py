"""What a row of a town's own ledger (附件3) says: names become ids, words become codes; or a sentence why not. 台账逐行核对"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from application.core.ledger import Ledger
from application.core.permissions import in_reach
from application.exchange.mapping import REAL_DAYS
from application.exchange.tip_rows import BadRow, clean
from application.problems.commands import Findings
from application.verifier.formats.entry import body_of, loads
from domain.base import public_id
from domain.days import is_meant
from domain.problems.actions import STATES
from domain.problems.values import KINDS
from domain.values import Actor

# The same columns out and in: head → width in characters.
COLUMNS = {
    "台账编号": 26, "镇（街道）": 12, "小区名称": 18, "物业服务企业": 24, "问题类别": 22, "问题条目代码": 8,
    "问题标题": 26, "问题描述": 40, "发现日期": 12, "责任单位": 24, "责任人": 10, "整改类型": 10, "整改措施": 40,
    "完成时限": 12, "整改进展": 10, "整改完成日期": 12, "销号日期": 12, "备注": 16,
}  # fmt: skip
UNREAD = ("问题类别", "备注")  # the first follows from the item; the second is the export's own
DAYS = (*REAL_DAYS, "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d")
DONE = {STATES[state] for state in ("reported", "verified", "closed")}
KIND_OF = {word: code for code, word in KINDS.items()}


class Directory:
    """Names as the log knows them: towns and units, companies, and the people of each unit."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.units, self.towns, self.companies = dict[str, str](), dict[str, str](), dict[str, UUID]()
        for payload in _payloads(ledger, "unit.registered"):
            unit = payload["data"]
            names = {unit["name"]: unit["code"], unit["short_name"]: unit["code"]}
            self.units |= names
            self.towns |= names if unit["kind"] == "town" else {}
        for payload in _payloads(ledger, "company.registered"):
            self.companies[payload["data"]["name"]] = UUID(payload["stream"])
        self._authority = ledger.authority()
        self._people: dict[str, dict[str, set[UUID]]] = {}

    def people(self, unit: str) -> dict[str, set[UUID]]:
        """By name, who holds a role for this unit now."""
        if unit not in self._people:
            held = self._authority
            those = {one for one, roles in held.roles.items() if any(of == unit for _, of in roles)} - held.retired
            persons = [UUID(held.persons[one]) for one in those if one in held.persons]
            found: dict[str, set[UUID]] = {}
            for person, name in self.ledger.vault.people.names(persons).items():
                found.setdefault(name, set()).add(person)
            self._people[unit] = found
        return self._people[unit]


def _payloads(ledger: Ledger, topic: str) -> list[dict[str, Any]]:
    return [loads(body_of(entry)) for _, entry in ledger.table.of_topics([topic])]


class ProblemReader:
    """Raises BadRow for each row that it can't make findings of."""

    def __init__(self, ledger: Ledger, actor: Actor, heads: tuple[str, ...]) -> None:
        self.ledger, self.actor, self.directory = ledger, actor, Directory(ledger)
        self.places = {head: heads.index(head) for head in COLUMNS if head in heads}

    def cells(self, row: tuple[str, ...]) -> dict[str, str]:
        return dict.fromkeys(COLUMNS, "") | {head: clean(row[place]) for head, place in self.places.items()}

    def town(self, cells: dict[str, str]) -> str:
        """The code; an official of one town need not name it."""
        told = cells["镇（街道）"]
        code = self.directory.towns.get(told, "") if told else self.actor.unit
        if code not in self.directory.towns.values():
            raise BadRow(f"没有这个镇（街道）：“{told[:20]}”")
        if not in_reach(self.actor, code):
            raise BadRow(f"“{told}”不是您所在的镇（街道），请由该镇（街道）导入")
        return code

    def findings(self, cells: dict[str, str], today: date) -> Findings:
        self._must_be_open(cells)
        town = self.town(cells)
        company = self._company(cells["物业服务企业"])
        found_on, due_on = _day("发现日期", cells["发现日期"]), _day("完成时限", cells["完成时限"])
        if found_on > today:
            raise BadRow(f"发现日期 {found_on.isoformat()} 晚于今天")
        return Findings(
            estate=self._estate(town, cells["小区名称"]),
            item=_needed(cells, "问题条目代码"),
            title=_needed(cells, "问题标题"),
            description=_needed(cells, "问题描述"),
            found_on=found_on,
            kind=_kind(cells["整改类型"]),
            responsible=self._responsible(cells["责任单位"], company),
            owner=self._owner(town, _needed(cells, "责任人")),
            measures=_needed(cells, "整改措施"),
            due_on=due_on,
            company=company,
        )

    def _must_be_open(self, cells: dict[str, str]) -> None:
        """Three people must answer for a close-out; a sheet that one imports can't stand for them."""
        if cells["整改进展"] in DONE or cells["整改完成日期"] or cells["销号日期"]:
            raise BadRow(
                "已整改或已销号的问题须由经办、核查、销号三人分别办理，不能随表导入；"
                "请先按“整改中”导入（清空整改完成日期和销号日期），再在系统中办理"
            )

    def _estate(self, town: str, name: str) -> UUID:
        id = public_id(self.ledger.origin, "estate", f"{town}/{name}")
        if not name or not self.ledger.exists(id):
            raise BadRow(f"该镇（街道）没有登记小区“{name[:30]}”，请先登记或改用登记的名称")
        return id

    def _company(self, name: str) -> UUID | None:
        if name and name not in self.directory.companies:
            raise BadRow(f"没有登记企业“{name[:30]}”，请先登记或改用登记的名称")
        return self.directory.companies.get(name)

    def _responsible(self, name: str, company: UUID | None) -> str:
        if found := self.directory.companies.get(name) or self.directory.units.get(name):
            return str(found)
        if name or company is None:
            raise BadRow(f"责任单位“{name[:30]}”不是登记的企业或单位")
        return str(company)

    def _owner(self, town: str, name: str) -> UUID:
        those = self.directory.people(town).get(name, set())
        if not those:
            raise BadRow(f"责任人“{name[:20]}”不在该镇（街道）的人员中，请先登记人员")
        if len(those) > 1:
            raise BadRow(f"责任人“{name[:20]}”有同名人员，请在系统中逐件登记")
        return next(iter(those))


def _needed(cells: dict[str, str], head: str) -> str:
    if not cells[head]:
        raise BadRow(f"没有填写{head}")
    return cells[head]


def _kind(told: str) -> str:
    if told not in KIND_OF:
        raise BadRow(f"整改类型应为{'、'.join(KIND_OF)}之一，现为“{told[:20]}”")
    return KIND_OF[told]


def _day(head: str, told: str) -> date:
    for shape in DAYS:
        try:
            day = datetime.strptime(told, shape).date()  # noqa: DTZ007 (only the day is kept)
        except ValueError:
            continue
        if is_meant(day):
            return day
    raise BadRow(f"{head}“{told[:30]}”无法识别或不存在，请写成 2026-03-01 这样")
