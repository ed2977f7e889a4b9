"""The public errand: a tip without an account, its code, its promise, its place in the log; and no trace of who."""

from __future__ import annotations

import html
import re
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image
from psycopg2.extras import Json

from application.audit.reconciliation import reconcile
from application.log.log_keys import LogKeys
from application.platform.database import NoDatabase
from application.publication.log_source import LogReader
from application.publication.publisher import Publisher
from application.tips.commands import DeclineTip
from application.tips.public_tips import register_public_tips
from application.vault.letterbox import read_letter
from application.vault.query_code import QueryCode
from application.verifier.formats.entry import body_of
from application.verifier.formats.note import COSIGNATURE, Note, NoteKey
from application.verifier.formats.policy import Policy
from application.verifier.formats.promise import NotAPromise, parse
from application.verifier.single_entry import verify_one
from domain import laws
from interface.web.public import query_code_check
from tests.interface.web.test_logs import lines, said  # noqa: F401 (a fixture)
from tests.matters import Matters

TOLD = "金丝雀小区二号楼的门禁坏了半年，物业一直不修，CANARY-TEXT"
NAME, PHONE = "王金雀CANARY-NAME", "13900" + "139000"
CANARIES = ("CANARY-TEXT", "CANARY-NAME", PHONE, "203.0.113.77")


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None, name
    return html.unescape(found[1])


@pytest.fixture
def phone(app):
    """Somebody's phone: a client without an account, from a telling address."""
    client = app.test_client()
    client.environ_base = {**client.environ_base, "REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": "CANARY-AGENT"}
    return client


@pytest.fixture
def later(clock):
    """Time passes, as between opening a form and sending it."""
    return clock.advance


def send(client, page: str | None = None, **more):
    token = value(page or client.get("/tip").text, "token")
    typed = {"accuses": "no", "text": TOLD, "place": "金丝雀小区", "reporter": NAME, "contact": PHONE}
    return client.post("/tip", data={"step": "check", "token": token, **typed, **more})


def code_of(answer) -> str:
    found = re.search(r'id="code">([^<]+)<', answer.text)
    assert found is not None, answer.text
    return found[1]


@pytest.fixture
def handed(phone, later):
    """The code of a tip that was just sent."""
    page = phone.get("/tip").text
    later(seconds=10)
    return code_of(send(phone, page))


def publish(services):
    if not (services.home.keys / "log.ed25519").exists():
        LogKeys.create(services.home.keys, services.origin)
    Publisher(services.home, LogKeys.load(services.home.keys), LogReader(services.ledger)).publish()


def test_one_decision_on_each_page_and_what_was_typed_goes_along(phone):
    page = phone.get("/tip").text
    data = {"token": value(page, "token"), "accuses": "no"}
    what = phone.post("/tip", data={**data, "step": "accuses"}).text
    data |= {"text": TOLD, "place": ""}
    who = phone.post("/tip", data={**data, "step": "what"}).text
    check = phone.post("/tip", data={**data, "step": "who", "reporter": "", "contact": ""}).text
    back = phone.post("/tip", data={**data, "step": "check", "back": "1"}).text

    assert ("发生了什么" in what, "称呼" in who, "请核对" in check) == (True, True, True)
    assert (value(who, "text"), value(check, "text"), value(back, "text")) == (TOLD, TOLD, TOLD)
    assert all(one.count("<h1") == 1 for one in (page, what, who, check))


def test_what_is_missing_or_too_long_is_said_and_kept(phone):
    token = value(phone.get("/tip").text, "token")
    nothing = phone.post("/tip", data={"step": "accuses", "token": token})
    long = phone.post("/tip", data={"step": "what", "token": token, "accuses": "no", "text": "长" * 5001})

    assert (nothing.status_code, long.status_code) == (422, 422)
    assert "请删去 1 字" in long.text
    assert "长" * 5001 in long.text


def test_words_that_nobody_sees_are_no_tip(phone, later, city):
    page = phone.get("/tip").text
    later(seconds=10)

    assert [send(phone, page, text="\u200b\u2060").status_code, register_public_tips(city.ledger)] == [422, 0]


def test_a_tip_is_sealed_at_once_and_registered_by_the_batch(phone, handed, city):
    before = city.topics()
    assert "tip.registered" not in before

    assert register_public_tips(city.ledger) == 1
    assert register_public_tips(city.ledger) == 0

    *_, event = city.ledger.read(after=len(before), limit=5)
    assert (event.topic, event.actor, event.role) == ("tip.registered", "system:register_public_tips", "system")
    assert event.data.keys() == {"channel", "received_on", "commits"}
    assert event.data["channel"] == "web"


