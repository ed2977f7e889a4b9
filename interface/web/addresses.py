"""Where a page may send somebody on to. 站内地址"""

from __future__ import annotations

from urllib.parse import urlsplit


def local(address: str | None) -> str | None:
    """The address if it stays on this site, else None."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or "\\" in address:
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc and address.isprintable() else None
