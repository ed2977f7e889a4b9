"""Ed25519: one definition for both libraries, held against others' vectors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from application.verifier.formats.entry import keyid, pae
from application.verifier.formats.note import ED25519, Note, NoteKey, Vkey, WrongSignature
from application.verifier.formats.signature import (
    COFACTORED,
    IN_USE,
    LIBSODIUM,
    OPENSSL,
    SMALL_ORDER,
    UNSOUND_ENDS,
    P,
    first_invalid,
    is_sound,
    is_valid,
    public_key,
    signing,
)
from application.verifier.rules.event_schema import malformed_key
from interface.cli.log.verifier import archive

ROOT = Path(__file__).parents[4]
DATA = ROOT / "tests/data"
L = 2**252 + 27742317777372353535851937790883648493
SPECCHECK = json.loads((DATA / "ed25519_speccheck.json").read_text())
WYCHEPROOF = json.loads((DATA / "ed25519_wycheproof.json").read_text())
ACCEPTED = [3]  # of the speccheck: both points of mixed order, and the equation holds without the cofactor
SEED = bytes(range(32))
LIBRARIES = pytest.mark.parametrize("library", [LIBSODIUM, OPENSSL], ids=["libsodium", "OpenSSL"])


def spoken() -> list[tuple[str, tuple[bytes, bytes, bytes], bool]]:
    """(name, (key, signature, message), whether it counts) of every published vector."""
    cases = []
    for number, one in enumerate(SPECCHECK):
        asked = tuple(bytes.fromhex(one[name]) for name in ("pub_key", "signature", "message"))
        cases.append((f"speccheck {number}", asked, number in ACCEPTED))
    for group in WYCHEPROOF["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for one in group["tests"]:
            asked = (public, bytes.fromhex(one["sig"]), bytes.fromhex(one["msg"]))
            cases.append((f"wycheproof {one['tcId']}", asked, one["result"] == "valid"))
    return cases


VECTORS = spoken()


def encoded(y: int, sign: int) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


WEAK = [encoded(y, sign) for y in sorted(SMALL_ORDER) for sign in (0, 1)]
UNCANONICAL = [encoded(y, sign) for y in (P, P + 1, 2**255 - 1) for sign in (0, 1)]


def test_all_vectors_are_there():
    assert len(VECTORS) == 10 + WYCHEPROOF["numberOfTests"]
    assert sum(counts for _, _, counts in VECTORS) > 50


def test_the_service_uses_libsodium():
    assert IN_USE is LIBSODIUM is not None


@LIBRARIES
@pytest.mark.parametrize(("asked", "counts"), [case[1:] for case in VECTORS], ids=[case[0] for case in VECTORS])
def test_every_published_vector_has_the_same_verdict_on_both_paths(library, asked, counts):
    assert is_valid(*asked, library) is counts


@LIBRARIES
@pytest.mark.parametrize("public", WEAK + UNCANONICAL, ids=bytes.hex)
def test_b3_nobody_signs_under_a_key_of_small_order(library, public):
    """With R = [S]B = the neutral element and S = 0 the equation holds for one message in at most eight."""
    forged = [(encoded(y, sign) + bytes(32), b"%d" % n) for y in SMALL_ORDER for sign in (0, 1) for n in range(16)]
    assert not any(is_valid(public, signature, message, library) for signature, message in forged)
    assert not is_sound(public)


@LIBRARIES
def test_a_signature_with_a_second_spelling_of_s_does_not_count(library):
    signature = signing(SEED, library)(b"x")
    s = int.from_bytes(signature[32:], "little")
    assert is_valid(public_key(SEED), signature, b"x", library)
    for other in (s + L, s + 2 * L, s ^ 1, s | 1 << 255):
        again = signature[:32] + (other % 2**256).to_bytes(32, "little")
        assert not is_valid(public_key(SEED), again, b"x", library)


@LIBRARIES
@pytest.mark.parametrize(
    "public", [b"", bytes(31), public_key(SEED)[:31], public_key(SEED) + b"\0", b"\x02" + bytes(31)]
)
def test_a_key_of_another_length_or_off_the_curve_signs_nothing(library, public):
    """libsodium reads 32 bytes wherever it is pointed."""
    assert not is_valid(public, signing(SEED)(b"x"), b"x", library)


@LIBRARIES
@pytest.mark.parametrize("cut", [0, 1, 32, 63, 65])
def test_a_signature_of_another_length_does_not_count(library, cut):
    signature = (signing(SEED)(b"x") + b"\0")[:cut]
    assert not is_valid(public_key(SEED), signature, b"x", library)
    assert not is_valid(public_key(SEED), signature, b"", library)


@LIBRARIES
def test_every_flipped_bit_is_seen(library):
    public, signature = public_key(SEED), signing(SEED)(b"said")
    for bit in range(8 * len(signature)):
        flipped = (int.from_bytes(signature) ^ 1 << bit).to_bytes(64)
        assert not is_valid(public, flipped, b"said", library)


def test_no_point_that_is_refused_has_another_last_byte_than_those_looked_for():
    """Each y of small order and each spelling of 2^255 - 19 and above, with both signs of x."""
    for y in {*SMALL_ORDER, *range(P, 2**255)}:
        for sign in (0, 1):
            assert encoded(y, sign)[-1] in UNSOUND_ENDS
            assert not is_sound(encoded(y, sign))


@LIBRARIES
def test_the_first_of_many_that_is_not_valid_is_named(library):
    sign, public = signing(SEED), public_key(SEED)
    signed = [(public, sign(pae(b"%d" % number)), b"%d" % number) for number in range(6)]
    assert first_invalid(100, signed, library) is None
    for place in range(6):
        for wrong in (
            (public, signed[place][1], b"x"),
            (public, signed[place][1][:63], signed[place][2]),
            (b"", *signed[place][1:]),
        ):
            assert first_invalid(100, [*signed[:place], wrong, *signed[place + 1 :], wrong], library) == 100 + place


@pytest.mark.parametrize("message", [b"", b"x", os.urandom(70_000)], ids=len)
def test_both_libraries_sign_the_same_bytes(message):
    assert signing(SEED, LIBSODIUM)(message) == signing(SEED, OPENSSL)(message)


@LIBRARIES
@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33), bytes(64)], ids=len)
def test_a_private_key_of_another_length_is_refused(library, seed):
    with pytest.raises(ValueError, match="32 bytes"):
        signing(seed, library)


def test_a_library_that_multiplies_by_the_cofactor_would_be_told_by_its_probe():
    """libsodium may change its equation, as others did; the probe is a published case of the difference."""
    assert VECTORS[4][1] == COFACTORED
    assert not OPENSSL.holds(*COFACTORED)


def key_of(public: bytes) -> dict[str, str]:
    return {"keyid": keyid("ed25519", public), "alg": "ed25519", "pub": b64encode(public).decode()}


@pytest.mark.parametrize("public", [*WEAK, *UNCANONICAL, b"", bytes(31)], ids=bytes.hex)
def test_b3_a_key_of_small_order_is_not_enrolled(public):
    reason = malformed_key(key_of(public))
    assert reason is not None
    assert reason.code == "EVENT_KEY"
    assert "公钥不可用" in reason.sentence
    assert malformed_key(key_of(public_key(SEED))) is None


def test_b3_a_checkpoint_under_a_key_of_small_order_is_signed_by_nobody():
    note = NoteKey("log.example", ED25519, SEED).sign("log.example\n1\nAAAA\n", 0)
    for public in WEAK:
        vkey = Vkey("log.example", ED25519, public)
        line = type(note)("log.example", vkey.key_id, encoded(1, 0) + bytes(32))
        with pytest.raises(WrongSignature):
            Note("log.example\n1\nAAAA\n", (line,)).verified([vkey])


BARE = """
import sys
sys.modules["nacl"] = None
sys.path.insert(0, sys.argv[1])
from application.verifier.formats.signature import IN_USE, OPENSSL, is_valid
assert IN_USE is OPENSSL
for line in sys.stdin:
    print(is_valid(*(bytes.fromhex(part) for part in line.rstrip("\\n").split(" "))))
"""


def test_the_one_file_without_pynacl_says_the_same_of_every_vector(tmp_path):
    """In a process of its own where PyNaCl can't be imported, out of the file that auditors get."""
    (tmp_path / "v.pyz").write_bytes(archive())
    lines = "".join(f"{key.hex()} {signature.hex()} {message.hex()}\n" for _, (key, signature, message), _ in VECTORS)
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(tmp_path / "v.pyz")], input=lines, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(counts) for _, _, counts in VECTORS]
