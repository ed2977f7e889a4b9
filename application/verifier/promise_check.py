"""收件承诺对账: every promise that was given to a reporter, looked up in a log that was found good. Pure.

Whoever does this needs no access to the service: promises hold commitments only, and the key that signed them is in the log.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import application.verifier.verdict_text as words
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.entry import body_of, loads
from application.verifier.formats.promise import NotAPromise, Promise
from application.verifier.formats.tiles import Fetch
from application.verifier.log_scan import LogScan
from application.verifier.rules.authority import Authority
from application.verifier.rules.entry_check import Fault
from application.verifier.rules.rights_register import SERVICE, TOPICS
from application.verifier.rules.time_bounds import LATEST_TIME
from application.verifier.verdict import Verdict

KEPT, OPEN = "kept", "open"


class Given(NamedTuple):
    """A promise, and where whoever asks has it from."""

    source: str
    promise: Promise


def reconciled(found: Verdict, fetch: Fetch, given: Sequence[Given], until: int) -> Verdict:
    """A good verdict that every promise was kept, or whose time had not come `until` then (POSIX seconds); else the faults."""
    if not found.ok or found.checkpoint is None:
        return found
    log = _Registered(fetch, found.checkpoint)
    judged = [log.judged(one, _text(until)) for one in given]
    if faults := [one for one in judged if isinstance(one, Fault)]:
        return replace(found, fault=faults[0], further=(*faults[1:], *found.further), strength="弱")
    kept = judged.count(KEPT)
    return replace(found, proved=(*found.proved, words.promises(kept, len(given) - kept)))


class _Registered:
    """The commitments of every registered tip, and the keys that the service ever had."""

    def __init__(self, fetch: Fetch, checkpoint: Checkpoint) -> None:
        self._authority, self._times = Authority(), Counter[str]()
        for entries in LogScan(fetch, checkpoint):
            for entry in entries:
                self._take(loads(body_of(entry)))

    def _take(self, payload: dict[str, Any]) -> None:
        if payload["type"] in TOPICS:
            self._authority.learn(payload)
        elif payload["type"] == "tip.registered":
            self._times[_spelled(payload["data"].get("commits"))] += 1

    def judged(self, given: Given, now: str) -> Fault | str:
        source, promise = given
        times = self._times[_spelled(promise.commits)]
        if not self._is_ours(promise):
            return Fault("PROMISE", f"{source} 不是本日志的服务签发的承诺")
        if times > 1:
            return Fault("PROMISE", f"{source} 的承诺在日志中有 {times} 条，应恰有一条")
        if not times and promise.promised_by <= now:
            return Fault("PROMISE", f"{source} 的承诺没有兑现：{promise.received_on} 收件，日志中没有")
        return KEPT if times else OPEN

    def _is_ours(self, promise: Promise) -> bool:
        key = self._authority.public_key(promise.keyid)
        if key is None or key.owner != SERVICE or promise.log != self._authority.log:
            return False
        try:
            promise.verify(key.public)
        except NotAPromise:
            return False
        return True


def _spelled(commits: Any) -> str:
    return json.dumps(commits, sort_keys=True)


def _text(time: int) -> str:
    return datetime.fromtimestamp(min(time, LATEST_TIME), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
