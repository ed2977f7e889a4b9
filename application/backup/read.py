"""Opens a backup and proves it before anything is made of it. 备份核验"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from application.backup.container import Header, PartReader, Reader
from application.backup.manifest import GENESIS, HOME, MANIFEST, Manifest, mark_of_master, place_of, verified
from application.platform.failures import OperatorError
from application.platform.migrate import scripts
from application.vault.crypto import Secrets
from application.verifier.formats.note import Vkey

LARGEST_PART = 1 << 24  # bytes of what is read whole: the manifest, the first entry, a file of the home


class OpenBackup:
    """A file that its paper key opens; `proved` before `parts` are used."""

    def __init__(self, path: Path, private: bytes) -> None:
        self.path, self._private = path, private
        with self._reader() as reader:
            self.header: Header = reader.header

    def proved(self) -> Manifest:
        """The whole file read once: not a byte altered or missing, and signed by the log it is of. Raises OperatorError."""
        summaries, held = {}, {}
        with self._reader() as reader:
            for name, part in reader.parts():
                if name in (MANIFEST, GENESIS):
                    held[name] = part.whole(LARGEST_PART)
                part.finish()
                summaries[name] = asdict(part.summary)
        if held.keys() != {MANIFEST, GENESIS}:
            raise OperatorError(f"couldn't read the backup {self.path}: it has no list of its parts")
        manifest = verified(held[MANIFEST], held[GENESIS])
        del summaries[MANIFEST]
        said = (manifest.origin, manifest.made_at, manifest.size)
        if summaries != manifest.parts or said != (self.header.origin, self.header.made_at, self.header.size):
            raise OperatorError(f"couldn't read the backup {self.path}: its parts are not those that its list names")
        return manifest

    def refuse_newer(self) -> None:
        """Raises OperatorError where a newer program made it: this one does not know what its tables mean."""
        newer = set(self.header.migrations) - {file.name for file in scripts()}
        if newer:
            raise OperatorError(
                f"couldn't restore {self.path}: a newer program made it (its database has {max(newer)}); install that program"
            )

    def files(self, home: Path) -> Iterator[tuple[Path, bytes]]:
        """The files of the home that it carries, and where they belong. Raises OperatorError for a place outside."""
        with self._reader() as reader:
            for name, part in reader.parts():
                if not name.startswith(HOME):
                    continue
                if (place := place_of(name, home)) is None:
                    raise OperatorError(f"couldn't restore {self.path}: it carries a file that no backup has, {name}")
                yield place, part.whole(LARGEST_PART)

    @contextmanager
    def parts(self) -> Iterator[Iterator[tuple[str, PartReader]]]:
        with self._reader() as reader:
            yield reader.parts()

    @contextmanager
    def _reader(self) -> Iterator[Reader]:
        try:
            with self.path.open("rb") as file:
                yield Reader(file, self._private)
        except OSError as error:
            raise OperatorError(f"couldn't read the backup {self.path}: {error.strerror or error}") from None


def refuse_other_keys(manifest: Manifest, secrets: Secrets, vkeys: list[Vkey]) -> None:
    """Raises OperatorError where these are not the keys of the instance that was backed up."""
    if {vkey.name for vkey in vkeys} != {manifest.origin}:
        raise OperatorError(
            f"couldn't restore: the log's keys are of {vkeys[0].name}, and the backup is of {manifest.origin}; bring its keys"
        )
    if missing := set(manifest.log_keys) - {str(vkey) for vkey in vkeys}:
        shown = ", ".join(sorted(one[:60] for one in missing))
        raise OperatorError(
            f"couldn't restore: a key that signed the log at the time of the backup is not there: {shown}"
        )
    if mark_of_master(secrets) != manifest.master_key:
        raise OperatorError("couldn't restore: this master key is not the one of the backup; bring the instance's own")
