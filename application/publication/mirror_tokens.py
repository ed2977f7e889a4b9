"""镜像令牌: lets a mirror read entry bundles over HTTP; of each token only its SHA-256 is kept, in HOME/keys/mirrors.json."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from application.platform.failures import OperatorError
from application.platform.home import alone, write_whole, writing


class MirrorTokens:
    def __init__(self, keys: Path) -> None:
        self._file, self._lock = keys / "mirrors.json", keys / "mirrors.lock"

    def create(self, name: str) -> str:
        """A new token, shown this once. Raises OperatorError if the name is taken."""
        token = token_urlsafe(32)
        with writing(self._file), alone(self._lock):
            known = self._known()
            if name in known:
                raise OperatorError(f"couldn't make a token: a mirror is called {name} already; choose another name")
            made = {"sha256": _hash(token), "made_at": datetime.now(UTC).isoformat(timespec="seconds")}
            write_whole(self._file, json.dumps({**known, name: made}, ensure_ascii=False, indent=1).encode())
        return token

    def know(self, token: str) -> bool:
        hashed = _hash(token)
        return any([compare_digest(hashed, one["sha256"]) for one in self._known().values()])

    def _known(self) -> dict[str, dict[str, Any]]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
