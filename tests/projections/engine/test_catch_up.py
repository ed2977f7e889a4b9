import threading
from dataclasses import replace

from application.verifier.formats.entry import body_of
from projections.engine.catch_up import ReadModels
from projections.engine.rebuild import rebuild
from projections.models import MODELS
from projections.registers import REGISTERS, Unit


def test_what_was_recorded_can_be_waited_for(log, read_models):
    last = log(700)

    assert read_models.wait_for(last)

    assert read_models.position() == last
    assert not read_models.wait_for(last + 1, timeout=0.05)


def test_two_processes_catch_up_at_once(log, read_models, database):
    other = ReadModels(database, body_of, models=MODELS)
    last = log(2_500)

    threads = [threading.Thread(target=models.catch_up) for models in (read_models, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert read_models.position() == last
    assert rebuild(read_models, check=True).same


def test_processes_that_take_turns_trust_no_cache(log, read_models, database):
    other = ReadModels(database, body_of, models=MODELS)
    for _ in range(10):
        log(120)
        read_models.catch_up()
        log(130)
        other.catch_up()

    assert rebuild(read_models, check=True).same


def test_a_crash_between_batches_repeats_nothing(log, read_models, database, monkeypatch):
    log(1_200)
    monkeypatch.setattr("projections.engine.live.LARGEST_CACHE", 50)
    with database.transaction() as cursor:
        read_models.advance(cursor)
    with read_models.database.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid()) WHERE false")
    try:
        with database.transaction() as cursor:
            read_models.advance(cursor)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        read_models.forget()

    read_models.catch_up()

    assert rebuild(read_models, check=True).same


def test_what_a_fold_cannot_take_becomes_a_dead_letter(log, read_models, cursor, poison):
    log(700)
    poison({"channel": "phone", "received_on": "2026-02-30", "commits": {}})

    assert read_models.catch_up() == 701

    cursor.execute("SELECT model, position, topic, error FROM read.dead_letter")
    assert cursor.fetchall() == [("tips_desk", 701, "tip.registered", "ValueError")]
    assert read_models.lag() == (0, 0.0, 1)


def test_what_a_table_refuses_becomes_a_dead_letter(log, read_models, cursor, poison):
    log(700)
    poison({"channel": 2**63, "received_on": "2026-02-03", "commits": {}, "import": {"batch": ["x" * 9], "row": 1}})
    poison({"code": "x", "name": "一", "kind": "town", "short_name": [1]}, topic="unit.registered")

    assert read_models.catch_up() == 702

    cursor.execute("SELECT count(*) FROM read.happening")
    assert cursor.fetchone()[0] == 702


def test_a_text_with_a_null_character_is_shown_with_a_mark_in_its_place(log, read_models, cursor, poison):
    log(700)
    poison(
        {"code": "x", "name": '甲\0乙\r\n"丙",\t\\.\x1f5', "kind": "town", "short_name": ""}, topic="unit.registered"
    )

    read_models.catch_up()

    cursor.execute("SELECT name, short_name FROM read.unit WHERE key = 'x'")
    assert cursor.fetchone() == ('甲\ufffd乙\r\n"丙",\t\\.\x1f5', None)
    assert rebuild(read_models, check=True).same


def test_a_model_of_another_version_stands_still_until_it_is_rebuilt(log, read_models, cursor, owner):
    log(700)
    read_models.catch_up()
    cursor.execute("UPDATE read.projection_position SET version = 99 WHERE name = 'credit'")
    newer = ReadModels(owner, body_of, models=MODELS)

    assert newer.prepare() == ["credit"]
    log(700)
    newer.catch_up()
    rebuild(newer, names=newer.prepare())

    assert newer.prepare() == []
    assert rebuild(newer, check=True).same


def test_a_half_done_fold_leaves_nothing(log, database, cursor, poison):
    def half(rows, recorded):
        rows.put("320581", Unit("320581", "half", "city", ""))
        raise ValueError

    log(700)
    model = replace(REGISTERS, folds={**REGISTERS.folds, "tip.registered": half})
    read_models = ReadModels(database, body_of, models=[model])
    read_models.prepare()

    read_models.catch_up()

    cursor.execute("SELECT name FROM read.unit WHERE key = '320581'")
    assert cursor.fetchall() == [("单位320581",)]
    assert read_models.lag().dead_letters > 0
