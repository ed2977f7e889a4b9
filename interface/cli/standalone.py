"""The verifier as one file for whoever doubts us: the same as `xiaohao verify`, with Python and cryptography alone. 核验工具"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from application.trail.kit import Question, Unusable, answer, meter
from application.trail.printing import printed

EPILOG = (
    "Exit status: 0 nothing was altered, 1 something was, 2 the question can't be asked so."
    " The one file also does `witness init`, `witness cosign`, `lead-key`, `lead` and `opening`, each with --help."
)


def parser() -> argparse.ArgumentParser:
    """The options of `xiaohao verify`."""
    it = argparse.ArgumentParser(
        prog="xiaohao-verify",
        description="Verify the log published in FOLDER, an evidence pack (zip or unpacked), or one entry with its proof.",
        epilog=EPILOG,
    )
    many: dict[str, Any] = {"action": "append", "default": []}
    it.add_argument("folder", nargs="?", type=Path, metavar="FOLDER|PACK.zip")
    it.add_argument("--vkey", dest="vkeys", metavar="KEY|@FILE", help="the log's key, from paper", **many)
    it.add_argument("--policy", type=Path, help="which logs and witnesses count (C2SP tlog-policy)")
    it.add_argument("--witness", dest="witnesses", metavar="KEY|@FILE", help="a witness's key", **many)
    it.add_argument("--quorum", type=int, help="how many of those witnesses are enough (default: all)")
    it.add_argument("--genesis", metavar="HEX", help="the hash of the first entry, from paper")
    it.add_argument("--old", type=Path, help="a signed checkpoint seen before; any number", **many)
    it.add_argument(
        "--cosignature",
        dest="cosignatures",
        type=Path,
        help="what `witness cosign` wrote about this checkpoint",
        **many,
    )
    it.add_argument("--state", type=Path, help="remembers the last good checkpoint for the next time")
    it.add_argument("--max-age", metavar="24h", help="how old cosignatures may be; without witnesses, the checkpoint")
    it.add_argument("--require", choices=["strong"], help="nothing less is a good verdict")
    it.add_argument(
        "--no-signatures", dest="signatures", action="store_false", help="only hashes and the log's signature"
    )
    it.add_argument(
        "--promise", dest="promises", type=Path, help="promises given to reporters, one a line: were they kept?", **many
    )
    it.add_argument("--proof", type=Path, help="one entry's .tlog-proof, instead of FOLDER")
    it.add_argument("--entry", type=Path, help="the entry that --proof is about")
    it.add_argument(
        "--print", dest="printed", action="store_true", help="also the cover of a good pack, written from its entries"
    )
    it.add_argument("-o", dest="output", type=Path, metavar="FILE.html", help="where --print puts it, for a browser")
    it.add_argument("--lang", choices=["zh", "en"], help="one language instead of both")
    it.add_argument("--json", action="store_true", help="for machines")
    return it


def main(arguments: Sequence[str] | None = None) -> int:
    asked = vars(parser().parse_args(arguments))
    lang, as_json = asked.pop("lang"), asked.pop("json")
    languages = [lang] if lang else ["zh", "en"]
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        question = Question(**asked)
        found = answer(question, meter(sys.stderr))
        sheet = printed(question, found)
    except Unusable as error:
        print(f"xiaohao-verify: {error}", file=sys.stderr)
        return 2
    last = found.said(languages[0])
    if as_json:
        print(json.dumps({"ok": found.ok, "verdict": last, **found.members()}, ensure_ascii=False))
    else:
        print(*([f"{sheet}\n"] if sheet else []), *found.told(languages), last, sep="\n")
    return 0 if found.ok else 1


if __name__ == "__main__":
    sys.exit(main())
