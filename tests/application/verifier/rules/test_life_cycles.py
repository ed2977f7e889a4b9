"""The log itself proves that a matter took its way: the rules that this program adopts, asked of the judge that writer and verifier
share (faults.md B1). One act after another, each by somebody who may; what is left out or done by the wrong person is named.
"""

from uuid import uuid4

import pytest

from application.verifier.formats.entry import parse
from application.verifier.rules.authority import Authority
from tests.logs import Log, Person

TOWN, NEXT, CITY = "320581003", "320581101", "320581"
OWNER = str(uuid4())  # 责任人, without an account
OPENED = {"unit": TOWN, "owner": OWNER}
COMMITS = dict.fromkeys(("text", "reporter", "contact", "files"), "0" * 64)


class World:
    """A log in which everybody is in office: each role of the town, of the next one and of the city."""

    def __init__(self):
        self.log, self.authority, self.people = Log(), Authority(), {}
        self._taken = 0

    def person(self, role, unit=TOWN, who=None):
        """An account of this role; of the same natural person as another account, where given."""
        one = Person(role, unit)
        person = str(uuid4()) if who is None else self.people[who.id]
        self.log.append("official.enrolled", {"person": person}, self.log.admin, one.id)
        self.log.append("role.granted", {"role": role, "unit": unit}, self.log.admin, one.id)
        self.log.append("key.enrolled", one.members, self.log.admin, one.id)
        self.people[one.id] = person
        return one

    def substitute(self, of, role, unit=TOWN):
        """An official who stands in for another, in this role of theirs."""
        one = Person(role, unit)
        self.log.append("official.enrolled", {"person": str(uuid4())}, self.log.admin, one.id)
        granted = {"role": role, "unit": unit, "substitute_for": of.id, "until": "2026-12-31"}
        self.log.append("role.granted", granted, self.log.admin, one.id)
        self.log.append("key.enrolled", one.members, self.log.admin, one.id)
        return one

    def catch_up(self):
        for entry in self.log.entries[self._taken :]:
            payload = parse(entry).payload
            assert self.authority.judge(payload, parse(entry).keyid) is None
            self.authority.admit(payload)
        self._taken = len(self.log.entries)

    def judge(self, topic, by, stream, data=None):
        """(code, sentence) or None; nothing is recorded."""
        self.catch_up()
        version = self.log.versions.get(stream, 0)
        payload = self.log.payload(topic, data or {}, by, stream)
        self.log.versions[stream] = version
        return self.authority.judge(payload, by.members["keyid"])

    def add(self, topic, by, stream, data=None):
        reason = self.judge(topic, by, stream, data)
        assert reason is None, reason
        self.log.append(topic, data or {}, by, stream)


@pytest.fixture(name="world")
def _world():
    return World()


@pytest.fixture(name="office")
def _office(world):
    """Handler, verifier, closer of the town."""
    return {role: world.person(f"town_{role}") for role in ("handler", "verifier", "closer")}


def problem(world, office, *acts):
    """A problem to which this was done: (topic, who) each; a stream."""
    stream = str(uuid4())
    world.add("problem.opened", office["handler"], stream, OPENED)
    for topic, who in acts:
        world.add(f"problem.{topic}", office[who] if isinstance(who, str) else who, stream)
    return stream


REPORTED = (("assigned", "handler"), ("completion_reported", "handler"))
VERIFIED = (*REPORTED, ("rectification_verified", "verifier"))
CLOSED = (*VERIFIED, ("closed", "closer"))


def test_b1_nothing_is_closed_without_report_and_verification(world, office):
    assert world.judge("problem.closed", office["closer"], str(uuid4()), {"unit": TOWN}).code == "EVENT_STATE"
    for done in ((), REPORTED[:1], REPORTED, (*REPORTED, ("rectification_refused", "verifier"))):
        reason = world.judge("problem.closed", office["closer"], problem(world, office, *done))
        assert reason.code == "EVENT_STATE"
        assert "待销号" in reason.sentence
    assert world.judge("problem.closed", office["closer"], problem(world, office, *VERIFIED)) is None


def test_b1_nothing_is_verified_without_a_report(world, office):
    stream = problem(world, office, ("assigned", "handler"), ("step_recorded", "handler"))

    assert world.judge("problem.rectification_verified", office["verifier"], stream).code == "EVENT_STATE"


def test_b1_a_reopened_problem_goes_the_whole_way_again(world, office):
    stream = problem(world, office, *CLOSED, ("reopened", "closer"))

    assert world.judge("problem.closed", office["closer"], stream).code == "EVENT_STATE"
    assert world.judge("problem.rectification_verified", office["verifier"], stream).code == "EVENT_STATE"
    assert world.judge("problem.completion_reported", office["handler"], stream) is None


