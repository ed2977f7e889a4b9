"""Logs of any length, written straight as rows: seeded random lives of tips, problems and deductions in fourteen towns.

For benches and projection tests only: the entries have the shape and size of real ones (about 1.1 kB), their signatures are
zeros.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

import orjson

CITY = "320581"
TOWNS = [f"{CITY}{number:03}" for number in (1, 2, 3, 4, 5, 6, 101, 102, 104, 105, 106, 107, 110, 111)]
ITEMS = [f"{c}.{n}" for c, count in ((1, 4), (2, 4), (3, 2), (4, 3), (5, 4), (6, 7)) for n in range(1, count + 1)]
CHANNELS = ["phone", "mailbox", "hotline", "petition", "web_watch", "inspection"]
BEGAN = datetime(2025, 7, 3, 1, tzinfo=UTC)
TEXT = "小区公共部位被占用经营，公共收益未单独建账，也未在醒目位置公示；物业服务企业已被约谈，承诺限期整改并报送台账。"
ENVELOPE = b'{"payload":"%s","payloadType":"application/vnd.xiaohao.event.v1+json","signatures":[{"keyid":"ed25519:%s","sig":"%s"}]}'
SIGNATURE = b64encode(bytes(64))

Act = tuple[str, str, dict[str, Any], str, str, str]  # topic, stream, data, actor, role, unit


class Lives:
    """An endless campaign; the same seed gives the same log."""

    def __init__(self, seed: int = 1, *, at_once: int = 400) -> None:
        self.random, self.numbers, self.at_once = Random(seed), 0, at_once  # noqa: S311 (no secret)
        self.versions: dict[str, int] = {}
        self.day = BEGAN.date()
        self.companies = [self.id() for _ in range(60)]
        self.estates = {town: [self.id() for _ in range(20)] for town in TOWNS}
        self.people = {unit: [self.id() for _ in range(4)] for unit in (CITY, *TOWNS)}
        self.active: list[Iterator[Act]] = []

    def id(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def acts(self) -> Iterator[Act]:
        yield from self._set_up()
        while True:
            while len(self.active) < self.at_once:
                self.active.append(self._tip())
            place = self.random.randrange(len(self.active))
            act = next(self.active[place], None)
            if act is None:
                self.active[place] = self.active[-1]
                self.active.pop()
            else:
                yield act

    def _set_up(self) -> Iterator[Act]:
        desk = (self.people[CITY][0], "administrator", CITY)
        opened = {"origin": "bench", "mode": "training", "log_keys": [], "administrator": {"official": desk[0]}}
        yield "log.opened", self.id(), {**opened, "service": {}}, *desk
        categories = [{"code": str(c), "name": f"类{c}"} for c in range(1, 7)]
        items = [
            {"code": code, "category": code[0], "text": TEXT, "name": f"条目{code}", "name_en": code} for code in ITEMS
        ]
        yield "catalogue.adopted", self.id(), {"version": 1, "categories": categories, "items": items}, *desk
        for code in (CITY, *TOWNS):
            kind = "city" if code == CITY else "town"
            unit = {"code": code, "name": f"单位{code}", "kind": kind, "short_name": code[-3:]}
            yield "unit.registered", self.id(), unit, *desk
        for unit, people in self.people.items():
            for number, official in enumerate(people[unit == CITY :]):
                yield "official.enrolled", official, {"person": self.id()}, *desk
                role = ["town_handler", "town_verifier", "town_closer", "auditor"][number]
                yield "role.granted", official, {"role": role, "unit": unit}, *desk
        for number, company in enumerate(self.companies):
            code = f"91320581MA1X{number:06}"
            yield "company.registered", company, {"code": code, "name": f"演练物业{number}"}, *desk
        for town, estates in self.estates.items():
            for number, estate in enumerate(estates):
                data = {"name": f"演练{number}村", "unit": town, "kind": "commercial", "households": 800}
                yield "estate.registered", estate, {**data, "company": self.random.choice(self.companies)}, *desk

    def _on(self, days: int = 0) -> str:
        return (self.day + timedelta(days=days)).isoformat()

    def _tip(self) -> Iterator[Act]:
        random, tip, town = self.random, self.id(), self.random.choice(TOWNS)
        desk = (self.people[CITY][1], "city_desk", CITY)
        commits = {name: sha256(tip.encode()).hexdigest() for name in ("text", "reporter", "contact", "files")}
        data = {"channel": random.choice(CHANNELS), "received_on": self._on(), "commits": commits}
        yield "tip.registered", tip, data, *desk
        if random.random() < 0.08:
            yield "tip.declined", tip, {"reason": TEXT, "turn_to": "12345"}, *desk
            return
        yield "tip.accepted", tip, {"item": random.choice(ITEMS), "note": TEXT}, *desk
        yield "tip.assigned", tip, {"unit": town, "due_on": self._on(10), "note": TEXT}, *desk
        if random.random() < 0.05:
            yield "tip.returned", tip, {"reason": TEXT, "unit": CITY}, self.people[town][0], "town_handler", town
            town = random.choice(TOWNS)
            yield "tip.assigned", tip, {"unit": town, "due_on": self._on(10)}, *desk
        handler, verifier = (self.people[town][n] for n in (0, 1))
        yield "tip.acknowledged", tip, {}, handler, "town_handler", town
        result = random.choice(["true", "true", "partly", "false"])
        found = {"result": result, "finding": TEXT * 2, "estate": random.choice(self.estates[town])}
        yield "tip.verified", tip, found, verifier, "town_verifier", town
        if result != "false":
            problems = [self.id() for _ in range(random.choice([1, 1, 2]))]
            for problem in problems:
                yield self._problem_opened(problem, tip, town)
                self.active.append(self._problem(problem, town))
            yield "tip.became_problems", tip, {"problems": problems}, verifier, "town_verifier", town
        yield "tip.answered", tip, {"answer": TEXT}, handler, "town_handler", town

    def _problem_opened(self, problem: str, tip: str, town: str) -> Act:
        self.numbers += 1
        company = self.random.choice(self.companies)
        data = {
            "number": f"常物整〔2026〕{town[-3:]}-{self.numbers:06}", "unit": town, "company": company, "tip": tip,
            "estate": self.random.choice(self.estates[town]), "item": self.random.choice(ITEMS), "title": TEXT[:30],
            "description": TEXT * 2, "found_on": self._on(), "kind": "by_deadline", "responsible": company,
            "owner": self.people[town][0], "measures": TEXT, "due_on": self._on(self.random.randrange(3, 40)),
            "catalogue": 1, "calendar": 1,
        }  # fmt: skip
        return "problem.opened", problem, data, self.people[town][0], "town_handler", town

    def _problem(self, problem: str, town: str) -> Iterator[Act]:
        random = self.random
        handler, verifier, closer = ((self.people[town][n], f"town_{r}", town) for n, r in enumerate(("handler", "verifier", "closer")))  # fmt: skip
        yield "problem.assigned", problem, {"handler": handler[0]}, *handler
        if random.random() < 0.1:
            self.active.append(self._deduction(problem, town, handler))
        while True:
            photo = {"sha256": sha256(problem.encode()).hexdigest(), "size": 123456, "media_type": "image/jpeg"}
            yield from self._more_time(problem, handler, closer)
            for _ in range(random.choice([1, 2, 3])):
                yield "problem.step_recorded", problem, {"note": TEXT, "evidence": [photo]}, *handler
            done = {"note": TEXT, "completed_on": self._on(), "evidence": [photo]}
            yield "problem.completion_reported", problem, done, *handler
            if random.random() < 0.2:
                yield "problem.rectification_refused", problem, {"reason": TEXT}, *verifier
                continue
            yield "problem.rectification_verified", problem, {"method": "on_site", "note": TEXT}, *verifier
            if random.random() < 0.05:
                yield "problem.closure_refused", problem, {"reason": TEXT}, *closer
                continue
            yield "problem.closed", problem, {"note": "同意销号", "verified": self.versions[problem]}, *closer
            if not (yield from self._begun_again(problem, closer)):
                return

    def _begun_again(self, problem: str, closer: tuple[str, str, str]) -> Generator[Act, None, bool]:
        """Whether what was closed has to be mended once more; now and then it was entered twice, and goes."""
        closed, chance = self.versions[problem], self.random.random()
        if chance > 0.92:
            yield "problem.voided", problem, {"reason": TEXT}, self.people[CITY][0], "city_desk", CITY
        if chance > 0.08:
            return False
        again = {"reason": TEXT, "due_on": self._on(20)}
        if chance < 0.03:
            boss = (self.people[CITY][2], "city_decider", CITY)
            yield "problem.closure_revoked", problem, {**again, "closed": closed}, *boss
        else:
            yield "problem.reopened", problem, {**again, "cause": "relapse"}, *closer
        return True

    def _more_time(self, problem: str, handler: tuple[str, str, str], closer: tuple[str, str, str]) -> Iterator[Act]:
        """What some problems have beside their steps: a reminder, an extension, a pause."""
        chance, note = self.random.random(), {"reason": TEXT}
        if chance < 0.1:
            yield "problem.urged", problem, {}, *closer
        elif chance < 0.2:
            due_on = self._on(self.random.randrange(20, 60))
            yield "problem.extension_requested", problem, {**note, "due_on": due_on, "measures": TEXT}, *handler
            granted = ("problem.extension_granted", {"due_on": due_on})
            topic, data = granted if chance < 0.17 else ("problem.extension_refused", note)
            yield topic, problem, data, *closer
        elif chance < 0.25:
            yield "problem.paused", problem, {**note, "since": self._on(), "until": self._on(20)}, *closer
            yield "problem.resumed", problem, {"due_on": self._on(self.random.randrange(10, 40))}, *closer

    def _deduction(self, problem: str, town: str, handler: tuple[str, str, str]) -> Iterator[Act]:
        deduction, housing = self.id(), (self.people[CITY][3], "housing_decider", CITY)
        data = {
            "company": self.random.choice(self.companies), "problem": problem, "problem_version": 2, "unit": town,
            "score_table": 1, "score_code": "K1", "points_x10": self.random.choice([20, 50, 100]), "reason": TEXT,
        }  # fmt: skip
        yield "deduction.proposed", deduction, data, *handler
        if self.random.random() < 0.3:
            yield "deduction.declined", deduction, {"reason": TEXT}, *housing
        else:
            decided = {"points_x10": data["points_x10"], "document": "告知〔2026〕1号", "decided_on": self._on()}
            yield "deduction.decided", deduction, decided, *housing

    def payloads(self, events: int) -> Iterator[dict[str, Any]]:
        """The first events of this life; they are spread over 500 days."""
        step = timedelta(days=500) / events
        acts = self.acts()
        for index in range(events):
            moment = BEGAN + step * index
            self.day = date.fromordinal((moment + timedelta(hours=8)).toordinal())
            topic, stream, data, actor, role, unit = next(acts)
            self.versions[stream] = version = self.versions.get(stream, 0) + 1
            yield {
                "v": 1, "log": "bench", "id": self.id(), "type": topic, "stream": stream, "version": version,
                "seq": index, "recorded_at": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "actor": actor, "role": role,
                "unit": unit, "command": self.id(), "data": data,
            }  # fmt: skip


def entry(payload: dict[str, Any]) -> bytes:
    body = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    return ENVELOPE % (b64encode(body), payload["actor"][:32].encode(), SIGNATURE)


def write(database: Any, payloads: Iterator[dict[str, Any]], *, block: int = 5_000) -> int:
    """Append payloads to the log's table of a database as they are, and move the head; returns the last position."""
    lines, last = [], None
    with database.transaction() as cursor:
        for last in payloads:
            sealed = entry(last)
            leaf = sha256(b"\0" + sealed).hexdigest()
            lines.append(
                f"{last['seq'] + 1}\t{last['stream']}\t{last['version']}\t{last['type']}\t{last['command']}\t"
                f"\\\\x{sealed.hex()}\t\\\\x{leaf}\n"
            )
            if len(lines) == block:
                _copy(cursor, lines)
        _copy(cursor, lines)
        if last is None:
            return 0
        cursor.execute("UPDATE log.head SET size = %s, recorded_at = %s", (last["seq"] + 1, last["recorded_at"]))
        return last["seq"] + 1


def _copy(cursor: Any, lines: list[str]) -> None:
    columns = "position, stream, version, topic, command, entry, leaf_hash"
    cursor.copy_expert(f"COPY log.event ({columns}) FROM STDIN", io.StringIO("".join(lines)), size=1 << 18)
    lines.clear()
