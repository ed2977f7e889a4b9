"""The service behind nginx with the very file of docs/: TLS outside, the public address on paper, nobody's word believed."""

from __future__ import annotations

import html
import os
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from interface.demo.load import load
from interface.demo.people import PASSWORD
from tests.interface.cli.instance.test_serve import COMMAND, free_port, made

NAME = "xiaohao.example.gov.cn"
CONFIGURATION = Path(__file__).parents[2] / "docs" / "nginx.conf"
OPEN_FOR = 4  # seconds: a form that is sent sooner was sent by a machine
pytestmark = pytest.mark.nginx


class Front(NamedTuple):
    """Where nginx answers, and the service behind it."""

    tls: int
    plain: int
    service: int
    certificate: Path
    folder: Path


def certify(folder: Path) -> Path:
    """A certificate for NAME that nobody else signed, and its key beside it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, SHA256())
    )  # fmt: skip
    path = folder / "xiaohao.crt"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    path.with_suffix(".key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def configured(front: Front) -> str:
    """The file of docs/ with other ports and places, and nothing else changed."""
    text = CONFIGURATION.read_text()
    if not has_ipv6():
        text = re.sub(r"(?m)^\s*listen \[::\].*\n", "", text)
    for written, here in {
        "listen 443": f"listen 127.0.0.1:{front.tls}",
        "listen [::]:443": f"listen [::1]:{front.tls}",
        "listen 80": f"listen 127.0.0.1:{front.plain}",
        "listen [::]:80": f"listen [::1]:{front.plain}",
        "127.0.0.1:8000": f"127.0.0.1:{front.service}",
        "/etc/nginx/xiaohao": str(front.folder / "xiaohao"),
        "/run/nginx.pid": str(front.folder / "nginx.pid"),
        "/var/log/nginx/error.log": str(front.folder / "error.log"),
    }.items():
        assert written in text or "[::]" in written, written
        text = text.replace(written, here)
    return text


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    front = Front(free_port(), free_port(), free_port(), certify(folder), folder)
    path = folder / "nginx.conf"
    path.write_text(configured(front))
    served = ["--behind", "127.0.0.1", "--public", f"https://{NAME}", "--port", str(front.service)]
    nginx = ["nginx", "-e", str(folder / "early.log"), "-c", str(path), "-g", "daemon off;"]
    home = made(tmp_path_factory.mktemp("served"))
    load(home, problems=0, seed=1)
    with started([*COMMAND, "--home", str(home.path), *served]) as service:
        assert service.stdout is not None
        assert f"as https://{NAME}" in service.stdout.readline()
        with started(nginx):
            until_it_listens(front.tls)
            yield front


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def until_it_listens(port: int) -> None:
    for _ in range(600):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx doesn't answer")


class OverTls(HTTPSConnection):
    """To nginx on this machine, as if the public name led there."""

    def __init__(self, front: Front, name: str = NAME) -> None:
        super().__init__(NAME, timeout=60)
        self.front, self.name = front, name

    def connect(self) -> None:
        context = ssl.create_default_context(cafile=str(self.front.certificate))
        self.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.front.tls), timeout=60), server_hostname=self.name
        )


class Browser:
    """Keeps cookies as a browser does, and sends the page's form token."""

    def __init__(self, front: Front) -> None:
        self.front, self.jar = front, SimpleCookie()

    def ask(self, method: str, path: str, body: str | None = None, **headers: str):
        connection = OverTls(self.front)
        sent = {"Cookie": "; ".join(f"{name}={one.value}" for name, one in self.jar.items()), **headers}
        if body is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{NAME}{path}"}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        answer.words = answer.read().decode()
        for one in answer.headers.get_all("Set-Cookie") or ():
            self.jar.load(one)
        connection.close()
        return answer

    def get(self, path: str, **headers: str):
        return self.ask("GET", path, **headers)

    def post(self, path: str, **typed: str):
        return self.ask("POST", path, urlencode(typed))

    def sign_in(self, login: str, secret: str):
        token = value(self.get("/sign-in").words, "csrf_token")
        return self.post("/sign-in", csrf_token=token, login=login, secret=secret)


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None, name
    return html.unescape(found[1])


def test_c2_an_official_signs_in_with_cookies_that_only_https_carries(front):
    browser = Browser(front)

    answer = browser.sign_in("city_desk", PASSWORD)

    cookies = answer.headers.get_all("Set-Cookie")
    assert (answer.status, answer.headers["Location"]) == (303, "/desk")
    assert cookies
    assert all("Secure" in one for one in cookies)
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert browser.get("/desk").status == 200


def test_c2_a_citizen_gets_a_receipt_under_the_public_address(front):
    browser = Browser(front)
    token = value(browser.get("/tip").words, "token")
    time.sleep(OPEN_FOR)
    told = {"accuses": "no", "text": "三号楼门禁坏了半年", "place": "", "reporter": "", "contact": ""}
    page = browser.post("/tip", step="check", token=token, **told).words
    code = re.search(r'id="code">([^<]+)<', page)
    assert code is not None, page
    for _ in range(40):
        tracked = browser.post("/tip/track", code=code[1]).words
        if "/receipt/check" in tracked:
            break
        time.sleep(0.5)

    assert f"https://{NAME}/receipt/check" in tracked
    assert "http://" not in tracked.replace("http://www.w3.org", "")


def test_c2_http_leads_to_https_and_another_name_to_nothing(front):
    connection = HTTPConnection("127.0.0.1", front.plain, timeout=60)
    connection.request("GET", "/tip?x=1", headers={"Host": "evil.example"})
    answer = connection.getresponse()

    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/tip?x=1")
    with pytest.raises(ssl.SSLError):
        OverTls(front, "evil.example").request("GET", "/")
    connection.close()


def test_c2_what_a_client_claims_about_its_way_is_worth_nothing(front):
    claimed = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "Forwarded": "for=192.0.2.1;proto=http"}

    answer = Browser(front).get("/sign-in", **claimed)

    assert all("Secure" in one for one in answer.headers.get_all("Set-Cookie"))
    assert "evil.example" not in answer.words


def test_e5_an_address_of_ones_own_choice_does_not_make_the_next_try_free(front):
    """Wrong passwords for one account, each under another claimed address: the pace counts the real one."""
    browser, statuses = Browser(front), list[int]()
    for number in range(20):
        page = browser.get("/sign-in").words
        body = urlencode({"csrf_token": value(page, "csrf_token"), "login": "city_lead", "secret": "wrong"})
        statuses.append(browser.ask("POST", "/sign-in", body, **{"X-Forwarded-For": f"192.0.2.{number}"}).status)
        if statuses[-1] == 429:
            break

    assert statuses[-1] == 429


def test_nothing_that_was_sent_lies_in_a_file_of_nginx(front):
    body = urlencode({"code": "CANARY" * 400_000})
    Browser(front).ask("POST", "/tip/track", body)

    text = CONFIGURATION.read_text()
    assert "proxy_request_buffering off;" in text
    assert "proxy_max_temp_file_size 0;" in text
    assert "access_log off;" in text
    assert not any("203.0.113" in path.read_text() for path in front.folder.glob("*.log"))
    assert os.listdir("/var/lib/nginx/body") == []
