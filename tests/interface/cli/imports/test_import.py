"""`xiaohao import`: from a file to tips, and back again."""

import json
import shutil
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from application.campaign.genesis import CITY
from application.officials.officials import EnrolOfficial, GrantRole
from application.platform.home import Home
from application.vault.people import Person
from interface.bootstrap import services
from interface.cli.main import main
from interface.cli.sign_in import acting
from interface.first_start import create
from tests.cities import STARTING

HERE = Path(__file__).parents[3] / "data"


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    """A training instance with one official of the city's desk: `desk`."""
    home = Home(tmp_path_factory.mktemp("instance") / "home")
    create(home, origin="t.example/campaign", training=True)
    with services(home) as made:
        admin = acting(made, "admin", "official.enrolled")
        person = Person("测试经办", "", "D-1")
        made.ledger.handle(EnrolOfficial(id=uuid4(), actor=admin, person=person, login="desk", password=STARTING))
        official = made.vault.people.credential("desk").official
        made.ledger.handle(GrantRole(id=uuid4(), actor=admin, official=official, role="city_desk", unit=CITY))
    return home


@pytest.fixture
def file(tmp_path) -> Path:
    """The instance has today's clock, so the rows are of a year that is past anywhere."""
    rows = (HERE / "orders.csv").read_text("utf-8").replace("2026", "2024")
    (tmp_path / "orders.csv").write_text(rows, "utf-8")
    return tmp_path / "orders.csv"


def run(home: Home, *arguments: str) -> Result:
    return run_main(home, "import", *arguments)


def run_main(home: Home, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["--home", str(home.path), *map(str, arguments)])


def test_a_batch_is_imported_listed_and_withdrawn(home, file):
    tips = ("tips", file, "--map", HERE / "orders.toml", "--as", "desk")
    why = ("--reason", "导入了错误的文件", "--as", "desk")

    batch = json.loads(run(home, *tips, "--json").stdout)["batch"]
    listed = run(home, "batches")
    looked = run(home, "withdraw", batch, *why, "--dry-run")
    done = run(home, "withdraw", batch, *why)
    twice = run(home, "withdraw", batch, *why)

    assert f"{batch}" in listed.stdout
    assert "would withdraw 3 of 3 tips; 0 were withdrawn already, 0 are being worked on and stay" in looked.stdout
    assert "where they stay and count as imported: 1" in done.stdout
    assert (done.exit_code, "withdrew 3 of 3 tips; 0 were" in done.stdout) == (0, True)
    assert (twice.exit_code, "withdrew 0 of 3 tips; 3 were" in twice.stdout) == (0, True)
    assert "withdrawn 20" in run(home, "batches").stdout


@pytest.mark.parametrize("batch", ["x", "8c69b4df-1053-4ca0-bf7a-3766a3cf95a5"])
def test_a_batch_that_is_not_there_is_said_to_be_unknown(home, batch):
    refused = run(home, "withdraw", batch, "--reason", "误", "--as", "desk")

    assert refused.exit_code == 1
    assert refused.stdout.startswith(f"couldn't withdraw {batch}: there is no such batch")


