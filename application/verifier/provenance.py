"""来历: what whoever asks holds against a folder or a pack must be their own: what lies in it comes from whoever made it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from application.verifier.formats.note import Vkey
from application.verifier.inputs import Unusable

NAMED = 3  # keys in one sentence


def refuse_its_own(folder: Path | None, given: Mapping[str, Sequence[Path | None]]) -> None:
    """`given` are files by option. Raises Unusable for one in the folder: it proves nothing about it, and written there it would
    be a file more in it.
    """
    for option, paths in given.items():
        for path in filter(None, paths):
            if folder is not None and _is_within(path, folder):
                raise Unusable(f"{path} lies in {folder} itself: give {option} a file of your own, from elsewhere")


def keys_to_compare(folder: Path | None, texts: Sequence[str]) -> Iterator[str]:
    """Of the keys as they were typed, what a verdict must say of those that the folder brought itself."""
    for text in texts:
        if folder is not None and text.startswith("@") and _is_within(Path(text[1:]), folder):
            yield f"日志公钥取自所核验的文件夹自身（{text}），请逐字与纸面核对"


def keys_of_others(vkeys: Sequence[Vkey], origin: str) -> Iterator[str]:
    """What a verdict must say of keys that are another log's, so that they were asked about nothing."""
    if others := [vkey.label for vkey in vkeys if vkey.name != origin]:
        more = ", ..." if len(others) > NAMED else ""
        yield f"所给的日志公钥中有 {len(others)} 个不是这本日志的，未采用：{', '.join(others[:NAMED])}{more}"


def _is_within(path: Path, folder: Path) -> bool:
    """Also by way of links; a pack is within itself."""
    try:
        inside, outside = path.resolve(), folder.resolve()
    except (OSError, RuntimeError):
        return False
    return inside == outside or outside in inside.parents
