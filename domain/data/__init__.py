"""What the city starts with: catalogue, calendar, units, score table, the campaign itself. Each is adopted by an event."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read(name: str) -> Any:
    return json.loads((files(__name__) / f"{name}.json").read_text("utf-8"))
