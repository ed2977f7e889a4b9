"""The database as this program needs it, and never as another one left it."""

from __future__ import annotations

import pytest

from application.platform.database import Database
from application.platform.failures import OperatorError
from application.platform.migrate import bring_up_to_date


@pytest.fixture
def owner(dsn):
    database = Database(dsn, role=None, size=1)
    yield database
    database.close()


def test_e16_a_database_of_a_newer_program_is_refused_in_a_sentence(owner):
    assert bring_up_to_date(owner) == []
    with owner.cursor() as cursor:
        cursor.execute("INSERT INTO public.migration (name, at) VALUES ('9999_next_year.sql', now())")

    with pytest.raises(OperatorError, match="a newer program has changed it"):
        bring_up_to_date(owner)


def test_a_file_that_was_changed_after_it_was_applied_is_refused_in_a_sentence(owner):
    with owner.cursor() as cursor:
        cursor.execute("UPDATE public.migration SET sha256 = repeat('0', 64) WHERE name = '0003_web.sql'")

    with pytest.raises(OperatorError, match=r"0003_web\.sql is not the file that was applied to it"):
        bring_up_to_date(owner)


def test_a_database_of_a_program_that_kept_no_sums_is_served_and_gets_them_with_the_next_file(owner):
    with owner.cursor() as cursor:
        cursor.execute("ALTER TABLE public.migration DROP COLUMN sha256")
    assert bring_up_to_date(owner) == []

    with owner.cursor() as cursor:
        cursor.execute(
            "DROP SCHEMA log, vault, web, read, read_next, oversight, sign_in CASCADE; DELETE FROM public.migration"
        )
    assert bring_up_to_date(owner)[0] == "0001_log.sql"

    with owner.cursor() as cursor:
        cursor.execute("SELECT count(*), count(sha256) FROM public.migration")
        every, with_sum = cursor.fetchone()
    assert every == with_sum > 0