def test_the_same_form_sent_twice_is_one_tip_with_one_code(phone, later, city):
    page = phone.get("/tip").text
    later(seconds=10)
    first, second = send(phone, page), send(phone, page)

    assert code_of(first) == code_of(second)
    assert register_public_tips(city.ledger) == 1


def test_a_form_that_was_altered_and_sent_again_is_another_tip(phone, later, city):
    """Whoever goes back in the browser is never told that words were received which were dropped."""
    page = phone.get("/tip").text
    later(seconds=10)
    told = [{}, {"text": TOLD + "，已报修三次"}, {"contact": ""}, {"photos": photo()}]
    codes = {code_of(send(phone, page, **more)) for more in told}
    for more in ({}, {"text": TOLD + "，已报修三次"}, {}):
        send(phone, page, accuses="yes", **more)

    assert len(codes) == len(told)
    assert register_public_tips(city.ledger) == len(told) + 2


def test_a_production_log_waits_for_the_full_hour(phone, city, later, handed):
    city.ledger.mode = "production"
    page = phone.get("/tip").text
    later(seconds=10)
    send(phone, page)
    assert register_public_tips(city.ledger) == 1  # the training one
    assert register_public_tips(city.ledger) == 0
    later(hours=1)
    assert register_public_tips(city.ledger) == 1


def test_a_crash_in_the_batch_loses_nothing_and_doubles_nothing(phone, handed, city, lose_database, database_away):
    lose_database()
    with pytest.raises(Exception, match="数据库"):
        register_public_tips(city.ledger)
    database_away(False)

    for _ in range(5):  # as the job is tried again; a connection that ended meanwhile is found out by its next use
        with suppress(NoDatabase):
            register_public_tips(city.ledger)
    assert city.topics().count("tip.registered") == 1


def test_the_promise_is_signed_and_kept(phone, handed, city):
    raw = phone.post("/tip/file/promise", data={"code": handed}).data
    promise = parse(raw)
    key = city.ledger.authority().public_key(promise.keyid)
    assert key is not None
    promise.verify(key.public)

    assert reconcile(city.ledger).open == 1
    register_public_tips(city.ledger)
    found = reconcile(city.ledger)
    assert (found.promises, found.kept, found.faults) == (1, 1, [])


def test_a_promise_is_refused_with_any_byte_changed(phone, handed, city):
    raw = phone.post("/tip/file/promise", data={"code": handed}).data
    key = city.ledger.authority().public_key(parse(raw).keyid)
    assert key is not None
    public = key.public
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        try:
            promise = parse(changed)
            promise.verify(public)
        except NotAPromise:
            continue
        assert city.ledger.authority().public_key(promise.keyid) is None, place  # only the key's name was changed


def test_a_tip_that_vanished_is_found_by_reconciliation(phone, handed, city, later):
    with city.ledger.table.database.cursor() as cursor:
        cursor.execute("DELETE FROM vault.public_waiting")
    later(hours=3)
    [fault] = reconcile(city.ledger).faults
    assert "stands 0 times" in fault
    promise = phone.post("/tip/file/promise", data={"code": handed}).data
    sent = {"promise": (BytesIO(promise), "promise")}
    answer = phone.post("/receipt/check", data=sent, content_type="multipart/form-data")
    assert (answer.status_code, "日志中仍没有" in answer.text) == (422, True)


def test_every_one_of_the_four_commitments_must_stand_as_promised(phone, handed, city):
    """A registration with the promised words and another reporter keeps no promise."""
    with city.ledger.table.database.cursor() as cursor:
        cursor.execute("DELETE FROM vault.public_waiting RETURNING command, kind, matter, members, due")
        *before, members, due = cursor.fetchone()
        members["commits"]["reporter"] = "0" * 64
        cursor.execute("INSERT INTO vault.public_waiting VALUES (%s, %s, %s, %s, %s)", (*before, Json(members), due))
    register_public_tips(city.ledger)

    assert (reconcile(city.ledger).kept, city.topics()[-1]) == (0, "tip.registered")


def test_half_a_receipt_number_is_asked_for_the_other_half(phone):
    for asked in ("locator=&hash=", "locator=ABCDE", "hash=0123"):
        answer = phone.get(f"/receipt/check?{asked}")
        assert (answer.status_code, "都填上" in answer.text) == (422, True)


def test_who_accuses_an_official_reaches_the_commission_only(phone, city, later):
    page = phone.get("/tip").text
    later(seconds=10)
    answer = send(phone, page, accuses="yes")
    send(phone, page, accuses="yes")
    register_public_tips(city.ledger)
    send(phone, page, accuses="yes")
    register_public_tips(city.ledger)

    assert "12388" in answer.text
    *before, event = city.ledger.read(after=0, limit=10_000)
    assert (event.topic, event.data) == ("lead.referred", {"day": "2026-03-02"})
    assert "lead.referred" not in {one.topic for one in before}
    letter = city.ledger.vault.tips.letter(event.stream)
    assert TOLD in read_letter(letter, city.commission, event.stream)["text"]


