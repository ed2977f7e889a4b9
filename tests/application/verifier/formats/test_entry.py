"""One entry has one spelling, and nothing that JSON readers disagree about gets in."""

import json
from binascii import a2b_base64, b2a_base64

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from application.verifier.formats.entry import (
    LARGEST_SEALED,
    SAFE,
    NotAnEntry,
    Signer,
    _as_anybody_writes,
    _as_we_write,
    _is_spelled,
    _outer,
    body_of,
    canonical,
    keyid,
    loads,
    loads_canonical,
    pae,
    parse,
    seal,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SIGNER = Signer(keyid("ed25519", KEY.public_key().public_bytes_raw()), KEY.sign)
PAYLOAD = {
    "v": 1,
    "type": "tip.registered",
    "data": {"text": "电梯\n坏了\x01\u2028😀", "count": 3, "done": True, "list": []},
}

values = st.recursive(
    st.booleans()
    | st.integers(-SAFE + 1, SAFE - 1)
    | st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet=st.characters(max_codepoint=126), max_size=6), inner, max_size=4)
    ),
)


@given(st.dictionaries(st.text(alphabet=st.characters(max_codepoint=126), max_size=6), values, max_size=5))
def test_canonical_bytes_are_those_of_rfc_8785_and_read_back(value):
    assert canonical(value) == rfc8785.dumps(value)
    assert loads(canonical(value)) == value


@pytest.mark.parametrize(
    "value",
    [1.0, None, SAFE, -SAFE, "\ud800", {"名": 1}, {1: 2}, (1,), b"x", {"a": [{"b": 0.5}]}],
    ids=repr,
)
def test_what_readers_disagree_about_is_refused(value):
    with pytest.raises(NotAnEntry):
        canonical({"data": value})


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":123456789012345678}',
        b"[]",
        b"\xff",
        b"",
        b'{"a":' + b"[" * 100_000,
    ],
    ids=["twice", "float", "exponent", "nan", "large", "list", "not utf-8", "empty", "deep"],
)
def test_a_hostile_body_is_refused(body):
    with pytest.raises(NotAnEntry):
        loads(body)


def test_an_entry_reads_back_and_its_signature_is_over_the_pre_authentication_encoding():
    entry = seal(PAYLOAD, SIGNER)

    taken = parse(entry)

    assert (taken.payload, taken.keyid) == (PAYLOAD, SIGNER.keyid)
    assert body_of(entry) == taken.body
    KEY.public_key().verify(taken.signature, pae(taken.body))
    assert pae(b"hello").startswith(b"DSSEv1 37 application/vnd.xiaohao.event.v1+json 5 hello")


def test_every_flipped_bit_is_refused_or_breaks_the_signature():
    entry = seal(PAYLOAD, SIGNER)

    for at in range(len(entry)):
        for bit in range(8):
            forged = entry[:at] + bytes([entry[at] ^ (1 << bit)]) + entry[at + 1 :]
            assert not _stands(forged), (at, bit)


def _stands(entry):
    try:
        taken = parse(entry)
        KEY.public_key().verify(taken.signature, pae(taken.body))
    except Exception:
        return False
    return taken.keyid == SIGNER.keyid


def test_a_payload_that_is_not_in_canonical_form_is_refused_though_it_is_signed():
    body = json.dumps({"b": 1, "a": 2}).encode()
    entry = seal(PAYLOAD, SIGNER)
    forged = parse(entry).__class__(body, SIGNER.keyid, KEY.sign(pae(body)))

    with pytest.raises(NotAnEntry, match="canonical"):
        _ = forged.payload


def test_an_entry_too_large_names_the_field_that_is_to_blame():
    with pytest.raises(NotAnEntry, match=f"{LARGEST_SEALED}.*description"):
        seal({"data": {"description": "长" * 20_000, "title": "短"}}, SIGNER)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":0,"a":0}', b'{"a":"x","a":"y"}', b'{"a":{"b":1},"a":{"b":1}}', b'{"a":-0}', b'{"b":1,"a":1}', b'{"a":1.0}',
        b'{"a":1e2}', b'{"a":null}', b'{"a":NaN}', b'{"a": 1}', b'{"a":1 }', b'{"a":1}\n', b' {"a":1}', b'{"a":1}{}',
        b'{"a":"\\u0061"}', b'{"a":"\\/"}', b'{"a":"\t"}', b'{"a":"\\ud800"}', '{"é":1}'.encode(), b'{"a":9007199254740992}',
        b'{"a":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}', b"[" * 100_000, b'{"a":' + b"9" * 5_000 + b"}", b'{"a":":"x"}', b"[]", b'"a"',
        b'{"a":":","a":":"}', b'{"a":"\xff"}', b"",
    ],
)  # fmt: skip
def test_no_second_spelling_of_a_payload_is_read(body):
    with pytest.raises(NotAnEntry, match="canonical"):
        loads_canonical(body)


@pytest.mark.parametrize(
    "value",
    [
        {}, {"a": 0, "b": False, "c": True}, {"a": 2**53 - 1, "b": -(2**53 - 1)}, {"a": "-0 \\ \" \n 中 🏠 \x7f \u2028"},
        {"a": [], "b": [{"c": ["x", 0, {"d": ":"}]}], "c": '":'}, {"a": [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]},
    ],
)  # fmt: skip
def test_every_canonical_payload_is_read(value):
    assert loads_canonical(canonical(value)) == value


def test_an_envelope_is_cut_as_it_is_parsed():
    """The quick way and the thorough one agree on every change of one byte, and on base64 with bits to spare."""
    entry = seal({"a": "x", "data": {}}, Signer("ed25519:" + "0" * 32, lambda message: bytes(64)))
    changed = [entry[:at] + bytes([entry[at] ^ bit]) + entry[at + 1 :] for at in range(len(entry)) for bit in (1, 32)]
    for each in [entry, *changed, entry.replace(b"A==", b"B=="), entry.replace(b"A==", b"A"), entry + b"\n"]:
        assert outcome(_as_we_write, each) in (None, outcome(_as_anybody_writes, each)), each
    assert _as_we_write(entry) == _as_anybody_writes(entry)


def test_the_opening_and_the_closing_of_an_envelope_share_no_quotation_mark():
    """An empty payload is cut thoroughly; where one mark would have to serve for two nothing is cut at all."""
    empty = _outer(b"", "ed25519:" + "0" * 32, bytes(64))
    assert (_as_we_write(empty), parse(empty).body) == (None, b"")
    shared = empty.replace(b'"","payloadType"', b'","payloadType"')
    with pytest.raises(NotAnEntry):
        parse(shared)


def outcome(parser, entry):
    try:
        return parser(entry)
    except NotAnEntry:
        return "refused"


@pytest.mark.parametrize("size", range(7))
def test_no_second_spelling_of_base64_passes_the_short_check(size):
    """Every change of one character, and every character put in or left out, against encoding all of it again."""
    alphabet = b"ABQgwz09+/= \n-_"
    spelled = b2a_base64(bytes(range(250, 256))[:size], newline=False)
    places = range(len(spelled) + 1)
    changed = {spelled[:at] + bytes([one]) + spelled[at + cut :] for at in places for one in alphabet for cut in (0, 1)}
    changed |= {spelled[:at] + spelled[at + 1 :] for at in places}
    for encoded in changed:
        try:
            decoded = a2b_base64(encoded)
        except ValueError:
            continue
        assert _is_spelled(encoded, decoded) == (b2a_base64(decoded, newline=False) == encoded), encoded
