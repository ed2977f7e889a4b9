"""证据包核验: everything in an evidence pack held against its lists, its checkpoint and the log's key. Pure.

A pack holds either some entries, each with its proof and the files that it names, or a whole published log in `trail/`.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import application.trail.words as words
from application.trail.checkpoint import Checkpoint
from application.trail.clocks import latest
from application.trail.container import Box, wrong
from application.trail.entry import NotAnEntry, keyid, loads, parse
from application.trail.examine import Fault
from application.trail.form import malformed
from application.trail.heads import NOBODY, Found, Head
from application.trail.merkle import NotProved, leaf_hash, verify_inclusion
from application.trail.note import NotANote, Vkey
from application.trail.policy import NONE, Policy
from application.trail.proof import NotAProof, Proof
from application.trail.signature import is_signed_by
from application.trail.tiles import CHECKPOINTS
from application.trail.verdict import Verdict

MANIFEST, SUMS, KEYS, TRAIL = "manifest.json", "SHA256SUMS", "log.vkey", "trail/"
FILES = "files/"
PARTS = (("entries", "entry"), ("proofs", "tlog-proof"))  # of each position


class Pack:
    """Its lists are read and every file is hashed at once. Raises Found for the first that is not as they say."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self.origin, self.size, self.positions, self.hashes = _manifest(self._listed(MANIFEST))
        for name in sorted({MANIFEST, SUMS, *self.hashes} - box.names):
            raise wrong(f"包中缺少 {name}")
        for name in sorted(box.names - self.hashes.keys() - {MANIFEST, SUMS}):
            raise wrong(f"包中有清单以外的文件：{name}")
        for name, digest in self.hashes.items():
            if sha256(box.read(name)).hexdigest() != digest:
                raise wrong(f"{name} 与清单所列的哈希不符，已被替换或改动")
        if box.read(SUMS).decode(errors="replace") != "".join(
            f"{hash}  {name}\n" for name, hash in self.hashes.items()
        ):
            raise wrong(f"{SUMS} 与 {MANIFEST} 不符")

    def _listed(self, name: str) -> bytes:
        if name not in self._box.names:
            raise wrong(f"包中缺少 {name}")
        return self._box.read(name)

    @property
    def is_whole_log(self) -> bool:
        return self.positions is None

    @property
    def vkeys(self) -> list[Vkey]:
        """The log's keys as the pack itself has them: to be compared with paper. Raises Found."""
        lines = self._listed(TRAIL + KEYS if self.is_whole_log else KEYS).decode(errors="replace").split()
        try:
            return [Vkey.parse(line) for line in lines]
        except NotANote as error:
            raise wrong(f"{KEYS} 不是规范的公钥：{error}") from None

    def fetch(self, path: str) -> bytes | None:
        """Of the whole log, as if `trail/` lay in a folder."""
        if path == CHECKPOINTS:
            kept = sorted(name for name in self._box.names if name.startswith(TRAIL + CHECKPOINTS))
            return b"".join(name.rpartition("/")[2].encode() + b"\n" for name in kept)
        return self._box.read(TRAIL + path) if TRAIL + path in self._box.names else None

    def verdict(self, vkeys: Sequence[Vkey], policy: Policy | None, *, now: int = 0) -> Verdict:
        """On its entries: each by its proof, from the one checkpoint, signed with a key that keys.json has."""
        asked, has_quorum = policy or NOBODY, policy is not None and policy.quorum != NONE
        try:
            head, proofs = self._head(vkeys, asked)
            keys, named = _public_keys(self._listed("keys.json")), set[str]()
            for position, proof in sorted(proofs.items()):
                named |= set(_evidence(self._proved(position, proof, head.checkpoint, keys)))
            self._files(named)
        except Found as found:
            return Verdict(found.args[0], entries=0)
        if not head.witnessed(asked, 0, latest(now)):
            return Verdict(Fault("WITNESS_QUORUM", "证明所附的检查点见证不足"), head.checkpoint, entries=0)
        left = [*[words.NO_WITNESS] * (not has_quorum), words.NO_RIGHTS, words.ONLY_ENTRIES, *self._absent(named)]
        proved = (words.PACKED, *[words.WITNESSED] * has_quorum)
        strength = "中" if has_quorum else "弱"
        return Verdict(
            None,
            head.checkpoint,
            strength,
            tuple(left),
            proved=proved,
            head=head.raw,
            entries=len(proofs),
            signed_at=head.time,
            witnesses=head.witnesses(latest(now)),
        )

    def _head(self, vkeys: Sequence[Vkey], policy: Policy) -> tuple[Head, dict[int, Proof]]:
        """The checkpoint with whatever witnesses signed of it in any copy here, and the proofs, by position."""
        head = Head.read(self._listed("checkpoint"), vkeys, policy)
        if not head.signed:
            raise Found(Fault("CHECKPOINT_SIGNATURE", "检查点不是由所给密钥签署"))
        if (head.checkpoint.origin, head.checkpoint.size) != (self.origin, self.size):
            raise wrong(f"{MANIFEST} 所写的日志或条数与检查点不符")
        copies = {name: self._box.read(name) for name in self._box.names if name.startswith(CHECKPOINTS)}
        proofs = {position: self._proof(position) for position in self.positions or ()}
        copies |= {f"proofs/{position}": proof.checkpoint.to_bytes() for position, proof in proofs.items()}
        for name, raw in copies.items():
            copy = Head.read(raw, vkeys, policy)
            if copy.checkpoint != head.checkpoint:
                raise wrong(f"{name} 不属于包中的检查点")
            head = head.joined(copy)
        return head, proofs

    def _proof(self, position: int) -> Proof:
        try:
            proof = Proof.parse(self._listed(f"proofs/{position}.tlog-proof"))
        except NotAProof as error:
            raise Found(_not_proved(position, error)) from None
        if proof.index != position - 1:
            raise wrong(f"proofs/{position} 是第 {proof.index + 1} 条的证明")
        return proof

    def _proved(self, position: int, proof: Proof, head: Checkpoint, keys: dict[str, bytes]) -> dict[str, Any]:
        """The payload of an entry that stands there, well-formed and signed."""
        raw, index = self._listed(f"entries/{position}.entry"), position - 1
        try:
            verify_inclusion(leaf_hash(raw), index, head.size, proof.path, head.root)
            entry = parse(raw)
            payload = entry.payload
        except NotProved as error:
            raise Found(_not_proved(position, error)) from None
        except NotAnEntry as error:
            raise Found(Fault("EVENT_FORMAT", f"不是规范的信封：{error}", index)) from None
        if (reason := malformed(payload)) is not None:
            raise Found(Fault(*reason, index))
        if payload["log"] != self.origin:
            raise Found(Fault("EVENT_LOG", f"属于另一日志：{payload['log']}", index))
        if payload["seq"] != index:
            raise Found(Fault("EVENT_ORDER", f"顺序号应为 {index}，实为 {payload['seq']}", index))
        if entry.keyid not in keys:
            raise Found(Fault("EVENT_KEY", f"密钥未登记：{entry.keyid[:60]}", index))
        if not is_signed_by(keys[entry.keyid], entry):
            raise Found(Fault("EVENT_SIGNATURE", "签名与内容不符", index))
        return payload

    def _held(self) -> Iterator[tuple[str, str]]:
        """Files of evidence: the name, and the hash that it claims."""
        for name in self._box.names:
            if name.startswith(FILES):
                yield name, name.removeprefix(FILES).partition(".")[0]

    def _files(self, named: set[str]) -> None:
        for name, digest in sorted(self._held()):
            if digest not in named or self.hashes[name] != digest:
                raise wrong(f"{name} 不是任何一条所列的佐证材料")

    def _absent(self, named: set[str]) -> list[str]:
        absent = len(named - {digest for _, digest in self._held()})
        return [f"条目所列的佐证材料有 {absent} 份不在包中"] if absent else []


