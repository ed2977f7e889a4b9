"""Passwords: checked against the vault's credentials, argon2id. 登录口令"""

from __future__ import annotations

from application.vault.hashing_slot import SIGN_IN
from application.vault.passwords import Password
from application.vault.people import Credential, People
from interface.web.attempts import Attempts
from interface.web.sessions import Sessions, SignedIn

SHORTEST = 10


class Accounts:
    """The only place where passwords are compared."""

    def __init__(self, people: People, sessions: Sessions, attempts: Attempts) -> None:
        self.people, self.sessions, self.attempts = people, sessions, attempts

    def sign_in(self, login: str, password: str, address: str) -> Credential | None:
        """The credential of this account, or None. Raises Wait if it is tried too soon after wrong passwords, Busy."""
        return self._tried(self.people.credential(login), login.casefold(), Password(password, queue=SIGN_IN), address)

    def confirm(self, session: SignedIn, password: str, address: str) -> bool:
        """The password given again before a weighty act; remembered for five minutes. Raises Wait as above."""
        credential = self.people.credential_of(session.official)
        if right := self._tried(credential, str(session.official), Password(password), address) is not None:
            self.sessions.confirm(session)
        return right

    def _tried(
        self, credential: Credential | None, account: str, password: Password, address: str
    ) -> Credential | None:
        self.attempts.check(account, address)
        right = password.matches(credential.password if credential else None)
        (self.attempts.succeeded if right else self.attempts.failed)(account, address)
        return credential if right else None
