"""Events in words: each kind that was ever stored, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from application.verifier.formats.entry import body_of, loads
from interface.oversight import event_text, request_context
from projections.events import Event
from tests.interface.web.conftest import Browser

ARCHIVE = sorted(Path(__file__).parents[2].joinpath("archive").glob("*.entry"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_event_is_told(app, browser: Browser, language: str):
    """Each that was ever stored, as an overseer reads it: nothing of it is a word of the program's."""
    with app.test_request_context("/", headers={"Cookie": f"language={language}"}):
        app.preprocess_request()
        with request_context.reading() as cursor:
            told = event_text.told(cursor, [event_of(path.read_bytes()) for path in ARCHIVE])
            kinds = [event_text.kind_of(topic) for topic in event_text.TOPICS]
            words = [str(word) for one in told for word in (one["what"], one["sentence"], *one["said"])]

    assert not [kind for kind in kinds if bool(re.search("[A-Za-z]", kind)) != (language == "en")]
    assert len(told) == len(ARCHIVE) > 50
    assert not [word for word in words if re.search(r"_x10|[a-z]+_[a-z]+|None|\{", word)]
    assert all(not re.search("[\u4e00-\u9fff]", one["what"]) for one in told) or language == "zh"


def event_of(entry: bytes) -> Event:
    said = loads(body_of(entry))
    known = {
        name: said[name] for name in ("stream", "version", "recorded_at", "actor", "role", "unit", "command", "data")
    }
    day = said.get("occurred_on", said["recorded_at"][:10])
    return Event(position=1, topic=said["type"], day=day, leaf_hash="0" * 64, backfilled=None, **known)


def test_a_new_key_of_the_log_is_named_as_on_paper(app):
    with app.test_request_context("/"):
        said = event_text._said(
            "log.key_rotated", {"old": "a.test/log+00000001+AQ==", "new": "a.test/log+00000002+AQ=="}
        )

    assert said == ["a.test/log+00000001 → a.test/log+00000002"]