def test_b1_a_new_round_forgets_who_took_which_part_and_not_who_answers(world, office):
    verified, owner = world.person("town_handler", who=office["verifier"]), world.person("town_verifier")
    stream = str(uuid4())
    world.add("problem.opened", office["handler"], stream, {"unit": TOWN, "owner": world.people[owner.id]})
    for topic, who in (*CLOSED, ("reopened", "closer")):
        world.add(f"problem.{topic}", office[who], stream)

    assert world.judge("problem.completion_reported", verified, stream) is None
    world.add("problem.completion_reported", office["handler"], stream)
    assert world.judge("problem.rectification_verified", owner, stream).code == "EVENT_SEPARATION"
    assert world.judge("problem.rectification_verified", office["verifier"], stream) is None


@pytest.mark.parametrize(
    ("before", "does"), [("rectification_refused", "closed"), ("rectification_verified", "closed")]
)
def test_b1_whoever_verified_or_refused_does_not_close(world, office, before, does):
    """Also by another account of the same person."""
    again = world.person("town_closer", who=office["verifier"])
    other = world.person("town_verifier")
    acts = [*REPORTED, (before, "verifier")]
    if before == "rectification_refused":
        acts += [("completion_reported", "handler"), ("rectification_verified", other)]
    stream = problem(world, office, *acts)

    reason = world.judge(f"problem.{does}", again, stream)
    assert reason.code == "EVENT_SEPARATION"
    assert "核查人" in reason.sentence
    assert world.judge(f"problem.{does}", office["closer"], stream) is None


def test_b1_whoever_verified_does_not_handle_afterwards(world, office):
    """Parts stand apart whichever came first."""
    stream = problem(world, office, *REPORTED, ("rectification_refused", "verifier"))
    again = world.person("town_handler", who=office["verifier"])

    assert world.judge("problem.step_recorded", again, stream).code == "EVENT_SEPARATION"
    assert world.judge("problem.step_recorded", office["handler"], stream) is None


def test_b1_a_substitute_counts_as_whom_they_stand_in_for(world, office):
    """Who handled it is away; whoever stands in for them as closer would close it in their place."""
    world.log.append("role.granted", {"role": "town_closer", "unit": TOWN}, world.log.admin, office["handler"].id)
    stands_in = world.substitute(office["handler"], "town_closer")
    stream = problem(world, office, *VERIFIED)

    assert world.judge("problem.closed", stands_in, stream).code == "EVENT_SEPARATION"
    assert world.judge("problem.closed", world.substitute(office["closer"], "town_closer"), stream) is None


def owner_and(world, office, role):
    """An official who answers for a problem that is as far as this role needs it."""
    one = world.person(f"town_{role}")
    stream = str(uuid4())
    world.add("problem.opened", office["handler"], stream, {"unit": TOWN, "owner": world.people[one.id]})
    for topic, who in REPORTED if role == "verifier" else VERIFIED:
        world.add(f"problem.{topic}", office[who], stream)
    return one, stream


@pytest.mark.parametrize(("role", "does"), [("verifier", "rectification_verified"), ("closer", "closed")])
def test_b1_whoever_answers_for_it_neither_verifies_nor_closes(world, office, role, does):
    owner, stream = owner_and(world, office, role)
    assert world.judge(f"problem.{does}", owner, stream).code == "EVENT_SEPARATION"

    world.add("problem.owner_changed", office["handler"], stream, {"owner": OWNER})
    assert world.judge(f"problem.{does}", owner, stream).code == "EVENT_SEPARATION"  # in this round they did


def test_b1_an_owner_entered_by_mistake_is_free_once_it_is_corrected(world, office):
    owner, stream = owner_and(world, office, "closer")
    world.add("problem.corrected", office["handler"], stream, {"owner": OWNER})

    assert world.judge("problem.closed", owner, stream) is None


def test_b1_whoever_verified_is_not_made_its_owner(world, office):
    stream = problem(world, office, *VERIFIED)
    changed = {"owner": world.people[office["verifier"].id]}

    assert world.judge("problem.owner_changed", office["handler"], stream, changed).code == "EVENT_SEPARATION"
    assert world.judge("problem.owner_changed", office["handler"], stream, {"owner": OWNER}) is None


