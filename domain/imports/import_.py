"""批量导入: which file became which tips."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from domain.actions import Matter
from domain.base import DomainEvent
from domain.errors import RuleBroken
from domain.imports.actions import ACTIONS
from domain.imports.events import ImportFinished, ImportStarted, ImportWithdrawn
from domain.text import official
from domain.values import Actor


class Import(Matter):
    TOPIC, ACTIONS = "import", ACTIONS
    Event, Created = DomainEvent, ImportStarted

    @classmethod
    def start(cls, *, id: UUID, actor: Actor, **members: Any) -> Self:
        return cls._create(ImportStarted, id=id, actor=actor.id, **members)

    def finish(self, *, registered: int, repeated: int, refused: int, actor: Actor) -> None:
        if not self.ACTIONS["finish"].starts_in(self.state):
            raise RuleBroken("这批导入已经完成或撤回")
        if registered + repeated + refused != self.rows:
            raise RuleBroken(f"这批共 {self.rows} 行，已处理 {registered + repeated + refused} 行，尚不能完成")
        self.trigger_event(ImportFinished, registered=registered, repeated=repeated, refused=refused, actor=actor.id)

    def withdraw(self, *, reason: str, withdrawn: int, kept: int, actor: Actor) -> None:
        """撤回, once its tips are: what is kept is being worked on. One that was cut off may be withdrawn too."""
        if not self.ACTIONS["withdraw"].starts_in(self.state):
            raise RuleBroken("这批导入已经撤回")
        if withdrawn + kept > self.rows:
            raise RuleBroken(f"这批共 {self.rows} 行，不能撤回 {withdrawn} 行、保留 {kept} 行")
        self.trigger_event(
            ImportWithdrawn, reason=official("撤回理由", reason), withdrawn=withdrawn, kept=kept, actor=actor.id
        )

    @property
    def withdrawn(self) -> bool:
        return self.state == "withdrawn"

    def evolve(self, fact: DomainEvent) -> None:
        self._follow(fact)
        match fact:
            case ImportStarted():
                self.kind, self.rows, self.unit = fact.kind, fact.rows, fact.acting_unit
                self.registered = None
            case ImportFinished():
                self.registered = fact.registered
            case ImportWithdrawn():
                pass
            case _:
                super().evolve(fact)
