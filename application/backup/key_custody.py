"""The keys that no backup holds, brought back to a new home from a folder or from words on paper. 密钥带回"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from application.log.log_keys import FILES, LogKeys
from application.platform.failures import OperatorError
from application.platform.home import settle, write_whole, writing
from application.vault.crypto import Secrets
from application.verifier.formats.note import NoteKey, Vkey

MASTER = "master.key"


@dataclass(frozen=True)
class BroughtKeys:
    """`files` by their names in HOME/keys; `vkeys` of the log's keys among them."""

    files: dict[str, bytes]
    secrets: Secrets
    vkeys: list[Vkey]

    @classmethod
    def from_folder(cls, folder: Path) -> BroughtKeys:
        """A copy of HOME/keys. Raises OperatorError."""
        vkeys = LogKeys.load(folder).vkeys
        try:
            secrets = Secrets.load(folder / MASTER)
            names = [MASTER, *(path.name for name in FILES.values() for path in folder.glob(f"{name}*"))]
            return cls({name: (folder / name).read_bytes() for name in names}, secrets, vkeys)
        except (OSError, ValueError) as error:
            raise OperatorError(
                f"couldn't read the keys in {folder}: {error}; it must be a copy of HOME/keys"
            ) from None

    @classmethod
    def from_seeds(cls, origin: str, master: bytes, seeds: dict[int, bytes]) -> BroughtKeys:
        """`seeds`: of the log's keys, by their kinds."""
        log = {kind: NoteKey(origin, kind, seed) for kind, seed in seeds.items()}
        files = {FILES[kind]: key.to_text().encode() for kind, key in log.items()}
        return cls({MASTER: master, **files}, Secrets(master), [key.vkey for key in log.values()])

    def lay(self, keys: Path) -> None:
        """Into HOME/keys, which has none of them. Raises OperatorError."""
        with writing(keys):
            for name, content in self.files.items():
                if (keys / name).exists():
                    raise OperatorError(f"couldn't write {keys / name}: there is one already")
                write_whole(keys / name, content)
            settle(keys)
