"""Signed notes: the worked example of the design, both algorithms, one spelling."""

from __future__ import annotations

import pytest

from application.trail.checkpoint import Checkpoint
from application.trail.note import COSIGNATURE, ED25519, ML_DSA_44, NotANote, Note, NoteKey, Vkey, WrongSignature

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
        lambda raw: raw.replace("wQw=", "wQx="),
    ],
    ids=["no blank line", "no end", "hyphen", "return", "two blanks", "second spelling"],
)
def test_a_note_has_one_spelling(change):
    with pytest.raises(NotANote):
        Note.parse(change(FILE).encode())
