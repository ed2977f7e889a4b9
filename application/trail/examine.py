"""What the entries say, judged from themselves alone: form, signature, order, authority (trail.md §8). Pure. 逐条核验"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from application.trail.authority import Authority
from application.trail.entry import Entry, NotAnEntry, keyid, loads, pae, parse

THREADS = 2  # verifying lets other threads run; more than this machine has cores brings nothing


class Fault(NamedTuple):
    """The first thing that is wrong: a code of trail.md §8, a sentence, and the leaf index if one entry is to blame."""

    code: str
    sentence: str
    index: int | None = None


class Examiner:
    """Takes the entries of the log of this name in order, in batches of any size; remembers who may do what, and every id."""

    def __init__(self, log: str) -> None:
        self.log = log
        self.authority = Authority()
        self._ids: set[bytes] = set()
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._pool = ThreadPoolExecutor(THREADS)

    def close(self) -> None:
        self._pool.shutdown()

    def batch(self, entries: Sequence[bytes]) -> Fault | None:
        """The first fault among the next entries; after one nothing more may be asked."""
        taken = [_parsed(entry) for entry in entries]
        good = [entry for entry in taken if isinstance(entry, Entry)]
        self._learn_keys(good)
        signed = iter(self._signed(good))
        for entry in taken:
            fault = entry if isinstance(entry, Fault) else self._examined(entry, next(signed))
            if fault is not None:
                return fault._replace(index=self.authority.size)
        return None

    def _examined(self, entry: Entry, signed: bool) -> Fault | None:
        if entry.keyid not in self._keys:
            return Fault("EVENT_KEY", f"密钥未登记：{entry.keyid[:60]}")
        if not signed:
            return Fault("EVENT_SIGNATURE", f"签名与内容不符：{entry.keyid}")
        payload = _payload(entry)
        if isinstance(payload, Fault):
            return payload
        if (reason := self.authority.judge(payload, entry.keyid)) is not None:
            return Fault(*reason)
        if payload["log"] != self.log:
            return Fault("EVENT_LOG", f"属于另一日志：{payload['log']}")
        id = payload["id"].encode()
        if id in self._ids:
            return Fault("EVENT_REPLAY", f"事件编号重复：{payload['id']}")
        self._ids.add(id)
        self.authority.admit(payload)
        return None

    def _learn_keys(self, entries: Sequence[Entry]) -> None:
        """Public keys that these entries bring. A key's id is its hash, so it may be used before its entry is believed:
        whether it was in force is judged afterwards."""
        for entry in entries:
            payload = _payload(entry)
            if isinstance(payload, Fault) or not isinstance(data := payload.get("data"), dict):
                continue
            for members in (data, data.get("administrator"), data.get("service")):
                if isinstance(members, dict) and "pub" in members:
                    self._learn_key(members)

    def _learn_key(self, members: dict[str, Any]) -> None:
        try:
            raw = b64decode(members["pub"], validate=True)
            if members.get("keyid") == keyid("ed25519", raw):
                self._keys[members["keyid"]] = Ed25519PublicKey.from_public_bytes(raw)
        except (ValueError, TypeError):
            return

    def _signed(self, entries: Sequence[Entry]) -> list[bool]:
        share = -(-len(entries) // THREADS)
        parts = [entries[start : start + share] for start in range(0, len(entries), share or 1)]
        return [signed for part in self._pool.map(self._verified, parts) for signed in part]

    def _verified(self, entries: Sequence[Entry]) -> list[bool]:
        return [self._is_signed(entry) for entry in entries]

    def _is_signed(self, entry: Entry) -> bool:
        if (key := self._keys.get(entry.keyid)) is None:
            return False
        try:
            key.verify(entry.signature, pae(entry.body))
        except InvalidSignature:
            return False
        return True


def _parsed(raw: bytes) -> Entry | Fault:
    try:
        return parse(raw)
    except NotAnEntry as error:
        try:
            signatures = loads(raw).get("signatures")
        except NotAnEntry:
            signatures = None
        if isinstance(signatures, list) and len(signatures) != 1:
            return Fault("EVENT_SIGNATURE", f"须恰有一个签名，实有 {len(signatures)} 个")
        return Fault("EVENT_FORMAT", f"不是规范的信封：{error}")


def _payload(entry: Entry) -> dict[str, Any] | Fault:
    try:
        return entry.payload
    except NotAnEntry as error:
        return Fault("EVENT_FORMAT", f"内容不是规范的 JSON：{error}")
