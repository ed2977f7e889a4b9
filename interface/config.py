"""Where things are, from the environment: XIAOHAO_HOME, DATABASE_URL. 配置"""

from __future__ import annotations

import os
from pathlib import Path

from application.store.home import Home

DEFAULT_ORIGIN = "xiaohao.example/training"


def home(given: str | None) -> Home:
    return Home(Path(given or os.environ.get("XIAOHAO_HOME") or ".home").absolute())


def database_url() -> str | None:
    """Replaces the embedded cluster only; keys, trail and epochs stay in the home."""
    return os.environ.get("DATABASE_URL") or None
