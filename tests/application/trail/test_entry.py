"""One entry has one spelling, and nothing that JSON readers disagree about gets in."""

import json

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from application.trail.entry import (
    LARGEST_SEALED,
    SAFE,
    NotAnEntry,
    Signer,
    body_of,
    canonical,
    keyid,
    loads,
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
