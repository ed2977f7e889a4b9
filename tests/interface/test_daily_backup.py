"""Backups that make themselves: every day after two o'clock in Shanghai, seven of them, and told where they fail. (faults.md E3)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.backup.paper_key import PaperKey
from application.backup.rotation import KEPT, KeptBackups, last_two_o_clock
from application.platform.clock import SHANGHAI
from application.platform.failures import OperatorError
from application.platform.home import Home
from interface.bootstrap import Services, services
from interface.daily_backup import DailyBackup, written
from interface.first_start import create
from interface.web.log.health import report

NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)


@pytest.fixture
def made(tmp_path, dsn, monkeypatch) -> Iterator[Services]:
    monkeypatch.setenv("DATABASE_URL", dsn)
    home = Home(tmp_path / "home")
    create(home, origin="t.example/campaign", training=True)
    with services(home) as made:
        yield made


@pytest.fixture
def keyed(made) -> Services:
    PaperKey(made.home.keys / "backup.pub").create()
    return made


def names(made: Services) -> list[str]:
    return sorted(path.name for path in made.home.backups.iterdir())


def test_without_a_paper_key_there_are_none(made):
    assert (DailyBackup(made).run_if_due(NOON), made.home.backups.exists()) == (None, False)


def test_e3_one_is_made_at_once_and_then_every_day_after_two(keyed):
    job = DailyBackup(keyed)
    made_at = [NOON]
    assert job.run_if_due(NOON) is not None
    for hours in (0.1, 12, 13.9, 14, 14.1, 30, 38):
        if job.run_if_due(NOON + timedelta(hours=hours)):
            made_at.append(NOON + timedelta(hours=hours))

    assert [moment.strftime("%d. %H:%M") for moment in made_at] == ["02. 12:00", "03. 02:00", "04. 02:00"]
    assert names(keyed) == [f"xiaohao-2026030{n}T{at}0000Z.backup" for n, at in ((2, "04"), (2, "18"), (3, "18"))]
    assert keyed.home.backups.stat().st_mode & 0o777 == 0o700


def test_seven_are_kept_and_nothing_else_is_touched(keyed):
    keyed.home.backups.mkdir()
    others = {"mine.backup": b"x", "xiaohao-20200101T000000Z.backup": b"not one of ours", "notes": b""}
    for name, content in others.items():
        (keyed.home.backups / name).write_bytes(content)
    for day in range(KEPT + 2):
        assert DailyBackup(keyed).run_if_due(NOON + timedelta(days=day))

    ours = [name for name in names(keyed) if name not in others]
    assert ours == [f"xiaohao-202603{day:02}T040000Z.backup" for day in range(4, 4 + KEPT)]
    assert {name: (keyed.home.backups / name).read_bytes() for name in others} == others


def test_one_from_a_day_that_has_not_come_ends_no_backups(keyed):
    assert DailyBackup(keyed).run_if_due(NOON + timedelta(days=400))
    assert DailyBackup(keyed).run_if_due(NOON)
    assert DailyBackup(keyed).run_if_due(NOON + timedelta(minutes=1)) is None


def test_what_is_in_the_way_is_told_and_the_old_ones_stay(keyed):
    assert DailyBackup(keyed).run_if_due(NOON)
    target = KeptBackups(keyed.home.backups, keyed.origin).path_for(NOON + timedelta(days=1))
    target.mkdir()

    with pytest.raises(OperatorError, match="couldn't write"):
        DailyBackup(keyed).run_if_due(NOON + timedelta(days=1))
    assert len(names(keyed)) == 2


def test_they_go_where_instance_json_says(keyed, tmp_path):
    keyed.home.describe(**keyed.home.read() | {"backups": str(tmp_path / "elsewhere")})
    done = DailyBackup(keyed).run_if_due(NOON)

    assert done is not None
    assert done.path.parent == tmp_path / "elsewhere"


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (datetime(2027, 1, 1, 1, 59, tzinfo=SHANGHAI), datetime(2026, 12, 31, 2, tzinfo=SHANGHAI)),
        (datetime(2027, 1, 1, 2, 0, tzinfo=SHANGHAI), datetime(2027, 1, 1, 2, tzinfo=SHANGHAI)),
        (datetime(2028, 2, 29, 18, 0, tzinfo=UTC), datetime(2028, 3, 1, 2, tzinfo=SHANGHAI)),
    ],
)
def test_two_o_clock_is_that_of_shanghai(now, before):
    assert last_two_o_clock(now) == before


def warnings(made: Services) -> set[str]:
    """What administrators and `xiaohao health` are told of backups."""
    return {name for name in report(made)["warnings"] if name.startswith("backup")}


def test_e3_health_tells_their_age(keyed):
    now = datetime.now(UTC)
    kept = KeptBackups(keyed.home.backups, keyed.origin)
    kept.folder.mkdir()
    assert warnings(keyed) == {"backup_old"}
    for hours, told in ((49, {"backup_old"}), (47, set())):
        moment = now - timedelta(hours=hours)
        written(keyed, kept.path_for(moment), moment)
        assert warnings(keyed) == told


@pytest.mark.parametrize(("mode", "told"), [("training", set()), ("production", {"backup_without_key"})])
def test_without_a_paper_key_health_says_how_to_make_one(made, mode, told):
    assert warnings(replace(made, mode=mode)) == told
