"""Proofs of one entry as C2SP tlog-proof writes them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from application.verifier.formats.proof import NotAProof, Proof, prove
from application.verifier.formats.tiles import Tiles, directory
from tests.application.publication.published import Site


@pytest.fixture
def proof(tmp_path):
    site = Site(tmp_path)
    note = site.publish(5)
    return prove(3, note, Tiles(directory(site.home.trail), 5))


@pytest.mark.parametrize("extra", [b"", b"x", b"age-v1.2.1-darwin-arm64.tar.gz"])
def test_a10_a_proof_may_have_an_extra_line_which_stays_as_it_is(proof, extra):
    raw = replace(proof, extra=extra).to_bytes()

    assert raw.split(b"\n")[1] == b"extra " + b64encode(extra)
    assert Proof.parse(raw) == replace(proof, extra=extra)
    assert Proof.parse(proof.to_bytes()).extra is None


@pytest.mark.parametrize(
    "lines",
    [b"extra eA==\nextra eA==\n", b"extra e\n", b"extra eB==\n", b"extra  eA==\n", b"extra\n", b"Extra eA==\n", b"\n"],
    ids=["two", "no base64", "second spelling", "two blanks", "nothing", "another word", "empty line"],
)
def test_a10_any_other_line_in_front_of_the_index_is_refused(proof, lines):
    header, _, rest = proof.to_bytes().partition(b"\n")
    with pytest.raises(NotAProof):
        Proof.parse(header + b"\n" + lines + rest)


def test_a10_an_extra_line_behind_the_index_is_refused(proof):
    with pytest.raises(NotAProof):
        Proof.parse(proof.to_bytes().replace(b"index 3\n", b"index 3\nextra eA==\n"))
