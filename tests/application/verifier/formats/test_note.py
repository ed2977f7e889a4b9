"""Signed notes: the worked example of the design, both algorithms, one spelling."""

from __future__ import annotations

import pytest

from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.note import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    NotANote,
    Note,
    NoteKey,
    Vkey,
    WrongSignature,
)

LOG = NoteKey("trail.example.gov/events", ED25519, bytes(range(32)))
WITNESS = NoteKey("witness.example/commission", COSIGNATURE, bytes(range(32, 64)))
FILE = """trail.example.gov/events
3
LP73YnWX4AtWSXV3Stco7yEHBnWfym1kE4xt/By/LNo=

— trail.example.gov/events Vo9KzeUsHc/uvjBIVn/UY21UmulRVrr8ANhhry05rWzMiRFVut4plAN40azjULLXZb/1KBMho6fLIWMOZiE+Pf33wQw=
— witness.example/commission hXlz8QAAAABpVbkArVJuOlfpB1NDR/pf/ZwjM/QlzRsd0dCmP4EuCw257iMlgQl7tov/mMlP7xTlDM5pB30Diem4K50oFQEQA5nwBw==
"""


def test_the_worked_example_byte_by_byte():
    text = Note.parse(FILE.encode()).text

    assert str(LOG.vkey) == "trail.example.gov/events+568f4acd+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    assert Note(text, (LOG.sign(text, 0), WITNESS.sign(text, 1767225600))).to_bytes() == FILE.encode()


def test_an_ml_dsa_key_has_the_published_id_and_verifies():
    key = NoteKey("witness.example/pq", ML_DSA_44, bytes(range(64, 96)))
    text = Note.parse(FILE.encode()).text
    line = key.sign(text, 1767225600)

    key.vkey.verify(text, line)

    assert key.vkey.key_id.hex() == "c335c6af"
    assert (len(key.vkey.public), len(line.signature)) == (1312, 8 + 2420)


def test_keys_survive_being_written_down():
    for kind in (ED25519, ML_DSA_44):
        for number in range(80):  # base64 may hold a plus, which also stands between the parts
            key = NoteKey("a.log/x", kind, bytes([number, 251 - number] * 16))
            assert NoteKey.from_text(key.to_text()) == key
            assert Vkey.parse(str(key.vkey)) == key.vkey


def test_a_known_key_with_a_wrong_signature_spoils_the_note():
    note = Note.parse(FILE.encode())
    other = Note(Checkpoint.parse(note.text).text.replace("\n3\n", "\n4\n"), note.lines)
    with pytest.raises(WrongSignature):
        other.verified([LOG.vkey])


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace("\n\n", "\n"),
        lambda raw: raw[:-1],
        lambda raw: raw.replace("— trail", "- trail"),
        lambda raw: raw.replace("3\n", "3\r\n", 1),
        lambda raw: raw.replace("events Vo", "events  Vo"),
        lambda raw: raw.replace("wQw=", "wQ%="),
    ],
    ids=["no blank line", "no end", "hyphen", "return", "two blanks", "no base64"],
)
def test_a_note_has_one_spelling(change):
    with pytest.raises(NotANote):
        Note.parse(change(FILE).encode())


# of golang.org/x/mod/sumdb/note (BSD-3-Clause), note_test.go
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNED = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""


def test_a10_the_published_note_verifies_and_another_text_does_not():
    key = Vkey.parse(PETER)
    note = Note.parse(SIGNED.encode())

    assert [vkey for vkey, _ in note.verified([key])] == [key]
    with pytest.raises(WrongSignature):
        Note.parse(SIGNED.replace("problem is", "answer is").encode()).verified([key])


@pytest.mark.parametrize(
    "text",
    [
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("Peter", "Peter "),
        PETER.replace("c74f20a3+", ""),
        PETER.replace("c74f20a3", "c74f20"),
        PETER.replace("10TW", "10TWBADKEY=="),
        PETER.replace("+ARpc", "+!!!!"),
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
    ids=["id", "blank", "no id", "short id", "length", "base64", "unknown kind"],
)
def test_a10_what_the_published_tests_refuse_is_no_key(text):
    with pytest.raises(NotANote):
        Vkey.parse(text)


def test_a10_a_line_of_a_second_spelling_is_kept_and_signed_by_nobody():
    """C2SP: a line of a known key that does not verify spoils the note, one of an unknown key is passed over."""
    raw = FILE.replace("wQw=", "wQx=").encode()
    note = Note.parse(raw)

    assert note.to_bytes() == raw
    assert note.verified([WITNESS.vkey])
    with pytest.raises(WrongSignature):
        note.verified([LOG.vkey])
