"""Why an event is refused. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """Why an event is not what it claims: a code of docs/format.md §8 and a sentence for people."""

    code: str
    sentence: str
