"""The options of `xiaohao verify`, once for the command line of the service and once for the verifier's one file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

DESCRIPTION = "Verify the log published in FOLDER, an evidence pack (zip or unpacked), or one entry with its proof."
FOLDER = "FOLDER|PACK.zip"


class Option(NamedTuple):
    """`name` is the member of `VerifyRequest`; `kind`: str, int, Path or bool; `choices` and `metavar` may be absent."""

    flag: str
    name: str
    kind: type
    help: str
    many: bool = False
    metavar: str | None = None
    choices: tuple[str, ...] = ()


VERIFY = (
    Option("--vkey", "vkeys", str, "The log's key, from paper.", many=True, metavar="KEY|@FILE"),
    Option("--policy", "policy", Path, "Which logs and witnesses count (C2SP tlog-policy)."),
    Option("--witness", "witnesses", str, "A witness's key, instead of --policy.", many=True, metavar="KEY|@FILE"),
    Option("--quorum", "quorum", int, "How many of those witnesses are enough; all of them by default."),
    Option("--genesis", "genesis", str, "The hash of the first entry, from paper.", metavar="HEX"),
    Option("--old", "old", Path, "A signed checkpoint seen before; any number of them.", many=True),
    Option("--cosignature", "cosignatures", Path, "What `witness cosign` wrote about this checkpoint.", many=True),
    Option("--state", "state", Path, "Remembers the last good checkpoint, and holds it against the log next time."),
    Option("--max-age", "max_age", str, "How old the checkpoint and its cosignatures may be.", metavar="24h"),
    Option("--require", "require", str, "Nothing less is a good verdict.", choices=("strong",)),
    Option("--no-signatures", "no_signatures", bool, "Only hashes and the log's own signature."),
    Option("--promise", "promises", Path, "Promises given to reporters, one on each line: were they kept?", many=True),
    Option("--proof", "proof", Path, "One entry's .tlog-proof, instead of FOLDER."),
    Option("--entry", "entry", Path, "The entry that --proof is about."),
    Option("--print", "printed", bool, "Also the cover of a good pack, written from its entries."),
    Option("-o", "output", Path, "Where --print puts the cover, for a browser to print.", metavar="FILE.html"),
    Option("--lang", "lang", str, "One language instead of both.", choices=("zh", "en")),
)


class SingleValue(argparse.Action):
    """Keeps the one value of an option: the first of two would else be forgotten in silence."""

    given = False

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        if self.given:
            parser.error(f"{option_string} is given twice; give it once")
        self.given = True
        setattr(namespace, self.dest, values)


class StrictParser(argparse.ArgumentParser):
    """Of the one file: each of its options counts, and of its errands' options too."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        for action in (None, "store"):
            self.register("action", action, SingleValue)


def question(asked: dict[str, Any]) -> dict[str, Any]:
    """The members of `VerifyRequest`, without what is asked of the command line itself."""
    return {name: value for name, value in asked.items() if name not in ("no_signatures", "lang", "json")} | {
        "signatures": not asked["no_signatures"]
    }
