"""What the vault has of many tips, read at once, as `fsck` reads it."""

from __future__ import annotations

from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest

import application.vault.tips as tips
from application.vault.tips import TipFile, _portions


@pytest.fixture
def vault(ledger):
    return ledger.vault.tips


def test_all_that_is_left_of_these_tips_comes_and_nothing_of_others(matters, vault):
    one, other, third = (matters.tip(text=text) for text in ("甲", "乙", "丙"))

    found = {(tip, blob): content for tip, blob, content in vault.contents([one, other, uuid4()])}

    assert {place: content.get("text") for place, content in found.items() if place[1] == "text"} == {
        (one, "text"): "甲",
        (other, "text"): "乙",
    }
    assert {tip for tip, _ in found} == {one, other} != {third}


def test_one_that_was_altered_is_none_and_one_whose_epoch_is_lost_does_not_come(matters, vault, dsn):
    altered, lost = matters.tip(), matters.tip()
    with closing(psycopg2.connect(dsn)) as owner, owner, owner.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE vault.tip_blob SET sealed = 'x' WHERE tip = %s AND blob = 'text'", (altered,))
        cursor.execute("UPDATE vault.tip_blob SET epoch = 999 WHERE tip = %s AND blob = 'text'", (lost,))

    found = {(tip, blob): content is None for tip, blob, content in vault.contents([altered, lost])}

    assert found == {(altered, "reporter"): False, (altered, "text"): True, (lost, "reporter"): False}


def test_no_more_is_held_at_once_than_a_portion_but_one_that_is_larger_by_itself():
    ids = [uuid4() for _ in range(5)]
    sizes = [(ids[0], "text", tips.PORTION - 1), (ids[1], "text", 1), (ids[2], "text", 1)]
    sizes += [(ids[3], "text", 3 * tips.PORTION), (ids[4], "text", 1)]

    portions = [[ids.index(tip) for tip, _ in names] for names in _portions(sizes)]

    assert portions == [[0, 1], [2], [3], [4]]


def test_photos_are_opened_with_the_words(matters, vault):
    tip = matters.tip(files=[TipFile("image/png", b"a photo")])

    [content] = [content for _, blob, content in vault.contents([tip]) if blob == "text"]

    assert [file.content for file in vault.as_words(content).files] == [b"a photo"]
