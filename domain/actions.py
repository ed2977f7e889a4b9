"""What can be done about a matter: one table for each subject. 办理事项

A row says which act writes which event, from which states to which, by which roles and of whose unit, and who may not do it
because of what they did before. The aggregate's guard, the forms that are offered, 待办 and the subject's part of the rules
(domain/rules.py) are derived from it; whoever wants to know a rule reads `domain/<subject>/actions.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

from domain.base import Aggregate, DomainEvent
from domain.errors import NotAllowed
from domain.values import Actor

BEGINS: tuple[str, ...] = ()  # the states that an act starts from that opens the stream
ANY = None  # … that may be done in any state
Doers = Mapping[str, Collection[str]]  # part → the officials who took it in the present round
# Parts that one person can take in a matter. Which of them stand apart follows from the tables (`Action.apart_from`).
PARTS = {
    "entering": "登记人",
    "voiding": "作废人",
    "handling": "整改经办人",
    "verifying": "核查人",
    "closing": "销号审核人",
    "revoking": "销号撤销人",
    "answerable": "责任人",
    "pausing": "暂停审批人",
    "proposing": "提请人",
    "deciding": "决定人",
}


@dataclass(frozen=True)
class Others:
    """Whoever took this part in the present round is told this sentence."""

    part: str
    sentence: str

    def include(self, actor: Actor, doers: Doers) -> bool:
        return any(map(actor.is_same_person_as, doers.get(self.part, ())))


@dataclass(frozen=True)
class Action:
    """One act. `words` name it on forms and cards, `verb` in refusals where that differs (“不能交办”).

    `starts_from` are states, `to` is the state that it leads to, for some states another, or "" for the one it was in.
    `offered_in`: where forms offer it, if that is in fewer states. `own`: only matters of the actor's unit, but for the roles that do it `anywhere`. `others`: the only roles that may do it to another's account (absent: all).
    `moves_unit`: the event's `unit` owns the matter from then on. `starts_round`: four eyes begin anew with it.
    `recuses`: the unit in its `recused` acts no more; only where it owned the matter, that leads `to` another state.
    `part`: what whoever does it takes part in; `apart_from`: whoever took one of these parts is told why they may not.
    `names`: members that name the person who takes a part by that; `renames`: whom one named before, by mistake, is free again.
    `answerable`: the sentence for the person who answers for the matter (责任人), if that person may not do it.
    `weighty`: shown once more in words, and signed with the password and the second factor.
    """

    name: str
    event: str
    words: str
    verb: str = ""
    _: KW_ONLY
    starts_from: tuple[str, ...] | None
    offered_in: tuple[str, ...] | None = None
    to: str | Mapping[str, str] = ""
    roles: tuple[str, ...]
    own: bool = False
    anywhere: tuple[str, ...] = ()
    others: tuple[str, ...] | None = None
    part: str = ""
    apart_from: tuple[Others, ...] = ()
    answerable: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    renames: bool = False
    moves_unit: bool = False
    recuses: bool = False
    starts_round: bool = False
    weighty: bool = False

    def starts_in(self, state: str) -> bool:
        return self.starts_from is ANY or state in self.starts_from

    def is_offered_in(self, state: str) -> bool:
        return self.starts_in(state) and (self.offered_in is None or state in self.offered_in)

    def leads_to(self, state: str) -> str:
        """The state after it, of a matter that was in `state`."""
        return (self.to if isinstance(self.to, str) else self.to.get(state, "")) or state

    def refusal(self, actor: Actor, doers: Doers) -> str:
        """Why another person has to do it; "" where this one may."""
        return next((one.sentence for one in self.apart_from if one.include(actor, doers)), "")

    def is_done_for_others_by(self, role: str) -> bool:
        """Whether this role does it to an account that is another's."""
        return self.others is None or role in self.others

    @property
    def verb_or_words(self) -> str:
        return self.verb or self.words

    @property
    def rule(self) -> dict[str, Any]:
        """The event's entry in `rules.adopted`, but for the life that it is of (application/verifier/rules/life_cycles.py)."""
        more: dict[str, Any] = {"from": self.starts_from, "others": self.others, "anywhere": self.anywhere or None}
        told = {name: list(value) for name, value in more.items() if value is not None}
        to = self.to if isinstance(self.to, str) else dict(self.to)
        more = {"to": to, "part": self.part, "names": dict(self.names), "renames": self.renames}
        more |= {"moves_unit": self.moves_unit, "recuses": self.recuses, "starts_round": self.starts_round}
        told |= {name: value for name, value in more.items() if value}
        return {"roles": list(self.roles), "unit": "own" if self.own else "any", **told}

    @property
    def apart(self) -> Iterator[tuple[str, str]]:
        """The pairs of parts that this act keeps apart."""
        for other in [*(one.part for one in self.apart_from), *(["answerable"] if self.answerable else [])]:
            yield (self.part, other) if self.part < other else (other, self.part)


class Actions(Mapping[str, Action]):
    """The acts of one life by name; `states` are its states with their 中文. Several acts may write one event.

    `life` names it in the rules of the log. One that is `of` another begins with that one, in the first of its states.
    """

    def __init__(self, life: str, states: Mapping[str, str], *actions: Action, of: str = "") -> None:
        self.life, self.of = life, of
        self.states = MappingProxyType(dict(states))
        self._named = {one.name: one for one in actions}
        self._of_event = {one.event: one for one in reversed(actions)}

    def __getitem__(self, name: str) -> Action:
        return self._named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def of_event(self, event: str) -> Action | None:
        """The first act that writes it."""
        return self._of_event.get(event)

    def after(self, state: str, event: str) -> str:
        """The state that an event leaves a matter in; what the table does not know changes nothing."""
        action = self.of_event(event)
        return state if action is None else action.leads_to(state)

    def doers_after(self, doers: Doers, event: str, official: str) -> dict[str, set[str]]:
        """Who took which part in the present round, once `official` has written `event`. What begins a round belongs to the
        one before.
        """
        action = self.of_event(event)
        if action is not None and action.starts_round:
            return {}
        known = {one: set(who) for one, who in doers.items()}
        if action is not None and action.part:
            known.setdefault(action.part, set()).add(official)
        return known

    @property
    def rules(self) -> dict[str, dict[str, Any]]:
        """What the subject adds to the rules: by event, in the order of the table."""
        return {one.event: {**self._of_event[one.event].rule, "life": self.life} for one in self.values()}

    @property
    def in_rules(self) -> dict[str, Any]:
        """The life itself, as the rules have it."""
        beside = {"of": self.of, "first": next(iter(self.states))} if self.of else {}
        return {"states": dict(self.states), **beside}


class Matter(Aggregate):
    """An aggregate whose life stands in a table: `state` and `doers` follow from the events alone."""

    ACTIONS: ClassVar[Actions]

    def _follow(self, fact: DomainEvent) -> None:
        """Remember the state and who did it; before anything else in `evolve`. Refuses nothing: it may be an old log's."""
        action = self.ACTIONS.of_event(fact.TOPIC)
        if action is None or not action.recuses or getattr(fact, "recused", "") == getattr(self, "unit", ""):
            self.state = self.ACTIONS.after(getattr(self, "state", ""), fact.TOPIC)
        self.doers = self.ACTIONS.doers_after(getattr(self, "doers", {}), fact.TOPIC, fact.actor)

    def _must_be_another(self, action: Action, actor: Actor) -> None:
        """Raises NotAllowed where four eyes would be two."""
        if sentence := action.refusal(actor, self.doers):
            raise NotAllowed(sentence)
