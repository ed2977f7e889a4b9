"""The publisher as a client of witnesses: nothing is believed unverified, nobody is waited for, and how far an entry is."""

from __future__ import annotations

from threading import Event

import pytest

from application.platform.failures import OperatorError
from application.publication.cosigning import Witnesses, post
from application.publication.publication_state import Cosigned, proved, standing
from application.publication.witness import Witness
from application.publication.witness_liveness import silent, witnessing
from application.publication.witness_store import WitnessStore
from application.verifier.formats.note import COSIGNATURE, Note, NoteKey
from application.verifier.formats.proof import Proof
from application.verifier.formats.tiles import directory
from application.verifier.rules.time_bounds import GRACE
from application.verifier.single_entry import verify_one
from tests.application.publication.published import Site

URL = "http://witness.test"
STRANGER = NoteKey("commission.test/w1", COSIGNATURE, bytes(32))


class Side:
    """The commission's side, reached without a network; `answers` replaces the next answer of the witness."""

    def __init__(self, path, site):
        self.notebook = WitnessStore(path)
        self.notebook.create("commission.test/w1", site.keys.vkeys)
        self.witness = Witness(*self.notebook.open(), self.notebook, clock=lambda: site.now)
        self.vkeys = [key.vkey for key in self.witness.keys]
        self.asked, self.answers = [], []

    def post(self, url, body):
        self.asked.append((url, body.split(b"\n")[0]))
        if self.answers:
            return self.answers.pop(0)
        answer = self.witness.add_checkpoint(body)
        return answer.status, answer.body


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path / "service")


@pytest.fixture
def side(tmp_path, site):
    return Side(tmp_path / "witness", site)


def name_witnesses(site, vkeys, url=URL):
    lines = [f"witness w{number} {vkey} {url}\n" for number, vkey in enumerate(vkeys)]
    site.home.policy.write_text("".join(lines) + "quorum none\n")


@pytest.fixture
def witnesses(site, side):
    name_witnesses(site, side.vkeys)
    return Witnesses(site.home, site.publisher, post=side.post, clock=lambda: site.now)


def signers(note, vkeys):
    return [vkey.kind for vkey, _ in note.verified(vkeys)]


def newest(site):
    return Note.parse((site.home.trail / "checkpoint").read_bytes())


def test_a_published_checkpoint_gains_the_lines_of_the_witness(site, side, witnesses):
    site.publish(5)

    (outcome,) = witnesses.ask()

    assert outcome == (URL, ("commission.test/w1",), "")
    for note in (site.note(5), newest(site)):
        assert signers(note, site.keys.vkeys) == [1, 6]
        assert signers(note, side.vkeys) == [4, 6]


def test_the_witness_says_where_it_was_and_is_given_the_proof_from_there(site, side, witnesses):
    site.publish(5)
    witnesses.ask()
    site.publish(300)
    again = Witnesses(site.home, site.publisher, post=side.post, clock=lambda: site.now)

    (outcome,) = again.ask()

    assert outcome.trouble == ""
    assert side.asked[1:] == [(f"{URL}/add-checkpoint", b"old 0"), (f"{URL}/add-checkpoint", b"old 5")]
    assert signers(site.note(300), side.vkeys) == [4, 6]


def test_nobody_is_asked_twice_within_the_hour(site, side, witnesses):
    site.publish(5)
    witnesses.ask()

    assert witnesses.ask() == []
    site.now += 3_700
    assert witnesses.ask()[0].names == ("commission.test/w1",)
    assert len(side.asked) == 2
    assert [line.time for line in newest(site).lines[-2:]] == [site.now] * 2


def test_without_a_policy_nobody_is_asked(site, side):
    site.publish(5)

    assert Witnesses(site.home, site.publisher, post=side.post).ask() == []


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ((200, b"nonsense\n"), "not a signed note"),
        ((200, b""), "not a signed note"),
        ((200, str(STRANGER.sign("other text\n", 1)).encode()), "without a signature of the key"),
        ((403, b"no signature of a key that is trusted\n"), "it answered 403: no signature of a key"),
        ((500, b"\xff"), "it answered 500"),
        ((409, b"9\n"), "it has cosigned 9 entries of this log already, more than the 5 published here"),
        ((409, b"x\n"), "it answered 409: x"),
        ((409, b"0\n"), "it has cosigned another tree of 0 entries"),
        ((302, b""), "it answered 302"),
    ],
)
def test_what_a_witness_answers_wrongly_is_said_and_not_believed(site, side, witnesses, answer, trouble):
    site.publish(5)
    before = newest(site)
    side.answers.append(answer)

    (outcome,) = witnesses.ask()

    assert trouble in outcome.trouble
    assert newest(site) == before
    assert site.publisher.publish().size == 5  # and publishing goes on


