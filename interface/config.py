"""Where things are, from the environment: XIAOHAO_HOME, DATABASE_URL and its two companions. 配置"""

from __future__ import annotations

import os
from pathlib import Path

from application.store.home import Home
from application.store.logins import Logins

DEFAULT_ORIGIN = "xiaohao.example/training"


def home(given: str | None) -> Home:
    return Home(Path(given or os.environ.get("XIAOHAO_HOME") or ".home").absolute())


def database_url() -> str | None:
    """Replaces the embedded cluster only; keys, trail and epochs stay in the home."""
    return os.environ.get("DATABASE_URL") or None


def logins() -> Logins | None:
    """On a server of one's own: DATABASE_URL is the service's login. DATABASE_OWNER_URL is needed for the moment in which tables
    are made, DATABASE_OVERSIGHT_URL by the oversight door; without them the one login must be allowed all of that.
    """
    if (service := database_url()) is None:
        return None
    owner, oversight = (os.environ.get(f"DATABASE_{name}_URL") or service for name in ("OWNER", "OVERSIGHT"))
    return Logins(owner, service, oversight)
