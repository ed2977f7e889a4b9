"""An evidence pack is verified with one command, as zip or unpacked; whatever a stranger did to it is a sentence."""

from __future__ import annotations

import io
import json
import os
import warnings
import zipfile
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

import application.verifier.pack.cover as cover
import application.verifier.pack.leaflet as leaflet
from application.log.log_keys import LogKeys
from application.platform.home import Home
from application.publication.publisher import Publisher
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.formats.commitments import commit
from application.verifier.formats.entry import Signer, parse, seal
from application.verifier.formats.merkle import leaf_hash
from application.verifier.formats.note import ED25519, Note, NoteKey
from application.verifier.formats.proof import prove
from application.verifier.formats.tiles import Tiles, directory
from application.verifier.inputs import Unusable
from application.verifier.pack.dossier import Dossier, Item, dossier, take_names
from application.verifier.pack.manifest import listed as as_listed
from application.verifier.pack.manifest import sums
from application.verifier.request import VerifyRequest, answer
from application.verifier.signed_heads import VerificationFailed
from interface.cli.log.standalone import main as standalone
from interface.cli.main import main
from tests.application.verifier.attacked import POLICY, cosign
from tests.logs import ORIGIN, TOWN, Log, Person, Source

PHOTO = b"a photo"
NAME = f"files/{sha256(PHOTO).hexdigest()}.jpg"
SIZE, POSITIONS = 300, (298, 299, 300)
SALT = bytes(range(32))


