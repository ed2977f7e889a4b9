"""Officials' own words: no reporter may be known by what he wrote (docs/format.md §10.7). 概括用语"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from application.core.ledger import Ledger
from application.verifier.formats.entry import body_of, loads
from domain import laws
from domain.errors import NotFound, RuleBroken
from domain.text import COPIED, copied

NAMED = {  # what stands in the registers, and so is nobody's own words: the members of these events
    "company.registered": ("name",),
    "estate.registered": ("name", "address", "aliases"),
    "unit.registered": ("name", "short_name"),
}


def in_own_words(ledger: Ledger, tip: UUID, *texts: str | None) -> None:
    """What officials write is for ever and goes to companies. Raises RuleBroken where a text copies the tip's words, or what
    its reporter added; names of the registers and titles of laws are copied from nobody.
    """
    try:
        told = [words.text for words in (ledger.vault.tips.words(tip), *ledger.vault.tips.more(tip))]
    except NotFound:
        return  # destroyed: nothing is left to copy from
    for text in filter(None, texts):
        if not any(copied(text, each) for each in told):
            continue  # the registers are read for the few that need them
        known = [*_registered(ledger), *laws.titles()]
        for each in told:
            if passage := copied(text, each, known):
                raise RuleBroken(f"“{passage}”与线索原文连续 {COPIED} 字以上相同；请用自己的话概括，以保护举报人")


def _registered(ledger: Ledger) -> Iterator[str]:
    for _, entry in ledger.table.of_topics(sorted(NAMED)):
        payload = loads(body_of(entry))
        for name in NAMED[payload["type"]]:
            value = payload["data"].get(name) or []
            yield from [value] if isinstance(value, str) else value
