"""As whom an instance comes to its database: on a server of the city's own, and where an older program made the tables."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from click.testing import CliRunner

from application.platform.database import APPLICATION, Database
from application.platform.embedded.binaries import find, user
from application.platform.embedded.cluster import Cluster, new_password
from application.platform.failures import OperatorError
from application.platform.home import Home
from application.platform.logins import login, of_cluster
from application.platform.migrate import scripts
from application.registers.registers import RegisterCompany
from application.verifier.formats.entry import body_of
from domain.companies.company import check_character
from domain.values import Actor
from interface.bootstrap import services
from interface.cli.main import main
from interface.first_start import create
from interface.oversight.readonly_services import overseen
from projections.engine.catch_up import ReadModels
from projections.models import MODELS
from tests import places, servers

DOCS = Path(__file__).parents[2] / "docs"
LOGINS = {"DATABASE_OWNER_URL": "xiaohao_owner:change-me-1", "DATABASE_URL": "xiaohao_app:change-me-2"}
LOGINS["DATABASE_OVERSIGHT_URL"] = "xiaohao_oversight:change-me-3"


@pytest.fixture(scope="module", params=servers.VERSIONS)
def own_server(request):
    """A server that knows nothing of us but docs/logins.sql: the folder of its sockets."""
    folder = places.place("own")
    cluster, password = Cluster(folder / "cluster", find(request.param), user(), log=folder / "log"), new_password()
    cluster.create(password)
    try:
        superuser = psycopg2.connect(cluster.start(password, fsync="off").replace("dbname=xiaohao", "dbname=postgres"))
        superuser.autocommit = True
        with superuser.cursor() as cursor:
            for made in ("DATABASE xiaohao", "ROLE xiaohao_app", "ROLE xiaohao_oversight"):
                cursor.execute(f"DROP {made}")
            for statement in (DOCS / "logins.sql").read_text().rstrip().rstrip(";").split(";\n"):
                cursor.execute(statement)
        yield superuser.info.host
        superuser.close()
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@pytest.fixture
def urls(own_server, monkeypatch):
    for name, words in LOGINS.items():
        monkeypatch.setenv(name, f"postgresql://{words}@/xiaohao?host={own_server}")
    return monkeypatch


@pytest.fixture
def city(urls, own_server, tmp_path):
    """An instance there; from now on the owner's login is not at hand."""
    home = Home(tmp_path / "home")
    made = create(home, origin="t.example/campaign", training=True)
    urls.delenv("DATABASE_OWNER_URL")
    yield home, Actor(made.administrator, "administrator", "320581", frozenset({made.administrator}))
    owner = psycopg2.connect(f"postgresql://{LOGINS['DATABASE_OWNER_URL']}@/xiaohao?host={own_server}")
    with owner, owner.cursor() as cursor:
        cursor.execute(
            "DROP SCHEMA log, vault, web, read, read_next, oversight, sign_in CASCADE; DROP TABLE public.migration"
        )
    owner.close()


def test_a_running_instance_comes_as_itself_and_leaves_no_connection_of_the_owner_open(tmp_path):
    home = Home(tmp_path / "home")
    create(home, origin="t.example/campaign", training=True)

    with services(home) as made, overseen(home, made.logins.oversight) as shown:
        made.projections.catch_up()
        with shown.database.cursor() as looking, made.database.cursor() as cursor:
            looking.execute("SELECT session_user")
            assert looking.fetchone() == ("xiaohao_oversight",)
            cursor.execute("SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'xiaohao'")
            assert {name for (name,) in cursor.fetchall()} == {"xiaohao_app", "xiaohao_oversight"}


def examined(home: Home) -> dict[str, str]:
    said = CliRunner().invoke(main, ["doctor", "--json", "--home", str(home.path)])
    return next(one for one in json.loads(said.stdout)["findings"] if one["name"] == "database")


