"""Whether a 查询码 is right: at once by a keyed hash, slowly by argon2id where there is none under this key. 查询码核对

The slow hash alone made every right code cost 64 MB and a tenth of a second. A keyed hash is no weaker while the master key
is not stolen together with the database; with both, the thief reads more in the vault than any code shows. The slow hash
stays for the day when the database is restored beside another master key.
"""

from __future__ import annotations

import hmac

from application.vault.crypto import Secrets
from application.vault.passwords import Password
from application.vault.public_tips import Known
from application.vault.query_code import QueryCode

KEY_NAME = 8  # bytes that name the key, so that a hash under another key is not taken for a wrong code


def slow(code: QueryCode) -> str:
    """The argon2id hash that lies beside the tip."""
    return Password(code.secret).hashed


def keyed(secrets: Secrets, code: QueryCode) -> bytes:
    """The name of the key, and HMAC-SHA256 of locator and secret under it."""
    return _key_name(secrets) + secrets.digest("query code check", f"{code.locator}/{code.secret}".encode())


def quickly(secrets: Secrets, known: Known, code: QueryCode) -> bool | None:
    """Whether this is the code of `known`; None where only the slow hash can tell."""
    if known.keyed is None or known.keyed[:KEY_NAME] != _key_name(secrets):
        return None
    return hmac.compare_digest(known.keyed, keyed(secrets, code))


def slowly(known: Known, code: QueryCode) -> bool:
    return Password(code.secret).matches(known.secret)


def is_right(secrets: Secrets, known: Known, code: QueryCode) -> bool:
    """By whichever hash there is."""
    quick = quickly(secrets, known, code)
    return slowly(known, code) if quick is None else quick


def _key_name(secrets: Secrets) -> bytes:
    return secrets.digest("query code check", b"")[:KEY_NAME]
