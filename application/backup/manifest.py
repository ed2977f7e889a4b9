"""What a backup says of itself, signed by the log's service; and which files of the home it carries. 备份清单"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from application.platform.failures import OperatorError
from application.platform.home import Home
from application.publication.published_log import Published
from application.vault.crypto import Secrets
from application.verifier.formats.entry import NotAnEntry, Signer, body_of, canonical, loads

PAYLOAD_TYPE = b"application/vnd.xiaohao.backup.v1+json"
MANIFEST, GENESIS, TIP_KEYS, HOME, TABLE = "manifest", "genesis", "tip-keys", "home/", "table/"
# Never the master key, the log's keys, the epochs or the database's password: a backup is no place for what opens it.
FILES = ("instance.json", "policy", "demo.json", "keys/mirrors.json", "keys/backup.pub", "vault/commission.pub")
PUBLISHED = ("publisher/head", "publisher/witnessed", "trail/checkpoint", "trail/keys.json", "trail/log.vkey")
CHECKPOINT = re.compile(r"trail/checkpoints/(0|[1-9]\d{0,18})", re.ASCII)


@dataclass(frozen=True)
class Manifest:
    """`root` is that of the log's tree over `size` entries, hex; `tables`: {name: {columns, rows}}; `parts`: {name: {bytes,
    sha256}}; `log_keys`: vkeys; `master_key`: by which the right one is known; `unreadable`: tips that were lost before.
    """

    origin: str
    made_at: str
    size: int
    root: str
    log_keys: list[str]
    master_key: str
    tables: dict[str, dict[str, Any]]
    parts: dict[str, dict[str, Any]]
    unreadable: list[str]

    def signed(self, signer: Signer) -> bytes:
        """RFC 8785 JSON {payload, keyid, sig}: the signature is DSSE's over the payload."""
        body = canonical(asdict(self))
        said = {"keyid": signer.keyid, "payload": b64encode(body).decode()}
        return canonical(said | {"sig": b64encode(signer.sign(_pae(body))).decode()})


def verified(raw: bytes, genesis: bytes) -> Manifest:
    """What the service of the log that begins with `genesis` signed. Raises OperatorError."""
    try:
        outer = loads(raw)
        body = b64decode(outer["payload"], validate=True)
        service = loads(body_of(genesis))["data"]["service"]
        public = Ed25519PublicKey.from_public_bytes(b64decode(service["pub"], validate=True))
        public.verify(b64decode(outer["sig"], validate=True), _pae(body))
        return Manifest(**loads(body))
    except (NotAnEntry, InvalidSignature, ValueError, KeyError, TypeError):
        raise OperatorError(
            "couldn't read the backup: its list of parts is not signed by the log that it is of"
        ) from None


def home_files(home: Home) -> list[tuple[str, bytes]]:
    """(name, content) of each file of the home that a backup carries; of the checkpoints the newest and the witnessed."""
    checkpoints = [f"trail/checkpoints/{size}" for size in _sizes(home)]
    found = []
    for name in (*FILES, *PUBLISHED, *checkpoints):
        if (path := home.path / name).exists():
            found.append((HOME + name, path.read_bytes()))
    return found


def _sizes(home: Home) -> set[int]:
    published = Published(home, "", ())
    return {*published.sizes()[-1:], published.witnessed()}


def place_of(name: str, home: Path) -> Path | None:
    """Where a file of a backup belongs in a home; None for a name that no backup has."""
    name = name.removeprefix(HOME)
    known = name in (*FILES, *PUBLISHED) or CHECKPOINT.fullmatch(name)
    return home / name if known else None


def mark_of_master(secrets: Secrets) -> str:
    """Told by nobody who lacks the master key, and telling nothing of it."""
    return sha256(secrets.digest("backup", b"mark")).hexdigest()[:32]


def _pae(body: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE, len(body), body)
