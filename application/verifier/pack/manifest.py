"""清单: which files an evidence pack has, with the hash of each, and which of them a pack may have at all. Pure.

A pack holds either some entries, each with its proof and the files that it names, or a whole published log in `trail/`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from hashlib import sha256
from typing import Any, NamedTuple

from application.verifier.folder_survey import MANIFEST, ambiguous, superfluous
from application.verifier.formats.entry import NotAnEntry, loads
from application.verifier.formats.tiles import CHECKPOINTS
from application.verifier.pack.container import Box, wrong
from application.verifier.pack.cover import FORMAT
from application.verifier.signed_heads import VerificationFailed

SUMS, KEYS, NAMES, VKEY, TRAIL, FILES = "SHA256SUMS", "keys.json", "names.json", "log.vkey", "trail/", "files/"
PAGE, README, CHECKPOINT = "index.html", "README.txt", "checkpoint"
EVIDENCE = re.compile(r"files/[0-9a-f]{64}(\.[a-z]{2,5})?")
PARTS = (("entries", "entry"), ("proofs", "tlog-proof"))  # of each position
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
OF_BOTH = frozenset({PAGE, README})
OF_ENTRIES = OF_BOTH | {CHECKPOINT, VKEY, KEYS, NAMES}


class Manifest(NamedTuple):
    """`positions` are the entries that the pack is about, None for a whole log; `support` those that prove their keys and names."""

    log: str
    size: int
    positions: tuple[int, ...] | None
    support: tuple[int, ...]
    hashes: Mapping[str, str]

    @classmethod
    def read(cls, box: Box) -> Manifest:
        """Of a pack whose files are all there, each as it was listed, and none besides. Raises VerificationFailed."""
        if MANIFEST not in box.names:
            raise wrong(f"包中缺少 {MANIFEST}")
        it = cls._parsed(box.read(MANIFEST))
        it._check_names(box.names)
        for name, digest in it.hashes.items():
            if sha256(box.read(name)).hexdigest() != digest:
                raise wrong(f"{name} 与清单所列的哈希不符，已被替换或改动")
        if box.read(SUMS) != sums(it.hashes):
            raise wrong(f"{SUMS} 与 {MANIFEST} 不符")
        return it

    @classmethod
    def _parsed(cls, raw: bytes) -> Manifest:
        try:
            told = loads(raw)
            if told.get("format") != FORMAT:
                raise _other_format(told.get("format"))
            positions = tuple(told["positions"]) if "positions" in told else None
            it = cls(told["log"], told["size"], positions, tuple(told.get("support", ())), told["files"])
            known = {"format", "log", "size", "files"} | ({"positions", "support"} if positions is not None else set())
            if told.keys() != known or not it._is_well_formed() or listed(told) != raw:
                raise ValueError(", ".join(sorted(told.keys() ^ known)) or "size, positions")
        except (NotAnEntry, KeyError, TypeError, AttributeError, ValueError) as error:
            raise wrong(f"{MANIFEST} 不是规范的清单：{str(error)[:80]}") from None
        return it

    def _is_well_formed(self) -> bool:
        told = [type(self.log) is str, type(self.size) is int, type(self.hashes) is dict]
        if not all([*told, *(type(each) is str for each in self.hashes.values())]):
            return False
        each = [*(self.positions or ()), *self.support]
        ascending = all(list(part) == sorted(part) for part in (self.positions or (), self.support))
        within = all(type(n) is int and 0 < n <= self.size for n in each)
        return within and ascending and len(set(each)) == len(each) and self.positions != ()

    def _check_names(self, names: frozenset[str]) -> None:
        """One question: a pack of some entries holds no whole log beside them, and the other way round."""
        tops = {name.partition("/")[0] for name in names}
        if (self.positions is None and tops & {"checkpoint", "checkpoints", "entries", "proofs"}) or (
            self.positions is not None and "trail" in tops
        ):
            raise ambiguous()
        for name in sorted(({MANIFEST, SUMS} | self.required | self.hashes.keys()) - names):
            raise wrong(f"包中缺少 {name}")
        for name in sorted(names - self.hashes.keys() - {MANIFEST, SUMS}):
            raise wrong(f"包中有清单以外的文件：{name}")
        for name in self._superfluous(self.hashes.keys() - self.required):
            raise wrong(f"包中有证据包不应有的文件：{name}，没有什么能证明它，不要采信")

    @property
    def required(self) -> frozenset[str]:
        if self.positions is None:
            return OF_BOTH | {TRAIL + name for name in (CHECKPOINT, VKEY, KEYS)}
        return OF_ENTRIES | {f"{part}/{n}.{end}" for n in self.positions + self.support for part, end in PARTS}

    def _superfluous(self, besides: Set[str]) -> list[str]:
        """Of the files that a pack need not have, those that it may not have either."""
        if self.positions is not None:
            kept = f"{CHECKPOINTS}{self.size}"
            return sorted(name for name in besides if name != kept and EVIDENCE.fullmatch(name) is None)
        inside = {name.removeprefix(TRAIL) for name in besides if name.startswith(TRAIL)}
        strange = [TRAIL + name for name in superfluous(inside, self.size)]
        return sorted([*strange, *(name for name in besides if not name.startswith(TRAIL))])


def listed(members: Mapping[str, Any]) -> bytes:
    """As the lists in a pack are spelled."""
    return json.dumps(members, ensure_ascii=False, indent=1, sort_keys=True).encode()


def sums(hashes: Mapping[str, str]) -> bytes:
    """The same list for `sha256sum -c`."""
    return "".join(f"{digest}  {name}\n" for name, digest in hashes.items()).encode()


def _other_format(told: Any) -> VerificationFailed:
    if told is None:
        return wrong("这是旧版程序制作的证据包，其中的封面和密钥清单无从核对；请从系统重新下载一份")
    return wrong("这是其他版本的程序制作的证据包；请用同一版本的核验程序，或从系统重新下载一份")
