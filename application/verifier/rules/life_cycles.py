"""Where a matter stands, and who took which part in it: what the log's own rules make of its events (docs/format.md §4). 生命周期 Pure.

A rule of `rules.adopted` that names a `life` says from which states its type may be written (`from`; [] begins the stream) and
where it leads (`to`: a state, or a state for each; absent: nowhere else). A life that is `of` another begins with it, in its
`first` state. `part` is what whoever writes it takes part in; `names` are members that name a person who takes a part
without writing anything (责任人). Parts that stand `apart` are never one person's within a round.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

LEVEL = 1  # of the language that rules are written in: what this file understands
NO_STATES: Mapping[str, str] = {}
NO_PARTS: Mapping[str, frozenset[str]] = {}
NOBODY: frozenset[str] = frozenset()


class Rules(NamedTuple):
    """What one `rules.adopted` says: `since` the index after it; `root` is the unit that all others belong to."""

    since: int
    types: dict[str, dict[str, Any]]
    lives: dict[str, dict[str, Any]]
    parts: dict[str, str]
    apart: dict[str, tuple[str, ...]]
    root: str

    @classmethod
    def read(cls, payload: dict[str, Any]) -> Rules:
        """Of a payload that is not malformed."""
        data, apart = payload["data"], dict[str, tuple[str, ...]]()
        for one, other in data["apart"]:
            apart[one] = (*apart.get(one, ()), other)
            apart[other] = (*apart.get(other, ()), one)
        return cls(payload["seq"] + 1, data["types"], data["lives"], data["parts"], apart, payload["unit"])

    def word(self, life: str, state: str) -> str:
        """What officials call the state."""
        return str(self.lives[life]["states"].get(state, state))


class Stream(NamedTuple):
    """What has to be known of one stream: where it stands, whose it is, and who took which part in the present round.

    `unit` owns it, `partner` is the other side's; `recused` units write nothing more. `states` by life, `parts` and `named`
    hold persons, not accounts: `named` whom an event named last.
    """

    version: int
    unit: str
    states: Mapping[str, str] = NO_STATES
    parts: Mapping[str, frozenset[str]] = NO_PARTS
    named: Mapping[str, str] = NO_STATES
    partner: str = ""
    recused: frozenset[str] = NOBODY

    def state(self, life: str, rules: Rules) -> str | None:
        """None where the stream has no such life."""
        known = self.states.get(life)
        if known is None and (of := rules.lives[life].get("of")) is not None and of in self.states:
            return str(rules.lives[life]["first"])
        return known


def grown(stream: Stream | None, payload: dict[str, Any], rules: Rules, persons: frozenset[str]) -> Stream:
    """The stream with one event more, which was judged right; `persons` are who answers for it.

    The stream of a type that the rules say nothing of only gets its version: `log.opened` comes before any rules.
    """
    rule, data = rules.types.get(payload["type"], {}), payload["data"]
    told = data.get("unit", payload["unit"])
    known = stream or Stream(0, told)
    unit, states = told if rule.get("moves_unit") else known.unit, known.states
    recused, goes_on = known.recused, True
    if rule.get("recuses"):
        recused, goes_on = recused | {data["recused"]}, known.unit == data["recused"]
        unit = rules.root if goes_on else unit
    if goes_on and (life := rule.get("life")) is not None:
        state = after(rule, known.state(life, rules))
        if states.get(life) != state:
            states = _one(life, state) if len(states) <= (life in states) else {**states, life: state}
    partner = data["partner"] if rule.get("names_partner") else known.partner
    parts, named = _taken(known, rule, data, persons)
    return Stream(payload["version"], unit, states, parts, named, partner, recused)


def after(rule: dict[str, Any], state: str | None) -> str:
    """The state that a type leads to, of a matter that was in `state`."""
    to = rule.get("to", "")
    return (to if isinstance(to, str) else to.get(state, "")) or state or ""


def _taken(
    known: Stream, rule: dict[str, Any], data: dict[str, Any], persons: frozenset[str]
) -> tuple[Mapping[str, frozenset[str]], Mapping[str, str]]:
    """Parts and named persons after the event. What begins a round belongs to the one before; whoever was named still is."""
    parts, named = known.parts, known.named
    if rule.get("starts_round"):
        parts = {part: frozenset({person}) for part, person in named.items()}
    elif (part := rule.get("part")) is not None and not persons <= parts.get(part, NOBODY):
        parts = {**parts, part: parts.get(part, NOBODY) | persons}
    for member, part in rule.get("names", {}).items():
        if (person := data.get(member)) is not None:
            others = parts.get(part, NOBODY)
            if rule.get("renames"):  # the one before was named by mistake, and answers for nothing
                others -= {named.get(part, "")}
            parts, named = {**parts, part: others | {person}}, {**named, part: person}
    return parts, named


@lru_cache(maxsize=256)
def _one(life: str, state: str) -> Mapping[str, str]:
    """Most streams have one life: one mapping for all that stand in the same state."""
    return {life: state}
