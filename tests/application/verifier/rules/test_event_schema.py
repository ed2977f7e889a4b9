"""What nearly every event looks like is read in one go; the quick way says yes only where the thorough one does."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.verifier.formats.entry import NotAnEntry, canonical, loads_canonical, parse
from application.verifier.rules.event_schema import malformed, usual
from tests.logs import COMMITS, Log

UUID = "0f5b6a1e-3c2d-4e1f-8a9b-0c1d2e3f4a5b"
EVENT = {
    "v": 1, "log": "log.test/trail", "id": UUID, "type": "problem.closed", "stream": UUID, "version": 1, "seq": 0,
    "recorded_at": "2026-03-02T04:00:00.000000Z", "actor": UUID, "role": "town_closer", "unit": "320581003", "command": UUID,
    "data": {"commits": COMMITS, "count": 3, "done": True, "list": ["x", {"a": 1}], "text": "电梯 坏了"},
}  # fmt: skip
SPELLED = canonical(EVENT)


def thoroughly(body):
    try:
        payload = loads_canonical(body)
    except NotAnEntry:
        return None
    return None if malformed(payload) else payload


def same(body):
    """Whether the quick way took it; never what the thorough one would not."""
    quickly = usual(body)
    assert quickly is None or quickly == thoroughly(body), body
    return quickly is not None


def test_the_usual_event_is_read_in_one_go():
    assert usual(SPELLED) == EVENT == thoroughly(SPELLED)
    assert list(usual(SPELLED)) == list(EVENT)
    for entry in Log().grow(12).entries:
        assert same(parse(entry).body)


def test_every_change_of_one_byte_is_judged_as_thoroughly():
    for at in range(len(SPELLED)):
        for byte in {*b'"\\,:{}[]09 -\n\x00\x1fAz', SPELLED[at] ^ 1, SPELLED[at] ^ 0x80}:
            same(SPELLED[:at] + bytes([byte]) + SPELLED[at + 1 :])
        same(SPELLED[:at] + SPELLED[at + 1 :])
        same(SPELLED[:at] + b" " + SPELLED[at:])
        same(SPELLED[:at])


@pytest.mark.parametrize(
    "forged",
    [
        {"v": 2}, {"v": True}, {"version": "1"}, {"id": UUID.upper()}, {"id": UUID + "0"},
        {"id": "0f5b6a1e-3c2d-1e1f-8a9b-0c1d2e3f4a5b"}, {"stream": UUID[:-1]}, {"command": ""}, {"command": UUID + "\n"},
        {"recorded_at": "2026-02-29T04:00:00.000000Z"}, {"recorded_at": "2026-04-31T04:00:00.000000Z"},
        {"recorded_at": "2026-03-02T24:00:00.000000Z"}, {"recorded_at": "2026-03-02T04:00:00.000000Z "}, 
        {"actor": []}, {"unit": True}, {"role": {}}, {"data": []}, {"data": "{}"},
        {"data": {"unit": 1}}, {"more": "x"}, {"backfilled": {"paper": "x"}}, {"occurred_on": "2026-02-30"},
        {"type": "role.granted"}, {"type": "tip.registered", "data": {"commits": COMMITS | {"text": "0"}}},
        {"type": "log.opened"}, {"data": {"x": [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_malformed_is_left_to_those_who_say_why(forged):
    body = json.dumps(EVENT | forged, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert thoroughly(body) is None
    assert usual(body) is None


@pytest.mark.parametrize(
    ("was", "put"),
    [
        (b'"count":3', b'"count":3,"count":3'), (b'"count":3', b'"count":-0'), (b'"count":3', b'"count":3.0'),
        (b'"count":3', b'"count":03'), (b'"count":3', b'"count":null'), (b'"count":3', b'"count":9007199254740992'),
        (b'"count":3', b'"count": 3'), (b'"count":3', b'"c\\u006funt":3'), (b'"done":true', b'"done":true,"a":1'),
        (b'"done":true', b'"done":true,"":":"'), (b'"count":3', b'"count":":","count":":"'), (b'"data":{', b'"data": {'),
        (b'"data":', b'"data":{},"data":'), (b'"data":', b'"data":0,"data":'), (b',"id":', b',"a":1,"id":'),
        (b'"v":1', b'"v":1,"v":1'), (b'"v":1', b'"v":1.0'), (b'"version":1', b'"version":01'), (b'"version":1', b'"version":1 '),
        (b'"actor":"', b'"actor":"x","actor":"'), (b'"seq":0', b'"seq":-0'), (b'"text":"', b'"text":"","id":"'),
        (b"\x9f", b"\xff"), (b'"list":[', b'"list":[null,'), (b'{"a":1}', b'{"a":1,"a":1}'),
        ("电梯".encode(), b"\\ud800"), ("电梯".encode(), b"\xed\xa0\x80"),
    ],
)  # fmt: skip
def test_no_second_spelling_is_read_in_one_go(was, put):
    body = SPELLED.replace(was, put, 1)
    assert body != SPELLED or was == b"\x9f"
    assert thoroughly(body) is None or body == SPELLED
    assert usual(body) is None or body == SPELLED


def test_what_is_unusual_but_right_is_left_to_the_thorough_way():
    for more in (
        {"occurred_on": "2026-03-01"}, {"backfilled": {"paper": "x", "holder": "320581"}}, {"role": "a\\b"}, {"actor": 'a"b'},
        {"unit": "a\nb"}, {"version": -1}, {"seq": 10**15 * 9},
    ):  # fmt: skip
        assert thoroughly(canonical(EVENT | more)) == EVENT | more
        assert usual(canonical(EVENT | more)) is None


@given(
    st.dictionaries(
        st.text(alphabet='ab":\\ ', max_size=3),
        st.one_of(
            st.integers(-1, 3), st.booleans(), st.text(alphabet='a":{},\\ \n电', max_size=5), st.just([]), st.just({})
        ),
        max_size=5,
    )
)
def test_whatever_the_data_is_both_ways_agree(data):
    body = canonical(EVENT | {"data": data})
    assert usual(body) == thoroughly(body)


def test_a_day_that_the_month_does_not_have_is_none_of_an_event():
    for day in ("2026-01-31", "2028-02-29", "2026-02-29", "2026-06-31"):
        body = canonical(EVENT | {"recorded_at": f"{day}T04:00:00.000000Z"})
        try:
            date.fromisoformat(day)
        except ValueError:
            assert usual(body) is thoroughly(body) is None
        else:
            assert usual(body) == thoroughly(body) is not None
