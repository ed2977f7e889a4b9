"""The published trail: hashes for everybody, entries for the commission only."""

from __future__ import annotations

import pytest

from application.publication.mirror_tokens import MirrorTokens

FILES = {
    "checkpoint": b"origin\n1\n",
    "checkpoints/1": b"origin\n1\n",
    "log.vkey": b"origin+00000000+key\n",
    "keys.json": b"{}",
    "tile/0/000.p/1": b"\1" * 32,
    "tile/1/x001/067": b"\2" * 32,
    "tile/entries/000.p/1": b"\0\1secret",
}
PUBLIC = [name for name in FILES if name not in ("keys.json", "tile/entries/000.p/1")]
CLOSED = ["keys.json", "tile/entries/000.p/1"]


@pytest.fixture(autouse=True)
def _published(services):
    for name, content in FILES.items():
        path = services.home.trail / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("name", PUBLIC)
def test_hashes_and_checkpoints_are_public(browser, name):
    with browser.get(f"/trail/{name}") as answer:
        assert (answer.status_code, answer.data) == (200, FILES[name])


@pytest.mark.parametrize("name", CLOSED)
def test_entries_do_not_exist_for_strangers(browser, name):
    assert browser.get(f"/trail/{name}").status_code == 404


@pytest.mark.parametrize("name", CLOSED)
def test_entries_do_not_exist_for_other_officials(signed_in, name):
    assert signed_in("city_decider", "320581").get(f"/trail/{name}").status_code == 404


@pytest.mark.parametrize("name", CLOSED)
def test_the_commission_reads_entries(signed_in, name):
    with signed_in("discipline", "320581-discipline").get(f"/trail/{name}") as answer:
        assert answer.data == FILES[name]


@pytest.mark.parametrize("name", CLOSED)
def test_a_mirror_reads_entries_with_its_token(browser, services, name):
    token = MirrorTokens(services.home.keys).create("mirror")

    with browser.get(f"/trail/{name}", headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.data == FILES[name]


@pytest.mark.parametrize("sent", ["Bearer ", "Bearer x", "Basic {}", "{}", "Bearer {}x"])
@pytest.mark.parametrize("name", CLOSED)
def test_another_token_opens_nothing(browser, services, name, sent):
    token = MirrorTokens(services.home.keys).create("mirror")

    assert browser.get(f"/trail/{name}", headers={"Authorization": sent.format(token)}).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/64/000",
        "tile/0/0",
        "tile/0/../entries/000.p/1",
        "tile/0/%2e%2e/entries/000.p/1",
        "tile/./entries/000.p/1",
        "checkpoints/01",
        "checkpoints/../keys.json",
        "../keys/master.key",
        "%2e%2e/keys/master.key",
        "head",
        "",
    ],
)
def test_no_other_path_gives_anything(browser, name):
    assert browser.get(f"/trail/{name}").status_code == 404


def test_tiles_never_change_and_checkpoints_may(browser):
    with browser.get("/trail/checkpoint") as a10:
        assert a10.headers["Content-Type"] == "text/plain; charset=utf-8"
    with browser.get("/trail/tile/0/000.p/1") as tile, browser.get("/trail/checkpoint") as checkpoint:
        assert ("immutable" in tile.headers["Cache-Control"], checkpoint.headers["Cache-Control"]) == (True, "no-cache")
