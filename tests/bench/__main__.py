"""`python -m tests.bench [ID]`: every measurement beside its baseline in the same run; medians of five."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

BENCHES = {
    "append": "tests.bench.append:append",
    "import": "tests.bench.imports:imports",
    "backup": "tests.bench.backup:backup",
    "projections": "tests.bench.projections:projections",
    "verification": "tests.bench.verification:verification",
    "publish": "tests.bench.publishing:publishing",
    "start": "tests.bench.starting:starting",
    "receipts": "tests.bench.receipts:receipts",
}
RESULTS = Path(__file__).with_name("results.json")
Bench = Callable[[], Iterator[dict[str, Any]]]


def main(only: list[str]) -> int:
    """Prints a line for each result as it comes; 1 if one missed its target."""
    results = []
    print(f"{'id':<24}{'value':>12}{'baseline':>12}{'ratio':>8}{'target':>8}  what")
    for name, place in BENCHES.items():
        if only and name not in only:
            continue
        module, _, function = place.partition(":")
        bench: Bench = getattr(import_module(module), function)
        for found in bench():
            results.append(found)
            print(_line(found), flush=True)
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1))
    return 0 if all(found["ok"] for found in results) else 1


def _line(found: dict[str, Any]) -> str:
    numbers = [
        f"{found[name]:,.6g}" if found.get(name) is not None else ""
        for name in ("value", "baseline", "ratio", "target")
    ]
    verdict = "" if found["ok"] else "  MISSED"
    return f"{found['id']:<24}{numbers[0]:>12}{numbers[1]:>12}{numbers[2]:>8}{numbers[3]:>8}  {found['what']} [{found['unit']}]{verdict}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
