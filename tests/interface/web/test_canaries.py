"""A reporter comes in through every door of a real instance; outside the sealed vault nothing of it is found again."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from base64 import b64encode
from contextlib import closing
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import psycopg2
import pytest
from click.testing import CliRunner
from PIL import Image

from application.exchange.mapping import Mapping
from application.exchange.sheet import read
from application.exchange.tip_import import Import
from application.platform.home import Home
from application.tips.public_tips import register_public_tips
from application.tips.shredding import end_epoch
from application.vault.letterbox import read_letter
from interface.bootstrap import services as serve
from interface.cli.main import main
from interface.cli.sign_in import acting
from interface.first_start import create
from interface.kit.photos import clean
from interface.web.public import throttle
from tests import places
from tests.cities import City
from tests.interface.files import holding
from tests.interface.web.public.test_report import code_of, database_text, value
from tests.interface.web.test_logs import said  # noqa: F401 (a fixture)
from tests.interface.web.tips.test_tips import CITY, hidden, register

WORDS = (
    "金丝雀甲",
    "139" + "0013" + "9001",
    "虞山街道金丝雀弄七号",
    "CANARY-TEXT 三号楼二楼的门禁坏了",
    "CANARY-MORE 补充",
)
NAME, PHONE, ADDRESS, TOLD, MORE = WORDS
TEXT = f"{TOLD}，住址{ADDRESS}，请尽快处理"
MAPPING = """
source = "canaries"
channel = "12345"
dates = ["%Y-%m-%d"]
[columns]
number = "工单号"
sender = "来电人"
contact = "电话"
received_at = "日期"
text = ["内容"]
accuses_official = "公职"
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder for temporary files of this process."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def made(monkeypatch):
    """A real instance with a database server of its own; a form may be sent at once."""
    monkeypatch.setattr(throttle, "YOUNGEST", 0)
    place = places.place("canary")
    home = Home(place / "home")
    commission = create(home, origin="t.example/campaign", training=True).commission
    with serve(home) as made:
        made.projections.catch_up()
        yield made, commission
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def services(made):
    return made[0]


@pytest.fixture
def city(services):
    return City(services.ledger, acting(services, "admin", "official.enrolled"))


def photo() -> bytes:
    """Noise, named and described by its phone."""
    taken = BytesIO()
    image = Image.frombytes("RGB", (120, 90), os.urandom(120 * 90 * 3))
    image.save(taken, "JPEG", quality=95, exif=b"Exif\0\0CANARY-EXIF")
    return taken.getvalue()


def upload(body: bytes):
    return BytesIO(body), "CANARY-FILE.jpg"


class Reporter:
    """Tells the same at every door, each time with a photo of its own."""

    def __init__(self) -> None:
        self.photos: list[bytes] = []

    def photo(self):
        self.photos.append(photo())
        return upload(self.photos[-1])

    def at_the_desk(self, desk) -> None:
        typed = {"text": TEXT, "reporter": NAME, "contact": PHONE, "number": "W-1"}
        assert register(desk, received_on="2031-01-01", files=self.photo(), **typed).status_code == 422
        assert register(desk, files=self.photo(), **typed).status_code == 303
        accusing = register(desk, accuses="yes", **typed | {"number": "W-2"})
        assert accusing.status_code == 303, accusing.text

    def from_a_phone(self, client, accuses: str = "no"):
        page = client.get("/tip").text
        typed = {"accuses": accuses, "text": TOLD, "place": ADDRESS, "reporter": NAME, "contact": PHONE}
        photos = {} if accuses == "yes" else {"photos": self.photo()}
        return client.post("/tip", data={"step": "check", "token": value(page, "token"), **typed, **photos})

    def once_more(self, client, code: str) -> None:
        page = client.post("/tip/track", data={"code": code}).text
        data = {"token": value(page, "token"), "code": code, "text": MORE, "photos": self.photo()}
        assert "补充材料已收到" in client.post("/tip/track/add", data=data).text

    def on_a_list(self, city: City, folder: Path) -> None:
        rows = [f"L-{n},{NAME},{PHONE},2026-02-27,{TEXT}{n},{accuses}" for n, accuses in ((1, "否"), (2, "是"))]
        path = folder / "list.csv"
        path.write_text("\n".join(["工单号,来电人,电话,日期,内容,公职", *rows]))
        mapping = Mapping.parse(MAPPING.encode())
        task = Import(city.ledger, city.desk, read(path, None, heads=mapping.heads), mapping)
        task.run()
        assert task.counts["registered"] == 2


