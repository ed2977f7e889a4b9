"""Import of 4,326 rows end to end, file to log, against the same rows only read, encrypted and signed: what no store adds to."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import xlsxwriter

from application.exchange.mapping import Mapping
from application.exchange.sheet import read
from application.exchange.tip_import import Import
from application.exchange.tip_rows import Reader
from tests.bench.instances import city, database, server
from tests.cities import City
from tests.plugin import DATA

ROWS, ROUNDS, TARGET = 4_326, 5, 1_000
REAL = DATA / "tips_cn" / "messages_4326.xlsx"
MAPPING = Path(__file__).parents[2] / "docs" / "mappings" / "messages.toml"
HEADS = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情")


def imports() -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, server() as address:
        file = REAL if REAL.exists() else _made_up(Path(folder) / "messages.xlsx")
        pairs = [_round(address, file) for _ in range(ROUNDS)]
    value, baseline = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    yield {
        "id": "import-4326",
        "what": "rows of an Excel file, each a signed event with its encrypted text, against reading and sealing alone",
        "value": round(value),
        "unit": "rows/s",
        "baseline": round(baseline),
        "ratio": round(value / baseline, 2),
        "target": TARGET,
        "ok": value >= TARGET,
    }


def _made_up(path: Path) -> Path:
    """Where the real file is absent: as many rows of like length."""
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("Sheet1")
        page.write_row(0, 0, HEADS)
        for number in range(1, ROWS + 1):
            text = f"演练留言 {number}，" + "小区公共收益没有公示，请核查。" * 25
            page.write_row(number, 0, (number, f"A{number}", "反映问题", "2026/2/1 10:00:00", text))
    return path


def _round(address: str, file: Path) -> tuple[float, float]:
    with city(database(address)) as place:
        desk = place.desk
        began = time.perf_counter()
        mapping = Mapping.parse(MAPPING.read_bytes())
        sheet = read(file, mapping.sheet, heads=mapping.heads)
        task = Import(place.ledger, desk, sheet, mapping)
        task.run()
        taken = time.perf_counter() - began
        rows = task.counts["registered"]
        return rows / taken, rows / _without_a_store(place, file)


def _without_a_store(place: City, file: Path) -> float:
    """Seconds for what has to be done for the rows wherever they are kept."""
    vault, sign = place.ledger.vault.tips, place.ledger.keys.signer(place.desk.id).sign
    began = time.perf_counter()
    mapping = Mapping.parse(MAPPING.read_bytes())
    sheet = read(file, mapping.sheet, heads=mapping.heads)
    reader = Reader(sheet, mapping)
    for row in sheet.rows:
        told = reader.read(row, place.ledger.today)
        vault.source_key(mapping.source, told.number, told.text)
        commits, _ = vault.seal(uuid4(), text=told.text, reporter=told.reporter)
        sign(str(commits).encode() * 4)
    return time.perf_counter() - began
