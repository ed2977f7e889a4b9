"""The commission's letterbox: whatever is sealed here only the discipline commission opens (docs/format.md §10.6). 检举线索密封

HPKE base mode (RFC 9180): X25519, HKDF-SHA-256, AES-256-GCM. The commission makes the pair on its own machine and hands over
the public half; where it did not, `init` makes one, shows the private half once for the commission's paper and keeps it
nowhere.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from application.vault.crypto import Unreadable, place
from application.verifier.formats.entry import NotAnEntry, loads
from domain.errors import Unavailable

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


DAMAGED = "市纪委监委的接收公钥文件已损坏，检举线索暂不能转送；请联系系统管理员"


class Letterbox:
    """`path` holds the commission's public key, base64."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key's 32 bytes, hex: what stands on paper. Empty where there is no key that can be sealed to."""
        try:
            return fingerprint(self.path.read_text("ascii"))
        except (OSError, ValueError):
            return ""

    def create(self) -> str:
        """A new key pair: the private half, base64, to be handed over and forgotten."""
        private, public = new_pair()
        self.adopt(public)
        return private

    def adopt(self, public: str) -> None:
        """The commission's own key, for this instance's whole life. Raises ValueError unless it can be sealed to."""
        check_public(public)
        with self.path.open("x") as file:
            file.write(public)

    def seal(self, plain: bytes, beside: bytes) -> bytes:
        """Raises Unavailable while the commission has no key here."""
        try:
            public = check_public(self.path.read_text("ascii"))
        except FileNotFoundError:
            raise Unavailable("尚未登记市纪委监委的接收公钥，检举线索暂不能转送；请联系系统管理员") from None
        except (OSError, ValueError):
            raise Unavailable(DAMAGED) from None
        return SUITE.encrypt(plain, public, info=beside)


def check_public(public: str) -> X25519PublicKey:
    """The key in this base64. Raises ValueError unless it can be sealed to (a point of small order can't)."""
    key = X25519PublicKey.from_public_bytes(b64decode(public, validate=True))
    SUITE.encrypt(b"", key)
    return key


def fingerprint(public: str) -> str:
    """SHA-256 of the key's 32 bytes, hex. Raises ValueError unless it can be sealed to."""
    return sha256(check_public(public).public_bytes_raw()).hexdigest()


def new_pair() -> tuple[str, str]:
    """The private and the public half, base64."""
    private = X25519PrivateKey.generate()
    halves = private.private_bytes_raw(), private.public_key().public_bytes_raw()
    return b64encode(halves[0]).decode(), b64encode(halves[1]).decode()


def read_letter(sealed: bytes, private: str, lead: UUID) -> dict[str, str]:
    """{text, reporter, contact}: what the commission does with its own key. Anybody may have sealed it. Raises Unreadable."""
    try:
        key = X25519PrivateKey.from_private_bytes(b64decode(private))
        plain = SUITE.decrypt(sealed, key, info=place(lead, "lead"))
    except (InvalidTag, ValueError):
        raise Unreadable("couldn't open the letter: another key, another letter, or it was altered") from None
    try:
        said = loads(plain)
    except NotAnEntry as error:
        raise Unreadable(f"the letter was opened, but holds no words of a lead: {error}") from None
    if any(type(value) is not str for value in said.values()):
        raise Unreadable("the letter was opened, but holds no words of a lead")
    return said
