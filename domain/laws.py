"""What a decision on a tip rests on: articles for each item of the catalogue, grounds for saying no. 依据

Data of domain/data/laws.json, as the law stood on `as_of`; nothing is decided by it, it is only cited.
"""

from __future__ import annotations

import json
import re

from domain import data
from domain.errors import RuleBroken

AS_OF: str = data.read("laws")["as_of"]
ASSIGNING: str = data.read("laws")["assigning"]
TURN_TO: list[str] = data.read("laws")["turn_to"]  # outside the city's departments


def of_item(item: str | None) -> str:
    """The articles that an item rests on; the notice itself where the law map names none, or no item is known yet."""
    laws = data.read("laws")
    article: str = laws["items"].get(item or "", laws["notice"])
    return article


def titles() -> set[str]:
    """The laws that anything here rests on, by their titles in 《》."""
    return set(re.findall("《[^》]+》", json.dumps(data.read("laws"), ensure_ascii=False)))


def grounds(act: str) -> dict[str, str]:
    """By code, the grounds on which one may decline, out_of_scope or return a tip."""
    found: dict[str, str] = data.read("laws")["grounds"][act]
    return found


def ground(act: str, code: str) -> str:
    """The sentence of a ground. Raises RuleBroken where it is none of this act's."""
    if (text := grounds(act).get(code)) is None:
        raise RuleBroken("请选择依据")
    return text
