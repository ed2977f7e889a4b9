"""What the entries say, judged from themselves alone: form, signature, order, authority (docs/format.md §8). Pure. 逐条核验"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Any, NamedTuple

from application.verifier.formats.entry import Entry, NotAnEntry, keyid, loads, loads_canonical, parse
from application.verifier.rules.authority import Authority
from application.verifier.rules.event_schema import usual
from application.verifier.rules.log_facts import WATCHED, Rights
from application.verifier.rules.signature_pool import SignaturePool, Signed
from application.verifier.rules.time_bounds import Brackets

NOTED = WATCHED | {"log.opened", "log.key_rotated", "log.frozen"}


class Fault(NamedTuple):
    """Something that is wrong: a code of docs/format.md §8, a sentence, and the leaf index if one entry is to blame."""

    code: str
    sentence: str
    index: int | None = None  # type: ignore[assignment]  # a tuple has a method of this name; a fault has a place


class EntryCheck:
    """Takes the entries of the log of this name in order, in batches of any size; remembers who may do what, and every id of an
    event or a command.

    Signatures are verified meanwhile, in other processes where `expected` entries are worth that: a batch is good only
    when `finish` says so. `log_keys` are those that the first entry names, `rotations` the payloads of log.key_rotated, by
    index.
    """

    def __init__(self, log: str, expected: int = 0, brackets: Brackets | None = None) -> None:
        self.log = log
        self.authority = Authority()
        self.log_keys: list[str] = []
        self.rotations: list[tuple[int, dict[str, Any]]] = []
        self.frozen: int | None = None
        self.rights = Rights()
        self._brackets = brackets or Brackets()
        self._ids: set[bytes] = set()
        self._command, self._commands = "", set[bytes]()
        self._size = 0
        self._fault: Fault | None = None
        self._crew = SignaturePool(expected)

    def close(self) -> None:
        self._crew.close()

    def batch(self, entries: Sequence[bytes]) -> Fault | None:
        """The first fault among the entries so far, if one is known already; after one nothing more may be asked."""
        first, signed = self._size, list[Signed]()
        for entry in entries:
            if (fault := self._examined(entry, signed)) is not None:
                self._fault = fault._replace(index=self._size)
                break
            self._size += 1
        self._crew.submit(first, signed)
        return self.finish() if self._fault or self._crew.failed is not None else None

    def finish(self) -> Fault | None:
        """The first fault among all entries taken so far."""
        wrong = self._crew.wait()
        if wrong is None or (self._fault is not None and self._fault.index is not None and self._fault.index < wrong):
            return self._fault
        return Fault("EVENT_SIGNATURE", "签名与内容不符", wrong)

    def _examined(self, raw: bytes, signed: list[Signed]) -> Fault | None:
        entry = _parsed(raw)
        if isinstance(entry, Fault):
            return entry
        body, name, signature = entry
        payload: dict[str, Any] | Fault | None = usual(body)
        is_formed = payload is not None
        if payload is None:
            payload = _payload(body)
        if (public := self._public(name, payload)) is None:
            return Fault("EVENT_KEY", f"密钥未登记：{name[:60]}")
        signed.append((public, signature, body))
        return payload if isinstance(payload, Fault) else self._judged(payload, name, is_formed)

    def _public(self, name: str, payload: dict[str, Any] | Fault) -> bytes | None:
        """The key of this id as earlier entries enrolled it; the first entry brings its own. Judged is its use afterwards."""
        if (key := self.authority.keys.get(name)) is not None:
            return key.public
        try:
            raw = b64decode(payload["data"]["administrator"]["pub"], validate=True)  # type: ignore[call-overload,index]
            return raw if not self._size and keyid("ed25519", raw) == name else None
        except (KeyError, TypeError, ValueError):
            return None

    def _judged(self, payload: dict[str, Any], key: str, is_formed: bool) -> Fault | None:
        judge = self.authority.judge_formed if is_formed else self.authority.judge
        if (reason := judge(payload, key)) is not None:
            return Fault(*reason)
        if payload["log"] != self.log:
            return Fault("EVENT_LOG", f"属于另一日志：{payload['log']}")
        id = payload["id"].encode()
        if id in self._ids:
            return Fault("EVENT_REPLAY", f"事件编号重复：{payload['id']}")
        self._ids.add(id)
        if payload["command"] != self._command and not self._begins(payload["command"]):
            return Fault("EVENT_ORDER", f"同一次办理的各条须前后相连：{payload['command']}")
        self.authority.admit(payload)
        if payload["type"] in NOTED:
            self._remember(payload)
        if self.authority.mode == "production" and self._brackets:
            wrong = self._brackets.wrong(payload["seq"], payload["recorded_at"])
            return Fault("EVENT_TIME", wrong) if wrong else None
        return None

    def _begins(self, command: str) -> bool:
        """Whether nothing was recorded yet under this command, which is the one at hand from now on."""
        known, self._command = len(self._commands), command
        self._commands.add(command.encode())
        return len(self._commands) > known

    def _remember(self, payload: dict[str, Any]) -> None:
        if payload["type"] == "log.key_rotated":
            self.rotations.append((self._size, payload["data"]))
        elif payload["type"] == "log.frozen":
            self.frozen = self._size
        elif payload["type"] == "log.opened":
            self.log_keys = payload["data"]["log_keys"]
        else:
            self.rights.learn(payload, self.authority)


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


def _payload(body: bytes) -> dict[str, Any] | Fault:
    try:
        return loads_canonical(body)
    except NotAnEntry as error:
        return Fault("EVENT_FORMAT", f"内容不是规范的 JSON：{error}")