def needles(photos: list[bytes]) -> list[bytes]:
    """What to look for: words in two encodings, pieces of photos as sent and as kept; each also in base64 and as hex."""
    plain = [word.encode(form) for word in (*WORDS, "CANARY-EXIF", "CANARY-FILE") for form in ("utf-8", "utf-16-le")]
    for body in photos:
        for kind in (body, clean(body, "").body):
            plain.append(kind[len(kind) // 2 :][:48])
    coded = [b64encode(each[start:])[4:-4] for each in plain for start in range(3) if len(each) > 12]
    return plain + coded + [each.hex().encode() for each in plain]


def found(folder: Path, wanted: list[bytes], since: float = 0) -> set[tuple[str, bytes]]:
    """In the files of a folder that were written since then, and in what is packed in them."""
    hits = set()
    for path in (one for one in folder.rglob("*") if one.is_file() and one.stat().st_mtime >= since):
        contents = [path.read_bytes()]
        if contents[0].startswith(b"PK"):
            with ZipFile(path) as packed:
                contents += [packed.read(name) for name in packed.namelist()]
        hits |= {(path.name, each) for each in wanted for content in contents if each in content}
    return hits


def outside(made, desk, folder: Path) -> None:
    """Everything that leaves the instance: lists, ledgers, evidence packs, and the pages of the lists themselves."""
    for name in ("tips.csv", "tips.xlsx", "problems.csv", "problems.xlsx", "tips", "desk"):
        answer = desk.get(f"/{name}")
        assert answer.status_code == 200, name
        (folder / name).write_bytes(answer.data)
    for command in (["export", "ledger", "-o"], ["bundle", "-o"]):
        out = folder / f"{command[0]}.{'xlsx' if command[0] == 'export' else 'zip'}"
        result = CliRunner().invoke(main, ["--home", str(made.home.path), *command, str(out)])
        assert result.exit_code == 0, result.output
        (folder / f"{command[0]}.said").write_text(result.output)


def checkpoint(made) -> None:
    with closing(psycopg2.connect(made.logins.owner)) as connection:
        connection.autocommit = True
        connection.cursor().execute("CHECKPOINT")


def told_everywhere(app, city, desk, folder: Path) -> Reporter:
    reporter, phone = Reporter(), app.test_client()
    reporter.at_the_desk(desk)
    code = code_of(reporter.from_a_phone(phone))
    assert "12388" in reporter.from_a_phone(phone, accuses="yes").text
    reporter.once_more(phone, code)
    reporter.on_a_list(city, folder)
    return reporter


def read_by_officials(desk) -> None:
    """They look for a word, and open a tip: it is on the page, and again nowhere."""
    found = desk.post("/tips/search", page="/tips/search", wanted=ADDRESS)
    address = re.search(r'href="(/tips/[0-9a-f-]{36})"', found.text)[1]
    sent = {"text-why": "screen", "text-token": "1", "text-seen": "1"}
    assert TOLD in desk.post(f"{address}/text", page=address, **sent).text
    page = desk.get(address).text
    refused = {f"accept-{name}": hidden(page, f"accept-{name}") for name in ("token", "seen")}
    assert desk.post(f"{address}/accept", page=address, **refused, **{"accept-note": TOLD}).status_code == 422


def test_nothing_of_a_reporter_is_found_outside_the_vault(
    app,
    city,
    signed_in,
    made,
    services,
    said,  # noqa: F811
    temporary,
    tmp_path,
):
    home, lists, out = services.home.path, tmp_path / "lists", tmp_path / "out"
    lists.mkdir()
    out.mkdir()
    desk = signed_in("city_desk", CITY)
    reporter = told_everywhere(app, city, desk, lists)
    wanted = needles(reporter.photos)
    waiting = holding(os.getpid(), *wanted)
    assert register_public_tips(services.ledger) == 3
    services.projections.catch_up()
    read_by_officials(desk)
    end_epoch(services.ledger)
    services.publisher.publish()
    outside(services, desk, out)
    checkpoint(services)

    tables = database_text(city).encode()
    assert (waiting, [each for each in wanted if each in tables]) == ([], [])
    assert [each for each in wanted if each in said.getvalue().encode()] == []
    cluster = Path((home / "cluster.path").read_text()) if (home / "cluster.path").exists() else home
    assert any("pg_wal" in path.parts for path in cluster.rglob("*"))
    made_at = (home / "instance.json").stat().st_mtime  # before anything was told
    for folder in (home, cluster, out, temporary):
        assert found(folder, wanted, since=made_at) == set(), folder
    letters = [event.stream for event in services.ledger.read(after=0, limit=10_000) if event.topic == "lead.referred"]
    assert len(letters) == 3
    for lead in letters:
        assert read_letter(services.vault.tips.letter(lead), made[1], lead)["reporter"] == NAME


def test_the_search_finds_what_is_there(tmp_path):
    """In clear, in base64 as entries are, and packed."""
    body = photo()
    wanted = needles([body])
    (tmp_path / "clear").write_text(NAME)
    (tmp_path / "entry").write_bytes(b64encode(f'{{"reason": "{TEXT}"}}'.encode()))
    with ZipFile(tmp_path / "pack.zip", "w", compression=8) as packed:
        packed.writestr("photo.jpg", clean(body, "").body)

    assert {name for name, _ in found(tmp_path, wanted)} == {"clear", "entry", "pack.zip"}
