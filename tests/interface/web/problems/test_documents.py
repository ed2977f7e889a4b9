"""PDF, Word and Excel beside photos: kept byte for byte under their name, given back as a download, refused with a sentence."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from uuid import UUID

import pytest

from application.problems.commands import AssignProblem
from tests.interface.kit.test_document_check import PDF, excel, package
from tests.interface.web.problems.test_problems import act, photo
from tests.interface.web.tips.test_tips import hidden


@pytest.fixture
def problem(matters, services):
    problem, handler = matters.problem(), matters.city.actor("town_handler")
    matters.on_problem(AssignProblem, handler, problem, handler=UUID(handler.id))
    services.projections.catch_up()
    return problem


def last(matters):
    [event] = matters.city.ledger.read(after=len(matters.city.topics()) - 1, limit=1)
    return event.data


def test_documents_and_photos_stand_beside_each_other(matters, signed_in, problem):
    browser = signed_in("town_handler")
    files = [photo(), (BytesIO(PDF), "检验报告.pdf"), (BytesIO(excel()), "收支明细.xlsx")]

    answer = act(browser, problem, "step", note="已整改", evidence=files)

    assert answer.status_code == 303, answer.text
    kept = last(matters)["evidence"]
    assert [one.get("name") for one in kept] == [None, "检验报告.pdf", "收支明细.xlsx"]
    assert kept[1] == {
        "sha256": sha256(PDF).hexdigest(), "size": len(PDF), "media_type": "application/pdf", "name": "检验报告.pdf",
    }  # fmt: skip
    page = browser.get(f"/problems/{problem}").text
    address = page.split('class="paper"><a href="')[1].split('"')[0].replace("&amp;", "&")
    got = browser.get(address)
    assert (got.data, got.headers["Content-Disposition"].split(";")[0]) == (PDF, "attachment")


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("报告.pdf", b"<!doctype html><p>no", "“报告.pdf”的内容是网页"),
        ("账册.xlsx", package(main="xl/workbook.xml", xl__vbaProject_DOT_bin=b"x"), "“账册.xlsx”含有宏"),
        ("账册.pdf", excel(), "“账册.pdf”的内容是 .xlsx 文件，与文件名不符"),
        ("说明.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "请取消密码并另存为 .docx、.xlsx 或 PDF"),
        ("13812345678.pdf", PDF, "文件名中不得出现手机号码"),
        ("说明.txt", b"text", "不是可以采用的文件"),
    ],
)
def test_what_is_no_evidence_is_refused_with_a_sentence(matters, signed_in, problem, name, body, sentence):
    before = len(matters.city.topics())

    answer = act(signed_in("town_handler"), problem, "step", note="已整改", evidence=(BytesIO(body), name))

    assert (answer.status_code, sentence in answer.text, "已整改" in answer.text) == (422, True, True)
    assert len(matters.city.topics()) == before


def test_a_document_comes_back_with_a_form_that_was_refused(matters, signed_in, problem):
    browser = signed_in("town_handler")
    refused = act(browser, problem, "step", note="", evidence=(BytesIO(PDF), "检验报告.pdf"))
    kept = refused.text.split('name="step-evidence"')[2].split('value="')[1].split('"')[0]

    own = {f"step-{field}": hidden(refused.text, f"step-{field}") for field in ("token", "seen")}
    answer = browser.post(
        f"/problems/{problem}/step",
        page=f"/problems/{problem}",
        **own,
        **{"step-note": "已整改", "step-evidence": kept},
    )

    assert answer.status_code == 303
    assert [one["name"] for one in last(matters)["evidence"]] == ["检验报告.pdf"]
