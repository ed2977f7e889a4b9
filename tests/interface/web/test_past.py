"""A page of the past keeps its day, wherever one goes from it. 截至"""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.application.deductions.test_deductions import proposed

LISTS = ["/tips", "/problems", "/deductions", "/companies", "/estates", "/figures/weekly", "/figures/monthly"]
DAY = "2026-03-02"


@pytest.fixture
def past(signed_in, matters, services):
    """A browser at the city's desk, some days after everything happened."""
    proposed(matters)
    matters.tip()
    services.clock.advance(days=5)
    matters.reported_problem()
    services.projections.catch_up()
    return signed_in("city_desk", "320581")


def links(page: str) -> list[str]:
    """Addresses of pages that know days, without the way back to the present."""
    body = page.partition("<body>")[2].replace("回到现在</a>", "")
    body = re.sub(r'<a href="[^"]*">(?=</p></div>)', "", body)
    found = map(unescape, re.findall(r'<a [^>]*href="([^"]+)"', body))
    return [one for one in found if re.match("/(desk|tips|problems|deductions|companies|estates|figures)", one)]


def test_a_filter_of_the_past_stays_in_the_past(past):
    for address in LISTS:
        page = past.get(f"{address}?as_of={DAY}").text
        form = page.partition('<form class="filters')[2].partition("</form>")[0]

        assert re.findall(r'name="as_of" value="([^"]*)"', form) == [DAY], address


@pytest.mark.parametrize("as_of", [DAY, "40"])
def test_every_link_of_the_past_leads_to_the_same_past(past, as_of):
    for address in ["/desk", *LISTS]:
        page = past.get(f"{address}?as_of={as_of}").text

        assert "历史页面" in page
        assert len(links(page)) > 7
        assert [one for one in links(page) if not re.search(rf"[?&]as_of={as_of}(&|$)", one)] == [], address


def test_a_position_of_the_log_goes_along_unseen(past):
    page = past.get("/problems?as_of=40").text

    assert re.search(r'<input type="hidden" name="as_of" value="40">', page) is not None


def test_the_way_back_leads_to_the_present(past):
    page = past.get(f"/problems?as_of={DAY}&state=opened").text

    [back] = re.findall(r'<a href="([^"]*)">回到现在', page)
    assert back == "/problems?state=opened"


def test_a_count_on_the_desk_of_the_past_opens_the_rows_of_the_past(past):
    cards = re.findall(r'<a href="([^"]+)">\s*<span>[^<]*</span><br><b>(\d+)</b>', past.get(f"/desk?as_of={DAY}").text)

    assert len(cards) > 4
    for address, count in cards:
        assert f"共 {count} 条" in past.get(unescape(address)).text


def test_a_day_that_has_not_come_is_no_past(past):
    refused = past.get("/problems?as_of=9000-01-01")

    assert (refused.status_code, "截至日期不能晚于今天" in refused.text) == (404, True)


def test_a_page_of_the_present_may_be_asked_for_another_day(past):
    for address in LISTS:
        page = past.get(f"{address}?as_of=").text

        assert "历史页面" not in page
        assert re.search(r'<label for="as-of">截至</label><input id="as-of" type="date" name="as_of" value="">', page)
