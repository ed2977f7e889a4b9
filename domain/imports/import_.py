"""批量导入: which file became which tips."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from domain.base import Fact, Thing
from domain.errors import RuleBroken
from domain.imports.events import ImportFinished, ImportStarted
from domain.values import Actor


class Import(Thing):
    TOPIC = "import"
    Event, Created = Fact, ImportStarted

    @classmethod
    def start(cls, *, id: UUID, actor: Actor, **members: Any) -> Self:
        return cls._create(ImportStarted, id=id, actor=actor.id, **members)

    def finish(self, *, registered: int, repeated: int, refused: int, actor: Actor) -> None:
        if self.finished:
            raise RuleBroken("这批导入已经完成")
        if registered + repeated + refused != self.rows:
            raise RuleBroken(f"这批共 {self.rows} 行，已处理 {registered + repeated + refused} 行，尚不能完成")
        self.trigger_event(ImportFinished, registered=registered, repeated=repeated, refused=refused, actor=actor.id)

    def evolve(self, fact: Fact) -> None:
        match fact:
            case ImportStarted():
                self.rows, self.finished = fact.rows, False
            case ImportFinished():
                self.finished = True
            case _:
                super().evolve(fact)
