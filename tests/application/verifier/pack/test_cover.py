"""The page of a pack: its words are the glossary's, and its bytes are of one format."""

from __future__ import annotations

from hashlib import sha256

import application.verifier.pack.cover as cover
import application.verifier.pack.leaflet as leaflet
from application.verifier.formats.entry import canonical
from application.verifier.pack.terms import LABELS, ROLES, TOPICS
from domain import roles, rules
from domain.glossary import EVENTS


def test_its_words_are_those_of_the_glossary():
    named = {topic: "".join(part.capitalize() for part in topic.replace(".", "_").split("_")) for topic in TOPICS}

    assert {topic: EVENTS[name] for topic, name in named.items()} == TOPICS
    assert TOPICS.keys() == {"log.opened", *rules.TYPES}
    assert roles.ROLES == ROLES


def test_a2_the_page_is_written_in_one_format():
    """Whoever changes what is written, a word of it too, raises FORMAT: else packs that were handed out are called forged."""
    row = cover.Row(1, "t", "w", "h", "a", "l", [("x", "y")])
    shown = [cover.Cover(title, [("日志", "log")], [row], [("files/a", "b")]) for title in (cover.SOME, cover.ALL)]
    written = b"".join([*map(cover.html, shown), leaflet.of_entries("log", 1), leaflet.of_log("log", 1)])
    words = canonical({"topics": TOPICS, "roles": ROLES, "labels": LABELS})

    assert (cover.FORMAT, sha256(written).hexdigest()[:16], sha256(words).hexdigest()[:16]) == (
        4,
        "c990f8604d9937d9",
        "2ed7352453cb3dbc",
    )
