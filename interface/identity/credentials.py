"""Passwords and one-time codes: compared here and nowhere else, at one pace, and recorded. 登录口令"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from application.vault.hashing_slot import SIGN_IN
from application.vault.passwords import Password
from application.vault.people import Credential, People
from interface.identity.login_throttle import Attempts, Try, Visitor, Wait
from interface.identity.sessions import Sessions, SignedIn
from interface.identity.sign_in_record import SignInRecord


class Accounts:
    """The accounts as one door knows them; `factors` are the second factors that it may ask."""

    def __init__(
        self, people: People, factors: Any, sessions: Sessions, attempts: Attempts, record: SignInRecord
    ) -> None:
        self.people, self.factors, self.sessions = people, factors, sessions
        self.attempts, self.record = attempts, record

    def sign_in(self, credential: Credential | None, login: str, password: str, visitor: Visitor) -> bool:
        """Whether it is the password of this account, or of none. Raises Wait if it is tried too soon after wrong ones, Busy."""
        official = credential.official if credential else None
        account = str(official) if official else login.strip().casefold()
        return self._tried(account, official, credential, Password(password, queue=SIGN_IN), visitor)

    def confirm(self, session: SignedIn, password: str, address: str) -> bool:
        """The password given again before a weighty act; remembered for five minutes. Raises Wait as above."""
        credential, visitor = self.people.credential_of(session.official), _within(session, address)
        right = self._tried(str(session.official), session.official, credential, Password(password), visitor)
        if right:
            self.sessions.confirm(session)
        return right

    def knows_code(self, session: SignedIn, typed: str, now: datetime, address: str) -> bool:
        """Whether it is a code of the second factor that was not given yet; it is not spent. Raises Wait."""
        return self._code(self.factors.knows, session.official, typed, now, Visitor(address))

    def take_code(self, official: UUID, typed: str, now: datetime, visitor: Visitor) -> bool:
        """The code that a sign-in waits for; it is spent. Raises Wait."""
        return self._code(self.factors.spend, official, typed, now, Visitor(visitor.address))

    # A right password forgives no wrong code, nor does a new session or a known device: whoever has the password could
    # otherwise begin anew after every third guess.

    def _code(self, look: Any, official: UUID, typed: str, now: datetime, visitor: Visitor) -> bool:
        with self._trying(f"code\n{official}", official, visitor) as attempt:
            if right := look(official, typed, now):
                attempt.right()
        if not right:
            self.record.add(official, "wrong_code", visitor)
        return bool(right)

    def _tried(
        self, account: str, official: UUID | None, credential: Credential | None, password: Password, visitor: Visitor
    ) -> bool:
        with self._trying(account, official, visitor) as attempt:
            if right := password.matches(credential.password if credential else None):
                attempt.right()
        if not right:
            self.record.add(official, "wrong_password", visitor)
        return right

    @contextmanager
    def _trying(self, account: str, official: UUID | None, visitor: Visitor) -> Iterator[Try]:
        """One try, of which it is recorded that it came too early."""
        try:
            with self.attempts.trying(account, visitor) as attempt:
                yield attempt
        except Wait:
            self.record.add(official, "too_early", visitor)
            raise


def _within(session: SignedIn, address: str) -> Visitor:
    """Whoever is signed in is counted by the session: no stranger makes them wait."""
    return Visitor(address, f"session {session.token.hex()}")
