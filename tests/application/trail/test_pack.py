"""An evidence pack is verified with one command, as zip or unpacked; whatever a stranger did to it is a sentence."""

from __future__ import annotations

import io
import json
import os
import warnings
import zipfile
from hashlib import sha256

import pytest
from click.testing import CliRunner

from application.store.home import Home
from application.trail.entry import Signer, parse, seal
from application.trail.kit import Question, Unusable, answer
from application.trail.logkeys import LogKeys
from application.trail.note import ED25519, Note, NoteKey
from application.trail.proof import prove
from application.trail.publish import Publisher
from application.trail.tiles import Tiles, directory
from interface.cli.main import main
from interface.cli.standalone import main as standalone
from tests.application.trail.attacked import POLICY, cosign
from tests.logs import ORIGIN, TOWN, Log, Person, Source

PHOTO = b"a photo"
NAME = f"files/{sha256(PHOTO).hexdigest()}.jpg"
SIZE, POSITIONS = 300, (7, 298, 299, 300)


class Made:
    """A published log whose last entry names a photo, and the files of a pack of it."""

    def __init__(self, folder):
        self.home = Home(folder)
        self.home.create()
        self.keys = LogKeys.create(self.home.keys, ORIGIN)
        self.log, self.handler = Log("production", self.keys.vkeys), Person("town_handler", TOWN)
        self.log.enrol(self.handler)
        self.log.grow(SIZE - 1)
        listed = {"sha256": NAME[6:70], "size": len(PHOTO), "media_type": "image/jpeg"}
        self.log.append("tip.verified", {"evidence": [listed]}, self.handler)
        Publisher(self.home, self.keys, Source(self.log)).publish()
        self.note = (self.home.trail / "checkpoint").read_bytes()
        self.key = str(self.keys.vkeys[0])

    def proof(self, position, note=None):
        return prove(position - 1, Note.parse(note or self.note), Tiles(directory(self.home.trail), SIZE)).to_bytes()

    def files(self):
        trail = self.home.trail
        files = {name: (trail / name).read_bytes() for name in ("checkpoint", "log.vkey", "keys.json")}
        files |= {f"entries/{n}.entry": self.log.entries[n - 1] for n in POSITIONS}
        files |= {f"proofs/{n}.tlog-proof": self.proof(n) for n in POSITIONS}
        return files | {NAME: PHOTO, "index.html": b"<html>"}

    def whole(self):
        trail = self.home.trail
        paths = [path for path in trail.rglob("*") if path.is_file()]
        return {f"trail/{path.relative_to(trail).as_posix()}": path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Made(tmp_path_factory.mktemp("made"))


def listed(files, **members):
    """With lists that fit, whatever the files are: a forger makes them anew."""
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    manifest = {"log": ORIGIN, "size": SIZE, "positions": list(POSITIONS), "files": hashes} | members
    manifest = {name: value for name, value in manifest.items() if value is not None}
    sums = "".join(f"{digest}  {name}\n" for name, digest in hashes.items())
    return files | {"manifest.json": json.dumps(manifest).encode(), "SHA256SUMS": sums.encode()}


def zipped(path, files, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as out, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that stand twice
        for name, content in files.items() if isinstance(files, dict) else files:
            out.writestr(name, content)
    return path


def unzipped(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def look(made, tmp_path):
    """The verdict on a pack of these files."""

    def asked(files, **options):
        return answer(Question(zipped(tmp_path / "p.zip", files), **{"vkeys": [made.key]} | options))

    return asked


def test_a_pack_is_verified_as_zip_and_unpacked(made, look, tmp_path):
    files = listed(made.files())
    found = look(files)

    assert (found.sentence, found.entries) == (
        "核验通过：所附 4 条在这份共 300 条的日志中，未发现篡改（核验强度：弱）",
        len(POSITIONS),
    )
    assert found.said("en") == "verified: 4 entries stand in the log of 300, nothing was altered (strength: weak)"
    assert answer(Question(unzipped(tmp_path / "there", files), [made.key])) == found


def test_a_whole_log_in_a_pack_is_verified_as_its_folder_is(made, look, tmp_path):
    files = listed(made.whole(), positions=None)
    found = look(files, genesis=sha256(b"\0" + made.log.entries[0]).hexdigest(), state=tmp_path / "state")

    assert (found.sentence, found.entries) == ("核验通过：共 300 条，未发现篡改（核验强度：中）", None)
    assert (tmp_path / "state").read_bytes() == made.note
    folder = unzipped(tmp_path / "there", files)
    assert answer(Question(folder, [made.key])).sentence == "核验通过：共 300 条，未发现篡改（核验强度：弱）"


def test_without_a_key_from_paper_the_packs_own_is_shown(made, look):
    found = look(listed(made.files()), vkeys=())

    assert made.key in found.unchecked[0]
    assert all(text.isascii() for text in found.members()["unchecked_en"])


def test_a_second_key_does_not_vouch_for_the_one_that_is_shown(made, look):
    stranger = NoteKey(ORIGIN, ED25519, bytes(32))
    files = made.files() | {"log.vkey": f"{made.key}\n{stranger.vkey}\n".encode()}
    note = Note.parse(made.note)
    forged = Note(note.text, (stranger.sign(note.text, 0),)).to_bytes()
    files |= {"checkpoint": forged} | {f"proofs/{n}.tlog-proof": made.proof(n, forged) for n in POSITIONS}

    assert look(listed(files), vkeys=()).fault.code == "CHECKPOINT_SIGNATURE"


def test_witnesses_count_wherever_in_the_pack_they_signed(made, look, tmp_path):
    (tmp_path / "policy").write_text(
        "".join(f"witness {each.name} {each.vkey}\n" for each in POLICY.witnesses) + "group q all w0 w1\nquorum q\n"
    )
    (tmp_path / "kept").write_bytes(made.note)
    policy = {"policy": tmp_path / "policy"}
    assert look(listed(made.files()), **policy).fault.code == "WITNESS_QUORUM"

    cosign(tmp_path / "kept", 1_900_000_000_000)  # a5: a time that has not come counts for nothing
    ahead = look(listed(made.files() | {f"checkpoints/{SIZE}": (tmp_path / "kept").read_bytes()}), **policy)
    assert (ahead.fault.code, ahead.witnesses) == ("WITNESS_QUORUM", ())
    cosign(tmp_path / "kept", 1_780_000_000)
    found = look(listed(made.files() | {f"checkpoints/{SIZE}": (tmp_path / "kept").read_bytes()}), **policy)

    assert (found.ok, found.strength) == (True, "中")


def test_evidence_that_the_vault_had_no_more_is_said(made, look):
    files = made.files()
    del files[NAME]

    found = look(listed(files))

    assert (found.ok, found.unchecked[-1]) == (True, "条目所列的佐证材料有 1 份不在包中")


def resealed(made, **members):
    """The last entry signed anew, and a log in which it stands: what its own proof does not say."""
    return seal(parse(made.log.entries[-1]).payload | members, made.handler.signer)


FORGED = {
    "entry": lambda made, files: files | {"entries/298.entry": files["entries/299.entry"]},
    "proof": lambda made, files: files | {"proofs/298.tlog-proof": files["proofs/299.tlog-proof"]},
    "bytes": lambda made, files: files | {"entries/300.entry": resealed(made, role="x")},
    "proof cut": lambda made, files: files | {"proofs/300.tlog-proof": files["proofs/300.tlog-proof"][:-9]},
    "checkpoint": lambda made, files: files | {"checkpoint": made.note.replace(b"300", b"301")},
    "kept": lambda made, files: files | {"checkpoints/7": b"x"},
    "key": lambda made, files: files | {"keys.json": b"{}"},
    "photo": lambda made, files: files | {NAME: b"another"},
    "one more photo": lambda made, files: files | {f"files/{sha256(b'x').hexdigest()}.jpg": b"x"},
    "entry gone": lambda made, files: {name: files[name] for name in files if name != "entries/298.entry"},
    "one more entry": lambda made, files: files | {"entries/1.entry": made.log.entries[0]},
    "no keys": lambda made, files: {name: files[name] for name in files if name != "keys.json"},
}
DUE = {
    "entry": ("PROOF", 297), "proof": ("PACK", None), "bytes": ("PROOF", 299), "proof cut": ("PROOF", 299),
    "checkpoint": ("CHECKPOINT_SIGNATURE", None), "kept": ("CHECKPOINT_SIGNATURE", None), "key": ("EVENT_KEY", 6),
    "photo": ("PACK", None), "one more photo": ("PACK", None), "entry gone": ("PACK", None),
    "one more entry": ("PACK", None), "no keys": ("PACK", None),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGED)
def test_what_a_forger_swapped_with_lists_made_anew_is_named(made, look, what):
    found = look(listed(FORGED[what](made, made.files())))

    assert (found.fault.code, found.fault.index) == DUE[what], found.sentence
    assert found.said("en").isascii()


def test_an_entry_signed_with_another_key_than_it_names_is_named(made, tmp_path):
    """In a log that its own holder made so: proof and checkpoint are in order."""
    forged = parse(made.log.entries[-1])
    signer = Signer(forged.keyid, Person().private.sign)
    log = Log.__new__(Log)
    log.__dict__.update(made.log.__dict__ | {"entries": [*made.log.entries[:-1], seal(forged.payload, signer)]})
    other = Made.__new__(Made)
    other.__dict__.update(made.__dict__ | {"home": Home(tmp_path / "other"), "log": log})
    other.home.create()
    Publisher(other.home, made.keys, Source(log)).publish()
    other.note = (other.home.trail / "checkpoint").read_bytes()

    found = answer(Question(zipped(tmp_path / "p.zip", listed(other.files())), [made.key]))

    assert (found.fault.code, found.fault.index) == ("EVENT_SIGNATURE", SIZE - 1)


def replaced(files, name, content):
    return [(each, content if each == name else kept) for each, kept in files.items()]


HOSTILE = {
    "swapped": (lambda f: replaced(f, NAME, b"another"), "与清单所列的哈希不符"),
    "missing": (lambda f: [each for each in f.items() if each[0] != NAME], f"包中缺少 {NAME}"),
    "no manifest": (lambda f: [each for each in f.items() if each[0] != "manifest.json"], "包中缺少 manifest.json"),
    "no sums": (lambda f: [each for each in f.items() if each[0] != "SHA256SUMS"], "包中缺少 SHA256SUMS"),
    "other sums": (lambda f: replaced(f, "SHA256SUMS", b""), "SHA256SUMS 与 manifest.json 不符"),
    "on no list": (lambda f: [*f.items(), ("more.txt", b"")], "包中有清单以外的文件：more.txt"),
    "leads out": (lambda f: [*f.items(), ("../../x", b"")], "包中有不规范的文件名：../../x"),
    "absolute": (lambda f: [*f.items(), ("/etc/x", b"")], "包中有不规范的文件名：/etc/x"),
    "backslash": (lambda f: [*f.items(), ("a\\x", b"")], "包中有不规范的文件名：a\\x"),
    "no text": (lambda f: [*f.items(), ("a\x1b[2Jx", b"")], "包中有不规范的文件名"),
    "twice": (lambda f: [*f.items(), ("index.html", b"<html>")], "包中有重复的文件名：index.html"),
    "capitals": (lambda f: [*f.items(), ("INDEX.HTML", b"x")], "包中有重复的文件名：index.html"),
    "bomb": (lambda f: [*f.items(), ("more", bytes(60_000_000))], "过大"),
    "list": (lambda f: replaced(f, "manifest.json", b'{"log":1}'), "manifest.json 不是规范的清单"),
    "list is none": (lambda f: replaced(f, "manifest.json", b"[]"), "manifest.json 不是规范的清单"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_zip_is_refused_with_a_sentence(made, look, what):
    change, said = HOSTILE[what]
    found = look(change(listed(made.files())))

    assert (found.ok, found.fault.code) == (False, "PACK")
    assert said in found.sentence
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in found.said("en"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw[:-30], "压缩包已损坏"),
        (lambda raw: raw[:2], "压缩包已损坏"),
        (lambda raw: raw.replace(b"<html>", b"<hTml>", 1), "压缩包已损坏"),
        (lambda raw: raw.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"), "加密"),
        (lambda raw: raw.replace(b"PK\x03\x04", b"PK\x03\x05"), "压缩包已损坏"),
    ],
    ids=["cut off", "nothing left", "altered", "encrypted", "headers"],
)
def test_a_damaged_zip_is_refused_with_a_sentence(made, tmp_path, change, said):
    raw = zipped(tmp_path / "p.zip", listed(made.files()), zipfile.ZIP_STORED).read_bytes()
    (tmp_path / "p.zip").write_bytes(change(raw))

    assert said in answer(Question(tmp_path / "p.zip", [made.key])).sentence


def test_a_link_is_no_file(made, tmp_path):
    files, made_zip = listed(made.files()), io.BytesIO()
    with zipfile.ZipFile(made_zip, "w") as out:
        link = zipfile.ZipInfo("index.html")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        out.writestr(link, "/etc/passwd")
    (tmp_path / "p.zip").write_bytes(made_zip.getvalue())
    folder = unzipped(tmp_path / "there", files)
    (folder / "index.html").unlink()
    os.symlink("/etc/passwd", folder / "index.html")

    for path in (tmp_path / "p.zip", folder):
        assert "包中有链接或特殊文件：index.html" in answer(Question(path, [made.key])).sentence


@pytest.mark.parametrize("options", [{"genesis": "0" * 64}, {"require": "strong"}, {"old": ["x"]}, {"max_age": "1h"}])
def test_what_is_asked_of_a_whole_log_is_not_answered_for_some_entries(made, look, options):
    with pytest.raises(Unusable, match="single entries"):
        look(listed(made.files()), **options)


def test_a_file_that_is_no_zip_is_a_wrong_question(made, tmp_path):
    (tmp_path / "x").write_bytes(b"text")
    with pytest.raises(Unusable, match="no zip"):
        answer(Question(tmp_path / "x", [made.key]))


def test_on_the_command_line_it_ends_with_one_line_and_an_exit_code(made, tmp_path, capsys):
    good = str(zipped(tmp_path / "good.zip", listed(made.files())))
    bad = str(zipped(tmp_path / "bad.zip", replaced(listed(made.files()), NAME, b"x")))
    for path, code in ((good, 0), (bad, 1), (str(tmp_path / "none"), 2)):
        words = [path, "--vkey", made.key, "--lang", "en"]
        ours = CliRunner().invoke(main, ["verify", *words])
        assert (ours.exit_code, standalone(words)) == (code, code)
        assert code == 2 or ours.output == capsys.readouterr().out

    told = json.loads(CliRunner().invoke(main, ["verify", good, "--vkey", made.key, "--json"]).output)
    assert (told["ok"], told["entries"], told["size"], told["strength_en"]) == (True, len(POSITIONS), SIZE, "weak")
