"""Signing keys of officials and of the service: made here, wrapped under the master key, used and never shown. 签名密钥"""

from __future__ import annotations

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.store.database import Database
from application.store.turn import Beside
from application.trail.authority import SERVICE
from application.trail.entry import Signer, keyid
from application.vault.crypto import Secrets
from domain.errors import NotAllowed

INSERT_KEY = "INSERT INTO vault.signing_key (keyid, owner, sealed) VALUES %s"


class KeyRing:
    """Owners are officials' ids, or `service`, which signs for jobs and the public."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self.database = database
        self._box = secrets.box("signing key")
        self._signers: dict[str, Signer] = {}

    def create(self, owner: str) -> tuple[dict[str, str], Signer, Beside]:
        """A new key: its public members {keyid, alg, pub} for the log, the signer, and the wrapped row."""
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        name = keyid("ed25519", public)
        row = (name, owner, self._box.seal(private.private_bytes_raw(), name.encode()))
        members = {"keyid": name, "alg": "ed25519", "pub": b64encode(public).decode()}
        return members, Signer(name, private.sign), Beside(INSERT_KEY, row)

    def signer(self, owner: str) -> Signer:
        """The newest key of an owner. Raises NotAllowed for somebody who has none."""
        if owner not in self._signers:
            self._signers[owner] = self.kept(owner)
        return self._signers[owner]

    def kept(self, owner: str) -> Signer:
        """The same, as the vault has it now. Raises NotAllowed, Unreadable."""
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT keyid, sealed FROM vault.signing_key WHERE owner = %s ORDER BY made_at DESC LIMIT 1", (owner,)
            )
            row = cursor.fetchone()
        if row is None:
            raise NotAllowed("此账号没有签名密钥，请联系密钥管理员登记")
        private = Ed25519PrivateKey.from_private_bytes(self._box.open(bytes(row[1]), row[0].encode()))
        return Signer(row[0], private.sign)

    def renewed(self, owner: str, keyid: str) -> Signer | None:
        """The newer key of an owner who signed with `keyid`, if the vault has one by now: another process may have changed it."""
        if (known := self._signers.get(owner)) is not None and known.keyid == keyid:
            self._signers.pop(owner, None)
        newer = self.signer(owner)
        return newer if newer.keyid != keyid else None

    @property
    def service(self) -> Signer:
        return self.signer(SERVICE)
