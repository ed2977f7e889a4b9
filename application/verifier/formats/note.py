"""Signed notes (C2SP signed-note): a text and the signatures of named keys under it. Pure.

Three kinds of key: Ed25519 over the text (0x01), and the two timestamped cosignatures of a checkpoint, Ed25519 (0x04) and
ML-DSA-44 (0x06), whose signature begins with the time as uint64 (C2SP tlog-cosignature).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.signature import is_valid, public_key, signing

ED25519, COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
TIMED = (COSIGNATURE, ML_DSA_44)
PUBLIC_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
LARGEST_NOTE = 1_000_000
LATEST_TIME = 2**63 - 1  # POSIX seconds of a cosignature (C2SP tlog-cosignature)
LONGEST_NAME = 255  # bytes of a key's name: an ML-DSA-44 cosignature tells its length in one
MOST_LINES = 100

_PRIVATE = "PRIVATE+KEY+"  # Go's x/mod writes its signers the same way


class NotANote(ValueError):
    """These bytes are not a signed note, or this text is not a key."""


class WrongSignature(ValueError):
    """A key that is known did not make the signature beside its name, or no known key signed at all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One signature line. `signature` is without the key id, but with the time where the kind has one.

    `spelled` is the base64 of a line that is not spelled canonically: its `signature` is empty, so no key made it, but whoever
    doesn't know the key passes it over like any other.
    """

    name: str
    key_id: bytes
    signature: bytes
    spelled: str = ""

    def __str__(self) -> str:
        return f"— {self.name} {self.spelled or b64encode(self.key_id + self.signature).decode()}\n"

    @property
    def label(self) -> str:
        """Of the key that made it, as the key itself says."""
        return f"{self.name}+{self.key_id.hex()}"

    @property
    def time(self) -> int:
        """POSIX seconds; only for a line of a timed kind."""
        return int.from_bytes(self.signature[:8])


@dataclass(frozen=True)
class Vkey:
    """A public key with a name, as it is handed over on paper: `name+keyid+base64`."""

    name: str
    kind: int
    public: bytes

    @cached_property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def label(self) -> str:
        return f"{self.name}+{self.key_id.hex()}"

    def __str__(self) -> str:
        return f"{self.label}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Vkey:
        """Raises NotANote if the text is not a key of a kind we know, spelled canonically."""
        name, _, rest = text.partition("+")
        try:
            material = b64decode(rest.partition("+")[2], validate=True)
        except (ValueError, NotBase64):
            material = b""
        if not material or not _is_key_name(name) or len(material) - 1 != PUBLIC_BYTES.get(material[0]):
            raise NotANote(f"not a key of a kind we know: {text[:80]!a}")
        parsed = cls(name, material[0], material[1:])
        if str(parsed) != text:
            raise NotANote(f"the key's id does not belong to it: {text[:80]!a}")
        return parsed

    def matches(self, line: Line) -> bool:
        return (line.name, line.key_id) == (self.name, self.key_id)

    def verify(self, text: str, line: Line) -> None:
        """Raises WrongSignature unless this key signed the text in that line."""
        time, signature = (line.time, line.signature[8:]) if self.kind in TIMED else (0, line.signature)
        if time > LATEST_TIME:
            raise WrongSignature(f"the time in the signature of {self.name} ({self.key_id.hex()}) is none")
        try:
            self.verify_raw(message(self.kind, self.name, text, time), signature)
        except ValueError:
            raise WrongSignature(f"the signature of {self.name} ({self.key_id.hex()}) is wrong") from None

    def verify_raw(self, content: bytes, signature: bytes) -> None:
        """Raises WrongSignature unless this key signed exactly these bytes, whatever they are."""
        holds = _holds_ml_dsa if self.kind == ML_DSA_44 else is_valid
        if not holds(self.public, signature, content):
            raise WrongSignature(f"the signature of {self.name} ({self.key_id.hex()}) is wrong")


def _holds_ml_dsa(public: bytes, signature: bytes, content: bytes) -> bool:
    try:
        _ml_dsa(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=256)
def _ml_dsa(raw: bytes) -> MLDSA44PublicKey:
    return MLDSA44PublicKey.from_public_bytes(raw)


def message(kind: int, name: str, text: str, time: int) -> bytes:
    """What a key of this kind signs under a text. Raises ValueError if a cosignature's text is no checkpoint."""
    if kind == ED25519:
        return text.encode()
    if kind == COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    head = Checkpoint.parse(text)
    names = [bytes([len(raw)]) + raw for raw in (name.encode(), head.origin.encode())]
    spans = [number.to_bytes(8) for number in (time, 0, head.size)]
    return b"subtree/v1\n\0" + names[0] + spans[0] + names[1] + spans[1] + spans[2] + head.root


