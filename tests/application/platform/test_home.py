"""The home folder: closed to others; what can't be written is told, and nothing stays half-done."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import psycopg2
import pytest

from application.platform.embedded.server import attach, serve
from application.platform.failures import OperatorError
from application.platform.home import Home, write_whole
from tests.application.platform.test_embedded import ask, patiently


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 16)):
                pass
        except OSError:
            return ballast
    raise AssertionError("the disk has no end")


def insert_until_refused(dsn: str) -> int:
    """How many rows were acknowledged before the disk was full."""
    acknowledged = 0
    try:
        while True:
            ask(dsn, f"INSERT INTO kept VALUES ({acknowledged}, repeat('x', 1000000))")
            acknowledged += 1
    except psycopg2.Error:
        return acknowledged


def test_every_folder_is_closed_to_others(home):
    home.create()

    open_to_others = [folder.name for folder in home.path.rglob("*") if stat.S_IMODE(folder.stat().st_mode) != 0o700]

    assert open_to_others == []
    assert not home.path.stat().st_mode & 0o066


def test_a_folder_without_an_instance_is_told_how_to_get_one(home):
    with pytest.raises(OperatorError, match="there is no instance here; make one with `xiaohao init"):
        home.read()


def test_an_instance_file_that_is_no_json_is_told(home):
    home.create()
    home.instance.write_text("{")

    with pytest.raises(OperatorError, match=r"couldn't read .*instance\.json"):
        home.read()


def test_a_file_in_the_homes_place_is_told(home):
    home.path.write_text("")

    with pytest.raises(OperatorError, match=r"couldn't write .*choose another --home"):
        serve(home)


def test_a_file_is_written_whole_or_not_at_all(home):
    home.create()
    write_whole(home.run / "x", b"old")
    (home.run / f"x.{os.getpid()}.tmp").mkdir()

    with pytest.raises(OSError, match="Is a directory"):
        write_whole(home.run / "x", b"new")

    assert (home.run / "x").read_bytes() == b"old"


def test_a_locked_home_is_told(home):
    home.path.mkdir()
    home.path.chmod(0o500)
    home.path.parent.chmod(0o755)
    told, answer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            if os.geteuid() == 0:  # whom no folder's mode stops
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            serve(home)
        except BaseException as error:
            os.write(answer, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(answer)

    assert b"Permission denied; give yourself the right to write there" in os.read(told, 10_000)


@pytest.mark.mount
class TestOnADiskOfItsOwn:
    def test_a_read_only_home_is_told(self, tiny_home: Home):
        serve(tiny_home).stop()
        subprocess.run(["mount", "-o", "remount,ro", tiny_home.path.parent], check=True)

        with pytest.raises(OperatorError, match="Read-only file system; mount it for writing"):
            serve(tiny_home)

    def test_a_full_disk_makes_no_half_cluster(self, tiny_home: Home):
        tiny_home.create()
        ballast = fill(tiny_home.path)

        with pytest.raises(OperatorError, match=r"(?i)no space left"):
            serve(tiny_home)

        assert not list(tiny_home.path.glob("cluster*"))
        ballast.unlink()
        serve(tiny_home).stop()

    def test_a_disk_that_fills_up_loses_nothing_that_was_acknowledged(self, tiny_home: Home):
        server = serve(tiny_home)
        ask(server.dsn, "CREATE TABLE kept (n int, filling text)")
        ballast = fill(tiny_home.path)

        acknowledged = insert_until_refused(server.dsn)
        ballast.unlink()

        patiently(server.dsn, "SELECT 1")
        assert ask(server.dsn, "SELECT count(*) FROM kept") == [(acknowledged,)]
        server.stop()
        assert attach(tiny_home) is None
