"""`serve` while somebody sets the machine's clock, PostgreSQL's included: a real process under libfaketime."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from application.audit.reconciliation import Reconciled, reconcile
from application.platform.home import Home
from interface.bootstrap import services
from interface.first_start import create
from interface.web.public.throttle import YOUNGEST
from tests.interface.cli.instance.test_serve import COMMAND, free_port
from tests.on_day import environment, moved

PATIENCE = 60  # seconds
HOUR, DAY = 3_600, 86_400
WRONG = "服务器的时钟不对"


class Service:
    """Served; `set_clock` moves its wall clock by so many seconds from the right time."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home, self.port = home, free_port()
        self._folder, self._said = tempfile.TemporaryDirectory(prefix="xh-clock-"), folder / "said"
        Path(self._folder.name).chmod(0o755)  # PostgreSQL is another user's, and asks too
        self._moved = Path(self._folder.name, "moved")
        self.set_clock(0)
        environ = os.environ | environment(0) | {"FAKETIME_TIMESTAMP_FILE": str(self._moved), "FAKETIME_NO_CACHE": "1"}
        del environ["FAKETIME"]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [*COMMAND, "--home", str(home.path), "--port", str(self.port)],
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env=environ,
            )
        assert self._process.stdout is not None
        assert "answers on" in self._process.stdout.readline(), self.said

    @property
    def said(self) -> str:
        return self._said.read_text()

    def set_clock(self, seconds: int) -> None:
        self._moved.write_text(f"{moved(seconds)}\n")

    def get(self, path: str, data: bytes | None = None) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            return refused.code, refused.read().decode()

    def tip(self, text: str) -> tuple[int, str]:
        """All four pages in one."""
        token = re.search(r'name="token" value="([^"]+)"', self.get("/tip")[1])
        assert token is not None
        time.sleep(YOUNGEST + 0.1)
        typed = {"token": token[1], "step": "check", "accuses": "no", "text": text}
        return self.get("/tip", urlencode(typed).encode())

    def until(self, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.2)

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE)
        self._folder.cleanup()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    home = Home(tmp_path / "home")
    create(home, origin="t.example/campaign", training=False)  # a training log takes any time
    running = Service(home, tmp_path)
    yield running
    running.close()


def kept(home: Home) -> Reconciled:
    with services(home) as attached:
        return reconcile(attached.ledger)


@pytest.mark.faketime
@pytest.mark.parametrize("seconds", [-DAY, 400 * DAY], ids=["a day back", "400 days ahead"])
def test_c1_a_clock_that_is_set_while_serving_loses_nothing_and_promises_nothing(service, seconds):
    assert service.tip("电梯停运三天")[0] == 200
    service.set_clock(seconds)
    service.until(lambda: "the wall clock was set" in service.said)

    status, page = service.tip("消防通道堵塞")
    assert (status, WRONG in page) == (503, True)
    assert WRONG in service.get("/tip")[1]

    service.set_clock(0)
    service.until(lambda: service.said.count("the wall clock was set") == 2)
    assert service.tip("公共收益没有公示")[0] == 200
    service.set_clock(HOUR)  # a full hour has come; so much later is no wrong clock
    service.until(lambda: kept(service.home).kept == 2)
    assert kept(service.home) == Reconciled(2, 2, 0, [])
