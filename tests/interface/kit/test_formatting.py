"""How things are written on a page."""

from __future__ import annotations

from datetime import date

import pytest

from interface.kit.formatting import Light, light, moment, percent, points, yuan
from interface.kit.safe_redirect import local

DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("due_on", "left", "expected"),
    [
        ("2026-03-20", 8, Light("green", "剩 8 个工作日")),
        ("2026-03-13", 3, Light("amber", "剩 3 个工作日")),
        ("2026-03-10", 0, Light("amber", "今日到期")),
        ("2026-03-05", None, Light("red", "逾期 5 日")),
    ],
)
def test_a_traffic_light_says_the_days(due_on, left, expected):
    assert light(due_on, DAY, working_days_left=left) == expected


def test_what_has_ended_has_a_grey_light():
    assert light("2026-03-01", DAY, ended="已销号") == Light("grey", "已销号")


def test_moments_are_beijing_time():
    assert moment("2026-02-28T16:30:00Z") == "2026-03-01 00:30"


def test_numbers():
    assert [yuan(123450), percent(1, 3), percent(0, 0), points(25)] == ["1,234.50 元", "33.3%", "—", "2.5"]


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", None, "/a\nb"]
)
def test_a_way_back_never_leaves_the_site(address):
    assert local(address) is None


def test_a_way_back_keeps_filter_and_page():
    assert local("/tips?state=new&page=2") == "/tips?state=new&page=2"
