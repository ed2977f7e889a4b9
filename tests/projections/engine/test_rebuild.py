import pytest

from application.verifier.formats.entry import body_of
from projections.engine.catch_up import ReadModels
from projections.engine.digest import digest
from projections.engine.rebuild import RebuildError, rebuild
from projections.models import MODELS


def test_live_tables_are_what_a_rebuild_makes(log, read_models):
    log(900)
    read_models.catch_up()
    log(1_100)

    result = rebuild(read_models, check=True)

    assert [table for table in result.tables if not table.same] == []
    assert (result.same, result.at, result.events) == (True, 2_000, 2_000)


def test_a_rebuild_mends_a_table_that_was_changed_by_hand(log, read_models, cursor):
    log(800)
    read_models.catch_up()
    cursor.execute("UPDATE read.problem SET title = 'x' WHERE until IS NULL")

    found = rebuild(read_models)

    assert [table.table for table in found.tables if not table.same] == ["problem"]
    assert rebuild(read_models, check=True).same


def test_after_a_swap_live_tables_go_on(log, read_models):
    log(500)
    rebuild(read_models)

    last = log(500)

    assert read_models.catch_up() == last == 1_000
    assert rebuild(read_models, check=True).same


def test_one_read_model_is_rebuilt_alone(log, read_models):
    log(600)
    read_models.catch_up()

    result = rebuild(read_models, names=["credit"])

    assert [table.table for table in result.tables] == ["deduction"]
    assert read_models.position() == 600


def test_a_poisoned_event_stops_a_rebuild_and_leaves_the_screen_alone(log, read_models, cursor, poison):
    log(700)
    read_models.catch_up()
    poison({"channel": "phone", "received_on": "2026-02-30", "commits": {}})

    with pytest.raises(RebuildError, match="position 701"):
        rebuild(read_models)

    cursor.execute("SELECT count(*) FROM read.tip")
    assert cursor.fetchone()[0] > 0


def test_a_dead_letter_fails_the_check_by_name(log, read_models, database):
    log(700)
    read_models.catch_up()
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO read.dead_letter VALUES ('credit', 300, 'deduction.decided', 'KeyError')")

    result = rebuild(read_models, check=True)

    assert (result.same, result.dead_letters) == (False, ["credit@300"])


def test_a_table_as_of_a_position_is_what_a_rebuild_up_to_there_made(log, read_models, database, cursor):
    first = log(1_000)
    read_models.catch_up()
    tables = [table for model in read_models.models for table in model.tables]
    then = {table.name: digest(cursor, "read", table, first) for table in tables}

    log(1_000)
    ReadModels(database, body_of, models=MODELS).catch_up()

    assert {table.name: digest(cursor, "read", table, first) for table in tables} == then
