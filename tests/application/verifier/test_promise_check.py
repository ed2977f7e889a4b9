"""Promises to reporters, held against a published log by somebody who has the folder and the promises alone."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from application.log.log_keys import LogKeys
from application.platform.home import Home
from application.publication.publisher import Publisher
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.promise import NotAPromise, make, parse
from application.verifier.formats.tiles import directory
from application.verifier.promise_check import Given, reconciled
from application.verifier.verify import VerifyOptions, verify
from tests.logs import ORIGIN, Log, Person, Source

DUE = "2026-03-02T06:00:00.000000Z"
BEFORE, AFTER = 1_772_431_199, 1_772_431_200  # a second before it is due, and when it is


class Place:
    """A published log with a tip whose commitments are `kept`."""

    def __init__(self, folder):
        self.home = Home(folder)
        self.home.create()
        self.keys = LogKeys.create(self.home.keys, ORIGIN)
        self.log = Log(vkeys=self.keys.vkeys)
        self.kept = commits(1)
        self.register(self.kept)

    def register(self, commits):
        data = {"channel": "web", "received_on": "2026-03-02", "commits": commits}
        self.log.append("tip.registered", data, self.log.desk)

    def promise(self, commits, signer=None, log=ORIGIN):
        signer = signer or self.log.service.signer
        return make(log=log, commits=commits, received_on="2026-03-02", promised_by=DUE, signer=signer)

    def look(self, *promises, now=AFTER):
        Publisher(self.home, self.keys, Source(self.log)).publish()
        fetch = directory(self.home.trail)
        found = verify(fetch, VerifyOptions(self.keys.vkeys, genesis=leaf_hash(self.log.entries[0]).hex()))
        assert found.ok
        return reconciled(found, fetch, [Given(f"p:{n}", parse(raw)) for n, raw in enumerate(promises, 1)], now)


def commits(number):
    return {name: f"{number:064x}" for name in ("text", "reporter", "contact", "files")}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def sentences(verdict):
    return [each.sentence for each in (verdict.fault, *verdict.further)]


def test_a_promise_that_was_kept(place):
    verdict = place.look(place.promise(place.kept))
    assert (verdict.ok, verdict.strength) == (True, "中")
    assert "所给的 1 份收件承诺：1 份已兑现" in "\n".join(verdict.lines("zh"))
    assert "of the 1 promises given to reporters 1 were kept" in "\n".join(verdict.lines("en"))


def test_a_tip_that_vanished_is_told_once_its_time_has_come(place):
    kept, vanished = place.promise(place.kept), place.promise(commits(2))
    assert "0 份已兑现，各恰有一条登记；1 份还没有到期" in "\n".join(place.look(vanished, now=BEFORE).lines("zh"))

    verdict = place.look(kept, vanished)

    assert (verdict.fault.code, verdict.strength) == ("PROMISE", "弱")
    assert sentences(verdict) == ["p:2 的承诺没有兑现：2026-03-02 收件，日志中没有"]


def test_only_all_four_commitments_together_keep_it(place):
    other = place.kept | {"contact": "f" * 64}
    assert not place.look(place.promise(other)).ok


def test_a_tip_that_was_registered_twice_is_told(place):
    place.register(place.kept)
    assert sentences(place.look(place.promise(place.kept))) == ["p:1 的承诺在日志中有 2 条，应恰有一条"]


def test_what_another_key_signed_or_for_another_log_is_no_promise_of_this_service(place):
    """Not even an official's key, which the log knows."""
    asked = [
        place.promise(place.kept, Person().signer),
        place.promise(place.kept, place.log.desk.signer),
        place.promise(place.kept, log="other.log/x"),
        forged(place.promise(place.kept)),
    ]
    assert sentences(place.look(*asked)) == [f"p:{n} 不是本日志的服务签发的承诺" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("keyid", [{}, [], {"a": 1}, ["x"], 7, True])
def test_a6_a_promise_whose_key_is_no_text_is_none(place, keyid):
    outer = json.loads(place.promise(place.kept))
    outer["signatures"][0]["keyid"] = keyid
    with pytest.raises(NotAPromise):
        parse(json.dumps(outer, separators=(",", ":")).encode())


def forged(raw):
    signature = b64encode(parse(raw).signature)
    return raw.replace(signature, b64encode(bytes(64)))


def test_a_log_that_is_not_in_order_is_not_asked(place):
    place.look(place.promise(place.kept))
    (place.home.trail / "tile/entries").rename(place.home.trail / "away")
    fetch = directory(place.home.trail)
    found = verify(fetch, VerifyOptions(place.keys.vkeys))
    assert reconciled(found, fetch, [Given("p", parse(place.promise(commits(2))))], AFTER) == found
