"""The paper key: what opens backups, and lies on paper only. 纸质备份密钥

An X25519 pair (HPKE, RFC 9180). The server keeps the public half in HOME/keys/backup.pub and seals every backup to it; the
private half is shown once, in words, and kept nowhere here. So a stolen server opens no backup, and a backup without the
paper says nothing.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from application.platform.failures import OperatorError
from application.platform.home import write_whole, writing
from application.vault.crypto import KEY, Unreadable
from application.vault.letterbox import SUITE
from application.vault.mnemonic import NotTheWords, from_words, to_words

MARK = 8  # bytes of a public key's SHA-256 by which it is told from others
ADVICE = "make one with `xiaohao backup-key`"


class PaperKey:
    """The public half, as the server has it; `path` is HOME/keys/backup.pub."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def create(self) -> str:
        """A new pair; the words of its private half, to be written on paper. Raises OperatorError where there is one already.

        Backups made before stay sealed to the paper key that they were made for.
        """
        if self.exists:
            raise OperatorError(
                f"couldn't make a paper key: {self.path} is there already; move it away first, and keep the old paper for "
                "as long as there are backups that only it opens"
            )
        private = X25519PrivateKey.generate()
        with writing(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self.path, b64encode(private.public_key().public_bytes_raw()))
        return to_words(private.private_bytes_raw())

    def public(self) -> bytes:
        """32 bytes that can be sealed to. Raises OperatorError where there is no such key."""
        try:
            raw = b64decode(self.path.read_bytes(), validate=True)
            SUITE.encrypt(b"", X25519PublicKey.from_public_bytes(raw))
        except FileNotFoundError:
            raise OperatorError(f"couldn't back up: there is no paper key in {self.path}; {ADVICE}") from None
        except (OSError, ValueError) as error:
            raise OperatorError(
                f"couldn't back up: {self.path} is no public key ({error}); move it away and {ADVICE}"
            ) from None
        return raw


def mark_of(public: bytes) -> str:
    """By which a paper key is known: hex, in the clear in front of each backup."""
    return sha256(public).hexdigest()[: 2 * MARK]


def seal_to(public: bytes, plain: bytes, beside: bytes) -> bytes:
    return SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(public), info=beside)


def open_with(private: bytes, sealed: bytes, beside: bytes) -> bytes:
    """Raises Unreadable."""
    try:
        return SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info=beside)
    except (InvalidTag, ValueError):
        raise Unreadable("couldn't open it with this paper key") from None


def mark_of_private(private: bytes) -> str:
    return mark_of(X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def key_from_words(words: str, what: str) -> bytes:
    """The 32 bytes that these words of `what` say. Raises OperatorError."""
    try:
        key = from_words(words)
    except NotTheWords as wrong:
        raise OperatorError(f"couldn't read the words of {what}: {wrong}") from None
    if len(key) != KEY:
        raise OperatorError(f"couldn't read the words of {what}: there are {KEY // 2 + 1} of them")
    return key
