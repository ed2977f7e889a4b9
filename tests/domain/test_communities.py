import pytest

from domain import data
from domain.communities import checked, of_town
from domain.errors import RuleBroken

TOWNS = [unit["code"] for unit in data.read("units") if unit["kind"] == "town"]


def test_every_town_has_its_communities_each_once():
    found = [name for town in TOWNS for name in of_town(town)]

    assert all(of_town(town) for town in TOWNS)
    assert len(found) == 356
    assert all(len(of_town(town)) == len(set(of_town(town))) for town in TOWNS)


def test_another_towns_community_is_refused():
    assert checked("迎春社区", "320581003") == "迎春社区"
    assert checked("", "320581003") is None
    with pytest.raises(RuleBroken, match="没有这个社区"):
        checked("迎春社区", "320581001")
