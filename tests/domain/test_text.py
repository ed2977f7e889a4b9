"""What officials type is for ever: no number by which a person is found gets into it, however it is written."""

import pytest

from domain.errors import RuleBroken
from domain.text import copies, official

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
        f"某某-{MOBILE}",
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
        "合同 2026-158-1234-5678",
        "2026-03-01 至 2026-04-01",
        "13500 元、1 350 000 元",
    ],
)
def test_other_numbers_are_not(written):
    assert official("说明", written) == written


TOLD = "三号楼Ａ单元电梯坏了半年，没有人来修"


@pytest.mark.parametrize(
    "written",
    ["经查三号楼A单元电梯坏了半年", "三 号 楼 a 单 元 电 梯 坏 了\n半年", "三号楼A单元\u200b电梯\u2060坏了半年"],
)
def test_a_copy_is_a_copy_however_it_is_spelled(written):
    assert copies(written, TOLD)


def test_eleven_characters_are_no_copy():
    assert not copies("三号楼A单元电梯坏了", TOLD)
