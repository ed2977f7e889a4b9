"""`--as OFFICIAL`: who answers for what a command does. 经办人"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click

from application.core.permissions import held, may
from application.platform.failures import OperatorError
from application.vault.crypto import Unreadable
from application.vault.passwords import Password
from application.vault.people import Credential
from application.verifier.formats.entry import Signer
from domain.officials.official import Official
from domain.roles import ROLES
from domain.values import Actor
from interface.bootstrap import Services
from interface.identity.credentials import Accounts
from interface.identity.login_throttle import Attempts, Visitor, Wait
from interface.identity.sessions import Sessions
from interface.identity.sign_in_record import SignInRecord

HERE = Visitor("command line")


def acting(services: Services, login: str, topic: str) -> Actor:
    """The official with this account, in a role that may do it; the password is asked except on a training log.

    The key is opened once, however much the command signs.
    """
    credential = services.vault.people.credential(login)
    if services.mode == "training":
        credential, signer = _known(services, login, credential)
    else:
        credential, signer = _signed_in(services, login, credential)
    authority, official = services.ledger.authority(), str(credential.official)
    grants = held(authority, official, services.ledger.today)
    for role, unit in sorted(grants, key=lambda grant: list(ROLES).index(grant[0])):
        actor = Actor(official, role, unit, authority.accounts(official), lambda: signer)
        if may(actor, topic):
            return actor
    raise OperatorError(f"couldn't act as {login}: no role of this account may do that")


def _known(services: Services, login: str, credential: Credential | None) -> tuple[Credential, Signer]:
    if credential is None:
        raise OperatorError(f"couldn't act as {login}: there is no such account")
    return credential, services.keys.signer(str(credential.official))


def _signed_in(services: Services, login: str, credential: Credential | None) -> tuple[Credential, Signer]:
    door = _door(services)
    word = click.prompt(f"password of {login}", hide_input=True, err=True)
    with _patient(login):
        right = door.sign_in(credential, login, word, HERE)
    if credential is None or not right:
        raise OperatorError(f"couldn't sign in as {login}: wrong account or password")
    if credential.one_time:
        raise OperatorError(
            f"couldn't sign in as {login}: the starting password must be changed first, on the sign-in page"
        )
    _give_code(services, door, login, credential.official)
    door.record.add(credential.official, "signed_in", HERE)
    try:
        return credential, services.keys.unlock(str(credential.official), Password(word)).signer
    except Unreadable:
        raise OperatorError(
            f"couldn't unlock the key of {login}: a key administrator must reset the password"
        ) from None


def _give_code(services: Services, door: Accounts, login: str, official: UUID) -> None:
    """Whoever enrolled a second factor gives a code of it here too."""
    if not services.ledger.fetch(Official, official).second_factor:
        if services.home.demands_second_factor:
            raise OperatorError(
                f"couldn't act as {login}: this instance demands a second factor; enrol one under 我的账户"
            )
        return
    typed = click.prompt(f"one-time code of {login}", err=True)
    with _patient(login):
        right = door.take_code(official, typed, services.clock.now(), HERE)
    if not right:
        raise OperatorError(f"couldn't sign in as {login}: the one-time code is wrong or was given before")


def _door(services: Services) -> Accounts:
    """Wrong tries make the next one wait as at the sign-in page, count for it too, and stand in the same record."""
    people, database = services.vault.people, services.database
    attempts, record = Attempts(database, people.secrets), SignInRecord(database, people.secrets, "cli")
    return Accounts(people, services.vault.second_factors, Sessions(database), attempts, record)


@contextmanager
def _patient(login: str) -> Iterator[None]:
    """Raises OperatorError where a try comes too early."""
    try:
        yield
    except Wait as wait:
        raise OperatorError(f"couldn't sign in as {login}: too many wrong tries; wait {wait.seconds} s") from None
