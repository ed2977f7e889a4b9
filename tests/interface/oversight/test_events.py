"""Finding events by whatever is known of them, and whether a file is in the log."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from urllib.parse import urlencode
from uuid import UUID

import pytest

from application.problems.commands import AssignProblem
from application.problems.handovers import HandOver
from application.tips.public_tips import hand_in_lead, register_public_tips
from application.verifier.formats.entry import body_of, canonical, loads
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.tiles import ENTRIES, join, path_of, split
from interface.oversight.published import Published
from tests.cities import TOWN
from tests.interface.oversight.conftest import login_of, sign_in
from tests.interface.web.conftest import TOKEN, Browser
from tests.matters import PHOTO

POSITIONS = re.compile(r'href="/events/(\d+)">\1</a>')


@pytest.fixture(name="problem")
def _problem(matters, publish, browser: Browser) -> str:
    problem = matters.closed_problem()
    publish()
    return str(problem)


def positions(browser: Browser, **typed: object) -> list[int]:
    answer = browser.get(f"/events?{urlencode(typed)}")
    assert answer.status_code == 200
    return [int(each) for each in POSITIONS.findall(answer.text)]


def of_stream(city, stream: str) -> list[int]:
    return [event.position for event in city.ledger.read(after=0, limit=1000) if event.stream == stream]


def of(city, topic: str) -> int:
    return max(n for n, each in enumerate(city.topics(), 1) if each == topic)


def test_an_event_is_found_by_each_thing_that_is_known(browser: Browser, problem: str, city, home):
    closed, opened = of(city, "problem.closed"), of(city, "problem.opened")
    leaf = leaf_hash(Published(home).entry(closed)).hex()
    number = browser.get(f"/matters/{problem}").text.partition("<h1>")[2].partition(" ")[0]
    assert number

    assert positions(browser, position=closed) == [closed]
    assert positions(browser, topic="problem.closed") == [closed]
    assert positions(browser, hash=leaf) == positions(browser, hash=leaf[:32]) == [closed]
    assert positions(browser, person="town_closer", topic="problem.closed") == [closed]
    assert positions(browser, number=number) == sorted(of_stream(city, problem), reverse=True)
    assert {closed, opened} <= set(positions(browser, estate="演练花园"))
    assert "筛选　小区：演练花园<" in browser.get(f"/events?{urlencode({'estate': '演练花园'})}").text
    assert closed in positions(browser, unit="320581003", day="2026-03-02", to_day="2026-03-02")
    assert positions(browser, day="2026-03-03") == []
    assert positions(browser, document="没有这个文号") == []
    assert positions(browser, hash=sha256(PHOTO.content).hexdigest()) == [of(city, "problem.step_recorded")]


def test_a_person_is_found_by_what_they_did_what_was_done_about_them_and_what_stands_in_their_name(
    browser: Browser, matters, city, publish
):
    owner = city.actor("town_verifier", TOWN, 7)
    city.actor("town_verifier", TOWN, 8)
    problem = matters.problem(owner=city.person(owner))
    publish()
    ids = {owner.id, str(city.person(owner))}
    concerned = [event.position for event in city.ledger.read(after=0, limit=1000)
                 if ids & {event.stream, event.actor} or event.stream == str(problem)]  # fmt: skip
    topics = [city.topics()[position - 1] for position in concerned]

    assert {"person.named", "official.enrolled", "role.granted", "problem.opened"} <= set(topics)
    assert positions(browser, person="town_verifier7") == concerned[::-1]
    assert not set(positions(browser, person="town_verifier8")) & set(concerned)


def test_pages_go_from_the_end_of_the_log_on(browser: Browser, problem: str, city):
    size = len(city.topics())

    newest = positions(browser)
    earlier = positions(browser, before=newest[-1])

    assert newest == list(range(size, size - 20, -1))
    assert earlier[0] == newest[-1] - 1


@pytest.mark.parametrize(
    ("name", "typed"), [("day", "2026-02-30"), ("hash", "no hash"), ("position", "-7"), ("at", "三"), ("upto", "1e3")]
)
def test_what_can_not_be_understood_is_refused_with_what_was_typed(browser: Browser, name: str, typed: str):
    page = {"at": "/keys", "upto": "/checkpoints"}.get(name, "/events")
    answer = browser.get(f"{page}?{urlencode({name: typed})}")

    assert answer.status_code == 422
    assert typed in answer.text


def test_one_event_shows_its_sentence_signer_and_proof(browser: Browser, problem: str, city):
    closed = of(city, "problem.closed")

    page = browser.get(f"/events/{closed}").text

    assert "测试town_closer1 于 2026-03-02" in page
    for words in ("问题已销号", "签名正确", "签署时有效", "数据库与已发布的相同", "&#34;problem.closed&#34;"):
        assert words in page
    assert browser.get(f"/events/{len(city.topics()) + 1}").status_code == 404


def test_no_page_shows_what_a_reporter_said(browser: Browser, matters, publish, city):
    matters.tip(text="只有举报人知道的话")
    publish()

    assert "只有举报人" not in browser.get(f"/events/{of(city, 'tip.registered')}").text


def drop(browser: Browser, content: bytes):
    token = TOKEN.search(browser.get("/events").text)
    assert token is not None
    return browser.client.post("/drop", data={"csrf_token": token[1], "file": (BytesIO(content), "f")})


def test_a_file_is_found_as_entry_as_proof_and_as_evidence(browser: Browser, problem: str, home, city):
    closed, published = of(city, "problem.closed"), Published(home)

    assert "这是一条日志条目" in drop(browser, published.entry(closed)).text
    proof = drop(browser, published.proof(closed)).text
    assert "这是一份存在证明" in proof
    assert f"/events/{closed}" in proof
    assert f"/events/{of(city, 'problem.step_recorded')}" in drop(browser, PHOTO.content).text


def test_one_byte_changed_makes_it_another_file(browser: Browser, problem: str, home, city):
    published = Published(home)
    proof = bytearray(published.proof(of(city, "problem.closed")))
    proof[60] ^= 1

    for content in (PHOTO.content + b".", bytes(proof), b"", b"c2sp.org/tlog-proof@v1\n"):
        assert "不在日志里" in drop(browser, content).text


def test_a_file_that_is_larger_than_any_evidence_is_told_so(browser: Browser):
    form = "multipart/form-data; boundary=x"
    answer = browser.client.post("/drop", data=bytes(13 << 20), content_type=form)

    assert (answer.status_code, "文件超过 10 MB" in answer.text) == (413, True)


def test_without_a_file_it_asks_for_one(browser: Browser):
    assert browser.post("/drop", page="/events").status_code == 422


def test_whoever_takes_an_entry_is_recorded(browser: Browser, problem: str, city):
    answer = browser.post("/events/5.entry", page="/events/5")

    assert answer.status_code == 200
    assert "日志条目" in browser.get("/readings?kind=entry").text


def test_that_somebody_accused_an_official_is_shown_to_the_commission_only(app, browser: Browser, city, publish):
    hand_in_lead(city.ledger, "form", "某局长收钱", ("", ""))
    register_public_tips(city.ledger)
    position = publish()
    [lead] = {event.stream for event in city.ledger.read(after=position - 1, limit=1)}
    auditor = Browser(app.test_client())
    assert sign_in(auditor, login_of(city, "auditor")).status_code == 303
    pages = (f"/events/{position}", f"/matters/{lead}")

    assert [browser.get(page).status_code for page in pages] == [200, 200]
    assert positions(browser, topic="lead.referred") == [position]
    assert [auditor.get(page).status_code for page in pages] == [404, 404]
    takes = [f"{pages[0]}.entry", f"{pages[1]}/pack"]
    assert [auditor.post(page).status_code for page in takes] == [404, 404]
    assert position not in positions(auditor)
    assert position - 1 in positions(auditor)


@pytest.mark.parametrize(
    "bytes_",
    [b"", b"\xff\xfe", b'{"payload":"W10="}', b'{"payload":"bm8="}', b'{"payload":"eyJ0eXBlIjoicm9sZS5ncmFudGVkIn0="}'],
)
@pytest.mark.parametrize("topic", ["log.opened", "role.granted"])
def test_a_row_that_was_overwritten_is_a_page_and_no_error(browser: Browser, city, by_hand, topic: str, bytes_: bytes):
    position = of(city, topic)
    [stream] = {event.stream for event in city.ledger.read(after=position - 1, limit=1)}
    by_hand("UPDATE log.event SET entry = %s WHERE position = %s", bytes_, position)

    shown = browser.get(f"/events/{position}")
    assert (shown.status_code, "已被改动" in shown.text) == (200, True)
    others = ("/keys", "/events", "/", "/events/2", f"/matters/{stream}")
    assert [browser.get(page).status_code for page in others] == [200] * len(others)


def rewritten(city, position: int, **members: object) -> bytes:
    """The entry at that position, signed by nobody, with other members in its payload."""
    _leaf, entry = city.ledger.table.leaf(position)
    payload = loads(body_of(entry))
    payload["data"] |= members
    envelope = json.loads(entry)
    return canonical(envelope | {"payload": b64encode(canonical(payload)).decode()})


def test_what_was_altered_is_shown_beside_what_was_published(browser: Browser, matters, city, publish, by_hand):
    matters.closed_problem()
    publish()
    position = of(city, "problem.closed")
    by_hand("UPDATE log.event SET entry = %s WHERE position = %s", rewritten(city, position, note="已经同意"), position)

    page = browser.get(f"/events/{position}").text

    [table] = re.findall(r"<table.*?</table>", page, re.S)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table, re.S)
    assert [re.sub("<[^>]+>", "", cell).strip() for cell in cells] == ["data.note", "—", "已经同意"]
    assert "已发布的原文" in page


def test_an_entry_that_is_damaged_in_the_folder_is_a_page_and_no_error(browser: Browser, city, publish, home):
    position = publish()
    path = home.trail / path_of(ENTRIES, 0, position)
    entries = split(path.read_bytes(), position, str(path))
    path.chmod(0o600)
    path.write_bytes(join([*entries[:4], b"nothing", *entries[5:]]))

    page = browser.get("/events/5")

    assert (page.status_code, "改动之处" in page.text, "无法显示" in page.text) == (200, True, True)


def test_an_auditor_is_not_shown_what_a_row_was_that_only_the_commission_sees(app, city, publish, by_hand):
    hand_in_lead(city.ledger, "form", "某局长收钱", ("", ""))
    register_public_tips(city.ledger)
    position = publish()
    _leaf, other = city.ledger.table.leaf(2)
    by_hand("UPDATE log.event SET entry = %s WHERE position = %s", other, position)
    auditor = Browser(app.test_client())
    assert sign_in(auditor, login_of(city, "auditor")).status_code == 303

    assert auditor.get(f"/events/{position}").status_code == 404


def test_who_answers_and_who_handles_from_now_on_is_named(browser: Browser, matters, city, publish):
    """The log has ids; the names are those that the door shows of everybody who signs."""
    leaving, successor = city.actor("town_handler"), city.actor("town_handler", TOWN, 2)
    problem = matters.problem()
    matters.on_problem(AssignProblem, leaving, problem, handler=UUID(leaving.id))
    to = {"owner": city.person(successor), "handler": UUID(successor.id)}
    matters.do(HandOver, successor, leaving=city.person(leaving), problems=(problem,), reason="调离", **to)
    publish()

    matter = browser.get(f"/matters/{problem}").text
    changed = browser.get(f"/events/{of(city, 'problem.owner_changed')}").text

    said = re.findall(r"(责任人|经办人)：测试(town_handler\d)", matter)
    assert said == [(one, f"town_handler{number}") for number in (1, 2) for one in ("责任人", "经办人")]
    assert "责任人：测试town_handler2" in changed
    assert "调离" in changed


def test_a_tip_is_called_by_its_number_as_at_the_ordinary_door(browser: Browser, matters, city, publish):
    tip = matters.verified_tip()
    publish()
    number = of(city, "tip.registered")

    for path in ("/events?topic=tip.verified", f"/events/{of(city, 'tip.verified')}", f"/matters/{tip}"):
        page = browser.get(path).text
        assert f"线索 {number}" in page
        assert str(tip)[:8] not in re.sub("<pre.*</pre>|<[^>]*>", "", page, flags=re.DOTALL)
