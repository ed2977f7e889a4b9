"""查询码: read as people write it down."""

from __future__ import annotations

import pytest

from application.vault.query_code import QueryCode

CODE = QueryCode("7Q011", "ABCDEFGH0Z9")


@pytest.mark.parametrize("typed", ["7Q01-1ABC-DEFG-H0Z9", "7q0i labcdefg hoz9", " 7QOL1ABC-DEFGH0Z9 "])
def test_a_code_is_read_as_people_write_it(typed):
    assert QueryCode.read(typed) == CODE


@pytest.mark.parametrize(
    "typed",
    [
        "７Ｑ０１－１ＡＢＣ－ＤＥＦＧ－Ｈ０Ｚ９",
        "7q01—1abc–defg−h0z9",
        "7Q01‐1ABC‑DEFG―H0Z9",
        "7Q01\u200b-1ABC\u200d-DEFG\ufeff-H0Z9\u2060",
        "查询码：7Q01-1ABC-DEFG-H0Z9",
        "查询码7Q01 1ABC DEFG H0Z9，请保存",
        "Query code: 7Q01-1ABC-DEFG-H0Z9",
        "Code 7Q01 1ABC DEFG H0Z9",
        "我的查询码是 7Q01-1ABC-DEFG-H0Z9 ，2026年11月30日",
        "7Q01_1ABC_DEFG_H0Z9",
        "7Q01·1ABC·DEFG·H0Z9",
        "7Q01\u3000１ＡＢＣ\xa0DEFG\tH0Z9",
    ],
)
def test_c5_a_code_is_read_in_any_width_with_any_dash_and_with_words_around_it(typed):
    assert QueryCode.read(typed) == CODE


@pytest.mark.parametrize("typed", ["", "7Q01-1ABC-DEFG-H0Z", "7Q01-1ABC-DEFG-H0ZU", "7Q01-1ABC-DEFG-H0Z9-0"])
def test_what_can_be_no_code_is_none(typed):
    assert QueryCode.read(typed) is None


def test_eighty_bits_make_sixteen_characters():
    assert (str(CODE), str(QueryCode.of(b"\xff" * 10))) == ("7Q01-1ABC-DEFG-H0Z9", "ZZZZ-ZZZZ-ZZZZ-ZZZZ")


def test_the_secret_is_in_no_trace_of_a_program():
    assert CODE.secret not in repr(CODE)
