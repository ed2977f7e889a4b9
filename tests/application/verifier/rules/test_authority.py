"""Who may do what is judged from the log alone, by the state before the event."""

from base64 import b64encode
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.verifier.formats.entry import keyid
from application.verifier.rules.authority import Authority, key_directory

RULES = {
    "rules.adopted": {"roles": ["administrator"], "unit": "any"},
    "log.frozen": {"roles": ["administrator"], "unit": "any"},
    "official.enrolled": {"roles": ["administrator"], "unit": "any"},
    "official.retired": {"roles": ["administrator"], "unit": "any"},
    "role.granted": {"roles": ["administrator"], "unit": "any"},
    "role.withdrawn": {"roles": ["administrator"], "unit": "any"},
    "key.enrolled": {"roles": ["administrator"], "unit": "any"},
    "key.rotated": {"roles": ["administrator", "maker"], "unit": "any", "others": ["administrator"]},
    "key.revoked": {"roles": ["administrator"], "unit": "any"},
    "thing.made": {"roles": ["maker", "system"], "unit": "own", "part": "making"},
    "thing.checked": {"roles": ["maker", "checker"], "unit": "own", "part": "checking"},
    "thing.moved": {"roles": ["maker"], "unit": "any", "moves_unit": True},
    "thing.remade": {"roles": ["maker"], "unit": "own", "starts_round": True},
}


def adopted(types=RULES, exclusive_roles=(), **members):
    """The data of rules that differ from RULES in this."""
    parts, apart = {"making": "制作人", "checking": "检查人"}, [["checking", "making"]]
    return {
        "level": 1,
        "types": types,
        "lives": {},
        "parts": parts,
        "apart": apart,
        "exclusive_roles": list(exclusive_roles),
    } | members


TOWN, OTHER = "320581003", "320581101"


def name(number):
    return str(UUID(int=number, version=4))


def key(number):
    public = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32).public_key().public_bytes_raw()
    return {"keyid": keyid("ed25519", public), "alg": "ed25519", "pub": b64encode(public).decode()}


ADMIN, ANN, BOB, ANN2 = name(1), name(2), name(3), name(4)
KEYS = {ADMIN: key(1), "service": key(9), ANN: key(2), BOB: key(3), ANN2: key(4)}


class Log:
    """Writes payloads that are right but for what a test changes."""

    def __init__(self):
        self.authority, self.versions = Authority(), {}

    def payload(self, type, stream, actor=ADMIN, role="administrator", unit="320581", data=None, **forged):
        return {
            "v": 1, "log": "test.example/log", "id": name(1000 + self.authority.size), "type": type, "stream": stream,
            "version": self.versions.get(stream, 0) + 1, "seq": self.authority.size,
            "recorded_at": "2026-01-01T00:00:00.000000Z", "actor": actor, "role": role, "unit": unit,
            "command": name(5000 + self.authority.size), "data": {} if data is None else data,
        } | forged  # fmt: skip

    def judge(self, *args, key=None, **kwargs):
        payload = self.payload(*args, **kwargs)
        owner = payload["actor"] if payload["actor"] in KEYS else "service"
        reason = self.authority.judge(payload, key or KEYS[owner]["keyid"])
        return reason.code if reason else None, payload

    def add(self, *args, **kwargs):
        code, payload = self.judge(*args, **kwargs)
        assert code is None, (code, payload)
        self.authority.admit(payload)
        self.versions[payload["stream"]] = payload["version"]


@pytest.fixture(name="log")
def _log():
    log = Log()
    opened = {
        "format": 1,
        "origin": "test.example/log",
        "mode": "training",
        "log_keys": [],
        "administrator": {"official": ADMIN} | KEYS[ADMIN],
    }
    log.add("log.opened", name(100), data=opened | {"service": KEYS["service"]})
    log.add("rules.adopted", name(101), data=adopted(exclusive_roles=[["maker", "keeper"]]))
    for official, person in ((ANN, name(12)), (BOB, name(13)), (ANN2, name(12))):
        log.add("official.enrolled", official, data={"person": person})
        log.add("role.granted", official, data={"role": "maker", "unit": TOWN})
        log.add("role.granted", official, data={"role": "checker", "unit": TOWN})
        log.add("key.enrolled", official, data=KEYS[official])
    return log


def made(history, /, **kwargs):
    return history.judge("thing.made", name(50), **({"actor": ANN, "role": "maker", "unit": TOWN} | kwargs))[0]


