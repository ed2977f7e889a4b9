"""One stored entry of every type, sealed once and kept: whatever changes, these bytes must be read as they were meant."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eventsourcing.persistence import StoredEvent

import interface.bootstrap  # noqa: F401 (whoever constructs has imported every event)
from application.core.ledger import FactMapper
from application.verifier.formats.entry import body_of, pae, parse
from domain.base import DomainEvent

ARCHIVE = sorted(Path(__file__).parent.glob("*.entry"))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()


def test_every_type_has_its_entry():
    assert {path.stem for path in ARCHIVE} >= DomainEvent.KINDS.keys()


@pytest.mark.parametrize("path", ARCHIVE, ids=lambda path: path.stem)
def test_an_old_entry_is_read_as_it_was_meant(path):
    raw = path.read_bytes()
    entry = parse(raw)
    payload = entry.payload
    KEY.verify(entry.signature, pae(entry.body))

    stored = StoredEvent(UUID(payload["stream"]), payload["version"], payload["type"], body_of(raw))
    fact = FactMapper().to_domain_event(stored)

    assert type(fact) is DomainEvent.KINDS[path.stem]
    assert fact.data == payload["data"]
    assert fact.actor == payload["actor"]
    for name in DomainEvent.KINDS[path.stem].__annotations__:
        assert hasattr(fact, name), name
