"""Picture bombs on a real service: what they cost in memory, of all its processes together."""

from __future__ import annotations

import re
import time
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

from tests.interface.cli.instance.test_serve import home, serving  # noqa: F401 (a fixture)
from tests.interface.cli.test_uploads import multipart
from tests.interface.web.test_photos import picture, webp

MOST = 600 << 10  # kB
POSTS = 16


def tree(root: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found, waiting = [], [root]
    while waiting:
        waiting += children.get(found.append(process := waiting.pop()) or process, [])
    return found


def memory(root: int) -> int:
    """kB of the whole tree, of which what several share is counted once (PSS)."""
    kept = 0
    for process in tree(root):
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        kept += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])
    return kept


def post(port: int, token: str, photos: list[bytes], answers: list[tuple[int, str]]) -> None:
    typed = {"step": "check", "token": token, "accuses": "no", "text": "楼道堆物", "website": ""}
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", "/tip", multipart(typed, photos), {"Content-Type": "multipart/form-data; boundary=b"})
    answer = connection.getresponse()
    answers.append((answer.status, answer.read().decode()))
    connection.close()


def test_e4_sixteen_picture_bombs_at_once_take_no_memory(home):  # noqa: F811
    """Half say that they are 59 megapixels, half are as large as any that is taken; the latter are really decoded."""
    with serving(home) as served:
        tokens = []
        for _ in range(POSTS):
            with urlopen(f"http://127.0.0.1:{served.port}/tip") as page:
                tokens.append(re.search(r'name="token"[^>]*value="([^"]*)"', page.read().decode())[1])
        time.sleep(3.5)  # a form that comes back sooner is a machine's
        large, answers = picture("WEBP", size=(4400, 4400)), list[tuple[int, str]]()
        posts = [
            Thread(target=post, args=(served.port, token, [(large, webp(7700, 7700))[n % 2]] * 3, answers))
            for n, token in enumerate(tokens)
        ]
        for each in posts:
            each.start()
        highest = 0
        while any(each.is_alive() for each in posts):
            highest = max(highest, memory(served.process.pid))
            time.sleep(0.02)

    assert len(answers) == POSTS
    assert {status for status, _page in answers} <= {200, 422, 429}
    assert any("2500 万像素" in page for _status, page in answers)
    assert any(status == 200 for status, _page in answers)
    assert 0 < highest < MOST
