"""小区: registered with the community that it lies in, picked from those of the town."""

from __future__ import annotations

from tests.cities import TOWN
from tests.interface.web.tips.test_tips import hidden


def test_an_estate_is_registered_in_its_community(signed_in, services):
    browser, address = signed_in("town_handler", TOWN), "/estates/new"
    page = browser.get(address).text
    typed = {"name": "桃源里", "unit": TOWN, "kind": "commercial", "company": ""}

    wrong = browser.post(address, page=address, token=hidden(page, "token"), community="花园浜社区", **typed)
    right = browser.post(address, page=address, token=hidden(page, "token"), community="迎春社区", **typed)
    services.projections.catch_up()

    assert '<option value="迎春社区">' in page
    assert (wrong.status_code, "没有这个社区" in wrong.text, "花园浜社区" in wrong.text) == (422, True, True)
    assert right.status_code == 303
    assert "迎春社区" in browser.get("/estates.csv").data.decode("utf-8-sig")
