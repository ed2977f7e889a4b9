"""Addresses of pages: where one may send somebody on to, and how one is written on paper. 站内地址"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for

from interface.runtime.proxies import PUBLIC


def public_url(endpoint: str, **values: Any) -> str:
    """The address of a page as it goes on paper: under the public address, if whoever started the service named one."""
    if public := request.environ.get(PUBLIC):
        return f"{public}{url_for(endpoint, **values)}"
    return url_for(endpoint, **values, _external=True)


def local(address: str | None) -> str | None:
    """The address if it stays on this site, else None."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or "\\" in address:
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc and address.isprintable() else None