def test_a_city_with_a_server_of_its_own_needs_the_owner_only_to_make_tables(city, urls, own_server):
    home, actor = city
    stem = "91320581MA1X00001"
    company = RegisterCompany(id=uuid4(), actor=actor, code=stem + check_character(stem), name="演练物业有限公司")

    with services(home) as made, overseen(home, made.logins.oversight) as shown:
        receipt = made.ledger.handle(company)
        assert made.projections.catch_up() == receipt.position
        with shown.database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM log.event")
            assert cursor.fetchone() == (receipt.position,)
    alone = CliRunner().invoke(main, ["--home", str(home.path), "rebuild"])
    urls.setenv("DATABASE_OWNER_URL", f"postgresql://{LOGINS['DATABASE_OWNER_URL']}@/xiaohao?host={own_server}")
    helped = CliRunner().invoke(main, ["--home", str(home.path), "rebuild"])

    assert (alone.exit_code, "DATABASE_OWNER_URL" in alone.stdout.splitlines()[-1]) == (1, True), alone.output
    assert helped.exit_code == 0, helped.output


def test_an_oversight_door_without_a_login_is_told_to_have_one(city, urls):
    home, _ = city
    urls.delenv("DATABASE_OVERSIGHT_URL")

    with (
        services(home) as made,
        pytest.raises(OperatorError, match="name its login in DATABASE_OVERSIGHT_URL"),
        overseen(home, made.logins.oversight),
    ):
        pass


def test_the_doctor_tells_a_login_that_may_only_append_from_one_that_owns_the_log(city, urls, own_server):
    home, _ = city

    told = examined(home)
    urls.setenv("DATABASE_OWNER_URL", f"postgresql://{LOGINS['DATABASE_OWNER_URL']}@/xiaohao?host={own_server}")
    at_hand = examined(home)
    urls.setenv("DATABASE_URL", f"postgresql://{LOGINS['DATABASE_OWNER_URL']}@/xiaohao?host={own_server}")
    warned = examined(home)

    assert (told["state"], "may only append" in told["found"]) == ("ok", True)
    assert (at_hand["state"], "unset it where the service runs" in at_hand["todo"]) == ("advice", True)
    assert (warned["state"], "docs/logins.sql" in warned["todo"]) == ("advice", True)


def test_an_older_database_is_told_whose_login_it_takes(own_server, urls, tmp_path):
    urls.delenv("DATABASE_OWNER_URL")

    with pytest.raises(OperatorError, match="name its owner in DATABASE_OWNER_URL for this one start"):
        create(Home(tmp_path / "home"), origin="t.example/campaign", training=True)


def test_tables_of_an_older_program_change_hands_with_their_rows(tmp_path, monkeypatch):
    """It let the service make them: it went by the owner's login, under the service's role."""
    name = f"t_{uuid4().hex}"
    servers.administer(18, f"CREATE DATABASE {name}")
    dsn = f"{servers.server(18)} dbname={name}"
    older(dsn)
    for variable, url in zip(("OWNER_", "", "OVERSIGHT_"), of_cluster(dsn), strict=True):
        monkeypatch.setenv(f"DATABASE_{variable}URL", url)

    create(Home(tmp_path / "home"), origin="t.example/campaign", training=True)

    service = psycopg2.connect(login(dsn, APPLICATION))
    with service, service.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('read', 'read_next')")
        assert cursor.fetchall() == [("xiaohao",)]
        cursor.execute("SELECT name FROM read.unit WHERE key = 'kept'")
        assert cursor.fetchall() == [("x",)]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE read.mine (n int)")
    service.close()
    servers.drop(dsn)


def older(dsn: str) -> None:
    owner = Database(dsn, role=None, size=1)
    with owner.cursor() as cursor:
        cursor.execute("CREATE TABLE public.migration (name text PRIMARY KEY, at timestamptz NOT NULL)")
        for file in scripts():
            if file.name < "0020":
                cursor.execute(file.read_text("utf-8"))
                cursor.execute("INSERT INTO public.migration VALUES (%s, now())", (file.name,))
    owner.close()
    service = Database(dsn, role=APPLICATION, size=1)
    ReadModels(service, body_of, models=MODELS).prepare()
    with service.cursor() as cursor:
        cursor.execute("INSERT INTO read.unit (key, since, name) VALUES ('kept', 1, 'x')")
    service.close()
