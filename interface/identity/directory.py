"""Who the officials are: their roles, their accounts as one person, their names from the vault. 工作人员

Folded from the log itself, not from a read model: a role that was withdrawn is gone with the next page.
"""

from __future__ import annotations

import json
from collections import defaultdict
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

from flask_babel import gettext

from application.core.permissions import held
from application.platform.clock import today
from application.verifier.formats.entry import body_of, loads
from application.verifier.rules.authority import Authority
from application.verifier.rules.rights_register import TOPICS
from domain.roles import ROLES
from domain.rules import TYPES

_OF_ACCOUNTS = ("official.", "role.", "key.", "credential.", "second_factor.")
_TOPICS = [*TOPICS, *(topic for topic in TYPES if topic.startswith(_OF_ACCOUNTS)), "unit.registered"]


class Grant(NamedTuple):
    """A role that an official holds for a unit, and how the header says it; `until` its last day, `substitute_for` whose it is."""

    role: str
    unit: str
    words: str
    until: str | None = None
    substitute_for: str | None = None

    @property
    def value(self) -> str:
        """As a form names it."""
        return f"{self.role}@{self.unit}"


class Change(NamedTuple):
    """What was recorded about an account."""

    position: int
    version: int
    topic: str
    recorded_at: str
    actor: str
    role: str
    command: str
    data: dict[str, Any]