@dataclass(frozen=True)
class NoteKey:
    """A private key with a name. `seed` is its 32 secret bytes."""

    name: str
    kind: int
    seed: bytes

    def __repr__(self) -> str:
        return f"NoteKey({self.vkey})"

    @cached_property
    def vkey(self) -> Vkey:
        if self.kind == ML_DSA_44:
            public = MLDSA44PrivateKey.from_seed_bytes(self.seed).public_key().public_bytes_raw()
        else:
            public = public_key(self.seed)
        return Vkey(self.name, self.kind, public)

    def sign(self, text: str, time: int) -> Line:
        """Its line under the text; `time` in POSIX seconds counts for the timed kinds only. Raises ValueError for no time."""
        if not 0 <= time <= LATEST_TIME:
            raise ValueError(f"not a time that can be signed: {time}")
        signature = self.sign_raw(message(self.kind, self.name, text, time))
        return Line(self.name, self.vkey.key_id, time.to_bytes(8) + signature if self.kind in TIMED else signature)

    def sign_raw(self, content: bytes) -> bytes:
        """Over exactly these bytes, whatever they are."""
        if self.kind == ML_DSA_44:
            return MLDSA44PrivateKey.from_seed_bytes(self.seed).sign(content)
        return signing(self.seed)(content)

    def to_text(self) -> str:
        secret = b64encode(bytes([self.kind]) + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.vkey.key_id.hex()}+{secret}\n"

    @classmethod
    def from_text(cls, text: str) -> NoteKey:
        """Raises NotANote if the text is not a private key that `to_text` wrote."""
        try:
            name, _, secret = text.removeprefix(_PRIVATE).strip().split("+", 2)
            material = b64decode(secret, validate=True)
            key = cls(name, material[0], material[1:])
            if material[0] in PUBLIC_BYTES and _is_key_name(name) and key.to_text() == text:
                return key
        except (ValueError, IndexError):
            pass
        raise NotANote("not a private key of a log")


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    lines: tuple[Line, ...]

    def to_bytes(self) -> bytes:
        return f"{self.text}\n{''.join(map(str, self.lines))}".encode()

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Raises NotANote unless these bytes are a note, spelled as `to_bytes` spells it. No signature is verified."""
        if len(data) > LARGEST_NOTE:
            raise NotANote(f"a note has at most {LARGEST_NOTE} bytes")
        try:
            text, blank, signatures = data.decode().rpartition("\n\n")
            note = cls(text + "\n", tuple(_line(line) for line in signatures.split("\n")[:-1]))
        except ValueError:
            raise NotANote("not a signed note") from None
        if not blank or not 0 < len(note.lines) <= MOST_LINES or note.to_bytes() != data:
            raise NotANote("not a signed note, or not spelled canonically")
        if any(character < " " and character != "\n" for character in note.text):
            raise NotANote("a control character in a note")
        return note

    def gained(self, lines: Iterable[Line], *, newer: bool = False) -> Note:
        """With these lines too, one for each key: the line that stands remains, or with `newer` gives way."""
        standing, more = ({(one.name, one.key_id): one for one in some} for some in (self.lines, lines))
        together = standing | more if newer else standing | {key: more[key] for key in more.keys() - standing.keys()}
        return Note(self.text, tuple(together[key] for key in dict.fromkeys([*standing, *more])))

    def verified(self, vkeys: Iterable[Vkey]) -> list[tuple[Vkey, Line]]:
        """Lines of these keys, all verified; lines of others are ignored, as the specification asks.

        Raises WrongSignature if a line of one of the keys fails.
        """
        found = [(vkey, line) for vkey in vkeys for line in self.lines if vkey.matches(line)]
        for vkey, line in found:
            vkey.verify(self.text, line)
        return found


def _line(text: str) -> Line:
    dash, name, encoded = text.split(" ")
    raw = b64decode(encoded, validate=True)
    if dash != "—" or not _is_name(name) or len(raw) < 5:
        raise ValueError("not a signature line")
    if b64encode(raw).decode() != encoded:
        return Line(name, raw[:4], b"", encoded)
    return Line(name, raw[:4], raw[4:])


def _is_key_name(name: str) -> bool:
    """Of a key that we sign or verify with; an unknown key's may be longer."""
    return _is_name(name) and len(name.encode()) <= LONGEST_NAME


@lru_cache(maxsize=1_024)
def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name)
