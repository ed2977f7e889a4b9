"""证据包核验: everything in an evidence pack held against its checkpoint, the log's key and its own entries. Pure.

Nothing lies in it that is only listed: keys, names, page and leaflet are written again from the proved entries and compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import application.verifier.pack.cover as cover
import application.verifier.pack.leaflet as leaflet
import application.verifier.verdict_text as words
from application.verifier.clock_comparison import latest
from application.verifier.folder_survey import MANIFEST
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.entry import NotAnEntry, loads, parse
from application.verifier.formats.merkle import NotProved, leaf_hash, verify_inclusion
from application.verifier.formats.note import NotANote, Vkey
from application.verifier.formats.policy import NONE, Policy
from application.verifier.formats.proof import NotAProof, Proof
from application.verifier.formats.tiles import CHECKPOINTS, LISTING, listing
from application.verifier.pack.container import Box, wrong
from application.verifier.pack.cover import Cover
from application.verifier.pack.dossier import Dossier, Item, dossier, take_names
from application.verifier.pack.manifest import (
    CHECKPOINT,
    FILES,
    KEYS,
    NAMES,
    PAGE,
    README,
    SUFFIXES,
    TRAIL,
    VKEY,
    Manifest,
    listed,
)
from application.verifier.rules.entry_check import Fault
from application.verifier.rules.event_schema import malformed
from application.verifier.rules.log_facts import Opened
from application.verifier.signed_heads import NOBODY, Head, KeySuccession, VerificationFailed, foreign_lines, named_by
from application.verifier.verdict import PACK as SOME
from application.verifier.verdict import Verdict


class Pack:
    """Its lists are read and every file is hashed at once. Raises VerificationFailed for the first that is not as they say."""

    def __init__(self, box: Box) -> None:
        self._box, self._manifest = box, Manifest.read(box)
        self.cover: Cover | None = None  # once a verdict is good

    @property
    def is_whole_log(self) -> bool:
        return self._manifest.positions is None

    @property
    def vkeys(self) -> list[Vkey]:
        """The log's keys as the pack itself has them: to be compared with paper. Raises VerificationFailed."""
        name = TRAIL + VKEY if self.is_whole_log else VKEY
        if name not in self._box.names:
            raise wrong(f"包中缺少 {name}")
        try:
            raw = self._box.read(name)
            found = [Vkey.parse(line) for line in raw.decode(errors="replace").split()]
        except NotANote as error:
            raise wrong(f"{VKEY} 不是规范的公钥：{error}") from None
        if raw != "".join(f"{vkey}\n" for vkey in found).encode() or {vkey.name for vkey in found} != {
            self._manifest.log
        }:
            raise wrong(f"{VKEY} 不是规范的公钥：spelled otherwise, or of another log")
        return found

    def fetch(self, path: str) -> bytes | None:
        """Of the whole log, as if `trail/` lay in a folder."""
        if path == LISTING:
            return listing(name.removeprefix(TRAIL) for name in self._box.names if name.startswith(TRAIL))
        if path == CHECKPOINTS:
            kept = sorted(name for name in self._box.names if name.startswith(TRAIL + CHECKPOINTS))
            return b"".join(name.rpartition("/")[2].encode() + b"\n" for name in kept)
        return self._box.read(TRAIL + path) if TRAIL + path in self._box.names else None

    def of_log(self, found: Verdict) -> Verdict:
        """The verdict on the log in `trail/`, if what lies around it says the same."""
        if found.checkpoint is None or not found.ok:
            return found
        try:
            self._check_checkpoint(found.checkpoint)
            shown = cover.of_log(found.checkpoint, found.opened.mode if found.opened else "")
            self._check_pages(shown, leaflet.of_log(self._manifest.log, self._manifest.size))
        except VerificationFailed as wrong_one:
            return Verdict(wrong_one.fault, found.checkpoint)
        return found

    def verdict(
        self, vkeys: Sequence[Vkey], policy: Policy | None, genesis: str | None = None, *, now: int = 0
    ) -> Verdict:
        """On its entries: each by its proof, from the one checkpoint, signed with a key that another entry brought."""
        asked, has_quorum = policy or NOBODY, policy is not None and policy.quorum != NONE
        try:
            head, proofs = self._head(vkeys, asked)
            items = [self._proved(position, proof, head.checkpoint) for position, proof in sorted(proofs.items())]
            made = dossier(items, [position - 1 for position in self._manifest.positions or ()])
            self._check_keys(made, vkeys, head.checkpoint.origin)
            self._check_genesis(items[0], genesis)
            take_names(made, _object(NAMES, self._box.read(NAMES)))
            files, absent = self._files(made.told)
            self._check_pages(
                cover.of_entries(head.checkpoint, made, files),
                leaflet.of_entries(self._manifest.log, made.told[0].index + 1),
            )
        except VerificationFailed as found:
            return Verdict(found.fault, entries=0, asked=SOME)
        if not head.witnessed(asked, 0, latest(now)):
            return Verdict(Fault("WITNESS_QUORUM", "证明所附的检查点见证不足"), head.checkpoint, entries=0, asked=SOME)
        left = [*[words.NO_WITNESS] * (not has_quorum), *[words.NO_GENESIS] * (genesis is None)]
        left += [*head.unknown_lines(asked), words.NO_RIGHTS, words.NO_ENDS, words.NO_LATER, *absent]
        proved = (words.PACKED, words.VERSIONS, *[words.WITNESSED] * has_quorum)
        strength = "中" if has_quorum or genesis else "弱"
        return Verdict(
            None,
            head.checkpoint,
            strength,
            tuple(left),
            proved=proved,
            head=head.raw,
            entries=len(made.told),
            asked=SOME,
            opened=None if items[0].index else Opened.read(self._box.read("entries/1.entry")),
            signed_at=head.time,
            witnesses=head.witnesses(latest(now)),
        )

    def _head(self, vkeys: Sequence[Vkey], policy: Policy) -> tuple[Head, dict[int, Proof]]:
        """The checkpoint with whatever witnesses signed of it in any copy here, and the proofs, by position."""
        raw = self._box.read(CHECKPOINT)
        heirs = KeySuccession(Head.read(raw, ()).checkpoint.origin, vkeys)
        if not heirs.signed(raw, policy).signed:
            heirs.follow(self._rotations())
        head = heirs.signed(raw, policy)
        if not head.signed:
            raise VerificationFailed(Fault("CHECKPOINT_SIGNATURE", "检查点不是由所给密钥签署"))
        self._check_checkpoint(head.checkpoint)
        copies = {name: self._box.read(name) for name in self._box.names if name.startswith(CHECKPOINTS)}
        proofs = {n: self._proof(n) for n in (*(self._manifest.positions or ()), *self._manifest.support)}
        for position, proof in proofs.items():
            if proof.checkpoint.to_bytes() != raw:
                raise wrong(f"proofs/{position} 不属于包中的检查点")
        for name, copied in copies.items():
            copy = heirs.signed(copied, policy)
            if copy.checkpoint != head.checkpoint:
                raise wrong(f"{name} 不属于包中的检查点")
            head = head.joined(copy)
        return head, proofs

    def _rotations(self) -> list[tuple[int, dict[str, Any]]]:
        """Of the log's key, as entries here say: each is believed only with the old key's signature, and proved afterwards."""
        found = []
        for position in self._manifest.support:
            item = self._read(position)
            if item.payload["type"] == "log.key_rotated":
                found.append((item.index, item.payload["data"]))
        return found

    def _check_checkpoint(self, checkpoint: Checkpoint) -> None:
        if (checkpoint.origin, checkpoint.size) != (self._manifest.log, self._manifest.size):
            raise wrong(f"{MANIFEST} 所写的日志或条数与检查点不符")

    def _proof(self, position: int) -> Proof:
        raw = self._box.read(f"proofs/{position}.tlog-proof")
        try:
            proof = Proof.parse(raw)
        except NotAProof as error:
            raise VerificationFailed(_not_proved(position, error)) from None
        if proof.index != position - 1:
            raise wrong(f"proofs/{position} 是第 {proof.index + 1} 条的证明")
        if Proof(proof.index, proof.path, proof.checkpoint).to_bytes() != raw:
            raise wrong(f"proofs/{position} 中有证明以外的内容")
        return proof

    def _read(self, position: int) -> Item:
        """The entry that lies there, well-formed and of this log; nothing is proved yet."""
        raw, index = self._box.read(f"entries/{position}.entry"), position - 1
        try:
            entry = parse(raw)
            payload = entry.payload
        except NotAnEntry as error:
            raise VerificationFailed(Fault("EVENT_FORMAT", f"不是规范的信封：{error}", index)) from None
        if (reason := malformed(payload)) is not None:
            raise VerificationFailed(Fault(*reason, index))
        return Item(index, leaf_hash(raw).hex(), entry, payload)

    def _proved(self, position: int, proof: Proof, head: Checkpoint) -> Item:
        raw, index = self._box.read(f"entries/{position}.entry"), position - 1
        try:
            verify_inclusion(leaf_hash(raw), index, head.size, proof.path, head.root)
        except NotProved as error:
            raise VerificationFailed(_not_proved(position, error)) from None
        item = self._read(position)
        if item.payload["log"] != head.origin:
            raise VerificationFailed(Fault("EVENT_LOG", f"属于另一日志：{item.payload['log']}", index))
        if item.payload["seq"] != index:
            raise VerificationFailed(Fault("EVENT_ORDER", f"顺序号应为 {index}，实为 {item.payload['seq']}", index))
        return item

    def _check_keys(self, made: Dossier, vkeys: Sequence[Vkey], origin: str) -> None:
        """What the pack says of keys is what its entries say, of the log's own too."""
        raw = self._box.read(KEYS)
        if _object(KEYS, raw) != made.directory or raw != listed(made.directory):
            raise VerificationFailed(Fault("EVENT_KEY", "keys.json 与包中登记密钥的条目不符"))
        heirs = KeySuccession(origin, [*vkeys, *self.vkeys])
        if (fault := heirs.follow(made.rotations) or heirs.unnamed(made.log_keys, made.rotations)) is not None:
            raise VerificationFailed(fault)
        named = named_by(made.log_keys, made.rotations)
        for name in (CHECKPOINT, *(name for name in self._box.names if name.startswith(CHECKPOINTS))):
            if (lines := foreign_lines(self._box.read(name), origin, named)) is not None:
                raise VerificationFailed(Fault("CHECKPOINT_SIGNATURE", lines))

    @staticmethod
    def _check_genesis(first: Item, genesis: str | None) -> None:
        if genesis is not None and (first.index or first.leaf != genesis.lower()):
            raise VerificationFailed(Fault("GENESIS", "首条与所给创世哈希不符", 0))

    def _check_pages(self, shown: Cover, readme: bytes) -> None:
        for name, due in ((PAGE, cover.html(shown)), (README, readme)):
            if self._box.read(name) != due:
                raise wrong(f"{name} 与条目不符：它不是据条目写成的")
        self.cover = shown

    def _files(self, told: Sequence[Item]) -> tuple[dict[str, str], list[str]]:
        """The pieces of evidence that lie here, each with its name; and what a verdict must say of those that don't."""
        named = {digest: suffix for item in told for digest, suffix in _evidence(item.payload)}
        held: dict[str, str] = {}
        for name in sorted(name for name in self._box.names if name.startswith(FILES)):
            digest = name.removeprefix(FILES).partition(".")[0]
            if name != f"{FILES}{digest}{named.get(digest)}" or self._manifest.hashes[name] != digest:
                raise wrong(f"{name} 不是任何一条所列的佐证材料")
            held[digest] = name
        absent = len(named - held.keys())
        return held, [f"条目所列的佐证材料有 {absent} 份不在包中"] if absent else []


def _object(name: str, raw: bytes) -> dict[str, Any]:
    """JSON that is spelled the one way that packs are written in. Raises VerificationFailed."""
    try:
        found = loads(raw)
    except NotAnEntry as error:
        raise wrong(f"{name} 不是规范的 JSON：{error}") from None
    if listed(found) != raw:
        raise wrong(f"{name} 不是规范的 JSON：spelled otherwise")
    return found


def _evidence(payload: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Of each piece that an entry lists: its SHA-256, and how its name ends in a pack."""
    found = payload["data"].get("evidence", [])
    for each in found if type(found) is list else []:
        if type(each) is dict and type(each.get("sha256")) is str:
            yield each["sha256"], SUFFIXES.get(str(each.get("media_type")), "")


def _not_proved(position: int, error: Exception) -> Fault:
    return Fault("PROOF", f"证明文件已损坏，或与条目、检查点不符（{error}）", position - 1)
