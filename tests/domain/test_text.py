"""What officials type is for ever: no number by which a person is found gets into it, however it is written."""

import pytest

from domain.errors import RuleBroken
from domain.text import official

MOBILE, IDENTITY = "139" + "12345678", "320581" + "19800101" + "123"


@pytest.mark.parametrize(
    "written",
    [
        MOBILE,
        f"电话{MOBILE}。",
        "139 1234 5678",
        "139-1234-5678",
        MOBILE.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        f"+86{MOBILE}",
        f"0086 {MOBILE}",
        f"{IDENTITY}X",
        f"{IDENTITY}4",
        "320581 19800101 123x",
    ],
)
def test_numbers_of_persons_are_refused(written):
    with pytest.raises(RuleBroken, match="不得出现手机号码或身份证号"):
        official("说明", f"反映人 {written}")


@pytest.mark.parametrize(
    "written",
    [
        "常物整〔2026〕琴川-00001",
        "工单 20260301123456",
        "0512-52881234",
        "12345、12388",
        "2026-03-01 至 2026-04-01",
        "13500 元、1 350 000 元",
    ],
)
def test_other_numbers_are_not(written):
    assert official("说明", written) == written
