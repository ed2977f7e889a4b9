"""One word for one thing: nothing without a term, no term for nothing, and the same word everywhere."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator

import pytest

import application
from application.all_handlers import HANDLERS
from application.core.command import Command
from domain import errors, glossary
from domain.base import Aggregate, DomainEvent
from domain.roles import ROLES
from domain.rules import TYPES
from interface.kit.labels import HAPPENINGS
from projections.figures.definitions import DEFINITIONS
from projections.models import MODELS

for module in pkgutil.walk_packages(application.__path__, "application."):
    importlib.import_module(module.name)  # so that no command is unknown here


def below(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


COMMANDS = [kind for kind in below(Command) if not kind.__subclasses__()]
EVENTS = list(DomainEvent.KINDS.values())


@pytest.mark.parametrize(
    ("group", "names"),
    [
        (glossary.EVENTS, [kind.__name__ for kind in EVENTS]),
        (glossary.COMMANDS, [kind.__name__ for kind in COMMANDS]),
        (glossary.AGGREGATES, [kind.__name__ for kind in below(Aggregate) if "TOPIC" in kind.__dict__]),
        (glossary.READ_MODELS, [model.name for model in MODELS]),
        (glossary.FIGURES, list(DEFINITIONS)),
        (
            ROLES,
            {role for rule in TYPES.values() for role in rule["roles"]} - {"system", "public"}
            | {"auditor", "discipline"},
        ),
    ],
    ids=["events", "commands", "aggregates", "read models", "figures", "roles"],
)
def test_everything_has_a_term_and_every_term_names_something(group, names):
    assert sorted(group) == sorted(names)


def test_every_command_but_the_first_has_a_handler():
    """The log is opened before there is one that could carry out commands."""
    assert {kind.__name__ for kind in COMMANDS if kind not in HANDLERS} == {"OpenLog"}


def test_every_refusal_has_a_term():
    assert {kind.__name__ for kind in below(errors.Refusal)} <= glossary.TRAIL.keys()


@pytest.mark.parametrize("group", glossary.GROUPS)
def test_no_word_stands_for_two_things(group):
    assert [term for term, count in Counter(glossary.GROUPS[group].values()).items() if count > 1] == []


@pytest.mark.parametrize("kind", [*EVENTS, *COMMANDS], ids=lambda kind: kind.__name__)
def test_the_docstring_begins_with_the_term(kind):
    said = (kind.__doc__ or "").partition("\n")[0].partition(":")[0].strip()
    assert said == glossary.TERMS[kind.__name__]


def test_the_screens_say_the_same():
    assert {topic: glossary.EVENTS[DomainEvent.KINDS[topic].__name__] for topic in HAPPENINGS} == HAPPENINGS
    assert {name: definition.title for name, definition in DEFINITIONS.items()} == glossary.FIGURES


def test_the_topic_is_the_name_of_the_event():
    """`problem.closed` and ProblemClosed: one can be found from the other (docs/format.md §3)."""
    for topic, kind in DomainEvent.KINDS.items():
        assert "".join(part.capitalize() for part in topic.replace(".", "_").split("_")) == kind.__name__


def test_every_type_is_ruled_and_every_rule_is_of_a_type():
    assert TYPES.keys() | {"log.opened"} == DomainEvent.KINDS.keys()