def test_a_wrong_signature_of_the_right_name_is_not_believed(site, side, witnesses):
    note = site.publish(5)
    line = side.witness.keys[0].sign(note.text.replace("5", "6", 1), 1)
    side.answers.append((200, str(line).encode()))

    assert "is wrong" in witnesses.ask()[0].trouble
    assert newest(site) == note


def test_a_witness_out_of_reach_is_no_trouble_to_the_other(site, side, tmp_path):
    site.publish(5)
    other = Side(tmp_path / "other", site)
    lines = [f"witness a {side.vkeys[0]} http://one.test\n", f"witness b {other.vkeys[0]} http://two.test\n"]
    site.home.policy.write_text("".join(lines) + "quorum none\n")

    def both(url, body):
        if url.startswith("http://one.test"):
            raise OSError("no route to host")
        return other.post(url, body)

    found = Witnesses(site.home, site.publisher, post=both, clock=lambda: site.now).ask()

    assert [(one.url, one.trouble) for one in found] == [
        ("http://one.test", "no route to host"),
        ("http://two.test", ""),
    ]


def test_a_witness_that_never_answers_is_not_waited_for(site, side):
    """And what it says in the end is heard."""
    site.publish(5)
    name_witnesses(site, side.vkeys)
    goes_on = Event()

    def slow(url, body):
        goes_on.wait(20)
        return side.post(url, body)

    witnesses = Witnesses(site.home, site.publisher, post=slow, clock=lambda: site.now)
    (silent,) = witnesses.ask(patience=0.01)
    site.publish(9)
    goes_on.set()
    (heard,) = witnesses.ask()

    assert (silent.trouble, heard.trouble) == ("it has not answered yet", "")
    assert signers(site.note(5), side.vkeys) == [4, 6]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x", "http://127.0.0.1:1"])
def test_only_a_web_address_is_asked(url):
    with pytest.raises(OSError):  # noqa: PT011 (each says it in its own words)
        post(url, b"")


def test_a_policy_that_cannot_be_read_is_said(site, witnesses):
    site.publish(5)
    site.home.policy.write_text("witness\n")

    with pytest.raises(OperatorError, match="policy: line 1"):
        witnesses.ask()
    assert standing(site.home, 1).state == "published"


def test_what_came_by_stick_is_taken_in(site, side, witnesses):
    site.publish(5)
    cosigned = side.witness.cosign(directory(site.home.trail))
    site.publish(9)

    assert witnesses.take(cosigned.to_bytes()) == ["commission.test/w1"]
    assert signers(site.note(5), side.vkeys) == [4, 6]
    assert standing(site.home, 5).state == "witnessed"
    assert standing(site.home, 6).state == "published"


def test_a_stick_of_somebody_else_is_refused(site, side, witnesses):
    note = site.publish(5)
    strange = Note(note.text, (*note.lines, STRANGER.sign(note.text, 1)))
    with pytest.raises(OperatorError, match="no line in it is of a witness"):
        witnesses.take(strange.to_bytes())
    with pytest.raises(OperatorError, match="couldn't add the cosignature"):
        witnesses.take(b"nonsense")


@pytest.mark.parametrize("wrong", [-GRACE - 1, GRACE + 1, 1 << 40])
def test_a_witness_whose_clock_is_wrong_does_not_make_honest_entries_look_backdated(site, side, witnesses, wrong):
    """Its signature is right, so only the clocks tell; one that is off by less than verifiers forgive is kept.

    A witness of another make, which does not hold its clock against the log's.
    """
    note = site.publish(5)
    lines = [key.sign(note.text, site.now + wrong) for key in side.witness.keys]
    side.answers = [(200, "".join(map(str, lines)).encode())]
    (outcome,) = witnesses.ask()
    with pytest.raises(OperatorError, match="set the clock that is wrong"):
        witnesses.take(note.gained(lines).to_bytes())

    assert "set the clock that is wrong" in outcome.trouble
    assert (site.note(5), newest(site)) == (note, note)


@pytest.mark.parametrize("off", [-GRACE, GRACE])
def test_a_clock_that_is_a_little_off_is_forgiven(site, side, witnesses, off):
    site.publish(5)
    side.witness.clock = lambda: site.now + off

    assert witnesses.ask()[0].trouble == ""


