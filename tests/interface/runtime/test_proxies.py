"""Who is asking, under which address: a proxy that was named is believed, and nobody else."""

from __future__ import annotations

import pytest

from application.platform.failures import OperatorError
from interface.runtime.proxies import PUBLIC, Front

PROXY, CLIENT = "10.0.0.5", "203.0.113.9"
NAMED = Front.read(["10.0.0.5, 10.1.0.0/24", "2001:db8:1::/48"], None)


def seen(front: Front, *, peer: str = PROXY, **headers: str) -> dict:
    """What the application finds in the environment of such a request."""
    found = {}

    def app(environ, _start):
        found.update(environ)
        return []

    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "inside:8000"}
    front.wrapped(app)({**environ, **{f"HTTP_{name.upper()}": value for name, value in headers.items()}}, None)
    return found


def place(found: dict) -> str:
    return f"{found['wsgi.url_scheme']}://{found['HTTP_HOST']} {found['REMOTE_ADDR']}"


SAID = {"x_forwarded_for": CLIENT, "x_forwarded_proto": "https", "x_forwarded_host": "city.example"}


@pytest.mark.parametrize("front", [Front(), NAMED], ids=["no proxy named", "a stranger"])
def test_c2_e5_a_stranger_is_not_believed(front):
    found = seen(front, peer=CLIENT, **SAID | {"x_forwarded_for": "192.0.2.1"}, forwarded="for=192.0.2.1;proto=https")

    assert place(found) == f"http://inside:8000 {CLIENT}"
    assert not [name for name in found if "FORWARDED" in name]


def test_c2_a_proxy_that_was_named_is_believed():
    assert place(seen(NAMED, **SAID)) == f"https://city.example {CLIENT}"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (f"192.0.2.1, {CLIENT}", CLIENT),  # the left one was written by the client
        (f"{CLIENT}, 10.1.0.7", CLIENT),
        (f"192.0.2.1, {CLIENT}, 10.1.0.7, 10.0.0.5", CLIENT),
        (f"{CLIENT}:55123", CLIENT),
        ("2001:db8::9", "2001:db8::9"),
        ("[2001:db8::9]:443", "2001:db8::9"),
        ("2001:DB8:0::9", "2001:db8::9"),
        ("2001:db8::9, 2001:db8:1::1", "2001:db8::9"),
        (f"::ffff:{CLIENT}", CLIENT),
        ("", PROXY),
        ("unknown", PROXY),
        ("<script>", PROXY),
        ("999.1.1.1", PROXY),
        (f"{CLIENT}, garbage", PROXY),
        (f"garbage, {CLIENT}", CLIENT),
        ("10.1.0.7", "10.1.0.7"),
        ("127.0.0.1", "127.0.0.1"),
        (f"{CLIENT}," * 3_000, PROXY),
    ],
)
def test_e5_the_client_is_the_last_that_no_proxy_of_ours_is(forwarded, client):
    assert seen(NAMED, x_forwarded_for=forwarded)["REMOTE_ADDR"] == client


def test_e5_a_proxy_may_come_over_ipv6_or_a_mapped_address():
    peers = ("2001:db8:1::77", "::ffff:10.0.0.5")

    assert {seen(NAMED, peer=peer, x_forwarded_for=CLIENT)["REMOTE_ADDR"] for peer in peers} == {CLIENT}


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"x_forwarded_proto": "gopher"}, "http://inside:8000"),
        ({"x_forwarded_proto": "http, https"}, "https://inside:8000"),
        ({"x_forwarded_host": "evil.example/path"}, "http://inside:8000"),
        ({"x_forwarded_host": "evil.example, city.example"}, "http://city.example"),
        ({"x_forwarded_host": "a@b"}, "http://inside:8000"),
    ],
)
def test_c2_what_is_no_scheme_and_no_host_changes_nothing(said, where):
    assert place(seen(NAMED, **said)) == f"{where} {PROXY}"


def test_c2_the_public_address_stands_whatever_the_proxy_says_of_its_name():
    front = Front.read([PROXY], "https://City.example/")
    found = seen(front, x_forwarded_host="evil.example", x_forwarded_proto="http")

    assert (place(found), found[PUBLIC]) == (f"https://city.example {PROXY}", "https://city.example")


def test_c2_whoever_comes_past_the_proxy_gets_no_cookie_that_only_https_may_carry():
    assert place(seen(Front.read([PROXY], "https://city.example"), peer="127.0.0.1")) == "http://inside:8000 127.0.0.1"


@pytest.mark.parametrize(
    "written", ["nginx", "10.0.0.5/24", "0.0.0.0/0", "::/0", "0.0.0.0/1", "10.0.0", "-", "10.0.0.5:80"]
)
def test_c2_what_is_no_proxy_is_refused_in_words(written):
    with pytest.raises(OperatorError, match="couldn't trust the prox"):
        Front.read([written], None)


@pytest.mark.parametrize(
    "written",
    ["http://city.example", "city.example", "https://", "https://city.example/xiaohao", "https://a@city.example", "https://x y",
     "https://city.example?x=1", "https://city.example#x", "https://[::1", "https://city.example:port"],
)  # fmt: skip
def test_c2_what_is_no_public_address_is_refused_in_words(written):
    with pytest.raises(OperatorError, match="couldn't use the public address"):
        Front.read([PROXY], written)