class Made:
    """A published log that ends with a problem of two events, the second with a photo, and a tip; and the files of a pack of it."""

    def __init__(self, folder):
        self.home = Home(folder)
        self.home.create()
        self.keys = LogKeys.create(self.home.keys, ORIGIN)
        self.log, self.handler = Log("production", self.keys.vkeys), Person("town_handler", TOWN)
        self.person, self.problem = str(uuid4()), str(uuid4())
        self.log.append("person.named", {"name_commit": commit("name", SALT, "王经办")}, self.log.admin, self.person)
        self.log.append("official.enrolled", {"person": self.person}, self.log.admin, self.handler.id)
        self.log.append("role.granted", {"role": "town_handler", "unit": TOWN}, self.log.admin, self.handler.id)
        self.log.append("key.enrolled", self.handler.members, self.log.admin, self.handler.id)
        self.support = (1, 5, *(len(self.log.entries) - n for n in (3, 2, 0)))
        self.log.grow(SIZE - 3)
        self.log.append(
            "problem.opened", {"unit": TOWN, "number": "〔2026〕1", "title": "<b>"}, self.handler, self.problem
        )
        listed = {"sha256": NAME[6:70], "size": len(PHOTO), "media_type": "image/jpeg"}
        self.log.append("problem.corrected", {"evidence": [listed]}, self.handler, self.problem)
        self.log.tip()
        self.publish()

    def publish(self):
        Publisher(self.home, self.keys, Source(self.log)).publish()
        self.note = (self.home.trail / "checkpoint").read_bytes()
        self.key = str(self.keys.vkeys[0])

    def proof(self, position, note=None):
        return prove(position - 1, Note.parse(note or self.note), Tiles(directory(self.home.trail), SIZE)).to_bytes()

    def item(self, position):
        raw = self.log.entries[position - 1]
        entry = parse(raw)
        return Item(position - 1, leaf_hash(raw).hex(), entry, entry.payload)

    def dossier(self, positions=POSITIONS):
        each = {*positions, *self.support}
        return dossier([self.item(n) for n in each], [n - 1 for n in positions])

    def files(self, positions=POSITIONS, held=((NAME[6:70], NAME),)):
        trail, made, each = self.home.trail, self.dossier(positions), sorted({*positions, *self.support})
        names = {self.person: {"name": "王经办", "salt": SALT.hex()}}
        take_names(made, names)
        files = {name: (trail / name).read_bytes() for name in ("checkpoint", "log.vkey")}
        files |= {f"entries/{n}.entry": self.log.entries[n - 1] for n in each}
        files |= {f"proofs/{n}.tlog-proof": self.proof(n) for n in each}
        page = cover.html(cover.of_entries(Checkpoint.parse(Note.parse(self.note).text), made, dict(held)))
        files |= {"keys.json": as_listed(made.directory), "names.json": as_listed(names), "index.html": page}
        files |= {"README.txt": leaflet.of_entries(ORIGIN, positions[0])}
        return files | {name: PHOTO for _digest, name in held}

    def whole(self):
        trail = self.home.trail
        paths = [path for path in trail.rglob("*") if path.is_file()]
        files = {f"trail/{path.relative_to(trail).as_posix()}": path.read_bytes() for path in paths}
        page = cover.html(cover.of_log(Checkpoint.parse(Note.parse(self.note).text), "production"))
        return files | {"index.html": page, "README.txt": leaflet.of_log(ORIGIN, SIZE)}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Made(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def listed(made):
    """With lists that fit, whatever the files are: a forger makes them anew."""

    def fitting(files, **members):
        hashes = {name: sha256(content).hexdigest() for name, content in sorted(files.items())}
        manifest = {"format": cover.FORMAT, "log": ORIGIN, "size": SIZE, "files": hashes}
        manifest |= {"positions": list(POSITIONS), "support": list(made.support)} | members
        manifest = {name: value for name, value in manifest.items() if value is not None}
        return files | {"manifest.json": as_listed(manifest), "SHA256SUMS": sums(hashes)}

    return fitting


WHOLE = {"positions": None, "support": None}


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
def look(made, listed, tmp_path):
    """The verdict on a pack of these files."""

    def asked(files, **options):
        return answer(VerifyRequest(zipped(tmp_path / "p.zip", files), **{"vkeys": [made.key]} | options))

    return asked


def test_a_pack_is_verified_as_zip_and_unpacked(made, look, listed, tmp_path):
    files = listed(made.files())
    found = look(files)

    assert (found.sentence, found.entries) == (
        "核验通过：所附 3 条在这份共 300 条的日志中，未发现篡改（核验强度：弱）",
        len(POSITIONS),
    )
    assert found.said("en") == "verified: 3 entries stand in the log of 300, nothing was altered (strength: weak)"
    assert answer(VerifyRequest(unzipped(tmp_path / "there", files), [made.key])) == found


def test_a_whole_log_in_a_pack_is_verified_as_its_folder_is(made, look, listed, tmp_path):
    files = listed(made.whole(), **WHOLE)
    found = look(files, genesis=sha256(b"\0" + made.log.entries[0]).hexdigest(), state=tmp_path / "state")

    assert (found.sentence, found.entries) == ("核验通过：共 300 条，未发现篡改（核验强度：中）", None)
    assert (tmp_path / "state").read_bytes() == made.note
    folder = unzipped(tmp_path / "there", files)
    assert answer(VerifyRequest(folder, [made.key])).sentence == "核验通过：共 300 条，未发现篡改（核验强度：弱）"


def test_without_a_key_from_paper_the_packs_own_is_shown(made, look, listed):
    found = look(listed(made.files()), vkeys=())

    assert made.key in found.unchecked[0]
    assert all(text.isascii() for text in found.members()["unchecked_en"])


def test_a_second_key_does_not_vouch_for_the_one_that_is_shown(made, look, listed):
    stranger = NoteKey(ORIGIN, ED25519, bytes(32))
    files = made.files() | {"log.vkey": f"{made.key}\n{stranger.vkey}\n".encode()}
    note = Note.parse(made.note)
    forged = Note(note.text, (stranger.sign(note.text, 0),)).to_bytes()
    each = (*POSITIONS, *made.support)
    files |= {"checkpoint": forged} | {f"proofs/{n}.tlog-proof": made.proof(n, forged) for n in each}

    assert look(listed(files), vkeys=()).fault.code == "CHECKPOINT_SIGNATURE"


def test_witnesses_count_wherever_in_the_pack_they_signed(made, look, listed, tmp_path):
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


def test_evidence_that_the_vault_had_no_more_is_said(made, look, listed):
    found = look(listed(made.files(held=())))

    assert (found.ok, found.unchecked[-1]) == (True, "条目所列的佐证材料有 1 份不在包中")


def resealed(made, **members):
    """The last entry signed anew, and a log in which it stands: what its own proof does not say."""
    return seal(parse(made.log.entries[-1]).payload | members, made.log.desk.signer)


FORGED = {
    "entry": lambda made, files: files | {"entries/298.entry": files["entries/299.entry"]},
    "proof": lambda made, files: files | {"proofs/298.tlog-proof": files["proofs/299.tlog-proof"]},
    "bytes": lambda made, files: files | {"entries/300.entry": resealed(made, role="x")},
    "proof cut": lambda made, files: files | {"proofs/300.tlog-proof": files["proofs/300.tlog-proof"][:-9]},
    "checkpoint": lambda made, files: files | {"checkpoint": made.note.replace(b"300", b"301")},
    "kept": lambda made, files: files | {f"checkpoints/{SIZE}": b"x"},
    "another kept": lambda made, files: files | {"checkpoints/7": b"x"},
    "key": lambda made, files: files | {"keys.json": b"{}"},
    "photo": lambda made, files: files | {NAME: b"another"},
    "one more photo": lambda made, files: files | {f"files/{sha256(b'x').hexdigest()}.jpg": b"x"},
    "entry gone": lambda made, files: {name: files[name] for name in files if name != "entries/298.entry"},
    "one more entry": lambda made, files: files | {"entries/2.entry": made.log.entries[1]},
    "no keys": lambda made, files: {name: files[name] for name in files if name != "keys.json"},
}
DUE = {
    "entry": ("PROOF", 297), "proof": ("PACK", None), "bytes": ("PROOF", 299), "proof cut": ("PROOF", 299),
    "checkpoint": ("CHECKPOINT_SIGNATURE", None), "kept": ("CHECKPOINT_SIGNATURE", None), "another kept": ("PACK", None), "key": ("EVENT_KEY", None),
    "photo": ("PACK", None), "one more photo": ("PACK", None), "entry gone": ("PACK", None),
    "one more entry": ("PACK", None), "no keys": ("PACK", None),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGED)
def test_what_a_forger_swapped_with_lists_made_anew_is_named(made, look, listed, what):
    found = look(listed(FORGED[what](made, made.files())))

    assert (found.fault.code, found.fault.index) == DUE[what], found.sentence
    assert found.said("en").isascii()


def test_an_entry_signed_with_another_key_than_it_names_is_named(made, listed, tmp_path):
    """In a log that its own holder made so: proof and checkpoint are in order."""
    forged = parse(made.log.entries[-1])
    signer = Signer(forged.keyid, Person().private.sign)
    log = Log.__new__(Log)
    log.__dict__.update(made.log.__dict__ | {"entries": [*made.log.entries[:-1], seal(forged.payload, signer)]})
    other = Made.__new__(Made)
    other.__dict__.update(made.__dict__ | {"home": Home(tmp_path / "other"), "log": log})
    other.home.create()
    other.publish()
    proofs = {f"proofs/{n}.tlog-proof": other.proof(n) for n in (*POSITIONS, *made.support)}
    files = made.files() | proofs | {"checkpoint": other.note, f"entries/{SIZE}.entry": log.entries[-1]}

    found = answer(VerifyRequest(zipped(tmp_path / "p.zip", listed(files)), [made.key]))

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
    "list": (lambda f: replaced(f, "manifest.json", b'{"format":4,"log":1}'), "manifest.json 不是规范的清单"),
    "list is none": (lambda f: replaced(f, "manifest.json", b"[]"), "manifest.json 不是规范的清单"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_zip_is_refused_with_a_sentence(made, look, listed, what):
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
        (lambda raw: raw.replace(b"a photo", b"a phOto", 1), "压缩包已损坏"),
        (lambda raw: raw.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"), "不一致"),
        (lambda raw: raw.replace(b"PK\x03\x04", b"PK\x03\x05"), "不一致"),
    ],
    ids=["cut off", "nothing left", "altered", "encrypted", "headers"],
)
def test_a_damaged_zip_is_refused_with_a_sentence(made, listed, tmp_path, change, said):
    raw = zipped(tmp_path / "p.zip", listed(made.files()), zipfile.ZIP_STORED).read_bytes()
    (tmp_path / "p.zip").write_bytes(change(raw))

    assert said in answer(VerifyRequest(tmp_path / "p.zip", [made.key])).sentence


def test_a_link_is_no_file(made, listed, tmp_path):
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
        assert "包中有链接或特殊文件：index.html" in answer(VerifyRequest(path, [made.key])).sentence


@pytest.mark.parametrize(
    "options",
    [{"signatures": False}, {"require": "strong"}, {"old": [Path("x")]}, {"max_age": "1h"}, {"state": Path("x")}],
)
def test_what_is_asked_of_a_whole_log_is_not_answered_for_some_entries(made, look, listed, options):
    with pytest.raises(Unusable, match="single entries"):
        look(listed(made.files()), **options)


def test_a_file_that_is_no_zip_is_a_wrong_question(made, listed, tmp_path):
    (tmp_path / "x").write_bytes(b"text")
    with pytest.raises(Unusable, match="no zip"):
        answer(VerifyRequest(tmp_path / "x", [made.key]))


def test_on_the_command_line_it_ends_with_one_line_and_an_exit_code(made, listed, tmp_path, capsys):
    good = str(zipped(tmp_path / "good.zip", listed(made.files())))
    bad = str(zipped(tmp_path / "bad.zip", replaced(listed(made.files()), NAME, b"x")))
    for path, code in ((good, 0), (bad, 1), (str(tmp_path / "none"), 2)):
        words = [path, "--vkey", made.key, "--lang", "en"]
        ours = CliRunner().invoke(main, ["verify", *words])
        assert (ours.exit_code, standalone(words)) == (code, code)
        assert code == 2 or ours.output == capsys.readouterr().out

    told = json.loads(CliRunner().invoke(main, ["verify", good, "--vkey", made.key, "--json"]).output)
    assert (told["ok"], told["entries"], told["size"], told["strength_en"]) == (True, len(POSITIONS), SIZE, "weak")


# A1: the question asked is the question answered


def test_a1_a_verdict_says_which_question_it_answered(made, look, listed):
    some, whole = look(listed(made.files())), look(listed(made.whole(), **WHOLE))

    assert [one.members()["question"] for one in (some, whole)] == ["pack", "log"]
    assert "不是整本日志" in "".join(some.told(["zh"]))
    assert "所答的问题：整本日志" in "".join(whole.told(["zh"]))
    assert "not the whole log" in "".join(some.told(["en"]))


MIXED = {
    "log around a pack": lambda some, whole: whole | {n.removeprefix("trail/"): c for n, c in whole.items()},
    "tiles beside some entries": lambda some, whole: some | {"tile/0/000": b"x"},
    "tiles in capitals": lambda some, whole: some | {"TILE/0/000": b"x"},
    "a whole log beside some entries": lambda some, whole: some | whole,
    "a checkpoint beside a whole log": lambda some, whole: whole | {"checkpoint": some["checkpoint"]},
}


@pytest.mark.parametrize("what", MIXED)
@pytest.mark.parametrize("members", [{}, WHOLE])
def test_a1_what_is_a_pack_and_a_log_at_once_is_refused(made, listed, tmp_path, what, members):
    """As zip and as folder, whichever of both its list claims to be."""
    files = listed(MIXED[what](made.files(), made.whole()), **members)
    found = [
        answer(VerifyRequest(path, [made.key]))
        for path in (zipped(tmp_path / "p.zip", files), unzipped(tmp_path / "f", files))
    ]

    assert found[0] == found[1]
    assert found[0].fault.code in {"AMBIGUOUS"} | ({"PACK"} if what == "a whole log beside some entries" else set())
    assert found[0].said("en").isascii()


def test_a1_positions_do_not_make_a_whole_log_one_of_some_entries(made, look, listed):
    files = made.whole() | made.files()
    assert look(listed(files)).fault.code == "AMBIGUOUS"
    with pytest.raises(Unusable, match="--state"):
        look(listed(made.files()), state=Path("state"))


def test_a2_the_keys_in_a_pack_are_spelled_as_its_entries_say_them(made, look, listed):
    keys = json.loads(made.files()["keys.json"])
    for key in keys.values():
        key["from_index"] = key["from_index"] or False
    found = look(listed(made.files() | {"keys.json": as_listed(keys)}))
    assert found.fault.code == "EVENT_KEY"


def test_a2_an_empty_folder_in_a_pack_is_no_part_of_it(made, listed, tmp_path):
    folder = unzipped(tmp_path / "there", listed(made.files()))
    (folder / "verified-by-the-commission").mkdir()
    assert answer(VerifyRequest(folder, [made.key])).fault.code == "PACK"


def test_a8_a_pack_tells_which_kind_of_log_it_is_from(made, look, listed):
    """Its first entry is in every pack: it brings the keys of the log."""
    found = look(listed(made.files()))
    assert f"日志：{ORIGIN}（正式日志）" in found.about("zh")
    assert found.members()["mode"] == "production"


@pytest.mark.parametrize("mode", ["training", "", "Production"])
def test_a8_the_page_of_any_other_log_says_that_nothing_in_it_is_an_official_record(mode):
    checkpoint = Checkpoint(ORIGIN, 1, bytes(32))
    for shown in (cover.of_log(checkpoint, mode), cover.of_entries(checkpoint, Dossier([], mode), {})):
        assert cover.TRAINING in shown.facts
        assert "演练日志" in cover.text(shown)
    assert cover.TRAINING not in cover.of_log(checkpoint, "production").facts


def test_a1_the_genesis_of_a_pack_is_answered(made, look, listed):
    honest = sha256(b"\0" + made.log.entries[0]).hexdigest()
    found = look(listed(made.files()), genesis=honest)

    assert (found.ok, found.strength) == (True, "中")
    assert look(listed(made.files()), genesis="0" * 64).fault.code == "GENESIS"


# A2: what lies beside proven things is proved, or may not lie there


BESIDE = (
    "cover.pdf",
    "verdict.pdf",
    "xiaohao-verify.pyz",
    "index.htm",
    "核验结论.html",
    "files/a.pdf",
    "trail/verdict.pdf",
    "trail/tile/0/002",
    "trail/tile/0/000.p/7",
    "log.html",
    "README-log.txt",
)


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("whole", [False, True])
def test_a2_a_pack_holds_nothing_that_nobody_can_check(made, look, listed, name, whole):
    files = {name: b"x"} | (made.whole() if whole else made.files())
    found = look(listed(files, **(WHOLE if whole else {})))

    if name.startswith("trail/") and not whole:
        assert found.fault.code == "AMBIGUOUS"
    else:
        assert (found.fault.code, (name if name.isascii() else "不规范") in found.sentence) == ("PACK", True)


@pytest.mark.parametrize("name", ["index.html", "README.txt", "keys.json", "names.json", "log.vkey"])
@pytest.mark.parametrize("change", [lambda raw: raw + b"\n", lambda raw: raw.replace(b"2", b"3", 1), lambda raw: b""])
def test_a2_what_is_written_from_the_entries_is_written_again_and_compared(made, look, listed, name, change):
    files = made.files()
    assert not look(listed(files | {name: change(files[name])})).ok


@pytest.mark.parametrize("name", ["index.html", "README.txt"])
def test_a2_the_pages_of_a_whole_log_too(made, look, listed, name):
    files = made.whole()
    found = look(listed(files | {name: files[name].replace(b"300", b"301", 1)}, **WHOLE))
    assert (found.fault.code, name in found.sentence) == ("PACK", True)


@pytest.mark.parametrize("name", ["log.vkey", "keys.json", "checkpoint"])
def test_a2_a_whole_log_in_a_pack_has_its_keys(made, look, listed, name):
    files = {each: content for each, content in made.whole().items() if each != f"trail/{name}"}
    assert look(listed(files, **WHOLE)).fault.code == "PACK"


@pytest.mark.parametrize("members", [{"log": "other.log/x"}, {"size": SIZE + 1}, {"size": 299}])
@pytest.mark.parametrize("whole", [False, True])
def test_a2_the_manifest_names_the_checkpoints_log_and_size(made, look, listed, members, whole):
    files = made.whole() if whole else made.files()
    assert look(listed(files, **(WHOLE if whole else {}) | members)).fault.code == "PACK"


@pytest.mark.parametrize("forged", [{"name": "李四"}, {"salt": "00" * 32}, {"salt": SALT.hex().upper()}, {"more": "x"}])
def test_a2_a_name_is_the_one_that_the_log_committed_to(made, look, listed, forged):
    opening = {"name": "王经办", "salt": SALT.hex()} | forged
    found = look(listed(made.files() | {"names.json": as_listed({made.person: opening})}))

    assert (found.fault.code, "names.json" in found.sentence) == ("PACK", True)


def test_a2_an_owner_of_a_key_is_the_one_that_an_entry_enrolled(made, look, listed):
    keys = made.dossier().directory
    for forged in ({"owner": made.log.desk.id}, {"use": "service"}, {"from_index": 0}, {"until_index": 7}):
        changed = {keyid: key | forged for keyid, key in keys.items()}
        assert look(listed(made.files() | {"keys.json": as_listed(changed)})).fault.code == "EVENT_KEY"
    assert look(listed(made.files() | {"keys.json": as_listed(keys | {"ed25519:x": {}})})).fault.code == "EVENT_KEY"


def test_a2_a_key_without_the_entry_that_enrolled_it_is_none(made, look, listed):
    for left in made.support:
        if left in (
            made.support[2],
            made.support[3],
        ):  # who a person is: names.json, or the page, says what nobody proves
            continue
        support = [n for n in made.support if n != left]
        files = {
            n: c for n, c in made.files().items() if n not in (f"entries/{left}.entry", f"proofs/{left}.tlog-proof")
        }
        assert not look(listed(files, support=support)).ok


def test_a2_no_version_of_a_matter_is_left_out(made, look, listed):
    """The first of two, so that the second tells a story without it."""
    files = {n: c for n, c in made.files().items() if "/298." not in n}
    found = look(listed(files, positions=[299, 300]))

    assert (found.fault.code, found.fault.index) == ("PACK", 298)
    assert "缺第 1 版" in found.sentence
    whole = look(listed(made.files()))
    assert "没有缺版" in "".join(text for text, _ in whole.proved)
    assert "此后有无新的版本" in "".join(whole.unchecked)


def a_log(made, folder, change):
    """The same log with other entries at its end, published by the same keys; files() is what a maker would pack of it."""
    log = Log.__new__(Log)
    log.__dict__.update(
        made.log.__dict__ | {"entries": list(made.log.entries[:-2]), "versions": dict(made.log.versions)}
    )
    other = Made.__new__(Made)
    other.__dict__.update(made.__dict__ | {"home": Home(folder), "log": log})
    other.home.create()
    change(other)
    other.publish()
    return other


def test_a2_no_line_in_the_logs_name_is_taken_unseen(made, look, listed):
    """Whoever verifies with one of the log's two keys sees the other line too."""
    note = Note.parse(made.note)
    stranger = NoteKey(ORIGIN, ED25519, bytes([9]) * 32).sign(note.text, 0)
    pq = next(line for line in note.lines if not made.keys.vkeys[0].matches(line))
    damaged = replace(pq, signature=pq.signature[:-1] + bytes([pq.signature[-1] ^ 1]))
    for line in (stranger, damaged):
        forged = Note(note.text, (*[each for each in note.lines if each != pq or line != damaged], line)).to_bytes()
        each = (*POSITIONS, *made.support)
        files = made.files() | {"checkpoint": forged} | {f"proofs/{n}.tlog-proof": made.proof(n, forged) for n in each}
        assert look(listed(files)).fault.code == "CHECKPOINT_SIGNATURE"


def test_a2_a_proof_belongs_to_the_packs_own_checkpoint(made, look, listed):
    note = Note.parse(made.note)
    bare = made.proof(299, Note(note.text, note.lines[:1]).to_bytes())
    assert look(listed(made.files() | {"proofs/299.tlog-proof": bare})).fault.code == "PACK"


def test_r1_a_key_that_an_entry_of_the_pack_ended_signs_no_more(made, look, listed, tmp_path):
    def change(other):
        other.log.append("key.revoked", {"keyid": made.handler.members["keyid"]}, made.log.admin, made.handler.id)
        other.log.append("problem.corrected", {}, made.handler, made.problem, version=2)

    other = a_log(made, tmp_path / "other", change)
    other.support = (*made.support, 299)
    with pytest.raises(VerificationFailed) as found:
        other.files((298, 300), held=())

    assert (found.value.args[0].code, found.value.args[0].index) == ("EVENT_KEY", 299)


@pytest.mark.parametrize("by", ["the service", "another official"])
def test_a2_an_act_is_signed_with_a_key_of_whoever_acted(made, tmp_path, by):
    """The log's own holder wrote it so: proof and checkpoint are in order, and the key is one of the log's."""

    def change(other):
        signer = {"the service": made.log.service, "another official": made.log.desk}[by].signer
        for _ in range(2):
            payload = other.log.payload("problem.step_recorded", {}, made.handler, made.problem)
            other.log.entries.append(seal(payload, signer))

    other = a_log(made, tmp_path / "other", change)
    with pytest.raises(VerificationFailed) as found:
        other.dossier()

    assert (found.value.args[0].code, found.value.args[0].index) == ("EVENT_SIGNATURE", 298)


def test_whoever_holds_the_logs_old_key_follows_to_the_new_one_inside_a_pack(made, look, listed, tmp_path):
    old, new = made.keys.keys[0], NoteKey(ORIGIN, ED25519, bytes([2]) * 32)

    def change(other):
        proof = b64encode(old.sign(str(new.vkey), 0).signature).decode()
        other.log.append(
            "log.key_rotated", {"old": str(old.vkey), "new": str(new.vkey), "proof": proof}, made.log.admin
        )
        other.log.append("problem.corrected", {}, made.handler, made.problem, version=2)
        other.keys = LogKeys([new])

    other = a_log(made, tmp_path / "other", change)
    other.support = (*made.support, 299)
    members = {"positions": [298, 300], "support": list(other.support)}
    files = other.files((298, 300), held=())
    for key in (old, new):
        assert look(listed(files, **members), vkeys=[str(key.vkey)]).ok
    without = {n: c for n, c in files.items() if "/299." not in n}
    members["support"] = list(made.support)
    codes = [look(listed(without, **members), vkeys=[str(key.vkey)]).fault.code for key in (old, new)]
    assert codes == ["CHECKPOINT_SIGNATURE", "GENESIS"]


def test_a2_only_entries_about_keys_and_names_support_others(made, look, listed):
    found = look(listed(made.files(), positions=[298, 299], support=[*made.support, 300]))
    assert (found.fault.code, found.fault.index) == ("PACK", 299)


def test_a2_a_photo_does_not_come_as_something_else(made, look, listed):
    other = f"{NAME.removesuffix('.jpg')}.html"
    files = {n: c for n, c in made.files().items() if n != NAME} | {other: PHOTO}
    assert look(listed(files)).fault.code == "PACK"


def test_a2_words_in_a_page_are_words(made):
    page = made.files()["index.html"].decode()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "王经办" in page


def test_a2_a_pack_of_an_older_program_is_refused_with_what_to_do(made, look, listed):
    for told in (None, 1, 2, 3, 5):
        found = look(listed(made.files(), format=told))
        assert (found.fault.code, "下载" in found.sentence) == ("PACK", True)


@pytest.mark.parametrize("run", ["verify", "one file"])
def test_a2_the_cover_is_printed_from_the_entries(made, listed, tmp_path, capsys, run):
    good = str(zipped(tmp_path / "good.zip", listed(made.files())))
    bad = str(zipped(tmp_path / "bad.zip", replaced(listed(made.files()), NAME, b"x")))
    out = tmp_path / "cover.html"

    def asked(*words):
        if run == "verify":
            result = CliRunner().invoke(main, ["verify", *words])
            return result.exit_code, result.output
        return standalone(words), capsys.readouterr().out

    code, said = asked(good, "--vkey", made.key, "--print")
    assert (code, "第 299 条" in said, "王经办" in said) == (0, True, True)
    assert asked(good, "--vkey", made.key, "--print", "-o", str(out))[0] == 0
    assert out.read_bytes() == made.files()["index.html"]
    out.unlink()
    code, said = asked(bad, "--vkey", made.key, "--print", "-o", str(out))
    assert (code, out.exists(), "王经办" in said) == (1, False, False)
    assert asked(good, "--vkey", made.key, "-o", str(out))[0] == 2
    assert asked(str(made.home.trail), "--vkey", made.key, "--print")[0] == 2
