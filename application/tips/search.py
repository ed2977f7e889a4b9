"""Looking for words in tips that are encrypted, and for tips that say the same. 线索检索与相似线索

Nothing is indexed: a search decrypts the tips of the caller's own scope in memory, and is recorded with their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import normalize
from uuid import UUID

from application.core.ledger import Ledger
from application.verifier.formats.entry import body_of, loads
from domain.errors import RuleBroken
from domain.tips.tip import CHANNELS
from domain.values import Actor

MOST = 5_000  # tips of one search
SHORTEST = 2  # characters
ALIKE = 0.4  # of the bins: measured on real messages, all that it proposed shared a third of their 3-grams


def search(ledger: Ledger, actor: Actor, tips: Sequence[UUID], wanted: str) -> list[UUID]:
    """Those of these tips that hold every one of the wanted words, in their order; recorded before anything is opened."""
    words = [plain(word) for word in wanted.split()]
    if not words or min(map(len, words)) < SHORTEST:
        raise RuleBroken(f"搜索的每个词至少 {SHORTEST} 个字")
    looked = tips[:MOST]
    ledger.vault.record_access(actor, what=f"tips/search/{len(looked)}", why="search")
    found = set()
    for tip, text in ledger.vault.tips.texts(looked):
        said = plain(text)
        if all(word in said for word in words):
            found.add(tip)
    return [tip for tip in looked if tip in found]


def numbered(ledger: Ledger, number: str) -> list[UUID]:
    """Tips that came with this number: as one of a channel, or of a source that lists were imported from."""
    imported = (loads(body_of(entry))["data"]["source"] for _, entry in ledger.table.of_topics(["import.started"]))
    keys = [ledger.vault.tips.source_key(source, number, "") for source in dict.fromkeys([*CHANNELS, *imported])]
    return list(ledger.vault.tips.known_sources(keys).values())


def differing(ledger: Ledger, actor: Actor, told: Sequence[tuple[UUID, str]]) -> list[bool]:
    """Whether each of these texts is another than its tip's own; recorded before anything is opened."""
    tips = list(dict.fromkeys(tip for tip, _ in told))
    if tips:
        ledger.vault.record_access(actor, what=f"tips/compare/{len(tips)}", why="import")
    said = {tip: plain(text) for tip, text in ledger.vault.tips.texts(tips)}
    return [tip in said and said[tip] != plain(text) for tip, text in told]


def plain(text: str) -> str:
    """As it is compared: wide and narrow, upper and lower case alike, without spaces."""
    return "".join(normalize("NFKC", text).casefold().split())


def near(ledger: Ledger, tip: UUID) -> list[UUID]:
    """Tips that are likely to say what this one says, the likeliest first: proposed to a person, never decided."""
    return [other for other, share in ledger.vault.tips.near(tip) if share >= ALIKE]


def near_text(ledger: Ledger, text: str) -> list[UUID]:
    """The same for words that are not registered yet."""
    return [other for other, share in ledger.vault.tips.near_text(text) if share >= ALIKE]
