"""回执: how far an entry has come, in words, and its proof as files for whoever may see it; nothing of it for strangers."""

from __future__ import annotations

import pytest

from application.log.log_keys import LogKeys
from application.publication.cosigning import Witnesses
from application.publication.log_source import LogReader
from application.publication.publisher import Publisher
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import COSIGNATURE, NoteKey
from application.verifier.formats.proof import Proof
from application.verifier.single_entry import verify_one
from tests.application.publication.published import head

WITNESS = NoteKey("commission.test/w1", COSIGNATURE, bytes(32))
CITY = "320581"
NOW = 1_800_000_000


@pytest.fixture
def publisher(services, city):
    keys = LogKeys.create(services.home.keys, city.ledger.origin)
    return Publisher(services.home, keys, LogReader(city.ledger), clock=lambda: NOW)


@pytest.fixture
def witnessed(services, publisher):
    """Cosigns whatever is published."""
    services.home.policy.write_text(f"witness w {WITNESS.vkey} http://w.test\nquorum w\n")

    def post(url, body):
        text = body.decode().split("\n\n", 1)[1].split("\n\n")[0] + "\n"
        return 200, str(WITNESS.sign(text, NOW)).encode()

    def cosign():
        publisher.publish()
        (outcome,) = Witnesses(services.home, publisher, post=post).ask()
        assert outcome.trouble == ""

    return cosign


@pytest.fixture
def position(city, matters):
    """Of a tip's event."""
    matters.tip()
    return len(city.topics())


@pytest.fixture
def desk(signed_in, services, position):
    browser = signed_in("city_desk", CITY)
    services.projections.catch_up()
    return browser


def test_a_receipt_goes_from_recorded_to_published_to_witnessed(desk, publisher, witnessed, position):
    pages = [desk.get(f"/receipts/{position}").text]
    publisher.publish()
    pages.append(desk.get(f"/receipts/{position}").text)
    witnessed()
    pages.append(desk.get(f"/receipts/{position}").text)

    tags = [page.partition('<span class="tag ')[2].partition("<")[0] for page in pages]
    assert tags == ['blue">已记录', 'green">已发布', 'green">已见证']
    assert ["下载证明" in page for page in pages] == [False, True, True]
    assert "commission.test/w1，2027-01-15 16:00 签名" in pages[2]


def test_the_files_verify_offline(desk, publisher, witnessed, city, position):
    witnessed()
    with desk.get(f"/receipts/{position}.tlog-proof") as proof, desk.get(f"/receipts/{position}.entry") as entry:
        assert verify_one(proof.data, entry.data, publisher.keys.vkeys).ok
        checkpoint = Proof.parse(proof.data).checkpoint
        assert head(checkpoint).size == len(city.topics())
        assert len(checkpoint.verified([WITNESS.vkey])) == 1
        assert proof.headers["Content-Disposition"] == f"attachment; filename=receipt-{position}.tlog-proof"
        assert leaf_hash(entry.data).hex() in desk.get(f"/receipts/{position}").text


def test_before_it_is_published_there_is_no_proof(desk, position):
    answer = desk.get(f"/receipts/{position}.tlog-proof")

    assert (answer.status_code, "此条尚未发布" in answer.text) == (404, True)


def test_another_towns_matter_gives_no_file(signed_in, services, publisher, position):
    theirs = signed_in("town_handler", "320581001")
    publisher.publish()
    services.projections.catch_up()

    for suffix in ("", ".tlog-proof", ".entry"):
        assert theirs.get(f"/receipts/{position}{suffix}").status_code == 404


@pytest.mark.parametrize("suffix", ["", ".tlog-proof", ".entry"])
def test_a_stranger_is_sent_to_sign_in(browser, publisher, suffix):
    publisher.publish()

    assert browser.get(f"/receipts/1{suffix}").status_code == 303


def test_a_damaged_trail_is_said(desk, publisher, services, position):
    publisher.publish()
    (services.home.trail / "checkpoint").write_bytes(b"damaged")

    answer = desk.get(f"/receipts/{position}")

    assert (answer.status_code, "公开日志的文件暂时不能读取" in answer.text) == (503, True)


def test_without_a_session_no_path_gives_a_byte_of_an_entry(app, browser, publisher, witnessed, services, city):
    """Every file that is published, and every page of the application that takes no more than a position."""
    witnessed()
    root, entries = services.home.trail, list(LogReader(city.ledger).entries(0, len(city.topics())))
    paths = [f"/trail/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file()]
    paths += [f"/receipts/{number}{suffix}" for number in (1, len(entries)) for suffix in ("", ".entry", ".tlog-proof")]
    paths += [rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in rule.methods]
    secret = [piece for entry in entries for piece in (entry, entry[20:120])]

    for path in paths:
        with browser.get(path) as answer:
            assert not any(piece in answer.data for piece in secret), path
            if "/tile/entries/" in path or path.endswith("keys.json"):
                assert answer.status_code == 404
    assert sum("/tile/entries/" in path for path in paths) >= 1