def test_progress_is_told_in_plain_words(phone, handed, city, services):
    typed = handed.replace("-", " ").lower()
    assert "已收到" in phone.post("/tip/track", data={"code": typed}).text
    register_public_tips(city.ledger)
    *_, event = city.ledger.read(after=0, limit=10_000)
    matters = Matters(city)
    ground = next(iter(laws.grounds("out_of_scope")))
    reason = {"reason": "不属于整治范围", "basis": ground, "turn_to": "市住建局"}
    matters.on_tip(DeclineTip, city.desk, event.stream, **reason)
    services.projections.catch_up()

    page = phone.post("/tip/track", data={"code": handed}).text
    assert all(words in page for words in ("已登记", "不予受理", "不属于整治范围", "市住建局"))


def test_a_code_is_guessed_ten_times_an_hour_and_not_more(phone, handed, city):
    code = QueryCode.read(handed)
    assert code is not None
    wrong = code.locator + "0" * 11
    answers = [phone.post("/tip/track", data={"code": wrong}).text for _ in range(11)]
    with city.ledger.table.database.cursor() as cursor:
        cursor.execute("INSERT INTO web.attempt VALUES ('code:LATER', 1, now() - interval '2 hours')")
    phone.post("/tip/track", data={"code": "ZZZZZ" + "0" * 11})

    assert "code:LATER" not in database_text(city)
    assert ("没有这个查询码" in answers[9], "输错次数太多" in answers[10]) == (True, True)
    assert "输错次数太多" in phone.post("/tip/track", data={"code": handed}).text


def test_strangers_who_guess_lock_nobody_out(phone, handed, monkeypatch):
    monkeypatch.setattr(query_code_check, "MOST_IN_ALL", 1)
    other = "ZZZZZ" + "0" * 11
    answers = [phone.post("/tip/track", data={"code": other}).text for _ in range(2)]

    assert ("没有这个查询码" in answers[0], "输错次数太多" in answers[1]) == (True, True)
    assert "已收到" in phone.post("/tip/track", data={"code": handed}).text


def test_material_comes_later_and_is_read_on_the_record(phone, handed, city, services, signed_in, later):
    register_public_tips(city.ledger)
    services.projections.catch_up()
    page = phone.post("/tip/track", data={"code": handed}).text
    later(seconds=10)
    typed = {"token": value(page, "token"), "code": handed, "text": "门禁的照片 MORE", "photos": photo()}
    answer = phone.post("/tip/track/add", data=typed)
    phone.post("/tip/track/add", data=typed | {"photos": photo()})
    assert "补充材料已收到" in answer.text
    phone.post("/tip/track/add", data=typed | {"text": "门禁的照片 ALTERED", "photos": photo()})
    register_public_tips(city.ledger)
    services.projections.catch_up()

    events = [event for event in city.ledger.read(after=0, limit=10_000) if event.topic == "tip.supplemented"]
    assert [event.data.keys() for event in events] == [{"received_on", "commits"}] * 2
    desk = signed_in("city_desk", "320581")
    address = f"/tips/{events[0].stream}"
    opened = desk.post(f"{address}/text", page=address, **{"text-why": "screen", "text-token": "1", "text-seen": "2"})
    assert ("门禁的照片 MORE" in opened.text, "门禁的照片 ALTERED" in opened.text) == (True, True)
    assert "data:image/jpeg" in opened.text


def photo():
    taken = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(taken, "JPEG", exif=b"Exif\0\0CANARY-EXIF")
    taken.seek(0)
    return taken, "IMG_CANARY-FILE.jpg"


def test_a_receipt_is_proved_offline_and_checked_on_the_page(phone, handed, city, services):
    publish(services)
    register_public_tips(city.ledger)
    assert "待发布" in phone.post("/tip/track", data={"code": handed}).text
    publish(services)

    page = phone.post("/tip/track", data={"code": handed}).text
    address = html.unescape(re.search(r'href="([^"]*/receipt/check[^"]*)"', page)[1])
    proof, entry = (phone.post(f"/tip/file/{name}", data={"code": handed}).data for name in ("proof", "entry"))
    assert verify_one(proof, entry, LogKeys.load(services.home.keys).vkeys).ok
    assert handed[6:] not in address
    assert "data:image/svg+xml" in page
    assert "在公开日志中" in phone.get(address).text
    promise = phone.post("/tip/file/promise", data={"code": handed}).data
    for files, status in (
        ({"proof": proof, "entry": entry}, 200),
        ({"proof": proof, "entry": entry[:-1]}, 422),
        ({"promise": promise}, 200),
        ({"promise": promise[:-1]}, 422),
        ({}, 422),
    ):
        sent = {name: (BytesIO(content), name) for name, content in files.items()}
        answer = phone.post("/receipt/check", data=sent, content_type="multipart/form-data")
        assert (answer.status_code, TOLD in answer.text) == (status, False)


