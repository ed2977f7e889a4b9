"""What officials type is for ever: no number by which a person is found gets into it, however it is written."""

from unicodedata import category

import pytest

from domain.errors import RuleBroken
from domain.text import INVISIBLE, copied, name, official, optional, refuse_unseen

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
        " ".join(MOBILE),
        "、".join(MOBILE),
        "-".join(MOBILE),
        "139.1234.5678",
        "139·1234·5678",
        "139—1234—5678",
        "(139)1234-5678",
        "139/1234/5678",
        "139_12_34_56_78",
        "139 12345678",
        "1391234 5678",
        "139 123 45678",
        "139  1234  5678",
        "139\n1234\n5678",
        f"+86-{MOBILE}",
        "+86 139 1234 5678",
        f"2026 {MOBILE}",
        MOBILE.translate(str.maketrans("0123456789", "〇一二三四五六七八九")),
        MOBILE.translate(str.maketrans("0123456789", "零幺二三四五六七八九")),
        " ".join(MOBILE.translate(str.maketrans("0123456789", "零一二三四五六七八九"))),
        MOBILE.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        "\u200b".join(MOBILE),
        "".join(chr(0x2460 + int(d) - 1) if d != "0" else "0" for d in MOBILE),
        "-".join(f"{IDENTITY}5"),
        " ".join(f"{IDENTITY}5"),
        "320581.1980.0101.1235",
        "320581-19800101-126X",
        " ".join("320581" + "20120101" + "008X"),
        "320581 20120101 008 x",
        " ".join("32058119800101126X"),
        "32058119800101126X",
        f"{IDENTITY}5",
        "320581 19800101 126x",
        "320581800101123",
        "6222021234567890128",
        "6222 0212 3456 7890 128",
        "4111 1111 1111 1111",
    ],
)
def test_numbers_of_persons_are_refused(written):
    with pytest.raises(RuleBroken, match="不得出现手机号码、身份证号或银行卡号"):
        official("说明", f"反映人 {written}")


@pytest.mark.parametrize(
    "written",
    [
        "常物整〔2026〕琴川-00001",
        "工单 20260301123456",
        "12345、12388",
        "1、3、5、7、9、11、13、15号楼",
        "1301、1302、303室",
        "1301/1302/303",
        "合同编号 13-2026-00158",
        "2025-139-1234-5678",
        "13,500,000,000.00 元",
        "1.35.2026.1",
        "2026.03.01-2026.04.01",
        "上午 9:00-11:30、下午 13:30-17:00",
        "第三十三条、一百三十九户",
        "一、二、三、四、五、六、七、八、九",
        "二〇二六年三月一日",
        "常政办发〔2025〕33号、0512 号文件、00001",
        "91320581MA1YLA0001",
        "913205817654321098",
        "320581198013011234",
        "320581198013011235",
        "合同账号 6222021234567890124",
        "2026年3月1日至2026年4月1日共 31 天，每天 1390 元",
        "320581003、320581101",
        "120 x 60 毫米",
        "东南 31.6512, 120.7512",
        "合同 2026-158-1234-5678",
        "2026-03-01 至 2026-04-01",
        "13500 元、1 350 000 元",
    ],
)
def test_other_numbers_are_not(written):
    assert official("说明", written) == written


TOLD = "三号楼Ａ单元电梯坏了半年，没有人来修好了又坏"


@pytest.mark.parametrize(
    "written",
    [
        "经查三号楼A单元电梯坏了半年，没有人来修好了又",
        "三 号 楼 a 单 元 电 梯 坏 了\n半年，没有人来修好了又",
        "三号楼A单元\u200b电梯\u2060坏了半年，没有人来修好了又",
    ],
)
def test_a_copy_is_a_copy_however_it_is_spelled(written):
    assert copied(written, TOLD)


def test_nineteen_characters_are_no_copy():
    assert not copied("三号楼A单元电梯坏了半年，没有人来", TOLD)


def test_the_passage_is_told():
    assert copied(f"经查{TOLD}属实", TOLD) == "三号楼a单元电梯坏了半年,没有人来修好了"


def test_names_of_the_registers_are_nobodys_own_words():
    company = "常熟市演练物业管理服务有限公司城区第二分公司"
    told = f"{company}不修电梯"
    assert copied(f"责令{company}整改", told)
    assert not copied(f"责令{company}整改", told, [company])
    assert copied(f"责令{company}整改", told, ["演练花园", ""])


@pytest.mark.parametrize(
    "written",
    ["0512-52881234", "0512 5288 1234", "(0512)52881234", "0512—52881234", "051252881234", "010-62881234", "021 5288 1234",
     "+86-512-52881234", "０５１２－５２８８１２３４", "零五一二 五二八八一二三四", "0512.52881234", "0512-5288123"],
)  # fmt: skip
def test_e14_landlines_are_refused(written):
    with pytest.raises(RuleBroken, match="不得出现固定电话号码"):
        official("说明", f"联系 {written}")


HIDDEN = [
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200f",
    "\ufeff",
    "\x07",
    "\u3164",
    "\u115f",
    "\u2800",
    "\u034f",
    "\U000e0041",
    "\ufe0f",
    "\u2028",
]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_e14_what_nobody_sees_is_no_text_and_no_part_of_one(hidden):
    assert official("说明", f"甲{hidden}乙") == name("姓名", f"甲{hidden}乙") == "甲乙"
    assert optional("说明", hidden) is None
    for rule in (official, name):
        with pytest.raises(RuleBroken, match="请填写"):
            rule("姓名", hidden * 3)
    with pytest.raises(RuleBroken, match="看不见"):
        refuse_unseen({"reason": "好", "steps": [{"note": f"甲{hidden}乙"}]})


@pytest.mark.parametrize(
    "odd", ["\ue000", "\U000f0000", "\u0378", "\uffff", "a" + "\u0300\u0301\u0302\u0303\u0304\u0305"]
)
def test_e14_what_cannot_be_shown_everywhere_is_refused(odd):
    for rule in (official, name):
        with pytest.raises(RuleBroken, match="无法显示的字符"):
            rule("姓名", f"甲{odd}")
    with pytest.raises(RuleBroken, match="无法显示"):
        refuse_unseen({"reason": f"甲{odd}"})


@pytest.mark.parametrize(
    "written", ["𠮷田", "\U00031350", "张·买买提", "Zoë 5 m²", "第一行\n第二行\t列", "☎ 12345", "ไทย"]
)
def test_e14_rare_names_and_other_scripts_are_text(written):
    assert official("说明", written) == written
    refuse_unseen({"reason": written, "n": 3, "of": None})


def test_e14_the_list_of_what_nobody_sees_is_unicodes():
    for code in range(0x110000):
        if category(chr(code)) in ("Cf", "Cc") and chr(code) not in "\n\t":
            assert INVISIBLE.match(chr(code)), hex(code)
