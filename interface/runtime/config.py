"""Where things are, from the environment: XIAOHAO_HOME, DATABASE_URL and its two companions. 配置"""

from __future__ import annotations

import os
from pathlib import Path

from psycopg2 import ProgrammingError
from psycopg2.extensions import parse_dsn

from application.platform.home import Home
from application.platform.logins import Logins

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


def unencrypted() -> list[str]:
    """The variables whose login crosses a network without TLS being demanded: libpq's own default falls back to none."""
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_OVERSIGHT_URL")
    return [name for name in names if (url := os.environ.get(name)) and _is_unencrypted(url)]


def _is_unencrypted(url: str) -> bool:
    try:
        told = parse_dsn(url)
    except ProgrammingError:
        return False  # whoever connects says what is wrong with it
    host = told.get("host") or told.get("hostaddr") or os.environ.get("PGHOST", "")
    here = not host or host.startswith("/") or host in ("localhost", "::1") or host.startswith("127.")
    mode = told.get("sslmode") or os.environ.get("PGSSLMODE", "prefer")
    return not here and mode not in ("require", "verify-ca", "verify-full")