def test_a_granted_role_with_its_own_key_may_act(log):
    assert made(log) is None
    assert made(log, actor="system:jobs", role="system", unit="320581") is None
    assert made(log, occurred_on="2026-01-02", backfilled={"paper": "登记本 3 页", "holder": TOWN}) is None


LESS = {name: rule for name, rule in RULES.items() if name != "thing.made"}


@pytest.mark.parametrize(
    ("topic", "stream", "data", "code"),
    [
        ("rules.adopted", name(101), adopted(LESS), "EVENT_AUTHORITY"),
        ("rules.adopted", name(101), adopted(RULES | {"thing.made": RULES["key.revoked"]}), "EVENT_AUTHORITY"),
        ("official.retired", ANN, {}, "EVENT_AUTHORITY"),
        ("role.withdrawn", ANN, {"role": "maker", "unit": TOWN}, "EVENT_AUTHORITY"),
        ("role.granted", ANN, {"role": "maker", "unit": TOWN, "until": "2025-12-31"}, "EVENT_AUTHORITY"),
        ("key.revoked", ANN, {"keyid": KEYS[ANN]["keyid"]}, "EVENT_KEY"),
        ("key.rotated", ANN, key(7) | {"old": KEYS[ANN]["keyid"]}, "EVENT_KEY"),
        ("log.frozen", name(102), {"reason": "x"}, "EVENT_AUTHORITY"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_who_acted_again_and_again_may_no_longer_once_it_is_taken_away(log, topic, stream, data, code):
    """What was judged once is remembered; no longer than it holds."""
    for number in (60, 61, 62):
        log.add("thing.made", name(number), actor=ANN, role="maker", unit=TOWN)
    assert made(log) is None
    assert made(log, unit=OTHER) == made(log, role="checker") == "EVENT_AUTHORITY"
    assert made(log, key=KEYS[BOB]["keyid"]) == "EVENT_SIGNATURE"
    assert made(log, data={"unit": OTHER}) == "EVENT_AUTHORITY"
    log.add(topic, stream, data=data)
    assert made(log) == code


def test_a_term_that_ends_is_asked_at_every_act(log):
    log.add("role.granted", ANN, data={"role": "maker", "unit": TOWN, "until": "2026-01-02"})
    log.add("thing.made", name(60), actor=ANN, role="maker", unit=TOWN)
    assert made(log, recorded_at="2026-01-02T15:59:59.000000Z") is None
    assert made(log, recorded_at="2026-01-02T16:00:00.000000Z") == "EVENT_AUTHORITY"


def test_where_a_matter_moves_to_is_asked_at_every_act(log):
    for number in (60, 61):
        log.add("thing.moved", name(number), actor=ANN, role="maker", unit=TOWN, data={"unit": OTHER})
    assert log.judge("thing.moved", name(62), actor=ANN, role="maker", unit=TOWN)[0] == "EVENT_FORMAT"


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        ({"role": "keeper"}, "EVENT_AUTHORITY"),
        ({"role": "checker"}, "EVENT_AUTHORITY"),
        ({"unit": OTHER}, "EVENT_AUTHORITY"),
        ({"data": {"unit": OTHER}}, "EVENT_AUTHORITY"),
        ({"type": "thing.unknown"}, "EVENT_AUTHORITY"),
        ({"actor": "system:jobs"}, "EVENT_AUTHORITY"),
        ({"key": KEYS[BOB]["keyid"]}, "EVENT_SIGNATURE"),
        ({"key": KEYS["service"]["keyid"]}, "EVENT_SIGNATURE"),
        ({"key": "ed25519:00"}, "EVENT_KEY"),
        ({"log": "other.example/log"}, "EVENT_LOG"),
        ({"seq": 3}, "EVENT_ORDER"),
        ({"version": 2}, "EVENT_ORDER"),
        ({"recorded_at": "2025-12-31T23:59:59.999999Z"}, "EVENT_TIME"),
        ({"v": 2}, "EVENT_FORMAT"),
        ({"data": []}, "EVENT_FORMAT"),
        ({"data": {"unit": 7}}, "EVENT_FORMAT"),
        ({"assertion": {}}, "EVENT_FORMAT"),
        ({"recorded_at": "2026-02-30T00:00:00.000000Z"}, "EVENT_FORMAT"),
        ({"recorded_at": "9999-12-31T23:59:59.999999Z"}, "EVENT_FORMAT"),
        ({"occurred_on": "20260102"}, "EVENT_FORMAT"),
        ({"occurred_on": "2026-02-30"}, "EVENT_FORMAT"),
        ({"backfilled": {"paper": "原始登记本 3 页"}}, "EVENT_FORMAT"),
        ({"backfilled": {"paper": 3, "holder": TOWN}}, "EVENT_FORMAT"),
        ({"backfilled": {"paper": "页" * 201, "holder": TOWN}}, "EVENT_FORMAT"),
        ({"backfilled": {"paper": "", "holder": TOWN}}, "EVENT_FORMAT"),
        ({"backfilled": {"paper": "3 页", "holder": TOWN, "by": "x"}}, "EVENT_FORMAT"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_is_not_as_it_claims_is_named(log, forged, code):
    if "type" in forged:
        forged = dict(forged)
        assert log.judge(forged.pop("type"), name(50), actor=ANN, role="maker", unit=TOWN, **forged)[0] == code
    else:
        assert made(log, **forged) == code


def test_two_accounts_of_one_person_are_one_person_for_four_eyes(log):
    log.add("thing.made", name(50), actor=ANN, role="maker", unit=TOWN)

    def check(actor):
        return log.judge("thing.checked", name(50), actor=actor, role="checker", unit=TOWN)[0]

    assert [check(ANN), check(ANN2), check(BOB)] == ["EVENT_SEPARATION", "EVENT_SEPARATION", None]


def test_a_new_round_begins_four_eyes_anew(log):
    log.add("thing.made", name(50), actor=ANN, role="maker", unit=TOWN)
    log.add("thing.remade", name(50), actor=BOB, role="maker", unit=TOWN)

    assert log.judge("thing.checked", name(50), actor=ANN, role="checker", unit=TOWN)[0] is None


def test_a_matter_that_moved_belongs_to_the_other_unit_and_the_city_owns_all(log):
    log.add("role.granted", BOB, data={"role": "maker", "unit": OTHER})
    log.add("role.granted", BOB, data={"role": "maker", "unit": "320581"})
    log.add("thing.made", name(50), actor=ANN, role="maker", unit=TOWN)
    log.add("thing.moved", name(50), actor=ANN, role="maker", unit=TOWN, data={"unit": OTHER})

    def remade(actor, unit):
        return log.judge("thing.remade", name(50), actor=actor, role="maker", unit=unit)[0]

    assert [remade(ANN, TOWN), remade(BOB, OTHER), remade(BOB, "320581")] == ["EVENT_AUTHORITY", None, None]


def test_a_withdrawn_role_and_a_retired_official_may_not_act(log):
    log.add("role.withdrawn", ANN, data={"role": "maker", "unit": TOWN})
    assert made(log) == "EVENT_AUTHORITY"

    log.add("official.retired", BOB)
    assert made(log, actor=BOB) == "EVENT_AUTHORITY"


def test_nothing_follows_the_end_of_a_log(log):
    log.add("log.frozen", name(77), data={"reason": "失窃"})
    assert made(log) == "EVENT_AUTHORITY"
    assert log.judge("log.frozen", name(77), data={"reason": "失窃"})[0] == "EVENT_AUTHORITY"


@pytest.mark.parametrize(
    "rule",
    [
        [],
        {"unit": "any"},
        {"roles": "maker", "unit": "any"},
        {"roles": ["maker"], "unit": "all"},
        {"roles": ["maker"], "unit": "any", "part": ["making"]},
        {"roles": ["maker"], "unit": "any", "part": "nobody's"},
        {"roles": ["maker"], "unit": "any", "not_same": ["thing.made"]},
        {"roles": ["maker"], "unit": "any", "names": {"owner": "nobody's"}},
        {"roles": ["maker"], "unit": "any", "names": "owner"},
        {"roles": ["maker"], "unit": "any", "from": []},
        {"roles": ["maker"], "unit": "any", "to": "done"},
        {"roles": ["maker"], "unit": "any", "life": "thing"},
        {"roles": ["maker"], "unit": "any", "moves_unit": "no"},
    ],
)
def test_rules_that_nobody_can_judge_by_are_not_adopted(log, rule):
    good = {"roles": ["maker"], "unit": "any", "moves_unit": False}
    for types, code in ((good, None), (rule, "EVENT_FORMAT")):
        data = adopted({"thing.made": types})
        assert log.judge("rules.adopted", name(60), data=data)[0] == code


def test_a_rotation_is_signed_by_the_key_that_it_ends(log):
    new = key(22)
    log.add("key.rotated", ANN, actor=ANN, role="maker", unit=TOWN, data=new | {"old": KEYS[ANN]["keyid"]})

    assert made(log) == "EVENT_KEY"
    assert made(log, key=new["keyid"]) is None
    old = key_directory(log.authority)[KEYS[ANN]["keyid"]]
    assert old["until_index"] == key_directory(log.authority)[new["keyid"]]["from_index"] == log.authority.size


def test_another_accounts_key_is_rotated_only_by_those_who_may(log):
    rotated = {"data": key(22) | {"old": KEYS[ANN]["keyid"]}}

    assert log.judge("key.rotated", ANN, actor=BOB, role="maker", unit=TOWN, **rotated)[0] == "EVENT_AUTHORITY"
    assert log.judge("key.rotated", ANN, actor=ANN, role="maker", unit=TOWN, **rotated)[0] is None
    assert log.judge("key.rotated", ANN, **rotated)[0] is None


@pytest.mark.parametrize("member", [{"roles": None}, {"others": "maker"}, {"part": [1]}])
def test_rules_that_say_nothing_sensible_are_refused(log, member):
    rules = adopted({"thing.made": RULES["thing.made"] | member})

    assert log.judge("rules.adopted", name(101), data=rules)[0] == "EVENT_FORMAT"


def test_a_revoked_key_signs_no_more_and_another_may_be_enrolled(log):
    log.add("key.revoked", ANN, data={"keyid": KEYS[ANN]["keyid"]})
    assert made(log) == "EVENT_KEY"

    log.add("key.enrolled", ANN, data=key(23))
    assert made(log, key=key(23)["keyid"]) is None


@pytest.mark.parametrize(
    ("type", "stream", "data", "code"),
    [
        ("key.enrolled", ANN, key(30), "EVENT_KEY"),
        ("key.enrolled", name(77), key(30), "EVENT_AUTHORITY"),
        ("key.enrolled", ANN, key(30) | {"pub": "AAAA"}, "EVENT_KEY"),
        ("key.enrolled", ANN, {"keyid": 5}, "EVENT_FORMAT"),
        ("key.rotated", ANN, KEYS[BOB] | {"old": KEYS[ANN]["keyid"]}, "EVENT_KEY"),
        ("key.revoked", ANN, {"keyid": KEYS[BOB]["keyid"]}, "EVENT_KEY"),
        ("role.granted", ANN, {"role": "keeper", "unit": TOWN}, "EVENT_SEPARATION"),
        ("role.granted", name(77), {"role": "maker", "unit": TOWN}, "EVENT_AUTHORITY"),
    ],
    ids=["second key", "stranger", "wrong id", "form", "known key", "another's key", "exclusive", "role of a stranger"],
)  # fmt: skip
def test_the_directory_can_not_be_made_to_contradict_itself(log, type, stream, data, code):
    assert log.judge(type, stream, data=data)[0] == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"origin": "other"}, "EVENT_LOG"),
        ({"format": 2}, "EVENT_FORMAT"),
        ({"format": None}, "EVENT_FORMAT"),
        ({"mode": "play"}, "EVENT_LOG"),
        ({"log_keys": "key"}, "EVENT_FORMAT"),
        ({"log_keys": [{}]}, "EVENT_FORMAT"),
        ({"administrator": {"official": ADMIN} | KEYS[ANN]}, "EVENT_SIGNATURE"),
        ({"service": {"keyid": "x", "alg": "ed25519", "pub": "!"}}, "EVENT_KEY"),
    ],
    ids=["origin", "newer", "no format", "mode", "keys", "no texts", "signer", "service key"],
)
def test_the_first_entry_must_open_this_log_and_be_signed_by_its_administrator(change, code):
    opened = {
        "format": 1,
        "origin": "test.example/log",
        "mode": "training",
        "log_keys": [],
        "administrator": {"official": ADMIN} | KEYS[ADMIN],
    }

    assert Log().judge("log.opened", name(100), data=opened | {"service": KEYS["service"]} | change)[0] == code
    assert Log().judge("thing.made", name(100), data={})[0] == "EVENT_AUTHORITY"