def _manifest(raw: bytes) -> tuple[str, int, list[int] | None, dict[str, str]]:
    try:
        told = loads(raw)
        origin, size, hashes, positions = told["log"], told["size"], told["files"], told.get("positions")
        of_whole = [type(origin) is str, type(size) is int, type(hashes) is dict]
        if not all([*of_whole, *(type(one) is str for one in hashes.values())]):
            raise ValueError("log, size, files")
        if positions is not None and not (positions and all(type(n) is int and 0 < n <= size for n in positions)):
            raise ValueError("positions")
        listed = {f"{part}/{n}.{end}" for n in positions or () for part, end in PARTS}
        if positions is not None and listed != {name for name in hashes if name.startswith(("entries/", "proofs/"))}:
            raise ValueError("positions")
    except (NotAnEntry, KeyError, TypeError, AttributeError, ValueError) as error:
        raise wrong(f"{MANIFEST} 不是规范的清单：{error}") from None
    return origin, size, positions, hashes


def _public_keys(raw: bytes) -> dict[str, bytes]:
    """Those of keys.json whose id comes from their own bytes."""
    try:
        keys = {name: b64decode(key["pub"], validate=True) for name, key in loads(raw).items()}
    except (NotAnEntry, KeyError, TypeError, ValueError) as error:
        raise wrong(f"keys.json 不是规范的 JSON：{error}") from None
    return {name: public for name, public in keys.items() if keyid("ed25519", public) == name}


def _evidence(payload: dict[str, Any]) -> Iterator[str]:
    listed = payload["data"].get("evidence", [])
    for each in listed if type(listed) is list else []:
        if type(each) is dict and type(each.get("sha256")) is str:
            yield each["sha256"]


def _not_proved(position: int, error: Exception) -> Fault:
    return Fault("PROOF", f"证明文件已损坏，或与条目、检查点不符（{error}）", position - 1)