def test_b1_a_tip_is_acknowledged_and_verified_by_whom_it_was_assigned_to_and_by_nobody_recused(world, office):
    desk, stream = world.person("city_desk", CITY), str(uuid4())
    world.add("tip.registered", desk, stream, {"commits": COMMITS})
    assert world.judge("tip.acknowledged", office["handler"], stream).code == "EVENT_AUTHORITY"
    assert world.judge("tip.assigned", desk, stream, {"unit": TOWN}).code == "EVENT_STATE"
    world.add("tip.accepted", desk, stream)
    world.add("tip.assigned", desk, stream, {"unit": TOWN})
    world.add("tip.acknowledged", office["handler"], stream)
    assert world.judge("tip.verified", office["verifier"], stream) is None

    world.add("tip.unit_recused", desk, stream, {"recused": TOWN})
    assert world.judge("tip.verified", office["verifier"], stream).code == "EVENT_AUTHORITY"
    world.add("tip.assigned", desk, stream, {"unit": NEXT})
    world.add("tip.unit_recused", desk, stream, {"recused": CITY + "-none"})  # nobody's: changes nothing
    assert world.judge("tip.acknowledged", world.person("town_handler", NEXT), stream) is None
    again = {"unit": TOWN}  # the city gives it to the recused town all the same
    world.add("tip.acknowledged", world.person("town_handler", NEXT), stream)
    world.add("tip.returned", world.person("town_handler", NEXT), stream, {"unit": CITY})
    world.add("tip.assigned", desk, stream, again)
    assert world.judge("tip.acknowledged", office["handler"], stream).code == "EVENT_SEPARATION"


def test_b1_an_act_stands_in_the_stream_of_its_own_subject(world, office):
    """`verified` is a state of tips and of problems: one does not stand for the other."""
    desk, stream = world.person("city_desk", CITY), str(uuid4())
    world.add("tip.registered", desk, stream, {"commits": COMMITS})
    world.add("tip.accepted", desk, stream)
    world.add("tip.assigned", desk, stream, {"unit": TOWN})
    world.add("tip.acknowledged", office["handler"], stream)
    world.add("tip.verified", office["verifier"], stream)

    assert world.judge("problem.closed", office["closer"], stream).code == "EVENT_STATE"
    assert world.judge("tip.registered", desk, stream, {"commits": COMMITS}).code == "EVENT_STATE"


def test_b1_points_are_decided_only_where_somebody_else_proposed_them(world, office):
    bureau, stream = world.person("housing_decider", CITY), str(uuid4())
    assert world.judge("deduction.decided", bureau, stream).code == "EVENT_STATE"
    world.add("deduction.proposed", office["handler"], stream, {"unit": TOWN})
    again = world.person("housing_decider", CITY, who=office["handler"])

    assert world.judge("deduction.decided", again, stream).code == "EVENT_SEPARATION"
    assert world.judge("deduction.decided", bureau, stream) is None


def test_a_matter_is_judged_by_the_rules_of_each_of_its_days(world, office):
    """Rules that are adopted later say nothing of what came before; where it stands then is not told anew."""
    from domain import rules

    stream = problem(world, office, *VERIFIED)
    stricter = {
        kind: rule | {"to": "opened"} if kind == "problem.rectification_verified" else rule
        for kind, rule in rules.TYPES.items()
    }
    world.log.append("rules.adopted", rules.adopted() | {"version": 9, "types": stricter}, world.log.admin)
    assert world.judge("problem.closed", office["closer"], stream) is None

    known = world.authority.streams.pop(stream)  # a writer that has forgotten it recalls it from its payloads
    recalled = None
    for entry in world.log.entries:
        if (payload := parse(entry).payload)["stream"] == stream:
            recalled = world.authority.grown(recalled, payload)
    assert recalled == known


def test_rules_of_a_language_that_nobody_here_knows_are_not_judged_by(world):
    from domain import rules

    data = rules.adopted() | {"level": 2, "something": "new"}
    assert world.judge("rules.adopted", world.log.admin, str(uuid4()), data).code == "RULES_LEVEL"


class TestTwoSides:
    """A matter of two units: only they write to it, whichever the rule names."""

    RULE = {"roles": ["town_handler"], "life": "transfer"}
    TYPES = {
        "transfer.sent": RULE | {"unit": "own", "from": [], "to": "sent", "names_partner": True},
        "transfer.received": RULE | {"unit": "partner", "from": ["sent"], "to": "received"},
        "transfer.noted": RULE | {"unit": "sides"},
    }

    @pytest.fixture(autouse=True)
    def _adopted(self, world):
        from domain import rules

        lives = rules.LIVES | {"transfer": {"states": {"sent": "待接收", "received": "已接收"}}}
        types = rules.TYPES | self.TYPES
        world.log.append(
            "rules.adopted", rules.adopted() | {"version": 9, "types": types, "lives": lives}, world.log.admin
        )

    def test_each_act_is_of_its_side_and_of_nobody_else(self, world):
        sender, receiver, stranger = (world.person("town_handler", unit) for unit in (TOWN, NEXT, "320581102"))
        stream = str(uuid4())
        assert world.judge("transfer.sent", sender, stream).code == "EVENT_FORMAT"
        world.add("transfer.sent", sender, stream, {"partner": NEXT})

        def codes(topic):
            reasons = [world.judge(topic, one, stream) for one in (sender, receiver, stranger)]
            return [reason and reason.code for reason in reasons]

        assert codes("transfer.received") == ["EVENT_AUTHORITY", None, "EVENT_AUTHORITY"]
        assert codes("transfer.noted") == [None, None, "EVENT_AUTHORITY"]