def test_a_reporter_sees_that_witnesses_saw_it_and_takes_the_stronger_proof(phone, handed, city, services):
    witness = NoteKey("commission.test/w1", COSIGNATURE, bytes(32))
    policy = f"witness w {witness.vkey}\nquorum w\n"
    services.home.policy.write_text(policy)
    register_public_tips(city.ledger)
    publish(services)
    note = Note.parse((services.home.trail / "checkpoint").read_bytes())
    before = phone.post("/tip/track", data={"code": handed}).text
    keys, now = LogKeys.load(services.home.keys), 1_800_000_000
    publisher = Publisher(services.home, keys, LogReader(services.ledger), clock=lambda: now)
    publisher.gain(note.text, [witness.sign(note.text, now)])
    register_public_tips(city.ledger)

    page = phone.post("/tip/track", data={"code": handed}).text
    proof, entry = (phone.post(f"/tip/file/{name}", data={"code": handed}).data for name in ("proof", "entry"))
    address = html.unescape(re.search(r'href="([^"]*/receipt/check[^"]*)"', page)[1])

    assert ("已登记并发布" in before, "可以再来下载更强的证明" in before, "已见证" in before) == (True, True, False)
    assert "已登记、已发布、已见证" in page
    assert "commission.test/w1 已见证，2027-01-15 16:00 签名" in page
    assert (
        verify_one(proof, entry, LogKeys.load(services.home.keys).vkeys, Policy.parse(policy.encode())).strength == "中"
    )
    assert "已由 commission.test/w1 见证" in phone.get(address).text
    (services.home.trail / f"checkpoints/{note.text.splitlines()[1]}").write_text("damaged")
    assert "待发布" in phone.post("/tip/track", data={"code": handed}).text


def test_no_button_in_the_corner_takes_the_code_away(phone, later):
    page = phone.get("/tip").text
    later(seconds=10)
    told = {"step": "accuses", "accuses": "no", "token": value(page, "token")}
    pages = [page, phone.get("/tip/track").text, phone.post("/tip", data=told).text, send(phone, page).text]

    assert ['name="size"' in one for one in pages] == [True, True, False, False]


def test_no_cookie_is_left_on_a_phone(phone, handed, later, city, services):
    register_public_tips(city.ledger)
    page = phone.get("/tip").text
    later(seconds=10)
    answers = [
        phone.get("/"),
        phone.get("/tip"),
        phone.get("/tip/track"),
        phone.get("/tip/nowhere"),
        phone.get("/receipt/check?locator=ABCDE&hash=0"),
        phone.post("/tip", data={"step": "accuses", "accuses": "no", "token": value(page, "token")}),
        phone.post("/tip/track", data={"code": handed}),
        phone.post("/tip/track", data={"code": "wrong"}),
        phone.post("/receipt/check"),
        send(phone, page, text="灯坏"),
        send(phone, page, accuses="yes"),
    ]

    assert [one.request.path for one in answers if "Set-Cookie" in one.headers] == []
    assert phone.get_cookie("xiaohao_page") is None  # nor did any answer before
    assert phone.post("/look", data={"size": "large"}).headers["Set-Cookie"].startswith("size=large;")


def test_no_trace_is_left(phone, handed, city, services, said, lose_database, dsn):  # noqa: F811
    register_public_tips(city.ledger)
    publish(services)
    answer = phone.get("/tip")
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    tables = database_text(city)
    trail = b"".join(path.read_bytes() for path in services.home.path.rglob("*") if path.is_file())
    lose_database()
    assert send(phone, answer.text).status_code >= 400

    told = [*CANARIES, "CANARY-AGENT", TOLD[:8]]
    assert [one for one in told if one in tables or one.encode() in trail or one in said.getvalue()] == []
    assert [line for line in lines(said) if "203.0" in str(line)] == []


def database_text(city) -> str:
    """Every row of every table as text, log entries decoded."""
    with city.ledger.table.database.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('log', 'vault', 'web', 'read')"
        )
        names = cursor.fetchall()
        text = ""
        for schema, table in names:
            cursor.execute(f'SELECT t::text FROM {schema}."{table}" t')
            text += "\n".join(row for (row,) in cursor.fetchall())
        cursor.execute("SELECT entry FROM log.event")
        return text + "".join(body_of(bytes(entry)).decode() for (entry,) in cursor.fetchall())
