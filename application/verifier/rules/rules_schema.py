"""What `rules.adopted` must look like before anything is judged by it: all of it understood, and nothing that names what is not
there (docs/format.md §4). 规则格式 Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from application.verifier.rules.life_cycles import LEVEL
from application.verifier.rules.reason import Reason

SIDES = ("own", "partner", "sides", "any")
NEEDED = {"types": dict, "lives": dict, "parts": dict, "apart": list, "exclusive_roles": list}
SWITCHES = ("moves_unit", "starts_round", "names_partner", "recuses", "renames")


def malformed_rules(data: dict[str, Any]) -> Reason | None:
    """Rules that say nothing sensible, or more than we understand, are refused. RULES_LEVEL: another program understands them."""
    if data["level"] != LEVEL:
        return Reason(
            "RULES_LEVEL",
            f"规则语言为第 {data['level']} 级，本程序只认识第 {LEVEL} 级，自此条起不能判断；请用新版核验程序",
        )
    for name, kind in NEEDED.items():
        if type(data.get(name)) is not kind:
            return Reason("EVENT_FORMAT", f"缺少成员或类型不符：data.{name}")
    lives, parts = data["lives"], data["parts"]
    if (wrong := next((name for name, right in WHOLE.items() if not right(data)), None)) is not None:
        return Reason("EVENT_FORMAT", f"规则不规范：{wrong}")
    for kind, rule in data["types"].items():
        if (wrong := next(_wrong_members(rule, lives, parts), None)) is not None:
            return Reason("EVENT_FORMAT", f"规则不规范：{kind} 的 {wrong}" if wrong else f"规则不规范：{kind}")
    return None


def _wrong_members(rule: Any, lives: dict[str, Any], parts: dict[str, Any]) -> Iterator[str]:
    """The names of what is not as it should be; "" for all of it, or for what nobody knows."""
    if type(rule) is not dict or not rule.keys() <= MEMBERS.keys() or not {"roles", "unit"} <= rule.keys():
        yield ""
        return
    yield from (name for name, value in rule.items() if not MEMBERS[name](value))
    if not {rule.get("part"), *rule.get("names", {}).values()} - {None} <= parts.keys():
        yield "part"
    if (life := rule.get("life")) is None:
        yield from sorted({"from", "to"} & rule.keys())
    elif life not in lives:
        yield "life"
    else:
        states = lives[life]["states"].keys()
        yield from (name for name in ("from", "to") if not _states(rule.get(name, [])) <= states)


def _states(told: Any) -> set[str]:
    """The states that `from` or `to` speaks of."""
    return {told} if isinstance(told, str) else {*told, *told.values()} if isinstance(told, dict) else {*told}


def _is_life(life: Any) -> bool:
    """{"states": {state: 中文}}, and of a life beside another `of` and `first`."""
    if type(life) is not dict or not _is_map_of_texts(life.get("states")) or not life["states"]:
        return False
    if life.keys() == {"states"}:
        return True
    return (
        life.keys() == {"states", "of", "first"}
        and _is_text(life["of"])
        and _is_text(life["first"])
        and life["first"] in life["states"]
    )


def _are_texts(value: Any) -> bool:
    return type(value) is list and all(type(each) is str for each in value)


def _is_map_of_texts(value: Any) -> bool:
    return type(value) is dict and all(type(each) is str for each in value.values())


def _is_text(value: Any) -> bool:
    return type(value) is str


def _leads_somewhere(value: Any) -> bool:
    return _is_text(value) or _is_map_of_texts(value)


def _are_lives(data: dict[str, Any]) -> bool:
    lives = data["lives"]
    return all(map(_is_life, lives.values())) and all(life.get("of", name) in lives for name, life in lives.items())


def _are_pairs_of_parts(data: dict[str, Any]) -> bool:
    return all(_are_texts(pair) and len(pair) == 2 and {*pair} <= data["parts"].keys() for pair in data["apart"])


WHOLE: dict[str, Callable[[dict[str, Any]], bool]] = {
    "lives": _are_lives,
    "parts": lambda data: _is_map_of_texts(data["parts"]),
    "apart": _are_pairs_of_parts,
    "exclusive_roles": lambda data: all(map(_are_texts, data["exclusive_roles"])),
}
MEMBERS: dict[str, Callable[[Any], bool]] = {
    "roles": _are_texts,
    "unit": lambda value: value in SIDES,
    "others": _are_texts,
    "anywhere": _are_texts,
    "life": _is_text,
    "from": _are_texts,
    "to": _leads_somewhere,
    "part": _is_text,
    "names": _is_map_of_texts,
    **dict.fromkeys(SWITCHES, lambda value: type(value) is bool),
}
