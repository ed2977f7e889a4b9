from domain import data
from domain.departments import lead_of

UNITS = {unit["code"]: unit["kind"] for unit in data.read("units")}
ITEMS = [item["code"] for item in data.read("catalogue")["items"]]


def test_every_item_but_the_catch_all_has_a_department_that_leads():
    leads = {item: lead_of(item) for item in ITEMS}

    assert [item for item, lead in leads.items() if lead is None] == ["6.7"]
    assert {UNITS[lead.unit] for lead in leads.values() if lead} == {"department"}
    assert all(lead.reason for lead in leads.values() if lead)


def test_without_an_item_none_is_proposed():
    assert lead_of(None) is None
