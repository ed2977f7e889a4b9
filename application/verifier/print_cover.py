"""`verify --print`: the cover of a pack that was found good, on the terminal or as a page for paper. Pure. 打印封面"""

from __future__ import annotations

from application.verifier.inputs import Unusable
from application.verifier.pack.cover import html, text
from application.verifier.request import VerifyRequest
from application.verifier.verdict import Verdict


def check_printable(question: VerifyRequest, for_machines: bool) -> None:
    """Raises Unusable where the cover would go nowhere, or into nothing."""
    if question.output is not None and not question.printed:
        raise Unusable("-o is where --print puts the cover: not without it")
    if question.printed and question.output is None and for_machines:
        raise Unusable("--print shows the cover to people: with --json put it into a file with -o")


def printed(question: VerifyRequest, found: Verdict) -> str:
    """What is shown above the verdict; empty where the cover went into a file, or none was asked for. Raises Unusable.

    Nothing is printed of a pack that is not good.
    """
    if not question.printed or found.cover is None:
        return ""
    if question.output is None:
        return text(found.cover)
    try:
        question.output.write_bytes(html(found.cover))
    except OSError as error:
        raise Unusable(f"the verdict was good, but {question.output} can't be written: {error.strerror}") from None
    return ""
