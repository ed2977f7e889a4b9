"""核验: reads a published log from a folder, offline, and says whether anything was altered. Pure.

Needs the log's verification key and nothing else of ours: no database, no configuration. Every byte of entries and tiles
is read once. What is not checked is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from application.trail.checkpoint import Checkpoint, NotACheckpoint
from application.trail.examine import Examiner, Fault
from application.trail.merkle import NotProved, leaf_hash, verify_inclusion
from application.trail.note import NotANote, Note, Vkey, WrongSignature
from application.trail.proof import NotAProof, Proof
from application.trail.tiles import WIDTH, Fetch, Growing, Malformed, Missing, Tiles, path_of

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Verdict:
    """`strength`: 强 (witnesses too, next part of the plan), 中 (genesis or an earlier checkpoint), 弱 (log key only)."""

    fault: Fault | None
    checkpoint: Checkpoint | None = None
    strength: str = "弱"
    unchecked: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.fault is None

    @property
    def sentence(self) -> str:
        if self.fault is None:
            size = self.checkpoint.size if self.checkpoint else 0
            return f"核验通过：共 {size} 条，未发现篡改（核验强度：{self.strength}）"
        place = "" if self.fault.index is None else f"第 {self.fault.index + 1} 条："
        return f"核验不通过：{place}{self.fault.sentence} [{self.fault.code}]"


@dataclass(frozen=True)
class Ask:
    """What is held against the log: `old` are signed checkpoints seen before (raw); ages in seconds."""

    vkeys: Sequence[Vkey]
    genesis: str | None = None
    old: Sequence[bytes] = ()
    signatures: bool = True
    max_age: int | None = None
    now: int = 0


class Found(Exception):
    """Ends the search: the fault is the argument."""


def verify(fetch: Fetch, ask: Ask, progress: Progress = lambda done, of: None) -> Verdict:
    """The verdict on the log that `fetch` reads. Never raises for what the log holds."""
    checkpoint = None
    try:
        checkpoint = _checkpoint(fetch, ask)
        older = _older(ask, checkpoint)
        roots, fault = _walked(fetch, ask, checkpoint, {each.size for each in older}, progress)
        for each in older:
            if roots[each.size] != each.root:
                raise Found(Fault("CONSISTENCY", f"与此前看到的第 {each.size} 条检查点不一致"))
        if fault is not None:
            raise Found(fault)
    except Found as found:
        return Verdict(found.args[0], checkpoint, unchecked=_unchecked(ask))
    strength = "中" if ask.genesis or ask.old else "弱"
    return Verdict(None, checkpoint, strength, _unchecked(ask))


def _checkpoint(fetch: Fetch, ask: Ask) -> Checkpoint:
    raw = fetch("checkpoint")
    if raw is None:
        raise Found(Fault("CHECKPOINT_MISSING", "没有 checkpoint 文件"))
    checkpoint, time = opened(raw, ask.vkeys)
    if ask.max_age is not None and (time is None or ask.now - time > ask.max_age):
        raise Found(Fault("CHECKPOINT_AGE", "检查点过旧，或没有带时间的签名"))
    return checkpoint


def opened(raw: bytes, vkeys: Iterable[Vkey]) -> tuple[Checkpoint, int | None]:
    """A signed checkpoint and the time in its signatures, if one tells. Raises Found."""
    try:
        note = Note.parse(raw)
        checkpoint = Checkpoint.parse(note.text)
        signed = note.verified([vkey for vkey in vkeys if vkey.name == checkpoint.origin])
    except (NotANote, NotACheckpoint, WrongSignature) as error:
        raise Found(Fault("CHECKPOINT_SIGNATURE", f"检查点签名无效：{error}")) from None
    if not signed:
        raise Found(Fault("CHECKPOINT_SIGNATURE", "检查点不是由所给密钥签署"))
    times = [line.time for vkey, line in signed if vkey.kind != 1]
    return checkpoint, max(times, default=None)


def _older(ask: Ask, checkpoint: Checkpoint) -> list[Checkpoint]:
    older = [_seen(raw, ask.vkeys) for raw in ask.old]
    for each in older:
        if each.size > checkpoint.size:
            raise Found(Fault("ROLLBACK", f"此前已见到 {each.size} 条，现只有 {checkpoint.size} 条"))
        if each.size == checkpoint.size and each.root != checkpoint.root:
            raise Found(Fault("FORK", f"同为 {each.size} 条，根哈希却与此前见到的不同"))
    return older


def _seen(raw: bytes, vkeys: Sequence[Vkey]) -> Checkpoint:
    try:
        return opened(raw, vkeys)[0]
    except Found as found:
        raise Found(Fault("CHECKPOINT_SIGNATURE", f"所给的此前检查点不可用：{found.args[0].sentence}")) from None


def _walked(
    fetch: Fetch, ask: Ask, checkpoint: Checkpoint, wanted: set[int], progress: Progress
) -> tuple[dict[int, bytes], Fault | None]:
    """One pass over bundles and tiles: the roots of the tree at the wanted sizes, and the first fault in what entries say.

    Raises Found if the files contradict each other or the checkpoint: that outweighs anything that they say.
    """
    tiles, growing, examiner = Tiles(fetch, checkpoint.size), Growing(), Examiner(checkpoint.origin)
    roots, fault = {0: growing.edge.root}, None
    try:
        for number in range(-(-checkpoint.size // WIDTH)):
            entries = _entries(tiles, number)
            for leaf in _leaves(tiles, number, entries):
                _compare(tiles, growing.add(leaf))
                if growing.size in wanted:
                    roots[growing.size] = growing.edge.root
            if number == 0:
                _check_genesis(ask, entries[0])
            if ask.signatures and fault is None:
                fault = examiner.batch(entries)
            progress(growing.size, checkpoint.size)
    finally:
        examiner.close()
    _compare(tiles, growing.partials())
    if growing.edge.root != checkpoint.root:
        raise Found(Fault("TILE_MISMATCH", "各条目算出的根哈希与检查点不符"))
    return roots, fault


def _entries(tiles: Tiles, number: int) -> list[bytes]:
    try:
        return tiles.entries(number)
    except Missing as missing:
        raise Found(Fault("ENTRIES_MISSING", f"缺少条目文件 {missing}")) from None
    except Malformed as malformed:
        raise Found(Fault("ENTRIES_FORMAT", f"条目文件 {malformed} 的条数或长度不对")) from None


def _leaves(tiles: Tiles, number: int, entries: list[bytes]) -> list[bytes]:
    leaves, stored = [leaf_hash(entry) for entry in entries], _hashes(tiles, 0, number)
    for place, (leaf, named) in enumerate(zip(leaves, stored, strict=True)):
        if leaf != named:
            raise Found(Fault("ENTRY_MISMATCH", "内容与哈希不符，已被改动", number * WIDTH + place))
    return leaves


def _compare(tiles: Tiles, grown: list[tuple[int, int, list[bytes]]]) -> None:
    for level, number, hashes in grown:
        if level and _hashes(tiles, level, number) != hashes:
            raise Found(Fault("TILE_MISMATCH", f"哈希文件 {path_of(level, number, len(hashes))} 与条目不符"))


def _hashes(tiles: Tiles, level: int, number: int) -> list[bytes]:
    try:
        return tiles.hashes(level, number)
    except Missing as missing:
        raise Found(Fault("TILE_MISSING", f"缺少哈希文件 {missing}")) from None
    except Malformed as malformed:
        raise Found(Fault("TILE_MISMATCH", f"哈希文件 {malformed} 的长度不对")) from None


def _check_genesis(ask: Ask, first: bytes) -> None:
    if ask.genesis is not None and leaf_hash(first).hex() != ask.genesis.lower():
        raise Found(Fault("GENESIS", "首条与所给创世哈希不符", 0))


def _unchecked(ask: Ask) -> tuple[str, ...]:
    left = ["未核对见证人签名"]
    if not ask.signatures:
        left.append("未核验各条目的签名与权限")
    elif ask.genesis is None:
        left.append("事件密钥取自被检日志自身（未给创世哈希）")
    if not ask.old:
        left.append("未与此前的检查点比对")
    return tuple(left)


def verify_one(raw: bytes, entry: bytes, vkeys: Sequence[Vkey]) -> Verdict:
    """One entry with its .tlog-proof: that it stands in the log whose key this is."""
    try:
        proof = Proof.parse(raw)
        checkpoint, _ = opened(proof.checkpoint.to_bytes(), vkeys)
        verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    except Found as found:
        return Verdict(found.args[0])
    except (NotAProof, NotProved) as error:
        return Verdict(Fault("PROOF", f"证明无效：{error}"))
    return Verdict(None, checkpoint, unchecked=("未核对见证人签名", "未核验签署人的权限"))
