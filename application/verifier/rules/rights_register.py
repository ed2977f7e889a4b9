"""What the log says of rules, officials, roles and keys, remembered entry by entry. 权限登记 Pure."""

from __future__ import annotations

from base64 import b64decode
from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from application.verifier.rules.event_schema import NEEDED, NO_END
from application.verifier.rules.life_cycles import Rules

SERVICE = "service"
ADMINISTRATOR = "administrator"
TOPICS = NEEDED.keys()


@dataclass(slots=True)
class Key:
    """A public key and the indices between which it may sign: from_index <= index < until_index (-1 = open)."""

    owner: str
    alg: str
    public: bytes
    from_index: int
    until_index: int = -1


class Register:
    """The state after the events learned so far; whether they were right was judged before. `until`: the last day of a role;
    `frozen`: the position of log.frozen, after which there is nothing.
    """

    def __init__(self) -> None:
        self.log = ""
        self.mode = ""
        self.frozen = 0
        self.adopted: list[Rules] = [Rules(0, {}, {}, {}, {}, "")]  # all rules that ever were, in their order
        self.exclusive_roles: list[list[str]] = []
        self.persons: dict[str, str] = {}
        self.roles: dict[str, set[tuple[str, str]]] = {}
        self.until: dict[tuple[str, str, str], str] = {}
        self._stands_in: dict[tuple[str, str, str], list[tuple[int, str | None]]] = {}
        self.retired: set[str] = set()
        self.keys: dict[str, Key] = {}
        self.keys_in_force: dict[str, str] = {}

    @property
    def in_force(self) -> Rules:
        return self.adopted[-1]

    @property
    def rules(self) -> dict[str, dict[str, Any]]:
        """The rule of each type, of those in force."""
        return self.in_force.types

    def rules_at(self, seq: int) -> Rules:
        """The rules that an event at this index was judged by."""
        place = bisect_right(self.adopted, seq, key=attrgetter("since"))
        return self.adopted[place - 1]

    def stood_in_for(self, payload: dict[str, Any]) -> str | None:
        """The person for whom a substitute wrote this event; None where the role was the author's own."""
        granted = self._stands_in.get((payload["actor"], payload["role"], payload["unit"]))
        if granted is None:
            return None
        return next((person for since, person in reversed(granted) if since <= payload["seq"]), None)

    def public_key(self, keyid: str) -> Key | None:
        """The key of this id, whether or not it may still sign."""
        return self.keys.get(keyid)

    def accounts(self, official: str) -> frozenset[str]:
        """All officials that are the same person, this one included."""
        person = self.persons.get(official)
        return frozenset(o for o, p in self.persons.items() if p == person) | {official}

    def learn(self, payload: dict[str, Any]) -> None:
        """Take in what an event says about rules, officials, roles and keys; most say nothing."""
        if payload["type"] in TOPICS:
            LEARN[payload["type"]](self, payload, payload["data"])

    def _log_opened(self, payload: dict[str, Any], data: dict[str, Any]) -> None:
        official = data["administrator"]["official"]
        self.log, self.mode = payload["log"], data["mode"]
        self.roles[official] = {(ADMINISTRATOR, payload["unit"])}
        self._enrol_key(official, data["administrator"], 0)
        self._enrol_key(SERVICE, data["service"], 0)

    def _rules_adopted(self, payload: dict[str, Any], data: dict[str, Any]) -> None:
        self.adopted.append(Rules.read(payload))
        self.exclusive_roles = data["exclusive_roles"]

    def _log_frozen(self, payload: dict[str, Any], _: dict[str, Any]) -> None:
        self.frozen = payload["seq"] + 1

    def _official_enrolled(self, payload: dict[str, Any], data: dict[str, Any]) -> None:
        self.persons[payload["stream"]] = data["person"]
        self.roles.setdefault(payload["stream"], set())

    def _official_retired(self, payload: dict[str, Any], _: dict[str, Any]) -> None:
        self.retired.add(payload["stream"])

    def _role_granted(self, payload: dict[str, Any], data: dict[str, Any]) -> None:
        self.roles[payload["stream"]].add((data["role"], data["unit"]))
        granted = payload["stream"], data["role"], data["unit"]
        self.until[granted] = data.get("until", NO_END)
        if (of := data.get("substitute_for")) is not None or granted in self._stands_in:
            self._stands_in.setdefault(granted, []).append((payload["seq"] + 1, self.persons.get(of or "")))

    def _role_withdrawn(self, payload: dict[str, Any], data: dict[str, Any]) -> None:
        self.roles[payload["stream"]].discard((data["role"], data["unit"]))

    def _key_enrolled(self, payload: dict[str, Any], data: dict[str, Any]) -> None:
        self._enrol_key(payload["stream"], data, payload["seq"] + 1)

    def _key_rotated(self, payload: dict[str, Any], data: dict[str, Any]) -> None:
        self.keys[data["old"]].until_index = payload["seq"] + 1
        self._enrol_key(payload["stream"], data, payload["seq"] + 1)

    def _key_revoked(self, payload: dict[str, Any], data: dict[str, Any]) -> None:
        self.keys[data["keyid"]].until_index = payload["seq"] + 1
        del self.keys_in_force[payload["stream"]]

    def _enrol_key(self, owner: str, key: dict[str, str], from_index: int) -> None:
        self.keys[key["keyid"]] = Key(owner, key["alg"], b64decode(key["pub"]), from_index)
        self.keys_in_force[owner] = key["keyid"]


LEARN = {
    "log.opened": Register._log_opened,
    "rules.adopted": Register._rules_adopted,
    "log.frozen": Register._log_frozen,
    "official.enrolled": Register._official_enrolled,
    "official.retired": Register._official_retired,
    "role.granted": Register._role_granted,
    "role.withdrawn": Register._role_withdrawn,
    "key.enrolled": Register._key_enrolled,
    "key.rotated": Register._key_rotated,
    "key.revoked": Register._key_revoked,
}
