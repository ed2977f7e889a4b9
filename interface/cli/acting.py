"""`--as OFFICIAL`: who answers for what a command does. 经办人"""

from __future__ import annotations

import click
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from application.failures import CouldNot
from application.permissions import held, may
from domain.rules import ROLES
from domain.values import Actor
from interface.bootstrap import Services


def acting(services: Services, login: str, topic: str) -> Actor:
    """The official with this account, in a role that may do it; the password is asked except on a training log."""
    credential = services.vault.people.credential(login)
    if services.mode != "training":
        password = click.prompt(f"password of {login}", hide_input=True, err=True)
        if credential is None or not _right(credential.password, password):
            raise CouldNot(f"couldn't sign in as {login}: wrong account or password")
    if credential is None:
        raise CouldNot(f"couldn't act as {login}: there is no such account")
    authority, official = services.ledger.authority(), str(credential.official)
    grants = held(authority, official, services.ledger.today)
    for role, unit in sorted(grants, key=lambda grant: list(ROLES).index(grant[0])):
        actor = Actor(official, role, unit, authority.accounts(official))
        if may(actor, topic):
            return actor
    raise CouldNot(f"couldn't act as {login}: no role of this account may do that")


def _right(stored: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False