class People:
    """What the log says by the last `refresh`; safe for many threads."""

    def __init__(self, services: Any) -> None:
        self._services, self._lock = services, Lock()
        self._authority, self._units, self._position = Authority(), dict[str, str](), 0
        self._changes = defaultdict[str, list[Change]](list)

    def refresh(self) -> None:
        """Take in what the log says about officials and units by now; once for each page."""
        with self._lock, self._services.database.cursor() as cursor:
            cursor.execute("SELECT size FROM log.head")
            (size,) = cursor.fetchone()
            cursor.execute(
                "SELECT position, entry FROM log.event"
                " WHERE position > %s AND position <= %s AND topic = ANY(%s) ORDER BY position",
                (self._position, size, _TOPICS),
            )
            for position, entry in cursor.fetchall():
                self._take(position, loads(body_of(bytes(entry))))
            self._position = size  # what was looked through once is never looked through again

    def _take(self, position: int, payload: dict[str, Any]) -> None:
        self._authority.learn(payload)
        if payload["type"] == "unit.registered":
            self._units[payload["data"]["code"]] = payload["data"]["short_name"]
        elif payload["type"].startswith(_OF_ACCOUNTS):
            names = ("version", "type", "recorded_at", "actor", "role", "command", "data")
            self._changes[payload["stream"]].append(Change(position, *(payload[name] for name in names)))

    def grants(self, official: UUID) -> list[Grant]:
        """The roles that this official may act in now, none once retired."""
        return self._granted(str(official), held(self._authority, str(official), today(self._services.clock)))

    def held(self, official: str) -> list[Grant]:
        """The roles that were granted and not withdrawn, also those of a substitute whose time is over."""
        return self._granted(official, self._authority.roles.get(official, set()))

    def _granted(self, official: str, roles: set[tuple[str, str]]) -> list[Grant]:
        order = list(ROLES)
        ranked = sorted(roles, key=lambda one: (order.index(one[0]) if one[0] in order else 99, one[1]))
        terms = {
            (one.data["role"], one.data["unit"]): (one.data.get("until"), one.data.get("substitute_for"))
            for one in self._changes.get(official, ())
            if one.topic == "role.granted"
        }
        return [Grant(*one, self.role(*one), *terms.get(one, ())) for one in ranked]

    def role(self, role: str, unit: str) -> str:
        """琴川 · 镇（街道）经办"""
        return f"{self.unit(unit)} · {gettext(ROLES.get(role, role))}"

    def substitutes_of(self, official: str) -> list[tuple[str, Grant]]:
        """(official, grant) of whoever stands in for this one now."""
        everybody = ((one, grant) for one in self.officials_enrolled for grant in self.grants(UUID(one)))
        return [(one, grant) for one, grant in everybody if grant.substitute_for == official]

    @property
    def officials_enrolled(self) -> list[str]:
        """Every account, retired ones too, in the order in which they were enrolled."""
        return list(self._authority.persons)

    def is_retired(self, official: str) -> bool:
        return official in self._authority.retired

    def changes(self, official: str) -> list[Change]:
        """What was recorded about this account, in the order of the log."""
        return list(self._changes.get(official, ()))

    def has_second_factor(self, official: str) -> bool:
        """As the log says: if the vault lost it, no code is right until it is removed."""
        turns = ("second_factor.enrolled", "second_factor.removed")
        of_it = [one.topic for one in self._changes.get(official, ()) if one.topic in turns]
        return of_it[-1:] == ["second_factor.enrolled"]

    def key_in_force(self, official: str) -> tuple[str, int] | None:
        """(key id, the first position that it may sign); None for whoever has none."""
        keyid = self._authority.keys_in_force.get(official)
        return None if keyid is None else (keyid, self._authority.keys[keyid].from_index + 1)

    @property
    def frozen(self) -> int:
        """The position at which the log was frozen; 0 while it goes on."""
        return self._authority.frozen

    def accounts(self, official: UUID) -> frozenset[str]:
        """All officials that are the same person, this one included."""
        return self._authority.accounts(str(official))

    def person(self, official: str) -> str | None:
        """The natural person whose account this is."""
        return self._authority.persons.get(official)

    def accounts_of(self, person: str) -> list[str]:
        """Every account of a natural person, retired ones too."""
        return [one for one, whose in self._authority.persons.items() if whose == person]

    def has_left(self, person: str, unit: str) -> bool:
        """Whether this person has accounts, and no role any more that reaches this unit."""
        accounts, day = self.accounts_of(person), today(self._services.clock)
        roles = [role for one in accounts for role in held(self._authority, one, day)]
        return bool(accounts) and not any(unit.startswith(of) for _role, of in roles)

    def name(self, official: UUID | str) -> str:
        """The person's name, from the vault; never kept in the log."""
        return self.names([str(official)])[str(official)]

    def names(self, officials: list[str]) -> dict[str, str]:
        """Names by official; a job or the public is named as what it is."""
        persons = {one: self._authority.persons.get(one) for one in officials}
        known = self._services.vault.people.names([UUID(person) for person in persons.values() if person])
        known = {str(person): name for person, name in known.items()}
        return {one: known.get(person or "", _unnamed(one)) for one, person in persons.items()}

    def officials(self, unit: str, *roles: str) -> list[str]:
        """Who holds one of these roles for this unit now: the choices of a form."""
        authority, wanted, day = self._authority, {(role, unit) for role in roles}, today(self._services.clock)
        return [one for one in authority.roles if held(authority, one, day) & wanted]

    def key_administrators_beside(self, official: UUID) -> list[str]:
        """Who could reset this one's password now: key administrators who can sign and are another person."""
        own, day = self.accounts(official), today(self._services.clock)
        held_by = {one: {role for role, _unit in held(self._authority, one, day)} for one in self._authority.persons}
        return [
            one for one, roles in held_by.items()
            if "key_admin" in roles and one not in own and one in self._authority.keys_in_force
        ]  # fmt: skip

    def officials_named(self, text: str) -> list[str]:
        """Whose name contains this, retired ones too."""
        names = self.names(sorted(self._authority.persons))
        return [official for official, name in names.items() if text in name]

    def persons(self, unit: str) -> list[tuple[str, str]]:
        """(person, name) of everybody who holds a role for this unit now: who may be 责任人."""
        authority = self._authority
        day = today(self._services.clock)
        here = [one for one in authority.persons if any(of == unit for _role, of in held(authority, one, day))]
        persons = {authority.persons[one] for one in here}
        names = self._services.vault.people.names([UUID(person) for person in persons])
        return sorted(((str(person), name) for person, name in names.items()), key=lambda pair: pair[1])

    def unit(self, code: str) -> str:
        """The short name of a unit, or its code where the log knows none."""
        return self._units.get(code, code)

    def units(self) -> dict[str, str]:
        """Every unit's short name by its code."""
        return dict(self._units)

    def demo_accounts(self) -> list[dict[str, str]]:
        """The accounts that `demo load` made on a training instance: role, unit, login, password."""
        path = self._services.home.path / "demo.json"
        return json.loads(path.read_text()) if path.is_file() else []


def _unnamed(actor: str) -> str:
    if actor.startswith("system"):
        return gettext("系统")
    return gettext("公众") if actor.startswith("public") else gettext("已停用人员")
