"""The verifier as one file for whoever doubts us: the same as `xiaohao verify`, with Python and cryptography alone. 核验工具"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from application.verifier.inputs import Unusable
from application.verifier.print_cover import check_printable, printed
from application.verifier.request import VerifyRequest, answer, meter
from interface.cli.log.verify_options import DESCRIPTION, FOLDER, VERIFY, Option, StrictParser, question

EPILOG = (
    "Exit status: 0 nothing was altered, 1 something was, 2 the question can't be asked so, 3 only a newer program can tell."
    " The one file also does `witness init`, `witness cosign`, `lead-key`, `lead` and `opening`, each with --help."
)


def parser() -> argparse.ArgumentParser:
    """The options of `xiaohao verify`."""
    it = StrictParser(prog="xiaohao-verify", description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False)
    it.add_argument("folder", nargs="?", type=Path, metavar=FOLDER)
    for each in VERIFY:
        it.add_argument(each.flag, dest=each.name, help=each.help, **_how(each))
    it.add_argument("--json", action="store_true", help="for machines")
    return it


def _how(each: Option) -> dict[str, Any]:
    if each.kind is bool:
        return {"action": "store_true"}
    many = {"action": "append", "default": []} if each.many else {}
    return {"type": each.kind, "metavar": each.metavar, "choices": each.choices or None, **many}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = vars(parser().parse_args(arguments))
    languages = [asked["lang"]] if asked["lang"] else ["zh", "en"]
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        asked_for = VerifyRequest(**question(asked))
        check_printable(asked_for, asked["json"])
        found = answer(asked_for, meter(sys.stderr))
        sheet = printed(asked_for, found)
    except Unusable as error:
        print(f"xiaohao-verify: {error}", file=sys.stderr)
        return 2
    last = found.said(languages[0])
    if asked["json"]:
        print(json.dumps({"ok": found.ok, "verdict": last, **found.members()}, ensure_ascii=False))
    else:
        print(*([f"{sheet}\n"] if sheet else []), *found.told(languages), last, sep="\n")
    return found.status


if __name__ == "__main__":
    sys.exit(main())
