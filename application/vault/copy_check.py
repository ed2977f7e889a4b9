"""Officials' own words: no reporter may be known by what he wrote (docs/format.md §10.7). 概括用语"""

from __future__ import annotations

from uuid import UUID

from application.vault.vault import Vault
from domain.errors import NotFound, RuleBroken
from domain.text import copies


def in_own_words(vault: Vault, tip: UUID, *texts: str | None) -> None:
    """What officials write is for ever and goes to companies. Raises RuleBroken where a text copies the tip's words, or what
    its reporter added."""
    try:
        told = [words.text for words in (vault.tips.words(tip), *vault.tips.more(tip))]
    except NotFound:
        return  # destroyed: nothing is left to copy from
    if any(text and copies(text, each) for text in texts for each in told):
        raise RuleBroken("请用自己的话概括，不要照抄线索原文（连续 12 字以上相同），以保护举报人")
