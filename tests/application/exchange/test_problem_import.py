"""A town's own ledger comes in: names become ids, what can't be taken says why, and nothing twice."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from application.exchange.mapping import BadMapping
from application.exchange.problem_import import REPEATED, LedgerImport
from application.exchange.problem_rows import COLUMNS
from application.exchange.sheet import read
from application.exchange.template import ledger as template
from application.exchange.withdrawal import Withdrawal
from application.exchange.workbook import Paper, xlsx
from application.officials.officials import EnrolOfficial, GrantRole
from application.problems.commands import AssignProblem
from application.vault.people import Person
from domain.errors import NotAllowed
from domain.problems.problem import Problem
from tests.cities import OTHER_TOWN, STARTING, TOWN

ROW = {
    "台账编号": "琴川-17", "镇（街道）": "琴川", "小区名称": "演练花园", "物业服务企业": "演练物业1有限公司", "问题条目代码": "2.3",
    "问题标题": "公共收益未公示", "问题描述": "电梯广告收入三年未公示", "发现日期": date(2025, 12, 1), "责任单位": "",
    "责任人": "测试town_handler1", "整改类型": "限期整改", "整改措施": "公示三年账目", "完成时限": date(2026, 2, 1),
    "整改进展": "整改中", "备注": "不导入",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _registered(city):
    city.estate()
    city.actor("town_handler")


def sheet(tmp_path, *rows):
    """As our own export writes it: title, heads in the third row, a footer."""
    cells = [[number, *(row.get(head, "") for head in COLUMNS)] for number, row in enumerate(rows, 1)]
    heads = ["序号", *COLUMNS]
    paper = Paper("整治工作台账", "琴川", date(2026, 3, 2), heads, [10] * len(heads), cells, "筛选：全部；共 1 条")
    (tmp_path / "ledger.xlsx").write_bytes(xlsx(paper))
    return read(tmp_path / "ledger.xlsx", heads=COLUMNS)


def imported(city, taken, actor=None):
    task = LedgerImport(city.ledger, actor or city.actor("town_handler"), taken, "琴川街道台账第2册")
    task.run()
    return task


def opened(city):
    return [event for event in city.ledger.read(after=0, limit=10_000) if event.topic == "problem.opened"]


def test_a_row_becomes_a_problem_with_the_day_and_the_paper_that_it_had(city, tmp_path):
    task = imported(city, sheet(tmp_path, ROW))

    [event] = opened(city)
    assert task.counts == {"registered": 1, "repeated": 0, "refused": 0}
    assert (event.on, event.data["due_on"], event.data["item"]) == ("2025-12-01", "2026-02-01", "2.3")
    assert event.data["responsible"] == event.data["company"] == str(city.company())
    assert event.data["owner"] == str(city.person(city.actor("town_handler")))
    assert event.data["import"] == {"batch": str(task.batch), "row": 4}
    assert event.backfilled == {"paper": "琴川街道台账第2册 琴川-17", "holder": "320581003"}


def test_a_second_time_is_harmless_with_and_without_a_number(city, tmp_path):
    taken = sheet(tmp_path, ROW, ROW | {"台账编号": ""}, ROW)
    imported(city, taken)

    again = imported(city, taken)

    assert len(opened(city)) == 2
    assert {outcome.sentence for outcome in again.outcomes} == {REPEATED}


def test_what_the_system_gave_out_comes_back_without_effect(city, tmp_path):
    imported(city, sheet(tmp_path, ROW))
    [event] = opened(city)

    again = imported(city, sheet(tmp_path, ROW | {"台账编号": event.data["number"]}))

    assert again.counts == {"registered": 0, "repeated": 1, "refused": 0}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"台账编号": "常物整〔2026〕琴川-00999"}, "台账中没有编号“常物整〔2026〕琴川-00999”"),
        ({"镇（街道）": "虞山"}, "“虞山”不是您所在的镇"),
        ({"镇（街道）": "火星"}, "没有这个镇（街道）：“火星”"),
        ({"小区名称": "别的花园"}, "没有登记小区“别的花园”"),
        ({"物业服务企业": "某某物业"}, "没有登记企业“某某物业”"),
        ({"责任单位": "某某"}, "责任单位“某某”不是登记的企业或单位"),
        ({"责任人": "张三丰"}, "责任人“张三丰”不在该镇（街道）的人员中"),
        ({"问题条目代码": "9.9"}, "没有这个整治条目"),
        ({"问题标题": ""}, "没有填写问题标题"),
        ({"问题标题": "长" * 81}, "问题标题最多 80 字"),
        ({"问题描述": "请打 13912345678"}, "不得出现手机号码"),
        ({"发现日期": "2025-02-30"}, "发现日期“2025-02-30”无法识别或不存在"),
        ({"发现日期": date(2026, 3, 3)}, "发现日期 2026-03-03 晚于今天"),
        ({"完成时限": date(2025, 11, 1)}, "完成时限不能早于发现日期"),
        ({"整改类型": "马上"}, "整改类型应为立行立改、限期整改、整改计划之一"),
        ({"整改进展": "已销号"}, "须由经办、核查、销号三人分别办理"),
        ({"销号日期": date(2026, 1, 1)}, "须由经办、核查、销号三人分别办理"),
    ],
    ids=lambda value: "".join(value) if isinstance(value, dict) else "",
)
def test_a_row_that_cannot_be_taken_says_why(city, tmp_path, change, sentence):
    task = imported(city, sheet(tmp_path, ROW | change))

    assert sentence in task.outcomes[0].sentence
    assert task.counts["refused"] == 1
    assert opened(city) == []


def test_good_rows_go_in_beside_bad_ones(city, tmp_path):
    task = imported(city, sheet(tmp_path, ROW | {"责任人": ""}, ROW))

    assert task.sentences == {4: "没有填写责任人"}
    assert len(opened(city)) == 1


def test_a_dry_run_finds_the_same_faults_and_records_nothing(city, tmp_path):
    before = city.topics()
    task = LedgerImport(
        city.ledger, city.desk, sheet(tmp_path, ROW, ROW | {"台账编号": "18", "问题标题": "长" * 81}), "册"
    )

    assert [entry.place for entry in task.look()] == [0]
    assert "问题标题最多 80 字" in task.sentences[5]
    assert city.topics() == before


def test_the_city_imports_for_every_town_and_names_it(city, tmp_path):
    city.estate(OTHER_TOWN)
    city.actor("town_handler", OTHER_TOWN)

    imported(city, sheet(tmp_path, ROW, ROW | {"镇（街道）": "虞山街道"}), city.desk)

    assert [event.data["unit"] for event in opened(city)] == ["320581003", OTHER_TOWN]


def test_two_people_of_one_name_are_not_guessed(city, tmp_path):
    person = Person(ROW["责任人"], "", "another")
    enrol = EnrolOfficial(id=uuid4(), actor=city.administrator, person=person, login="another", password=STARTING)
    city.ledger.handle(enrol)
    other = city.ledger.vault.people.credential("another").official
    city.ledger.handle(GrantRole(id=uuid4(), actor=city.administrator, official=other, role="town_closer", unit=TOWN))

    assert "有同名人员" in imported(city, sheet(tmp_path, ROW)).sentences[4]


def test_a_sheet_without_a_column_says_which(city, tmp_path):
    (tmp_path / "a.csv").write_text("台账编号,小区名称\n1,甲\n", "utf-8")

    with pytest.raises(BadMapping, match=r"no column 镇（街道）, 物业服务企业, 问题条目代码"):
        LedgerImport(city.ledger, city.desk, read(tmp_path / "a.csv"), "册")


def test_the_empty_template_has_the_columns_and_opens_nothing(city, tmp_path):
    (tmp_path / "template.xlsx").write_bytes(template())

    task = imported(city, read(tmp_path / "template.xlsx", heads=COLUMNS))

    assert (task.sheet.heads, task.outcomes) == (("序号", *COLUMNS), [])


def test_a_wrong_sheet_is_voided_as_far_as_nobody_works_on_it_and_may_come_again(city, matters, tmp_path):
    """By somebody else than whoever imported it: the entries are voided one by one."""
    source = sheet(tmp_path, ROW, ROW | {"台账编号": "另一件", "问题标题": "另一件"})
    task = imported(city, source, city.desk)
    with pytest.raises(NotAllowed, match="此问题由您登记"):
        Withdrawal(city.ledger, city.desk, task.batch, reason="误").run()
    first, second = (UUID(one.stream) for one in city.ledger.read(after=0, limit=500) if one.topic == "problem.opened")
    handler = city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, second, handler=UUID(handler.id))

    done = Withdrawal(city.ledger, city.actor("city_decider", "320581"), task.batch, reason="导入了错误的台账")
    done.run()

    assert (done.withdrawn, [sentence for _row, sentence in done.kept]) == (1, ["此问题现为“整改中”，已在办理，不撤回"])
    assert city.ledger.fetch(Problem, first).state == "voided"
    assert imported(city, source, city.desk).counts["registered"] == 1
