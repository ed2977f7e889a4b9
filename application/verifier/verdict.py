"""核验结论: what was found, how strong it is, what it proves and what it does not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import application.verifier.verdict_text as words
from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.messages_en import english
from application.verifier.pack.cover import Cover
from application.verifier.rules.entry_check import Fault
from application.verifier.rules.log_facts import Opened

UNJUDGED, CANNOT_TELL = "RULES_LEVEL", 3  # the log is neither good nor bad: its rules are of a language not known here
TITLES = {
    "zh": ("证明了：", "没有证明：", "未核对：", "请留意：", "另外发现："),
    "en": ("This proves:", "This does not prove:", "Not checked:", "Take note:", "Found besides:"),
}
ROOT = {"zh": "根哈希：", "en": "Root hash: "}
WHOLE, PACK, ONE = "log", "pack", "entry"
LONGEST = 400  # characters of one sentence


@dataclass(frozen=True)
class Verdict:
    """`strength`: 强 (witnesses, an earlier checkpoint and genesis), 中 (some of them), 弱 (log key only).

    `fault` is the first thing wrong, `further` what was found besides; `head` are the bytes of the checkpoint that was
    verified; `frozen` the index of the event that ended the log; `witnessed` the size of the newest checkpoint in the folder
    that enough witnesses have signed, 0 if nobody asked. `entries`: how many of the log's were at hand, None if all. `asked` is the
    question that was answered: WHOLE log, PACK of entries, or ONE entry; `cover` what may be printed of a good pack.
    `opened`: what the first entry says, None where it was not at hand; `signed_at`: the newest time in the log's own lines;
    `witnesses` signed this very checkpoint; `earlier` are the sizes of the checkpoints it was held against; `notices`: what is
    right by the log's own rules, and must be known all the same.
    """

    fault: Fault | None
    checkpoint: Checkpoint | None = None
    strength: str = "弱"
    unchecked: tuple[str, ...] = ()
    further: tuple[Fault, ...] = ()
    proved: tuple[tuple[str, str], ...] = ()
    head: bytes = b""
    frozen: int | None = None
    witnessed: int = 0
    entries: int | None = None
    asked: str = WHOLE
    cover: Cover | None = None
    opened: Opened | None = None
    signed_at: int | None = None
    witnesses: tuple[tuple[str, int], ...] = ()
    earlier: tuple[int, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def is_training(self) -> bool:
        """Nothing in it is an official record."""
        return self.opened is not None and self.opened.mode != "production"

    @property
    def ok(self) -> bool:
        return self.fault is None

    @property
    def status(self) -> int:
        """How a command ends that says this: 0 yes, 1 no, 3 where this program can't tell."""
        return 0 if self.ok else CANNOT_TELL if self.fault is not None and self.fault.code == UNJUDGED else 1

    @property
    def sentence(self) -> str:
        return self.said("zh")

    def said(self, language: str) -> str:
        """The verdict in one line."""
        size = self.checkpoint.size if self.checkpoint else 0
        if self.fault is not None:
            wrong = described(self.fault, language)
            if self.fault.code == UNJUDGED:
                return f"无法判断：{wrong}" if language == "zh" else f"CANNOT JUDGE: {wrong}"
            return f"核验不通过：{wrong}" if language == "zh" else f"NOT VERIFIED: {wrong}"
        if self.entries is not None:
            return self._of_some(size, language)
        if language == "zh":
            training = "（演练日志）" if self.is_training else ""
            end = "" if self.frozen is None else f"；日志已于第 {self.frozen + 1} 条冻结"
            return f"核验通过{training}：共 {size} 条，未发现篡改（核验强度：{self.strength}）{end}"
        end = "" if self.frozen is None else f"; the log was frozen with entry {self.frozen + 1}"
        strength = words.STRENGTHS[self.strength]
        training = " (training log)" if self.is_training else ""
        return f"verified{training}: {size} entries, nothing was altered (strength: {strength}){end}"

    def _of_some(self, size: int, language: str) -> str:
        if language == "zh":
            training = "（演练日志）" if self.is_training else ""
            return (
                f"核验通过{training}：所附 {self.entries} 条在这份共 {size} 条的日志中，"
                f"未发现篡改（核验强度：{self.strength}）"
            )
        training = " (training log)" if self.is_training else ""
        these = "1 entry stands" if self.entries == 1 else f"{self.entries} entries stand"
        strength = words.STRENGTHS[self.strength]
        return f"verified{training}: {these} in the log of {size}, nothing was altered (strength: {strength})"

    def _parts(self, language: str) -> tuple[list[str], list[str], list[str]]:
        """What is proved, what nobody can prove so, and what was left unchecked."""
        proved = words.each(self.proved, language) if self.ok else []
        return proved, words.each(words.NOT_PROVED, language), self._noted(self.unchecked, language)

    @staticmethod
    def _noted(texts: Sequence[str], language: str) -> list[str]:
        return [shown(words.note(text, language)) for text in texts]

    def about(self, language: str) -> list[str]:
        """Which log this is about, and by whose signatures, when."""
        if self.checkpoint is None:
            return []
        mode = words.MODES["" if self.opened is None else self.opened.mode if not self.is_training else "training"]
        told = [words.log(shown(self.checkpoint.origin), mode), words.checkpoint(self.checkpoint.size, self.signed_at)]
        if self.opened is not None and self.opened.continues is not None:
            origin, size = self.opened.continues
            told.append(words.continues(shown(origin), size))
        told += [words.witness(shown(name), time) for name, time in self.witnesses]
        told += [words.earlier(size) for size in self.earlier]
        return words.each(told, language)

    def lines(self, language: str) -> Iterator[str]:
        """What stands above the verdict."""
        proved, missing, unchecked = self._parts(language)
        further = [described(fault, language) for fault in self.further]
        notices = self._noted(self.notices, language)
        yield from self.about(language)
        parts = (proved, missing if self.ok else [], unchecked, notices, further)
        for title, texts in zip(TITLES[language], parts, strict=True):
            if texts:
                yield title
                yield from (f"  · {text}" for text in texts)

    def told(self, languages: Sequence[str]) -> Iterator[str]:
        """Everything but the last line, which is the verdict in the first of these languages."""
        for language in reversed(languages):
            yield words.asked(self.asked, language)
            yield from self.lines(language)
            if self.ok and self.checkpoint is not None:
                yield f"{ROOT[language]}{self.checkpoint.root.hex()}"
            if language != languages[0]:
                yield self.said(language)
                yield ""

    def members(self) -> dict[str, Any]:
        """For machines; each list of sentences also in English, in the same order."""
        fault, told = self.fault, dict[str, list[str]]()
        for language, end in (("zh", ""), ("en", "_en")):
            told |= zip((f"proved{end}", f"not_proved{end}", f"unchecked{end}"), self._parts(language), strict=True)
            told[f"notices{end}"] = self._noted(self.notices, language)
            told[f"about{end}"] = self.about(language)
        opened = self.opened
        return {
            "origin": self.checkpoint.origin if self.checkpoint else None,
            "mode": opened.mode if opened else None,
            "continues": dict(zip(("origin", "size"), opened.continues, strict=True))
            if opened and opened.continues
            else None,
            "signed_at": self.signed_at,
            "witnesses": [{"name": name, "time": time} for name, time in self.witnesses],
            "earlier": list(self.earlier),
            "question": self.asked,
            "code": fault.code if fault else None,
            "index": fault.index if fault else None,
            "position": fault.index + 1 if fault and fault.index is not None else None,
            "verdict_en": self.said("en"),
            "size": self.checkpoint.size if self.checkpoint else None,
            "root": self.checkpoint.root.hex() if self.checkpoint else None,
            "strength": self.strength,
            "strength_en": words.STRENGTHS[self.strength],
            **told,
            "further": [
                {"code": each.code, "index": each.index, "sentence": each.sentence}
                | {"sentence_en": shown(english(each.sentence))}
                for each in self.further
            ],
            "frozen": self.frozen,
            "witnessed": self.witnessed,
            "entries": self.entries,
        }


def described(fault: Fault, language: str) -> str:
    if language == "zh":
        place = "" if fault.index is None else f"第 {fault.index + 1} 条："
        return f"{place}{shown(fault.sentence)} [{fault.code}]"
    place = "" if fault.index is None else f"entry {fault.index + 1}: "
    return f"{place}{shown(english(fault.sentence))} [{fault.code}]"


def shown(sentence: str) -> str:
    """What an entry brought into it is shown in part only, and without what would move a terminal's cursor."""
    told = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in sentence[: LONGEST + 1])
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"
