"""What the environment says of the database."""

import pytest

from interface.runtime import config


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://x@db.example/xh", ["DATABASE_URL"]),
        ("postgresql://x@10.0.0.5/xh?sslmode=prefer", ["DATABASE_URL"]),
        ("host=db.example dbname=xh sslmode=disable", ["DATABASE_URL"]),
        ("postgresql://x@db.example/xh?sslmode=verify-full", []),
        ("host=db.example sslmode=require", []),
        ("postgresql://x@localhost/xh", []),
        ("postgresql://x@127.0.0.1:5433/xh", []),
        ("postgresql:///xh?host=/run/postgresql", []),
        ("dbname=xh", []),
        ("not a dsn at all", []),
    ],
)
def test_e16_a_database_on_another_machine_without_tls_is_told(monkeypatch, url, told):
    for name in ("PGHOST", "PGSSLMODE", "DATABASE_OWNER_URL", "DATABASE_OVERSIGHT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", url)

    assert config.unencrypted() == told
