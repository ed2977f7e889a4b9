"""Static files, whose address changes with their content. 静态文件"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import url_for

STATIC = Path(__file__).with_name("static")


def asset(name: str) -> str:
    """The address of a static file; it changes with the file, so browsers may keep it for a year."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]
