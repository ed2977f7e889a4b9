"""Batches of imported rows: where each came from stays provable. 批量导入"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.core.permissions import must_reach
from domain.imports.import_ import Import
from domain.values import CITY


@dataclass(frozen=True, kw_only=True)
class StartImport(Command):
    """开始导入: `batch` is made by the importer; the file is known by its hash only."""

    batch: UUID
    kind: str
    source: str
    file_sha256: str
    mapping_sha256: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class FinishImport(Command):
    """完成导入"""

    batch: UUID
    registered: int
    repeated: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class WithdrawImport(Command):
    """撤回导入: after its tips; `withdrawn` of them are, `kept` are being worked on and stay."""

    batch: UUID
    reason: str
    withdrawn: int
    kept: int


def start_import(command: StartImport, ledger: Ledger) -> Receipt:
    started = Import.start(
        id=command.batch,
        kind=command.kind,
        source=command.source,
        file_sha256=command.file_sha256,
        mapping_sha256=command.mapping_sha256,
        rows=command.rows,
        actor=command.actor,
    )
    return ledger.commit(started, command=command)


def finish_import(command: FinishImport, ledger: Ledger) -> Receipt:
    batch = ledger.fetch(Import, command.batch)
    batch.finish(registered=command.registered, repeated=command.repeated, refused=command.refused, actor=command.actor)
    return ledger.commit(batch, command=command)


def withdraw_import(command: WithdrawImport, ledger: Ledger) -> Receipt:
    batch = ledger.fetch(Import, command.batch)
    must_reach(command.actor, batch.unit or CITY)
    batch.withdraw(reason=command.reason, withdrawn=command.withdrawn, kept=command.kept, actor=command.actor)
    return ledger.commit(batch, command=command)


HANDLERS: Handlers = {
    StartImport: start_import,
    FinishImport: finish_import,
    WithdrawImport: withdraw_import,
}
