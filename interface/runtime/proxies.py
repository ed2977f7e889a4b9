"""Which proxies stand before a door, and what is believed of them. 反向代理

Nothing that a request says of its own way is believed, unless the connection comes from a proxy that whoever started the
service named. Then the client is the last address in X-Forwarded-For that is none of these proxies: what stands left of it
was written by the client. Scheme and host are those of the public address, or the proxy's last word where none was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from application.platform.failures import OperatorError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
PUBLIC = "xiaohao.public"  # in a request's environment: the public address, "" where none was given
SAID_BY_PROXIES = re.compile(r"HTTP_(FORWARDED|X_FORWARDED_\w+|X_REAL_IP)")
SCHEMES = ("http", "https")
WIDEST = {4: 8, 6: 32}  # bits of a network; one that is wider is a slip, and would believe strangers


@dataclass(frozen=True)
class Front:
    """What stands before the service: `proxies` are believed; `public` is the address that people use, https://host[:port]."""

    proxies: tuple[Network, ...] = ()
    public: str = ""

    @classmethod
    def read(cls, behind: Iterable[str], public: str | None) -> Front:
        """From the options `--behind` and `--public`. Raises OperatorError with what to write."""
        named = [word for words in behind for word in re.split(r"[,\s]+", words) if word]
        return cls(tuple(map(_network, named)), _public(public) if public else "")

    def believes(self, address: str) -> bool:
        return (found := _address(address)) is not None and self._is_proxy(found)

    def _is_proxy(self, address: Address) -> bool:
        return any(address in network for network in self.proxies)

    def wrapped(self, app: Callable[..., Any]) -> Callable[..., Any]:
        """The application, which then finds client, scheme and host where WSGI has them, and no header of a proxy."""

        def answer(environ: dict[str, Any], start_response: Any) -> Any:
            said = {name: environ.pop(name) for name in list(environ) if SAID_BY_PROXIES.fullmatch(name)}
            if self.believes(environ.get("REMOTE_ADDR", "")):
                environ["REMOTE_ADDR"] = self._client(environ["REMOTE_ADDR"], said.get("HTTP_X_FORWARDED_FOR", ""))
                scheme, host = self._place(said)
                environ["wsgi.url_scheme"] = scheme or environ["wsgi.url_scheme"]
                environ["HTTP_HOST"] = host or environ.get("HTTP_HOST", "")
            environ[PUBLIC] = self.public
            return app(environ, start_response)

        return answer

    def _client(self, peer: str, forwarded: str) -> str:
        """From right to left, as far as proxies of ours wrote it; what is no address ends the way."""
        client = peer
        for hop in reversed(forwarded.split(",")):
            if (found := _address(hop)) is None:
                break
            client = str(found)
            if not self._is_proxy(found):
                break
        return client

    def _place(self, said: dict[str, str]) -> tuple[str, str]:
        """(scheme, host), each empty where it stays as it is."""
        if self.public:
            scheme, _, host = self.public.partition("://")
            return scheme, host
        scheme = said.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
        host = said.get("HTTP_X_FORWARDED_HOST", "").rpartition(",")[2].strip()
        return scheme if scheme in SCHEMES else "", host if HOST.fullmatch(host) else ""


NOTHING = Front()


def _address(written: str) -> Address | None:
    """As X-Forwarded-For has it: 192.0.2.1, 192.0.2.1:5000, 2001:db8::1, [2001:db8::1]:5000; None for anything else."""
    words = written.strip()
    if words.startswith("["):
        words = words[1:].partition("]")[0]
    elif words.count(":") == 1:
        words = words.partition(":")[0]
    try:
        found = ip_address(words.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _network(written: str) -> Network:
    try:
        network = ip_network(written)
    except ValueError:
        raise OperatorError(
            f"couldn't trust the proxy {written!r}: name its address, 10.0.0.5, or its network, 10.0.0.0/24"
        ) from None
    if network.prefixlen < WIDEST[network.version]:
        raise OperatorError(
            f"couldn't trust the proxies {written}: so wide a network lets strangers choose their own address"
        )
    return network


def _public(written: str) -> str:
    scheme, _, host = written.strip().lower().removesuffix("/").partition("://")
    if scheme != "https" or not HOST.fullmatch(host):
        raise OperatorError(
            f"couldn't use the public address {written!r}: write it like https://xiaohao.example.gov.cn"
        )
    return f"https://{host}"