def test_how_far_an_entry_is(site, witnesses):
    assert standing(site.home, 1) == ("recorded", 0, 0, ())
    site.publish(5)
    assert standing(site.home, 5) == ("published", 5, 0, ())
    witnesses.ask()
    time = site.now
    site.publish(9)

    assert standing(site.home, 5) == ("witnessed", 9, 5, (Cosigned("commission.test/w1", time),))
    assert standing(site.home, 9) == ("published", 9, 5, ())
    assert standing(site.home, 10) == ("recorded", 9, 5, ())


def test_a_cosignature_of_a_witness_that_is_not_trusted_any_more_does_not_count(site, witnesses):
    site.publish(5)
    witnesses.ask()
    name_witnesses(site, [STRANGER.vkey])

    assert standing(site.home, 5).state == "published"


def test_the_proof_is_the_strongest_there_is(site, side, witnesses):
    site.publish(300)
    witnesses.ask()
    site.publish(310)

    strong, weak = proved(site.home, 257), proved(site.home, 305)

    assert (strong.size, weak.size) == (300, 310)
    assert (strong.entry, weak.entry) == (site.log.held[256], site.log.held[304])
    assert signers(Proof.parse(strong.proof).checkpoint, side.vkeys) == [4, 6]
    assert all(verify_one(one.proof, one.entry, site.keys.vkeys).ok for one in (strong, weak))
    with pytest.raises(OperatorError, match="only 310 entries are published"):
        proved(site.home, 311)


def test_a_proof_needs_a_published_log(site):
    with pytest.raises(OperatorError, match="nothing is published"):
        proved(site.home, 1)


def test_a_damaged_log_proves_nothing(site):
    site.publish(300)
    (site.home.trail / "tile/0/000").unlink()
    with pytest.raises(OperatorError, match="damaged"):
        proved(site.home, 1)


# Who is silent


DAY = 24 * 3_600


def test_a_witness_that_was_asked_and_does_not_sign_is_silent_after_a_day(site, side, witnesses):
    site.publish(5)
    witnesses.ask()
    signed = site.now
    site.publish(9)

    assert [each.last for each in witnessing(site.home)] == [signed]
    assert silent(site.home, signed + DAY) == []
    assert [each.name for each in silent(site.home, signed + DAY + 1)] == ["commission.test/w1"]


def test_whoever_signs_by_hand_has_a_month(site, side, witnesses):
    name_witnesses(site, side.vkeys, "")
    site.publish(5)
    witnesses.take(side.witness.cosign(directory(site.home.trail)).to_bytes())

    assert silent(site.home, site.now + 35 * DAY) == []
    assert [each.at_once for each in silent(site.home, site.now + 35 * DAY + 1)] == [False]


def test_a_witness_that_never_signed_is_silent_since_the_policy_named_it(site, side, witnesses):
    assert witnessing(site.home) == []
    site.publish(5)
    named = site.home.policy.stat().st_mtime

    assert [each.last for each in witnessing(site.home)] == [0]
    assert [len(silent(site.home, now)) for now in (named + DAY - 1, named + DAY + 1)] == [0, 1]


def test_of_two_witnesses_the_silent_one_is_named(site, side):
    """Its last signature lies under a checkpoint that is long past."""
    keys = [NoteKey(f"w{n}.test/w", COSIGNATURE, bytes([n]) * 32) for n in (1, 2)]
    name_witnesses(site, [key.vkey for key in keys])
    witnesses = Witnesses(site.home, site.publisher, post=side.post, clock=lambda: site.now)
    for size, signers in ((5, keys), (9, keys[:1]), (12, keys[:1])):
        note = site.publish(size)
        for key in signers:
            witnesses.take(note.gained([key.sign(note.text, site.now)]).to_bytes())

    assert {each.name: site.now - each.last for each in witnessing(site.home)} == {"w1.test/w": 0, "w2.test/w": 120}


def test_what_older_homes_remember_of_witnesses_is_read_from_the_checkpoints(site, side, witnesses):
    site.publish(5)
    witnesses.ask()
    signed = site.now
    (site.home.publisher / "witnessed").write_text('{"size": 5}')
    site.publish(9)

    assert [each.last for each in witnessing(site.home)] == [signed]
    witnesses.ask()
    assert [each.last for each in witnessing(site.home)] == [site.now]
    (site.home.publisher / "witnessed").write_text('{"si')
    with pytest.raises(OperatorError, match="move it away"):
        witnessing(site.home)
