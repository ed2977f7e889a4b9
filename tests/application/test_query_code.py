"""查询码: read as people write it down."""

from __future__ import annotations

import pytest

from application.query_code import QueryCode

CODE = QueryCode("7Q011", "ABCDEFGH0Z9")


@pytest.mark.parametrize("typed", ["7Q01-1ABC-DEFG-H0Z9", "7q0i labcdefg hoz9", " 7QOL1ABC-DEFGH0Z9 "])
def test_a_code_is_read_as_people_write_it(typed):
    assert QueryCode.read(typed) == CODE


@pytest.mark.parametrize("typed", ["", "7Q01-1ABC-DEFG-H0Z", "7Q01-1ABC-DEFG-H0ZU", "7Q01-1ABC-DEFG-H0Z9-0"])
def test_what_can_be_no_code_is_none(typed):
    assert QueryCode.read(typed) is None


def test_eighty_bits_make_sixteen_characters():
    assert (str(CODE), str(QueryCode.of(b"\xff" * 10))) == ("7Q01-1ABC-DEFG-H0Z9", "ZZZZ-ZZZZ-ZZZZ-ZZZZ")


def test_the_secret_is_in_no_trace_of_a_program():
    assert CODE.secret not in repr(CODE)