def test_a_dry_run_says_how_the_file_is_read_and_records_nothing(home, file):
    with services(home) as made:
        before = made.ledger.table.max_notification_id()
    looked = run(home, "tips", file, "--map", HERE / "orders.toml", "--as", "desk", "--dry-run")

    assert "text             ← 标题 + 内容" in looked.stdout
    assert "received 2024-02-27 to 2024-02-28, written as %Y-%m-%d (2), %Y/%m/%d (2)" in looked.stdout
    assert "row 5: Received on “2024-02-30” can't be read or doesn't exist" in looked.stdout
    assert looked.stdout.splitlines()[-1].startswith("would register ")
    assert "错误信息" in file.with_name("orders.错误信息.csv").read_text("utf-8-sig")
    with services(home) as made:
        assert made.ledger.table.max_notification_id() == before


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "orders.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "couldn't read the sheet: orders.xlsx is no",
        ),
        ("orders.csv", b"", "couldn't read the sheet: orders.csv has no row of heads: it is empty"),
        (
            "orders.csv",
            "甲,乙\n1,2\n".encode(),
            "couldn't use the mapping orders.toml: the sheet has no column 工单号,",
        ),
        ("elsewhere.csv", b"", "couldn't read the sheet: orders.csv: No such file"),
    ],
    ids=["xls", "empty", "columns", "missing"],
)
def test_what_cannot_be_read_is_one_sentence_and_no(home, tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    asked = tmp_path / (name if name.startswith("orders") else "orders.csv")

    refused = run(home, "tips", asked, "--map", HERE / "orders.toml", "--as", "desk")

    assert refused.exit_code == 1
    assert refused.stdout.startswith(sentence)
    assert len(refused.stdout.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [tmp_path / name]


def test_where_the_folder_is_closed_the_faults_are_written_to_the_present_one(home, file, tmp_path, monkeypatch):
    file.with_name("orders.错误信息.csv").mkdir()  # nothing can be written there, not even by root
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    run(home, "tips", file, "--map", HERE / "orders.toml", "--as", "desk", "--dry-run")

    assert (tmp_path / "here" / "orders.错误信息.csv").is_file()


def test_a_template_that_was_filled_in_comes_in_without_a_mapping(home, tmp_path):
    made = run(home, "template", "tips", "-o", tmp_path / "t.xlsx")
    filled = filled_in(tmp_path / "t.xlsx", ["2024-T1", "12345热线", date(2024, 3, 1), "", "", "电梯停运", "否"])

    first, again = (run(home, "tips", filled, "--as", "desk") for _ in range(2))

    assert made.stdout.endswith("it comes back with `xiaohao import tips t.xlsx`\n")
    assert "registered 1 of 1 rows; 0 were there already, 0 refused" in first.stdout
    assert "registered 0 of 1 rows; 1 were there already, 0 refused" in again.stdout


def test_a_known_number_with_another_text_is_in_the_verdict_and_in_the_sheet(home, tmp_path):
    file = shutil.copy(HERE / "orders.csv", tmp_path)
    run(home, "tips", file, "--map", HERE / "orders.toml", "--as", "desk")
    Path(file).write_text(Path(file).read_text("utf-8").replace("三年没有公示", "四年没有公示"), "utf-8")

    again = run(home, "tips", file, "--map", HERE / "orders.toml", "--as", "desk")

    assert "5 were there already (2 of them with another text: row 3, 4), 3 refused" in again.stdout
    assert "内容与原先登记的不一致" in (tmp_path / "orders.错误信息.csv").read_text("utf-8-sig")


def filled_in(template: Path, row: list) -> Path:
    """The template with one row, as somebody would save it."""
    book = CalamineWorkbook.from_path(str(template))
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    path = template.with_name("filled.xlsx")
    with xlsxwriter.Workbook(str(path)) as saved:
        page, day = saved.add_worksheet("导入表"), saved.add_format({"num_format": "yyyy-mm-dd"})
        for number, cells in enumerate([*rows, row]):
            for place, cell in enumerate(cells):
                page.write(number, place, cell, *([day] if isinstance(cell, date) else []))
    return path


def test_a_template_of_the_ledger_has_drop_downs_and_comes_in_empty(home, tmp_path):
    run(home, "template", "ledger", "-o", tmp_path / "l.xlsx")

    with zipfile.ZipFile(tmp_path / "l.xlsx") as package:
        assert package.read("xl/worksheets/sheet1.xml").count(b"<dataValidation ") >= 4
    done = run(home, "ledger", tmp_path / "l.xlsx", "--as", "desk")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "opened 0 of 0 rows; 0 were there already, 0 refused")


def test_the_exported_ledger_comes_in_again(home, tmp_path):
    out = tmp_path / "ledger.xlsx"
    exported = run_main(home, "export", "ledger", "-o", out)

    assert (exported.exit_code, exported.stdout) == (0, f"wrote 0 of 0 problems to {out}\n")
    assert "opened 0 of 0 rows" in run(home, "ledger", out, "--as", "desk").stdout
    assert "there is no town 9" in run_main(home, "export", "ledger", "--town", "9", "-o", out).stdout
    assert run_main(home, "export", "ledger", "--as-of", "x", "-o", out).exit_code == 1


def test_a_template_that_cannot_be_written_is_one_sentence(home, tmp_path):
    refused = run(home, "template", "tips", "-o", tmp_path)

    assert (refused.exit_code, refused.stdout) == (1, f"couldn't write {tmp_path}: Is a directory\n")


@pytest.fixture
def full(home):
    """The server says that its disk is full, as soon as a tip's words are to be kept."""
    with services(home) as made, closing(psycopg2.connect(made.logins.owner)) as owner:
        owner.autocommit = True
        with owner.cursor() as cursor:
            cursor.execute(
                """CREATE FUNCTION vault.no_room() RETURNS trigger LANGUAGE plpgsql AS
                   $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$;
                   CREATE TRIGGER no_room BEFORE INSERT ON vault.tip_blob EXECUTE FUNCTION vault.no_room()"""
            )
            yield
            cursor.execute("DROP FUNCTION vault.no_room() CASCADE")


@pytest.mark.usefixtures("full")
def test_an_import_that_finds_no_room_is_cut_short_and_says_so(home, file):
    file.write_text(file.read_text("utf-8").replace("W-", "F-"), "utf-8")  # nobody has imported these

    result = run(home, "tips", file, "--map", HERE / "orders.toml", "--as", "desk")

    assert (result.exit_code, "cut short: the disk is full; free some space; run it again" in result.stdout) == (
        1,
        True,
    )
    assert "registered 0 of" in result.stdout.splitlines()[-1]
