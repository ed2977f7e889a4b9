"""Days at the ends of the calendar, at every door: a page or a sentence, and never a defect."""

from __future__ import annotations

import pytest

PAGES = [
    "/tips?received_from={0}&received_to={0}",
    "/problems?opened_from={0}&opened_to={0}",
    "/figures/rows?figure=tips.registered&start={0}&end={0}",
    "/figures/weekly?week={0}",
    "/figures/monthly?month={0}",
    "/desk?as_of={0}",
    "/problems?as_of={0}",
    "/companies?as_of={0}",
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "9999-W52", "0001-01", "2200-01-01", "1899-12-31"])
def test_e16_a_day_at_the_end_of_the_calendar_is_answered(signed_in, page, day):
    answer = signed_in("city_desk", "320581").get(page.format(day))

    assert answer.status_code in (200, 404, 422)
