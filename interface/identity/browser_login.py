"""What both doors do with a browser: cookies that only https may carry, the device that it is, a session that begins. 登录之门"""

from __future__ import annotations

from time import time
from typing import Any
from uuid import UUID

from flask import Response, current_app, request

from interface.identity import known_devices
from interface.identity.known_devices import DAY, TERM, KnownDevices
from interface.identity.login_throttle import Visitor

SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "macOS",
    "Linux": "Linux",
}
BROWSERS = {"MicroMessenger": "微信", "Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}


def cookie_name(name: str, path: str = "/") -> str:
    """Over https a prefix with which browsers take the cookie from https only, and for "/" from no other host (RFC 6265bis)."""
    if not request.is_secure:
        return name
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"


def keep_cookie(response: Response, name: str, value: str, *, path: str = "/", max_age: int | None = None) -> None:
    response.set_cookie(
        cookie_name(name, path),
        value,
        max_age=max_age,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )


def drop_cookie(response: Response, name: str, *, path: str = "/") -> None:
    response.delete_cookie(cookie_name(name, path), path=path, httponly=True, samesite="Lax", secure=request.is_secure)


def signed_out(response: Response) -> Response:
    """What a shared computer still holds of the pages goes too; cookies stay, for they say how big its letters are."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def visitor(official: UUID | None) -> Visitor:
    """Who tries to sign in to this account."""
    device = _devices().name(_device_cookie(), str(official), time()) if official is not None else ""
    return Visitor(request.remote_addr or "", device)


def remember_device(response: Response, official: UUID) -> None:
    """From now on no stranger makes this account wait on this device."""
    cookie = _devices().remember(_device_cookie(), str(official), time())
    keep_cookie(response, known_devices.COOKIE, cookie, max_age=TERM * DAY)


def device_words() -> str:
    """Browser and system in two words of ours; nothing of what was sent is kept."""
    agent = request.headers.get("User-Agent", "")
    found = (next((words for sign, words in kinds.items() if sign in agent), "") for kinds in (BROWSERS, SYSTEMS))
    return " · ".join(word for word in found if word)


def _device_cookie() -> str | None:
    return request.cookies.get(cookie_name(known_devices.COOKIE))


def _devices() -> KnownDevices:
    devices: Any = current_app.extensions["known_devices"]
    return devices
