"""`backup` and `restore FILE`: what is in the file and what never is, and every way in which it is refused. (faults.md E3)"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread
from uuid import UUID, uuid4

import psycopg2
import pytest
from click.testing import CliRunner, Result

from application.backup.container import MAGIC, Reader, Writer, read_header
from application.backup.manifest import TABLE
from application.backup.paper_key import PaperKey, key_from_words
from application.backup.tables import LEFT_OUT, carried
from application.campaign.genesis import CITY
from application.log.log_keys import FILES, LogKeys
from application.platform.database import APPLICATION, Database
from application.platform.home import Home
from application.platform.logins import login
from application.problems.evidence import Upload
from application.tips.commands import RegisterTip
from application.tips.shredding import ProposeShredding, ShredTip, end_epoch
from interface.bootstrap import services
from interface.cli.main import main
from interface.cli.sign_in import acting
from interface.first_start import create
from tests import places, servers
from tests.cities import ORIGIN, City
from tests.interface.cli.instance.test_serve import free_port, serve
from tests.matters import Matters

CANARY, DESTROYED = "CANARY-IN-A-BACKUP 金丝雀", "CANARY-DESTROYED 金丝雀"
PHOTO = Upload("image/png", b"\x89PNG CANARY-PHOTO")


@dataclass
class Town:
    """A home that was published and backed up to `file`; then a tip was registered, another destroyed, and published again."""

    home: Home
    dsn: str
    place: Path
    file: Path
    kept: UUID
    going: UUID
    newer: UUID

    def run(self, *arguments: object, words: str = "", dsn: str = "") -> Result:
        env = {"DATABASE_URL": dsn or self.dsn}
        return CliRunner().invoke(main, [*map(str, arguments)], input=words, env=env)

    def restored(self, home: Path, *arguments: object, file: Path | None = None, **options: str) -> Result:
        """With all that is needed, unless it is named otherwise; into a database of its own."""
        how = {"keys": self.place / "keys", "paper-key": self.place / "paper", "trail": self.place / "trail"} | {
            name.replace("_", "-"): value for name, value in options.items()
        }
        listed = [word for name, value in how.items() if value for word in (f"--{name}", value)]
        dsn = servers.fresh() if "dsn" not in options else options["dsn"]
        try:
            return self.run("restore", file or self.file, "--home", home, *listed, *arguments, dsn=dsn)
        finally:
            servers.drop(dsn)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    place, dsn = places.place("backup"), servers.fresh()
    home = Home(place / "home")
    made = Town(home, dsn, place, place / "city.backup", *(UUID(int=n) for n in range(3)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", dsn)
        create(home, origin=ORIGIN, training=True)
        words = made.run("backup-key", "--home", home.path, "--json")
        (place / "paper").write_text(json.loads(words.stdout)["words"])
        with services(home) as running:
            yield _lived(made, running)
    shutil.rmtree(place)
    servers.drop(dsn)


def _lived(town: Town, running) -> Town:
    matters = Matters(City(running.ledger, acting(running, "admin", "official.enrolled")))
    town.kept, gone, town.going = (matters.tip(text=text) for text in (CANARY, DESTROYED, "后来销毁"))
    matters.verified_tip(evidence=(PHOTO,))
    _destroy(matters, gone)
    running.publisher.publish()
    assert town.run("backup", "-o", town.file, "--home", town.home.path).exit_code == 0
    town.newer = matters.tip(text="备份之后的线索")
    _destroy(matters, town.going)
    running.publisher.publish()
    shutil.copytree(town.home.trail, town.place / "trail")
    shutil.copytree(town.home.keys, town.place / "keys")
    return town


def _destroy(matters: Matters, tip: UUID) -> None:
    matters.on_tip(ProposeShredding, matters.city.desk, tip, ground="retention")
    matters.on_tip(ShredTip, matters.city.actor("city_decider", CITY), tip)


def _opened(town: Town) -> dict[str, bytes]:
    private = key_from_words((town.place / "paper").read_text(), "the paper key")
    with town.file.open("rb") as file:
        return {name: part.whole(1 << 26) for name, part in Reader(file, private).parts()}


def test_e3_it_is_restored_with_what_was_published_since_and_says_what_is_lost(town, tmp_path):
    done = town.restored(tmp_path / "new", "--json")
    said = json.loads(done.stdout)

    assert (done.exit_code, said["lost_tips"], said["inserted"]) == (0, [str(town.newer)], 3)
    assert all("the vault lost" in one for one in said["lost"])
    assert said["faults"] == []
    assert not (tmp_path / "new" / "restoring.json").exists()


def test_without_anything_published_the_backup_alone_is_restored(town, tmp_path):
    assert (town.restored(tmp_path / "new", trail="").exit_code, (tmp_path / "new").exists()) == (2, False)
    done = town.restored(tmp_path / "new", "--no-trail", trail="")

    assert (done.exit_code, "and 0 newer ones" in done.stdout) == (0, True), done.output


def test_the_keys_come_from_words_too(town, tmp_path):
    log = json.loads(town.run("keys", "paper", "--home", town.home.path, "--json").stdout)["words"]
    from application.vault.mnemonic import to_words

    words = [to_words((town.home.keys / "master.key").read_bytes()), *log.values()]
    arguments = ["--home", tmp_path / "new", "--paper-key", town.place / "paper", "--trail", town.place / "trail"]
    dsn = servers.fresh()
    done = town.run("restore", town.file, *arguments, words="\n".join(words) + "\n", dsn=dsn)
    servers.drop(dsn)

    assert done.exit_code == 0, done.output
    assert LogKeys.load(tmp_path / "new" / "keys").vkeys == LogKeys.load(town.home.keys).vkeys


def test_no_key_and_nothing_that_was_destroyed_is_in_it_and_nothing_at_all_in_the_clear(town):
    parts, keys = _opened(town), [path.read_bytes() for path in town.home.epochs.glob("*.key")]
    keys += [(town.home.keys / "master.key").read_bytes(), *(key.seed for key in LogKeys.load(town.home.keys).keys)]
    keys += [(town.home.keys / name).read_bytes() for name in FILES.values()]
    inside, outside = b"".join(parts.values()), town.file.read_bytes()

    assert parts["table/vault.file"].count(PHOTO.content) == 1
    for key in keys:
        assert key not in inside
    for words in (CANARY.encode(), DESTROYED.encode(), b"CANARY-PHOTO", b"tip.registered"):
        assert words not in outside
    assert town.file.stat().st_mode & 0o777 == 0o600


def test_every_table_is_carried_or_left_out_by_name_and_the_service_may_read_it(dsn):
    owner, service = Database(dsn, role=None, size=1), Database(login(dsn, APPLICATION), size=1)
    with closing(owner), closing(service), owner.cursor() as cursor, service.cursor() as ours:
        cursor.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables "
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public', 'read', 'read_next')"
        )
        there = {name for (name,) in cursor.fetchall()}
        assert there == {table.full for table in carried(ours)} | LEFT_OUT


def test_the_tables_of_a_backup_are_all_that_there_are(town, dsn):
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        tables = {TABLE + table.full for table in carried(cursor)}
    assert {name for name in _opened(town) if name.startswith(TABLE)} == tables


def refused(town: Town, home: Path, done: Result, *words: str) -> None:
    """In a sentence, with nothing made, and the living home as it was."""
    last = done.stdout.splitlines()[-1]
    assert (done.exit_code, last.startswith("couldn't")) == (1, True), done.output
    assert [word for word in words if word not in last] == []
    assert not home.exists() or not any(home.iterdir())
    assert town.run("backup", "-o", town.place / "again", "--home", town.home.path).exit_code == 0
    (town.place / "again").unlink()


@pytest.mark.parametrize("share", [0, 3, 40, 4_000, 0.5, 0.99, -1])
def test_a_backup_that_was_cut_off_is_refused(town, tmp_path, share):
    whole = town.file.read_bytes()
    size = int(share * len(whole)) if 0 < share < 1 else share
    (tmp_path / "cut").write_bytes(whole[:size])

    refused(town, tmp_path / "new", town.restored(tmp_path / "new", file=tmp_path / "cut"), "it was cut off")


@pytest.mark.parametrize("share", [0.0, 20, 60, 0.3, 0.6, -1])
def test_a_backup_with_one_bit_changed_is_refused(town, tmp_path, share):
    whole = bytearray(town.file.read_bytes())
    whole[int(share * len(whole)) if 0 < share < 1 else int(share)] ^= 1
    (tmp_path / "bad").write_bytes(whole)

    refused(town, tmp_path / "new", town.restored(tmp_path / "new", file=tmp_path / "bad"), "couldn't read the backup")


def test_bytes_behind_its_end_are_refused(town, tmp_path):
    (tmp_path / "more").write_bytes(town.file.read_bytes() + b"\0")
    refused(town, tmp_path / "new", town.restored(tmp_path / "new", file=tmp_path / "more"), "it was altered")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a pack", b"\0" * 100, MAGIC, MAGIC + b"\xff" * 40])
def test_what_is_no_backup_is_refused(town, tmp_path, content):
    (tmp_path / "other").write_bytes(content)
    refused(town, tmp_path / "new", town.restored(tmp_path / "new", file=tmp_path / "other"), "couldn't read")


def test_a_file_that_is_not_there_is_refused(town, tmp_path):
    refused(town, tmp_path / "new", town.restored(tmp_path / "new", file=tmp_path / "none"), "No such file")


def test_another_paper_key_is_refused(town, tmp_path):
    (tmp_path / "paper").write_text(PaperKey(tmp_path / "backup.pub").create())
    refused(
        town,
        tmp_path / "new",
        town.restored(tmp_path / "new", paper_key=str(tmp_path / "paper")),
        "find the right paper",
    )


@pytest.mark.parametrize("words", ["", "lusab babad", "\xff"])
def test_words_that_are_no_key_are_refused(town, tmp_path, words):
    (tmp_path / "paper").write_text(words, "latin-1")
    refused(town, tmp_path / "new", town.restored(tmp_path / "new", paper_key=str(tmp_path / "paper")), "couldn't read")


def test_the_keys_of_another_log_are_refused(town, tmp_path):
    shutil.copytree(town.place / "keys", tmp_path / "keys")
    for name in FILES.values():
        (tmp_path / "keys" / name).unlink()
    LogKeys.create(tmp_path / "keys", "other.test/log")
    done = town.restored(tmp_path / "new", keys=str(tmp_path / "keys"))

    refused(town, tmp_path / "new", done, "the log's keys are of other.test/log, and the backup is of")


@pytest.mark.parametrize("lost", ["master.key", *FILES.values()])
def test_keys_that_are_not_the_backups_are_refused(town, tmp_path, lost):
    """A new key of the same name, or none."""
    shutil.copytree(town.place / "keys", tmp_path / "keys")
    (tmp_path / "keys" / lost).unlink()
    refused(town, tmp_path / "new", town.restored(tmp_path / "new", keys=str(tmp_path / "keys")), "couldn't read the")
    (tmp_path / "others").mkdir()
    others = LogKeys.create(tmp_path / "others", ORIGIN)
    (tmp_path / "others" / "master.key").write_bytes(bytes(32))
    assert len(others.keys) == 2
    shutil.copy(tmp_path / "others" / lost, tmp_path / "keys" / lost)
    refused(town, tmp_path / "new", town.restored(tmp_path / "new", keys=str(tmp_path / "keys")), "couldn't restore")


def test_a_home_that_is_not_empty_is_refused(town, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in town.home.path.rglob("*") if path.is_file()}
    done = town.restored(town.home.path)

    assert (done.exit_code, "the folder is not empty" in done.stdout) == (1, True)
    assert {path: path.stat().st_mtime_ns for path in town.home.path.rglob("*") if path.is_file()} == before


def test_a_database_that_holds_a_log_is_refused(town, tmp_path):
    listed = [word for name in ("keys", "trail") for word in (f"--{name}", town.place / name)]
    paper = ["--paper-key", town.place / "paper"]
    done = town.run("restore", town.file, "--home", tmp_path / "new", *listed, *paper)

    refused(town, tmp_path / "new", done, "the database already holds a log")


def test_a_published_folder_that_is_no_good_is_refused(town, tmp_path):
    shutil.copytree(town.place / "trail", tmp_path / "trail")
    bundles = [path for path in (tmp_path / "trail" / "tile" / "entries").rglob("*") if path.is_file()]
    bundle = max(bundles, key=lambda path: path.stat().st_size)
    bundle.write_bytes(bundle.read_bytes().replace(b'"payload":"ey', b'"payload":"eY', 1))

    done = town.restored(tmp_path / "new", trail=str(tmp_path / "trail"))

    refused(town, tmp_path / "new", done, "is itself no good")


def sealed_again(town: Town, target: Path, **header: object) -> Path:
    """The same parts under another header: whoever has the public half of the paper key can make such a file."""
    with town.file.open("rb") as file, target.open("wb") as out:
        known = read_header(io.BytesIO(town.file.read_bytes()))[0]
        private = key_from_words((town.place / "paper").read_text(), "the paper key")
        made = Writer(out, replace(known, **header), PaperKey(town.home.keys / "backup.pub").public())
        for name, part in Reader(file, private).parts():
            made.add(name, part.whole(1 << 26))
        made.close()
    return target


def test_a_backup_of_a_newer_program_is_refused(town, tmp_path):
    newer = sealed_again(town, tmp_path / "newer", migrations=["0001_log.sql", "9999_later.sql"])
    refused(town, tmp_path / "new", town.restored(tmp_path / "new", file=newer), "a newer program made it", "9999")


def test_a_backup_that_is_said_to_be_of_another_time_is_refused(town, tmp_path):
    older = sealed_again(town, tmp_path / "older", made_at="2026-01-01T00:00:00+00:00")
    refused(town, tmp_path / "new", town.restored(tmp_path / "new", file=older), "not those that its list names")


def test_one_made_while_everybody_works_and_epochs_end_is_whole(town, tmp_path, monkeypatch):
    """All of it is of one moment: every entry has what lies beside it, every text the key that it had then."""
    monkeypatch.setenv("DATABASE_URL", town.dsn)
    target, done = tmp_path / "busy.backup", Event()
    with services(town.home) as running:
        desk = acting(running, f"city_desk-{CITY}-1", "tip.registered")

        def work(again: Callable[[], object]) -> None:
            while not done.is_set():
                again()

        def tip() -> None:
            command = RegisterTip(id=uuid4(), actor=desk, channel="12345", received_on=running.ledger.today, text="忙")
            running.ledger.handle(command)

        jobs = [tip, tip, lambda: end_epoch(running.ledger), running.publisher.publish]
        threads = [Thread(target=work, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        made = [town.run("backup", "-o", f"{target}{n}", "--home", town.home.path, "--json") for n in range(3)]
        done.set()
        for thread in threads:
            thread.join()
    said = [json.loads(one.stdout) for one in made]
    assert [(one["ok"], one.get("unreadable")) for one in said] == [(True, [])] * 3, said
    assert said[0]["size"] < said[2]["size"]

    alone = town.restored(tmp_path / "new", "--no-trail", file=Path(f"{target}2"), trail="")
    beside_older = town.restored(tmp_path / "newer", file=Path(f"{target}2"))

    for restored in (alone, beside_older):
        assert (restored.exit_code, restored.stdout.endswith("; proved\n")) == (0, True), restored.output


def test_a_home_that_could_not_be_proved_is_not_opened(town, tmp_path):
    """What was wrong before the backup is wrong after it, and whoever answers for it says that it is known."""
    home = Home(tmp_path / "new")
    dsn = servers.fresh()
    with closing(psycopg2.connect(town.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; DELETE FROM vault.file")
        connection.commit()
    broken = town.place / "broken.backup"
    assert town.run("backup", "-o", broken, "--home", town.home.path).exit_code == 0

    how = ["--keys", town.place / "keys", "--paper-key", town.place / "paper", "--trail", town.place / "trail"]
    done = town.run("restore", broken, "--home", home.path, *how, dsn=dsn)
    told = [town.run(command, "--home", home.path, dsn=dsn).stdout for command in ("fsck", "publish")]
    served = serve(home.path, free_port())
    told.append(served.stdout + served.stderr)
    again = town.run("restore", "--prove", "--home", home.path, dsn=dsn)
    accepted = town.run("restore", "--prove", "--accept", 1, "--home", home.path, dsn=dsn)
    opened = town.run("fsck", "--home", home.path, dsn=dsn)
    servers.drop(dsn)

    assert (done.exit_code, "couldn't prove it: 1 faults" in done.stdout) == (1, True), done.output
    assert ["it was restored and not proved" in one for one in told] == [True] * 3
    assert (again.exit_code, accepted.exit_code, "missing" in opened.stdout) == (1, 0, True)


def test_a_restore_that_was_cut_off_can_not_be_proved(town, tmp_path):
    home = Home(tmp_path / "new")
    home.create()
    state = {"backup": "x", "made_at": "", "size": 1, "unreadable": [], "loaded": False, "why": "it was cut off"}
    home.unproved.write_text(json.dumps(state))

    done = town.run("restore", "--prove", "--home", home.path)

    assert (done.exit_code, "the restore was cut off; move the folder away" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    "arguments", [("--prove", "--no-trail"), ("--keys", "x"), ("x", "--prove"), ("--accept", 1), ("x", "--accept", 1)]
)
def test_an_option_that_means_nothing_there_is_refused(town, arguments):
    assert town.run("restore", *arguments, "--home", town.home.path).exit_code == 2


def test_without_a_paper_key_nothing_is_backed_up_and_it_is_said_how_to_make_one(town, tmp_path):
    key = town.home.keys / "backup.pub"
    content = key.read_bytes()
    key.unlink()
    none = town.run("backup", "-o", tmp_path / "b", "--home", town.home.path)
    key.write_bytes(b"AAAA")
    bad = town.run("backup", "-o", tmp_path / "b", "--home", town.home.path)
    key.write_bytes(content)

    assert ("make one with `xiaohao backup-key`" in none.stdout, "is no public key" in bad.stdout) == (True, True)
    assert not list(tmp_path.iterdir())


def test_a_second_paper_key_is_refused_and_the_first_stays(town):
    before = (town.home.keys / "backup.pub").read_bytes()
    assert town.run("backup-key", "--home", town.home.path).exit_code == 1
    assert (town.home.keys / "backup.pub").read_bytes() == before


def test_nothing_is_overwritten(town, tmp_path):
    (tmp_path / "kept").write_text("mine")
    done = town.run("backup", "-o", tmp_path / "kept", "--home", town.home.path)

    assert (done.exit_code, (tmp_path / "kept").read_text(), "there is one already" in done.stdout) == (1, "mine", True)
