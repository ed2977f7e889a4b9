"""What anonymous work costs: it is admitted before it is done, done once for a form, and keeps nobody else waiting."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Event, Thread

import pytest

from application.tips.public_tips import register_public_tips
from application.vault import code_check
from application.vault.public_tips import PublicBox
from application.vault.query_code import QueryCode
from interface.kit.photos import LARGEST_PHOTO, REWRITING
from interface.web.public import query_code_check
from interface.web.public.recent_counts import MOST_PLACES, RecentCounts, network_of
from interface.web.public.throttle import Brake, Rooms, TooFast, Workshop
from tests.interface.cli.test_uploads import multipart
from tests.interface.web.public.test_report import (  # noqa: F401 (fixtures)
    TOLD,
    code_of,
    handed,
    later,
    phone,
    send,
    value,
)
from tests.interface.web.public.test_throttle import answer_to, both
from tests.interface.web.test_photos import picture, webp
from tests.matters import Matters


def files(*bodies: bytes) -> dict:
    return {"photos": [(BytesIO(body), "现场.jpg") for body in bodies]}


def upload(client, address: str, typed: dict[str, str], name: str, body: bytes):
    """Written out here: the client would put a large one into a file."""
    sent = multipart(typed, [body]).replace(
        b'name="photos"; filename="a.jpg"', f'name="{name}"; filename="现场.jpg"'.encode()
    )
    return client.post(address, data=sent, content_type="multipart/form-data; boundary=b")


@pytest.fixture
def decoded():
    """How many pictures reached the child; nobody else uses it meanwhile."""

    class Counted:
        def __init__(self) -> None:
            self.pictures, self._run = 0, REWRITING.run
            REWRITING.run = self.run

        def run(self, body: bytes, **more) -> bytes:
            self.pictures += 1
            return self._run(body, **more)

    counted = Counted()
    yield counted
    REWRITING.run = counted._run


def waiting(city, kind: str = "tip") -> int:
    with city.ledger.table.database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.public_waiting WHERE kind = %s", (kind,))
        return cursor.fetchone()[0]


@pytest.mark.parametrize("reason", ["no token", "too soon", "lure", "flood", "too many", "not a picture"])
def test_e4_no_picture_is_decoded_before_everything_else_is_right(phone, later, app, decoded, reason):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=1 if reason == "too soon" else 10)
    if reason == "flood":
        app.extensions["rooms"] = both(most=0)
    more = {"token": "1.2.3"} if reason == "no token" else {"website": "x"} if reason == "lure" else {}
    bodies = [picture()] * (10 if reason == "too many" else 2) + ([b"<svg/>"] if reason == "not a picture" else [])
    answer = send(phone, page, **files(*bodies), **more)

    assert answer.status_code in (422, 429, 503)
    assert decoded.pictures == 0


def test_e4_whoever_may_not_do_it_has_no_picture_decoded(signed_in, city, decoded):
    tip = Matters(city).tip()
    auditor, decider, desk = (signed_in(role, "320581") for role in ("auditor", "city_decider", "city_desk"))

    def sent() -> dict:
        return {"verify-token": "1", "verify-evidence": (BytesIO(picture()), "a.jpg")}

    refused = [one.post(f"/tips/{tip}/verify", page="/tips", **sent()).status_code for one in (auditor, decider)]
    foreign = desk.client.post(f"/tips/{tip}/verify", data={**sent(), "csrf_token": "no"}).status_code

    assert (refused, foreign, decoded.pictures) == ([403, 403], 400, 0)


def test_e4_a_resent_form_is_known_without_decoding_it(phone, later, decoded):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=10)
    first, again = (send(phone, page, **files(picture(), picture(size=(60, 40)))) for _ in range(2))

    assert (code_of(first), decoded.pictures) == (code_of(again), 2)


def test_e4_a_photo_refused_by_the_child_is_told_at_its_field_with_what_was_typed(phone, later):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=10)
    answer = send(phone, page, **files(webp(7700, 7700)))

    assert (answer.status_code, "现场.jpg”超过 2500 万像素" in answer.text, TOLD in answer.text) == (422, True, True)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [(b"\xff\xd8\xff" + b"\0" * LARGEST_PHOTO, "超过 10 MB，请压缩"), (webp(7700, 7700), "超过 2500 万像素")],
    ids=["heavy", "large"],
)
def test_c4_a_photo_too_large_is_told_to_be_that_on_every_form(phone, later, signed_in, city, body, sentence):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=10)
    token = value(page, "token")
    public = upload(phone, "/tip", {"step": "check", "accuses": "no", "text": TOLD, "token": token}, "photos", body)
    desk, address = signed_in("city_desk", "320581").client, "/tips/new?accuses=no"
    typed = {"channel": "letter", "received_on": "2026-03-01", "text": "楼道堆物"}
    typed |= {name: value(desk.get(address).text, name) for name in ("csrf_token", "token")}
    official = upload(desk, address, typed, "files", body)

    for answer in (public, official):
        assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
        assert "不是可以打开的" not in answer.text


@pytest.mark.parametrize("photos", [(), (picture(),)], ids=["words", "with a photo"])
def test_c3_a_form_sent_six_times_at_once_gets_one_receipt(app, phone, later, city, photos):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=10)
    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(send, app.test_client(), page, **files(*photos)) for _ in range(6)]
    answers = [each.result() for each in sent]

    assert [answer.status_code for answer in answers] == [200] * 6
    assert len({code_of(answer) for answer in answers}) == 1
    assert waiting(city) == 1
    register_public_tips(city.ledger)
    assert code_of(send(phone, page, **files(*photos))) == code_of(answers[0])


def test_c3_other_processes_that_take_the_same_form_answer_alike(app, phone, later, city):  # noqa: F811
    """Where no lock of ours holds them apart, the database does: each request has a workshop of its own."""

    class Apart(Workshop):
        def _only(self, form: str):
            return super()._only(str(id(object())))

    app.extensions["workshop"] = Apart()
    page = phone.get("/tip").text
    later(seconds=10)
    with ThreadPoolExecutor(6) as pool:
        tips = [pool.submit(send, app.test_client(), page) for _ in range(6)]
        letters = [pool.submit(send, app.test_client(), page, accuses="yes") for _ in range(2)]
    answers = [each.result() for each in tips]

    assert len({code_of(answer) for answer in answers}) == 1
    assert ["12388" in each.result().text for each in letters] == [True, True]
    assert (waiting(city), waiting(city, "lead")) == (1, 1)


def test_c3_a_letter_to_the_commission_and_more_material_sent_at_once_are_taken_once(app, phone, handed, later, city):  # noqa: F811
    page = phone.post("/tip/track", data={"code": handed}).text
    later(seconds=10)
    typed = {"token": value(page, "token"), "code": handed, "text": "补充 MORE"}
    with ThreadPoolExecutor(6) as pool:
        letters = [pool.submit(send, app.test_client(), page, accuses="yes") for _ in range(3)]
        more = [pool.submit(app.test_client().post, "/tip/track/add", data=typed) for _ in range(3)]

    assert [each.result().status_code for each in (*letters, *more)] == [200] * 6
    assert (waiting(city, "lead"), waiting(city, "more")) == (1, 1)


@pytest.mark.parametrize(
    "written", [str.lower, "查询码：{}".format, "Code {}".format, lambda code: code.replace("-", "—")]
)
def test_c5_the_page_takes_a_code_as_people_write_it(phone, handed, written):  # noqa: F811
    wide = str.maketrans({n: n + 0xFEE0 for n in range(0x21, 0x7F)})
    for typed in (written(handed), written(handed).translate(wide)):
        answer = phone.post("/tip/track", data={"code": typed})
        assert (answer.status_code, "已收到" in answer.text) == (200, True)


def test_e7_a_right_code_is_known_without_its_slow_hash_and_counts(phone, handed, app, monkeypatch):  # noqa: F811
    app.extensions["right_codes"] = RecentCounts(0)  # forgets nothing, however slow this machine is
    monkeypatch.setattr(query_code_check.code_check, "slowly", lambda *_: pytest.fail("hashed slowly"))
    wrong = phone.post("/tip/track", data={"code": handed[:-1] + ("0" if handed[-1] != "0" else "1")})
    answers = [
        phone.post("/tip/track", data={"code": handed}).status_code for _ in range(query_code_check.MOST_RIGHT + 1)
    ]

    assert wrong.status_code == 422
    assert answers == [200] * query_code_check.MOST_RIGHT + [429]
    assert "请过十分钟再查" in phone.post("/tip/track", data={"code": handed}).text


def test_e7_a_code_of_an_earlier_program_or_another_master_key_is_hashed_slowly_once(phone, handed, city):  # noqa: F811
    box, code = PublicBox(city.ledger.vault.database), QueryCode.read(handed)
    kept = box.find(code.locator).keyed
    for earlier in (None, bytes(8) + kept[8:]):
        box.remember(code.locator, earlier)
        wrong = phone.post("/tip/track", data={"code": code.locator + "0" * 11})
        right = phone.post("/tip/track", data={"code": handed})

        assert (wrong.status_code, right.status_code) == (422, 200)
        assert box.find(code.locator).keyed == kept
    assert code_check.quickly(city.ledger.vault.tips.secrets, box.find(code.locator), code) is True


def test_e7_only_so_many_anonymous_requests_are_at_work_and_the_others_are_told():
    workshop, inside, end = Workshop(at_once=2), [], Event()

    def stay(form: str) -> None:
        with workshop.at_work(form):
            inside.append(form)
            end.wait(10)

    threads = [Thread(target=stay, args=(form,)) for form in ("a", "b")]
    for thread in threads:
        thread.start()
    while len(inside) < 2:
        pass
    with pytest.raises(TooFast, match="几秒"), workshop.at_work("c"):
        pytest.fail("a third")
    end.set()
    for thread in threads:
        thread.join()
    with workshop.at_work("c"):
        assert workshop._forms.keys() == {"c"}


def test_e11_a_network_that_floods_shuts_the_door_for_itself_only(app, phone, later):  # noqa: F811
    """Four sends a minute held it shut for everybody."""
    app.extensions["rooms"] = Rooms(Brake(most=5, an_hour=240))
    page = phone.get("/tip").text
    later(seconds=10)
    flood = [send(phone, page, text=f"第 {n} 件").status_code for n in range(12)]
    neighbour = {"environ_base": {"REMOTE_ADDR": "203.0.113.5"}}
    other = {"environ_base": {"REMOTE_ADDR": "198.51.100.9"}}

    assert (flood[0], flood[-1]) == (200, 429)
    assert [send_from(app, page, **where) for where in (neighbour, other)] == [429, 200]


def send_from(app, page: str, environ_base: dict[str, str]) -> int:
    client = app.test_client()
    client.environ_base = {**client.environ_base, **environ_base}
    return send(client, page, text="另一个人的事").status_code


def test_e11_many_that_come_slowly_are_asked_and_then_kept_out_too():
    rooms = Rooms(Brake(), Brake(free=2, most=3, an_hour=60))
    outcomes = []
    for n in range(4):
        try:
            rooms.count(f"10.0.{n}.1", 100.0, answered=n == 3)
            outcomes.append("")
        except TooFast as refused:
            outcomes.append(type(refused).__name__)

    assert outcomes == ["", "", "Asked", ""]
    with pytest.raises(TooFast, match="过几分钟"):
        rooms.count("10.9.9.9", 100.0, answered=True)
    rooms.count("10.9.9.9", 100.0 + 3600, answered=False)


def test_e11_what_was_counted_is_forgotten_and_never_fills_the_memory():
    counts = RecentCounts(an_hour=6)
    for _ in range(3):
        counts.count("here", 1_000.0)

    assert [round(counts.level("here", 1_000.0 + after)) for after in (0, 600, 1_800, 86_401)] == [3, 2, 0, 0]
    for n in range(MOST_PLACES + 10):
        counts.count(str(n), 90_000.0)
    assert len(counts._levels) <= MOST_PLACES
    assert not any(b"here" in place for place in counts._levels)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.200", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("::ffff:203.0.113.7", "203.0.113.9", True),
        ("2001:db8:1::1", "2001:db8:1:ffff::2", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        (None, "unix:", True),
    ],
)
def test_a_network_is_what_one_person_has_many_addresses_of(one, other, same):
    assert (network_of(one) == network_of(other)) == same


def test_a_busy_hour_still_asks_and_takes_the_answer(phone, later, app):  # noqa: F811
    page = phone.get("/tip").text
    later(seconds=10)
    app.extensions["rooms"] = both(free=0)
    asked = send(phone, page, **files(picture()))
    brought_back = value(asked.text, "photos")

    assert re.search(r"保留已选照片 1（\d+ KB）", asked.text)
    assert send(phone, page, photos=brought_back, answer=answer_to(asked.text)).status_code == 200
