"""The database as this program needs it, and never as another one left it."""

from __future__ import annotations

import pytest

from application.failures import CouldNot
from application.store.database import Database
from application.store.migrate import bring_up_to_date


@pytest.fixture
def owner(dsn):
    database = Database(dsn, role=None, size=1)
    yield database
    database.close()


def test_e16_a_database_of_a_newer_program_is_refused_in_a_sentence(owner):
    assert bring_up_to_date(owner) == []
    with owner.cursor() as cursor:
        cursor.execute("INSERT INTO public.migration VALUES ('9999_next_year.sql', now())")

    with pytest.raises(CouldNot, match="a newer program has changed it"):
        bring_up_to_date(owner)
