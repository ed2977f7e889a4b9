"""盘点: every file that lies in a published folder has one meaning: a part of the log, or it is named. Pure.

A folder or a zip with `manifest.json` is an evidence pack, any other a log. What looks like both is refused by every reader:
one of them would read the good half, and another the forged one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from application.verifier.formats.tiles import CHECKPOINTS, ENTRIES, WIDTH, Fetch, NotAFile, Tiles, listed, path_of
from application.verifier.rules.entry_check import Fault
from application.verifier.signed_heads import VerificationFailed

MANIFEST = "manifest.json"
LOG, PACK = "log", "pack"
OWN = frozenset({"checkpoint", "keys.json", "log.vkey"})
SIZE = re.compile("0|[1-9][0-9]{0,18}")
TILE = re.compile(
    rf"tile/({ENTRIES}|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{{3}}/)*[0-9]{{3}})(?:\.p/([1-9][0-9]{{0,2}}))?"
)
EMPTY = re.compile(
    rf"checkpoint/|checkpoints/|tile/(({ENTRIES}|[0-9]|[1-5][0-9]|6[0-3])/(x[0-9]{{3}}/)*([0-9]{{3}}\.p/)?)?"
)  # folders of a log, which are empty before the first file and after the last; of `checkpoint` is said that it is missing
NAMED = 5  # files of a kind that a verdict names
SHOWN = 80  # characters of a name

Place = tuple[int | str, int]
"""Level (or ENTRIES) and number of a tile."""


class Survey(NamedTuple):
    """`unknown` files are no part of a log; those `beyond` hold what the checkpoint does not cover, or nothing else.

    `spare` are the widths of further copies of each tile and bundle, beside the one that is read.
    """

    unknown: Sequence[str] = ()
    beyond: Sequence[str] = ()
    spare: Mapping[Place, Sequence[int]] = {}


def kind_of(names: Iterable[str]) -> str:
    """LOG or PACK. Raises VerificationFailed for what somebody may take for the other."""
    tops = {name.partition("/")[0].casefold() for name in names}
    if MANIFEST not in tops:
        return LOG
    if "tile" in tops:
        raise ambiguous()
    return PACK


def ambiguous() -> VerificationFailed:
    return VerificationFailed(
        Fault("AMBIGUOUS", f"既有证据包的清单（{MANIFEST}），又有日志目录的文件；只能是其中一种，请重新拷贝或另取一份")
    )


def names_of_log(fetch: Fetch) -> list[str]:
    """All files of a folder that is read as a log; none where it can't be listed. Raises VerificationFailed."""
    try:
        names = listed(fetch)
    except NotAFile as found:
        raise VerificationFailed(Fault("FOLDER", f"目录中有链接或特殊文件：{str(found)[:SHOWN]}")) from None
    if names is None:
        return []
    if kind_of(names) == PACK:
        raise VerificationFailed(
            Fault("FOLDER", "这是证据包的文件夹，不是日志目录；如是全部日志，日志在其中的 trail 文件夹")
        )
    name, times = next(iter(Counter(map(str.casefold, names)).most_common(1)), ("", 0))
    if times > 1:
        raise VerificationFailed(Fault("FOLDER", f"目录中有只差大小写的文件名：{name[:SHOWN]}"))
    return names


def survey(names: Iterable[str], size: int) -> Survey:
    """What these files are to a tree of this size; a name with a slash at its end is an empty folder's."""
    tree, held = Tiles(lambda path: None, size), dict[Place, list[int]]()
    unknown, beyond = list[str](), list[str]()
    for name in names:
        if (place := _place(name)) is None:
            unknown += [] if is_kept(name) or EMPTY.fullmatch(name) else [name]
            continue
        level, number, width = place
        have = tree.width(0 if level == ENTRIES else int(level), number)
        beyond += [name] if width > have else []
        if have:
            held.setdefault((level, number), []).append(width)
    spare = {place: _spare(widths, tree.width(_level(place), place[1])) for place, widths in held.items()}
    return Survey(sorted(unknown), sorted(beyond), {place: widths for place, widths in spare.items() if widths})


def _spare(widths: list[int], have: int) -> list[int]:
    """All but the one that a reader takes: the tree's own width, else the full one."""
    read = have if have in widths else WIDTH
    return sorted(width for width in widths if width != read)


def _level(place: Place) -> int:
    return 0 if place[0] == ENTRIES else int(place[0])


def _place(name: str) -> tuple[int | str, int, int] | None:
    """(level, number, width) of a tile or bundle that is named the one way."""
    if (match := TILE.fullmatch(name)) is None:
        return None
    level: int | str = ENTRIES if match[1] == ENTRIES else int(match[1])
    number, width = int(match[2].replace("x", "").replace("/", "")), int(match[3] or WIDTH)
    return (level, number, width) if path_of(level, number, width) == name else None


def superfluous(names: Iterable[str], size: int) -> list[str]:
    """Those that a log of just this size, written at once, would not have."""
    found = survey(names, size)
    copies = [path_of(*place, width) for place, widths in found.spare.items() for width in widths]
    return sorted({*found.unknown, *found.beyond, *copies})


def is_kept(name: str) -> bool:
    """A checkpoint, or a list of keys."""
    return name in OWN or (name.startswith(CHECKPOINTS) and SIZE.fullmatch(name, len(CHECKPOINTS)) is not None)


def said(names: Sequence[str]) -> str:
    """The first of them, as a terminal may show them."""
    shown = [
        "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in name[:SHOWN]) for name in names
    ]
    return ", ".join(shown[:NAMED]) + (", ..." if len(shown) > NAMED else "")


def notes(found: Survey, patient: bool) -> Iterator[str]:
    """What a verdict must say of them. While a publisher is at work, its unfinished files and the next tree are no surprise."""
    unknown = [name for name in found.unknown if not (patient and name.endswith(".tmp"))]
    if unknown:
        yield f"目录中有不属于日志的文件 {len(unknown)} 个，未核对：{said(unknown)}"
    if found.beyond and not patient:
        yield f"目录中有 {len(found.beyond)} 个文件含有检查点以外的内容，未核对：{said(found.beyond)}"
