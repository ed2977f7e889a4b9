"""What the service says of itself: lines for machines, and never a password, a name or the words of a tip."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from interface.runtime import logs
from interface.runtime.scheduler import guarded
from tests.interface.web.conftest import PASSWORD
from tests.interface.web.tips.test_tips import register
from tests.matters import TOLD

NAME, MOBILE = "张三丰", "13800" + "138000"
SECRETS = (PASSWORD, TOLD, TOLD[:12], NAME, MOBILE)


@pytest.fixture
def said() -> Iterator[StringIO]:
    """Everything that is logged, as it would go to standard error."""
    stream, handlers = StringIO(), logging.root.handlers
    logs.configure(stream)
    yield stream
    structlog.reset_defaults()
    logging.root.handlers = handlers


def lines(said: StringIO) -> list[dict]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def fail() -> None:
    words, password, name = TOLD, PASSWORD, NAME
    raise ValueError(words, password, name, MOBILE)


def test_a_page_that_fails_says_where_and_no_value(app, signed_in, said):
    app.add_url_rule("/fail", view_func=fail)

    signed_in("city_desk", "320581").get(f"/fail?text={NAME}")

    [line] = lines(said)
    assert (line["event"], line["level"], line["error"], "in fail" in line["trace"]) == (
        "a page failed",
        "error",
        "ValueError",
        True,
    )
    assert [secret for secret in SECRETS if secret in said.getvalue()] == []


def test_a_job_that_fails_says_where_and_no_value(said):
    guarded("publish", fail)()

    [line] = lines(said)
    assert (line["job"], line["error"]) == ("publish", "ValueError")
    assert [secret for secret in SECRETS if secret in said.getvalue()] == []


def test_a_library_is_quoted_without_what_it_fills_in(said):
    try:
        fail()
    except ValueError:
        logging.getLogger("waitress").exception("Exception while serving %s", f"/tips?text={NAME}")

    [line] = lines(said)
    assert (line["event"], line["logger"], line["error"]) == ("Exception while serving %s", "waitress", "ValueError")
    assert [secret for secret in SECRETS if secret in said.getvalue()] == []


def test_a_line_is_one_line_of_utc_whatever_is_in_it(said):
    forged = 'a"}\n{"at": "1970-01-01", "event": "forged"}\r\u2028\x1b[2J'

    structlog.get_logger().warning(forged, more=forged)
    logging.getLogger("application.x").warning("%s", forged)

    assert said.getvalue().count("\n") == 2
    for line in lines(said):
        assert (line["event"], line["at"][-6:]) == (forged, "+00:00")


def test_what_we_say_ourselves_is_whole(said):
    logging.getLogger("application.platform.embedded.supervisor").warning(
        "couldn't start the database server: %s", "disk full"
    )

    assert lines(said)[0]["event"] == "couldn't start the database server: disk full"


def test_nothing_that_people_type_is_logged(signed_in, browser, city, said, lose_database):
    browser.sign_in(NAME, PASSWORD)
    desk = signed_in("city_desk", "320581")
    register(desk, reporter=NAME, contact=MOBILE)
    register(desk, reporter=NAME, contact=MOBILE, received_on="2026-02-30")
    lose_database()
    register_away = desk.client.post("/tips/new?accuses=no", data={"text": TOLD, "reporter": NAME})

    assert register_away.status_code >= 400
    assert [secret for secret in SECRETS if secret in said.getvalue()] == []


def test_e16_a_library_that_floods_is_heard_once_a_minute_and_says_how_often_it_was_not():
    moments = iter([0.0, 1.0, 59.0, 61.0, 61.5, 61.6])
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs._Lines())
    handler.addFilter(logs.Seldom(lambda: next(moments)))
    queue = logging.Logger("waitress.queue")
    queue.addHandler(handler)
    for depth in range(5):
        queue.warning("Task queue depth is %d", depth)
    queue.warning("something else")

    assert [(one["event"], one.get("unheard")) for one in lines(stream)] == [
        ("Task queue depth is %d", None),
        ("Task queue depth is %d", 2),
        ("something else", None),
    ]
