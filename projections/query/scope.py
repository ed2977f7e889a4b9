"""Whose rows a person may see. 数据范围"""

from __future__ import annotations

from dataclasses import dataclass

from domain.values import CITY


@dataclass(frozen=True)
class Scope:
    """All units, or one with every unit whose code begins with its own (as authority judges it)."""

    unit: str | None

    def __post_init__(self) -> None:
        if self.unit == "":
            raise ValueError("a scope of no unit would be a scope of all")

    @classmethod
    def all(cls) -> Scope:
        return cls(None)

    @property
    def whole(self) -> bool:
        """Whether nothing is left out of it: only then a sum over all units may be called one."""
        return self.covers(CITY)

    def sql(self, column: str) -> str:
        """A condition on a column of unit codes; binds `scope` (see `bound`)."""
        return "true" if self.unit is None else f"{column} ^@ %(scope)s"

    @property
    def bound(self) -> dict[str, str | None]:
        return {"scope": self.unit}

    def covers(self, unit: str) -> bool:
        return self.unit is None or unit.startswith(self.unit)
