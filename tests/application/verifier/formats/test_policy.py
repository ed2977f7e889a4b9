"""Policies: the specification's own example, and everything it forbids."""

from base64 import b64encode

import pytest

from application.verifier.formats.note import COSIGNATURE, ED25519, ML_DSA_44, NoteKey
from application.verifier.formats.policy import NotAPolicy, Policy

LOG = NoteKey("log.test/trail", ED25519, bytes(32)).vkey
KEYS = {
    name: NoteKey(f"{name}.test/w", COSIGNATURE, name.encode() * 16).vkey for name in ("X1", "X2", "X3", "Y1", "Y2")
}
EXAMPLE = "\n".join(
    [
        f"log {LOG}",
        "",
        *(f"witness {name} {KEYS[name]}" for name in ("X1", "X2", "X3")),
        "group X-witnesses 2 X1 X2 X3",
        " \t# the other town's",
        *(f"\twitness {name}  {KEYS[name]} https://y.test/ " for name in ("Y1", "Y2")),
        "group Y-witnesses any Y1 Y2",
        "group X-and-Y all X-witnesses Y-witnesses",
        "quorum X-and-Y",
        "",
    ]
)
W = f"witness w {KEYS['X1']}"


def parse(*lines):
    return Policy.parse("".join(f"{line}\n" for line in lines).encode())


@pytest.mark.parametrize(
    ("signed", "enough"),
    [
        ("X1 X2 Y1", True),
        ("X1 X2 X3 Y2", True),
        ("X1 Y1 Y2", False),
        ("X1 X2 X3", False),
        ("", False),
    ],
)
def test_the_specifications_example(signed, enough):
    assert Policy.parse(EXAMPLE.encode()).satisfied([KEYS[name] for name in signed.split()]) is enough


def test_what_it_names():
    policy = Policy.parse(EXAMPLE.encode())

    assert [each.vkey for each in policy.logs] == [LOG]
    assert [(each.name, each.vkey) for each in policy.witnesses] == list(KEYS.items())
    assert policy.witnesses[3].url == "https://y.test/"


def test_a_key_of_another_name_with_the_same_bytes_is_another_witness():
    other = NoteKey("elsewhere.test/w", COSIGNATURE, b"X1" * 16).vkey
    assert not parse(W, "quorum w").satisfied([other])


def test_no_quorum_and_a_single_witness():
    assert parse("quorum none").satisfied([])
    assert parse(W, "quorum w").satisfied([KEYS["X1"]])
    assert not parse(W, "quorum w").satisfied([KEYS["X2"]])


def test_a_witness_may_use_the_later_kind_of_key():
    vkey = NoteKey("pq.test/w", ML_DSA_44, bytes(32)).vkey
    assert parse(f"witness w {vkey}", "quorum w").satisfied([vkey])


def test_names_are_octets():
    kelvin = "\u212a"
    assert parse(W.replace(" w ", f" {kelvin} "), f"quorum {kelvin}").quorum == kelvin
    with pytest.raises(NotAPolicy, match="not defined"):
        parse(W.replace(" w ", f" {kelvin} "), "quorum K")
    assert Policy.parse(W.replace(" w ", " \xff ").encode("latin-1") + b"\nquorum \xff\n").quorum


def test_thousands_of_groups_in_groups_end():
    lines = [W, "group g0 any w", *(f"group g{n} any g{n - 1}" for n in range(1, 3_000)), "quorum g2999"]
    assert parse(*lines).satisfied([KEYS["X1"]])


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["# nothing"], "exactly one quorum line, this one 0"),
        (["quorum none", "quorum none"], "exactly one quorum line, this one 2"),
        (["quorum w", W], "line 1: not defined before"),
        ([W, "quorum"], "line 2: quorum has a wrong number"),
        ([W, "quorum w w"], "wrong number"),
        ([W, W.replace(" w ", " v "), "quorum w"], "line 2: this key stands in the policy already"),
        ([f"log {LOG}", f"log {LOG}", "quorum none"], "stands in the policy already"),
        ([W, f"witness w {KEYS['X2']}", "quorum w"], "this name is taken"),
        ([W.replace(" w ", " none "), "quorum none"], "this name is taken"),
        ([W, "group w any w", "quorum w"], "this name is taken"),
        ([W, "group g any w none", "quorum g"], "not defined before: 'none'"),
        ([W, "group g any g", "quorum g"], "not defined before: 'g'"),
        ([W, "group g any", "quorum g"], "wrong number"),
        ([W, "group g 0 w", "quorum g"], "number from 1 to 1"),
        ([W, "group g 2 w", "quorum g"], "number from 1 to 1"),
        ([W, "group g 01 w", "quorum g"], "number from 1 to 1"),
        ([W, "group g some w", "quorum g"], "number from 1 to 1"),
        ([W, "group g any w w", "quorum g"], "only once"),
        ([W, "group g any w", "group h any w", "quorum g"], "only once"),
        ([f"witness w {LOG}", "quorum w"], "a key of this kind"),
        (["witness w nonsense", "quorum w"], "line 1: not a key"),
        ([f"witness w {str(KEYS['X1'])[:-4]}AAA=", "quorum w"], "line 1"),
        ([f"Witness w {KEYS['X1']}", "quorum none"], "line 1: not log, witness"),
        (["quorum none\r"], "line 1: byte 0x0d"),
        (["# \0", "quorum none"], "line 1: byte 0x00"),
        (["quorum\x0bnone"], "line 1: byte 0x0b"),
        (["quorum\xa0none"], "not log, witness"),
    ],
)
def test_what_is_refused(lines, why):
    with pytest.raises(NotAPolicy, match=why):
        parse(*lines)


def vkey_of_kind(kind, name="new.test/w"):
    return f"{name}+0a0b0c0d+{b64encode(bytes([kind]) + bytes(40)).decode()}"


@pytest.mark.parametrize("kind", [0x02, 0x05, 0x07, 0xFF])
def test_a10_keys_of_kinds_to_come_are_read_and_never_count(kind):
    other = vkey_of_kind(kind)
    policy = parse(f"log {other}", f"log {LOG}", W, f"witness v {other}", "group any1 any w v", "quorum any1")

    assert [each.vkey for each in policy.logs] == [LOG]
    assert policy.unread == ("new.test/w", "v")
    assert policy.satisfied([KEYS["X1"]])
    assert not policy.satisfied([])
    assert not parse(f"witness v {other}", "quorum v").satisfied([KEYS["X1"]])
    with pytest.raises(NotAPolicy, match="stands in the policy already"):
        parse(f"witness v {other}", f"witness w {other}", "quorum v")


def test_a_file_that_was_cut_is_refused():
    with pytest.raises(NotAPolicy, match="may have been cut"):
        Policy.parse(b"quorum none")
    with pytest.raises(NotAPolicy, match="may have been cut"):
        Policy.parse(b"")
