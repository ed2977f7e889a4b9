"""Search over encrypted tips, and tips that say the same."""

from __future__ import annotations

import csv
from itertools import combinations

import pytest

from application.exchange.sheet import read
from application.exchange.tip_import import Import
from application.tips.search import ALIKE, MOST, near, numbered, plain, search
from application.tips.shredding import ProposeShredding, ShredTip
from application.vault.similarity import alike, bands
from domain.errors import RuleBroken
from domain.values import CITY
from tests.application.exchange.test_tip_import import HERE, MAPPING
from tests.matters import TOLD
from tests.plugin import DATA

KEY, ORDERS = bytes(range(32)), HERE / "orders.csv"


def accesses(database):
    with database.cursor() as cursor:
        cursor.execute("SELECT what, why FROM vault.access")
        return cursor.fetchall()


def test_a_search_is_recorded_with_how_many_tips_and_without_its_words(ledger, matters, database):
    lamp, other = matters.tip(), matters.tip(text="电梯ＡＢ 坏了")

    assert search(ledger, matters.city.desk, [other, lamp], "楼道 物业") == [lamp]
    assert search(ledger, matters.city.desk, [other, lamp], "电梯ab坏") == [other]
    assert accesses(database) == [("tips/search/2", "search")] * 2


def test_a_tip_is_found_by_the_number_that_it_came_with(ledger, matters):
    by_form = matters.tip(source="12345", number="SZ-77")
    Import(ledger, matters.city.desk, read(ORDERS), MAPPING).run()

    assert numbered(ledger, "SZ-77") == [by_form]
    assert len(numbered(ledger, "W-001")) == 1
    assert numbered(ledger, "W-00") == []


def test_a_short_word_is_refused_before_anything_is_read(ledger, matters, database):
    with pytest.raises(RuleBroken, match="至少 2 个字"):
        search(ledger, matters.city.desk, [matters.tip()], "楼道 灯")
    assert accesses(database) == []


def test_no_search_goes_through_more_than_so_many(ledger, matters, database):
    tip = matters.tip()
    assert search(ledger, matters.city.desk, [tip] * (MOST + 7), "楼道")
    assert accesses(database) == [(f"tips/search/{MOST}", "search")]


def test_a_tip_that_says_nearly_the_same_is_proposed_until_one_is_destroyed(ledger, matters):
    first, second, _other = matters.tip(), matters.tip(text=f"再次反映：{TOLD}"), matters.tip(text="小区绿化被人占用")

    assert near(ledger, second) == [first]
    matters.on_tip(ProposeShredding, matters.city.desk, first, ground="retention")
    matters.on_tip(ShredTip, matters.city.actor("city_decider", CITY), first)

    assert near(ledger, second) == []


def test_another_key_has_nothing_in_common():
    assert alike(bands(TOLD, KEY), bands(TOLD, bytes(32))) < 0.1


@pytest.mark.parametrize("text", ["", "灯", "楼灯", "𠀀𠀁𠀂𠀃"])
def test_any_text_has_a_signature(text):
    assert alike(bands(text, KEY), bands(text, KEY)) == 1


@pytest.mark.realdata
def test_of_real_messages_nothing_is_proposed_that_is_not_alike():
    with (DATA / "tips_cn" / "property_829.csv").open(encoding="utf-8-sig") as file:
        texts = [row["留言详情"] for row in csv.DictReader(file)]
    signatures = [bands(text, KEY) for text in texts]
    shared = [set(signature) for signature in signatures]
    same = {pair for pair in combinations(range(len(texts)), 2) if texts[pair[0]] == texts[pair[1]]}
    near = {
        (one, other)
        for one, other in combinations(range(len(texts)), 2)
        if not shared[one].isdisjoint(shared[other]) and alike(signatures[one], signatures[other]) >= ALIKE
    }

    assert (len(same) >= 20, same - near) == (True, set())
    assert len(near) >= 100
    assert min(common(texts[one], texts[other]) for one, other in near) > 0.3


def common(one: str, other: str) -> float:
    """The share of 3-grams that two texts have in common."""
    first, second = ({said[i : i + 3] for i in range(len(said) - 2)} for said in (plain(one), plain(other)))
    return len(first & second) / len(first | second)
