"""A new log that goes on from a frozen one: what it says of the old one is verified before anything is made. 接续"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from application.platform.failures import OperatorError
from application.verifier.formats.tiles import directory
from application.verifier.inputs import Unusable, vkeys_of
from application.verifier.verify import VerifyOptions, verify


def end_of(old: Path, origin: str, vkeys: Sequence[str]) -> str:
    """The last signed checkpoint of a frozen log, as its text, from its published folder `old` (or the file `checkpoint` in it).

    Everything in the folder is verified with `vkeys` (each a key or @FILE), offline: whatever the new log says that it goes on
    from stays in it for ever. Raises OperatorError.
    """
    folder = old.parent if old.is_file() else old
    if not (folder / "tile").is_dir():
        raise OperatorError(
            f"couldn't go on from {old}: give the published folder of the frozen log (its HOME/trail, or a mirror's copy)"
        )
    try:
        found = verify(directory(folder), VerifyOptions(vkeys_of(vkeys), now=int(time.time())))
    except (Unusable, OSError) as error:
        raise OperatorError(
            f"couldn't go on from {old}: {error}; give that log's keys with --continues-vkey @{{its log.vkey}}"
        ) from None
    if found.fault is not None or found.checkpoint is None:
        raise OperatorError(f"couldn't go on from {old}: {found.said('en')}")
    if found.frozen is None:
        raise OperatorError(
            f"couldn't go on from {old}: that log is not frozen; end it first with `xiaohao keys freeze`"
        )
    if found.checkpoint.origin == origin:
        raise OperatorError(f"couldn't go on from {old}: the new log needs a name of its own, not {origin}")
    return found.head.decode()
