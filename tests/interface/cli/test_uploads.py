"""Photos of a tip, sent to a real service: on their way no file ever holds them, and then they lie sealed."""

from __future__ import annotations

import os
import re
import resource
import time
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from PIL import Image

from tests.interface.cli.instance.test_serve import home, serving  # noqa: F401 (a fixture)
from tests.interface.files import holding

CANARY = "三号楼地下车库被占用CANARY-OF-AN-UPLOAD"
LARGEST_FILE = 450_000  # bytes: less than waitress and werkzeug keep in memory by themselves


@pytest.fixture
def served(home):  # noqa: F811
    """A service that can't write a larger file than that, whatever it is for."""
    with serving(home) as served:
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
        yield served


def photo() -> bytes:
    """Noise, so that it stays large however it is written: about 2 MB."""
    out = BytesIO()
    Image.frombytes("RGB", (900, 900), os.urandom(900 * 900 * 3)).save(out, "JPEG", quality=98)
    return out.getvalue()


def multipart(fields: dict[str, str], photos: list[bytes]) -> bytes:
    said = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ).encode()
    for each in photos:
        head = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\nContent-Type: image/jpeg'
        said += head + b"\r\n\r\n" + each + b"\r\n"
    return said + b"--b--\r\n"


def test_photos_of_a_tip_are_in_no_file_before_they_are_sealed(served):
    address, photos = f"http://127.0.0.1:{served.port}/tip", [photo() for _ in range(4)]
    with urlopen(address) as page:
        token = re.search(r'name="token"[^>]*value="([^"]*)"', page.read().decode())[1]
    typed = {"step": "check", "token": token, "accuses": "no", "text": CANARY, "website": ""}
    body = multipart(typed, photos)
    needles = [CANARY.encode(), *(each[len(each) // 2 :][:64] for each in photos)]
    connection = HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.putrequest("POST", "/tip")
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.send(body[:-1])
    time.sleep(4)  # whoever is faster than people are is asked to wait; and what was sent has been read
    assert holding(served.process.pid, *needles) == []
    connection.send(body[-1:])
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()

    assert (len(body) > 4 << 20, answer.status, 'id="code"' in page) == (True, 200, True), page
    assert holding(served.process.pid, *needles) == []
    assert everywhere(served.home.path, needles) == []


def everywhere(home_folder: Path, needles: list[bytes]) -> list[Path]:
    """The files of the home and of its cluster, wherever that lies, that hold one of these."""
    pointer = home_folder / "cluster.path"
    folders = [home_folder, *([Path(pointer.read_text())] if pointer.exists() else [])]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert any("pg_wal" in path.parts for path in files)
    return [path for path in files if any(needle in path.read_bytes() for needle in needles)]
