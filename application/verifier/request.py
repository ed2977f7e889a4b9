"""What the command line asks a verifier, as files and texts: read here, held against the log, and remembered. Pure."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from application.verifier.folder_survey import MANIFEST
from application.verifier.formats.note import NotANote, Note, Vkey
from application.verifier.formats.policy import NONE, NotAPolicy, Policy
from application.verifier.formats.promise import NotAPromise, parse
from application.verifier.formats.tiles import Fetch, directory
from application.verifier.inputs import Unusable, content, genesis_of, seconds, vkeys_of
from application.verifier.pack.container import is_zip, unpacked
from application.verifier.promise_check import Given, reconciled
from application.verifier.provenance import keys_of_others, keys_to_compare, refuse_its_own
from application.verifier.rules.entry_check import Fault
from application.verifier.saved_state import before, remember
from application.verifier.signed_heads import Head, VerificationFailed
from application.verifier.single_entry import verify_one
from application.verifier.verdict import PACK as SOME
from application.verifier.verdict import WHOLE, Verdict
from application.verifier.verify import Progress, VerifyOptions, verify
from application.verifier.verify_pack import Pack

CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class VerifyRequest:
    """The options of `xiaohao verify`, as they were typed."""

    folder: Path | None = None
    vkeys: Sequence[str] = ()
    policy: Path | None = None
    witnesses: Sequence[str] = ()
    quorum: int | None = None
    genesis: str | None = None
    old: Sequence[Path] = field(default=())
    cosignatures: Sequence[Path] = field(default=())
    state: Path | None = None
    max_age: str | None = None
    require: str | None = None
    signatures: bool = True
    promises: Sequence[Path] = field(default=())
    proof: Path | None = None
    entry: Path | None = None
    printed: bool = False
    output: Path | None = None


def answer(question: VerifyRequest, progress: Progress = lambda done, of: None) -> Verdict:
    """The verdict; a good one is remembered in the state file. Raises Unusable."""
    try:
        return _answer(question, progress)
    except OSError as error:
        raise Unusable(f"couldn't read {error.filename}: {error.strerror}") from None


def _answer(question: VerifyRequest, progress: Progress) -> Verdict:
    folder, own = question.folder, question.vkeys
    mine = {"--policy": [question.policy], "--old": question.old, "--state": [question.state], "-o": [question.output]}
    refuse_its_own(folder, mine)
    found = _found(question, progress)
    if found.checkpoint is None:
        return found
    is_founded = found.asked == WHOLE and question.genesis is not None and question.signatures
    said = [
        *keys_of_others(vkeys_of(own), found.checkpoint.origin),
        *([] if is_founded else keys_to_compare(folder, own)),
    ]
    return replace(found, unchecked=(*said, *found.unchecked))


def _found(question: VerifyRequest, progress: Progress) -> Verdict:
    policy = _policy(question)
    vkeys = vkeys_of(question.vkeys) + ([each.vkey for each in policy.logs] if policy else [])
    _refuse_own_witness(vkeys, policy)
    if question.cosignatures and (policy is None or policy.quorum == NONE):
        raise Unusable("--cosignature is of a witness: name those that count with --policy or --witness")
    if question.folder is not None and question.proof is None and _is_pack(question.folder):
        _refuse("this is an evidence pack", {"--entry": question.entry is not None})
        return _answer_pack(question, question.folder, vkeys, policy, progress)
    if question.printed:
        raise Unusable("--print is about an evidence pack: its cover is written from the entries in it")
    if not vkeys:
        raise Unusable("which log? give its key with --vkey, or a policy that names it")
    if question.proof is not None or question.entry is not None:
        return _answer_one(question, vkeys, policy)
    return _answer_log(question, _folder(question.folder), vkeys, policy, progress)


def _is_pack(path: Path) -> bool:
    """Whatever its letters: where capitals are none, one reader finds a list that another does not."""
    return path.is_file() or (path.is_dir() and any(each.casefold() == MANIFEST for each in os.listdir(path)))


def _answer_pack(
    question: VerifyRequest, path: Path, vkeys: list[Vkey], policy: Policy | None, progress: Progress
) -> Verdict:
    """An evidence pack, by the key that it brings itself where the asker gives none."""
    if path.is_file() and not is_zip(path):
        raise Unusable(f"{path} is no evidence pack: it is no zip")
    try:
        with unpacked(path) as box:
            pack = Pack(box)
            keys = vkeys or pack.vkeys[:1]  # the one that is shown: another would vouch for it unseen
            if pack.is_whole_log:
                found = _answer_log(question, pack.fetch, keys, policy, progress, pack.of_log)
            else:
                _about_entries(question)
                found = pack.verdict(keys, policy, genesis_of(question.genesis), now=int(time.time()))
    except VerificationFailed as wrong:
        return Verdict(wrong.fault, entries=0, asked=SOME)
    found = replace(found, cover=pack.cover if found.ok else None)
    own = f"日志公钥取自证据包自身（未给 --vkey），请逐字与纸面核对：{keys[0] if keys else ''}"
    return found if vkeys else replace(found, unchecked=(own, *found.unchecked))


def _about_entries(question: VerifyRequest) -> None:
    """Whoever asks about a whole log is not answered for some of its entries."""
    more = {"--max-age": question.max_age is not None, "--promise": bool(question.promises), "--genesis": False}
    _refuse("this pack holds single entries", _whole_log(question) | more)


def _whole_log(question: VerifyRequest) -> dict[str, bool]:
    """The options that ask about a whole log, and whether they were given."""
    return {
        "--genesis": question.genesis is not None,
        "--state": question.state is not None,
        "--require": question.require is not None,
        "--old": bool(question.old),
        "--cosignature": bool(question.cosignatures),
        "--no-signatures": not question.signatures,
    }


def _refuse(why: str, given: dict[str, bool]) -> None:
    """An option that would not be answered is no option. Raises Unusable."""
    if wrong := [option for option, is_given in given.items() if is_given]:
        raise Unusable(f"{why}, and {', '.join(wrong)} would say nothing about it: ask without")


def _answer_log(
    question: VerifyRequest,
    folder: Fetch,
    vkeys: list[Vkey],
    policy: Policy | None,
    progress: Progress,
    confirmed: Callable[[Verdict], Verdict] = lambda found: found,
) -> Verdict:
    """`confirmed` has the last word before anything is remembered."""
    fetch = _cosigned(folder, question.cosignatures)
    given = [one for path in question.promises for one in _promises(path)]
    if question.promises and not question.signatures:
        raise Unusable("--promise needs the signatures: not together with --no-signatures")
    ask = VerifyOptions(
        vkeys,
        genesis=genesis_of(question.genesis),
        old=[content(path) for path in question.old] + _recalled(question.state),
        signatures=question.signatures,
        max_age=seconds(question.max_age),
        now=int(time.time()),
        policy=policy,
    )
    found = confirmed(verify(fetch, ask, progress))
    if question.promises:  # none at all, in the lists that were given, is an answer too
        found = reconciled(found, fetch, given, _signed_at(found, ask))
    found = required(found, question.require)
    if question.state is not None:
        _remember(question.state, found)
    return found


def _folder(folder: Path | None) -> Fetch:
    if folder is None:
        raise Unusable("which folder? or --proof with --entry")
    if not folder.is_dir():
        raise Unusable(f"there is no folder {folder}")
    return directory(folder)


def _cosigned(fetch: Fetch, files: Sequence[Path]) -> Fetch:
    """The folder with what witnesses have written about its checkpoint since it was copied. Raises Unusable."""
    raw = fetch(CHECKPOINT)
    if raw is None or not files:
        return fetch
    try:
        note = Note.parse(raw)
        for path in files:
            cosigned = Note.parse(content(path))
            if cosigned.text != note.text:
                raise Unusable(f"{path} is about another checkpoint than that of the folder: cosign this copy first")
            note = note.gained(cosigned.lines, newer=True)
    except NotANote as error:
        raise Unusable(f"couldn't take in the cosignatures: {error}") from None
    return lambda path: note.to_bytes() if path == CHECKPOINT else fetch(path)


def _promises(path: Path) -> list[Given]:
    """One promise, or one on each line, each once. Raises Unusable."""
    lines = dict.fromkeys(content(path).splitlines())
    try:
        return [
            Given(path.name if len(lines) == 1 else f"{path.name}:{n}", parse(line)) for n, line in enumerate(lines, 1)
        ]
    except NotAPromise as error:
        raise Unusable(f"{path} holds no promises, one on each line: {error}") from None


def _signed_at(found: Verdict, ask: VerifyOptions) -> int:
    """What was promised for later than the log's newest signature can't stand in it yet."""
    time = Head.read(found.head, ask.vkeys).time_until(ask.until) if found.ok else None
    return ask.now if time is None else time


def meter(stream: TextIO) -> Progress:
    """Shows on a terminal how far it is; anywhere else nothing."""

    def show(done: int, of: int) -> None:
        if done == of or done * 50 // of != (done - 256) * 50 // of:
            stream.write(f"\r{done * 100 // of:3} %" if done < of else "\r     \r")
            stream.flush()

    return show if stream.isatty() else lambda done, of: None


def required(found: Verdict, strength: str | None) -> Verdict:
    """A good verdict that is weaker than asked for is none."""
    if strength is None or not found.ok or found.strength == "强":
        return found
    return replace(found, fault=Fault("STRENGTH", f"未发现篡改，但核验强度为{found.strength}，不足所要求的强"))


def _answer_one(question: VerifyRequest, vkeys: list[Vkey], policy: Policy | None) -> Verdict:
    if question.proof is None or question.entry is None or question.folder is not None:
        raise Unusable("--proof goes with --entry, and without FOLDER")
    _refuse("--proof is about one entry", _whole_log(question))
    given = [one for path in question.promises for one in _promises(path)]
    if question.promises and not given:
        raise Unusable("--promise names files without any promise in them")
    proof, entry, max_age = content(question.proof), content(question.entry), seconds(question.max_age)
    return verify_one(proof, entry, vkeys, policy, max_age=max_age, now=int(time.time()), promises=given)


def _policy(question: VerifyRequest) -> Policy | None:
    """From a file, or from the witnesses on the command line: all of them unless --quorum says how many."""
    if question.policy is not None:
        if question.witnesses or question.quorum is not None:
            raise Unusable("--policy says which witnesses count: not together with --witness or --quorum")
        try:
            return Policy.parse(content(question.policy))
        except NotAPolicy as error:
            raise Unusable(f"{question.policy} is no policy: {error}") from None
    if not question.witnesses:
        if question.quorum is not None:
            raise Unusable("--quorum says how many of the witnesses are enough: name them with --witness")
        return None
    try:
        return Policy.of_witnesses(vkeys_of(question.witnesses), question.quorum)
    except NotAPolicy as error:
        raise Unusable(f"the keys given with --witness, or --quorum, can't be used: {error}") from None


def _refuse_own_witness(vkeys: Sequence[Vkey], policy: Policy | None) -> None:
    """Raises Unusable: what the log signs itself is no second pair of eyes, under whatever name."""
    own = {vkey.public for vkey in vkeys}
    for witness in policy.witnesses if policy else ():
        if witness.vkey.public in own:
            raise Unusable(f"{witness.vkey.label} is a key of the log itself, so it can't be a witness of it")


def _recalled(path: Path | None) -> list[bytes]:
    """What was remembered; nothing before the first good verdict."""
    return [content(each) for each in (path, before(path)) if each.exists()] if path is not None else []


def _remember(path: Path, found: Verdict) -> None:
    try:
        remember(path, found)
    except OSError as error:
        raise Unusable(f"the verdict was good, but {path} can't be written: {error.strerror}") from None
