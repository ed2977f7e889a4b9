"""Tips from the public page: sealed and promised at once, in the log at the next full hour, in random order. 网上举报

Time and place in the log tell the batch and not the person (docs/format.md §10.5).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from random import SystemRandom
from typing import Any
from uuid import UUID, uuid4

from application.core.command import Command
from application.core.ledger import Handlers, Ledger, Receipt
from application.platform.clock import rfc3339
from application.registers.registers import unit_of
from application.vault.code_check import is_right, keyed, slow
from application.vault.public_tips import Known, PublicBox, Waiting
from application.vault.query_code import QueryCode
from application.vault.tips import TipFile
from application.verifier.formats.promise import make
from domain.errors import Conflict, Refusal, RuleBroken, Unavailable
from domain.text import is_blank
from domain.tips.lead import Lead
from domain.tips.tip import Tip
from domain.values import CITY, Actor

JOB = Actor("system:register_public_tips", "system", CITY)
PUBLIC = Actor("public:tip", "public", CITY)
HOUR = timedelta(hours=1)
LONGEST, MOST_MORE = 5_000, 20
BY_REPORTER = "举报人注明：反映该单位自身的问题"
AT_ONCE = "刚才有另一份材料同时提交，请再提交一次"
Gate = Callable[[], object]  # passed before anything new is kept, and not by what was sent before


@dataclass(frozen=True, kw_only=True)
class RegisterPublicTip(Command):
    """登记网上举报: its words lie in the vault already; `against` is the unit that it complains about."""

    tip: UUID
    received_on: date
    commits: dict[str, str]
    against: str = ""


@dataclass(frozen=True, kw_only=True)
class SupplementTip(Command):
    """登记补充材料"""

    tip: UUID
    received_on: date
    commits: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ReferLead(Command):
    """转送检举线索: the letter lies sealed in the vault already."""

    lead: UUID
    received_on: date


@dataclass(frozen=True)
class Files:
    """What came beside the words: its SHA-256 as it came, and what is kept of it, asked for only once nothing else is wrong."""

    digests: Sequence[str] = ()
    cleaned: Callable[[], list[TipFile]] = list


NO_FILES = Files()


@dataclass(frozen=True)
class Handed:
    """What the reporter takes away; the code is kept nowhere."""

    code: QueryCode
    promise: bytes


def register_public_tip(command: RegisterPublicTip, ledger: Ledger) -> Receipt:
    tip = Tip.register(
        id=command.tip,
        channel="web",
        received_on=command.received_on,
        today=ledger.today,
        commits=command.commits,
        actor=command.actor,
    )
    if command.against and _may_recuse(ledger):
        tip.recuse(unit=unit_of(ledger, command.against).code, reason=BY_REPORTER, actor=command.actor)
    return ledger.commit(tip, command=command, beside=(PublicBox.registered(command.id),))


def _may_recuse(ledger: Ledger) -> bool:
    """Older rules leave it to a person, who reads the unit's name in the words: no promise may wait for newer ones."""
    return JOB.role in ledger.authority().rules["tip.unit_recused"]["roles"]


def supplement_tip(command: SupplementTip, ledger: Ledger) -> Receipt:
    tip = ledger.fetch(Tip, command.tip)
    tip.supplement(received_on=command.received_on, commits=command.commits, actor=command.actor)
    return ledger.commit(tip, command=command, beside=(PublicBox.registered(command.id),))


def refer_lead(command: ReferLead, ledger: Ledger) -> Receipt:
    lead = Lead.refer(id=command.lead, day=command.received_on, actor=command.actor)
    return ledger.commit(lead, command=command, beside=(PublicBox.registered(command.id),))


def hand_in(
    ledger: Ledger,
    form: str,
    text: str,
    who: tuple[str, str],
    files: Files = NO_FILES,
    *,
    against: str = "",
    digest: Callable[[QueryCode], str] = slow,
    gate: Gate = bool,
) -> Handed:
    """A tip, answered with its code and promise; `form` is the form's own random name: the same sent twice is one tip.

    `who` is (name, contact), `against` the unit that it complains about, `digest` hashes a code slowly. Sent several times
    at once, it is one tip too, and each is answered alike.
    """
    text, box, secrets = _text(text), PublicBox(ledger.vault.database), ledger.vault.tips.secrets
    sent = _sent(form, text, *who, against, files=files)
    for attempt in range(8):
        code = QueryCode.of(secrets.digest("query code", f"{sent}/{attempt}".encode()))
        known = box.find(code.locator)
        if known is None:
            gate()
            try:
                return Handed(code, _keep(ledger, box, code, (text, who, files.cleaned(), against), digest(code)))
            except Conflict:  # the same was being taken in another request, or another tip has this locator
                known = box.find(code.locator)
        if known is not None and is_right(secrets, known, code):
            return Handed(code, known.promise)
    raise Conflict(AT_ONCE)


def _keep(ledger: Ledger, box: PublicBox, code: QueryCode, told: tuple, secret: str) -> bytes:
    tip, due = uuid4(), _due(ledger)
    text, who, files, against = told
    commits, blobs = ledger.vault.tips.seal(tip, text=text, reporter=who[0], contact=who[1], files=files)
    day = ledger.today.isoformat()
    promise = make(
        log=ledger.origin,
        commits=commits,
        received_on=day,
        promised_by=rfc3339(due + HOUR),
        signer=ledger.keys.service,
    )
    members = {"received_on": day, "commits": commits, **({"against": against} if against else {})}
    known = Known(code.locator, secret, tip, promise, keyed(ledger.vault.tips.secrets, code))
    box.put("tip", tip, members, due, blobs, known)
    return promise


def hand_in_lead(ledger: Ledger, form: str, text: str, who: tuple[str, str], gate: Gate = bool) -> None:
    """A tip that accuses an official: sealed to the commission, known here by its day only; the same sent twice is one."""
    text = _text(text)
    sent = _sent(form, text, *who)
    if (command := _once(ledger, "lead", sent)) is None:
        return
    gate()
    lead, day = uuid4(), ledger.today.isoformat()
    blobs = ledger.vault.tips.seal_lead(lead, text=text, reporter=who[0], contact=who[1])
    with _or_sent_before(ledger, "lead", sent):
        PublicBox(ledger.vault.database).put("lead", lead, {"received_on": day}, _due(ledger), blobs, command=command)


def add(ledger: Ledger, form: str, tip: UUID, text: str, files: Files = NO_FILES, gate: Gate = bool) -> None:
    """Material that comes later; it waits for the next full hour like the tip did, and the same sent twice is one."""
    text, box = _text(text), PublicBox(ledger.vault.database)
    sent = _sent(form, str(tip), text, files=files)
    if (command := _once(ledger, "supplement", sent)) is None:
        return
    number = box.count_of(tip) + 1
    if number > MOST_MORE:
        raise RuleBroken(f"一件线索最多补充 {MOST_MORE} 次材料，请电话联系承办单位")
    gate()
    commits, blob = ledger.vault.tips.seal_more(tip, number, text=text, files=files.cleaned())
    members = {"received_on": ledger.today.isoformat(), "commits": commits}
    with _or_sent_before(ledger, "supplement", sent):
        box.put("more", tip, members, _due(ledger), (blob,), command=command)


@contextmanager
def _or_sent_before(ledger: Ledger, purpose: str, sent: str) -> Iterator[None]:
    """A Conflict is none where what stood in the way is the same, sent in the same moment."""
    try:
        yield
    except Conflict:
        if _once(ledger, purpose, sent) is not None:
            raise


def _sent(form: str, *told: str, files: Files = NO_FILES) -> str:
    """The form as it was filled in: altered and sent again it is another act, and nothing that was told is dropped."""
    return sha256(json.dumps([form, *told, *files.digests]).encode()).hexdigest()


def _once(ledger: Ledger, purpose: str, sent: str) -> UUID | None:
    """The command that this becomes, or None if it was sent before."""
    command = UUID(bytes=ledger.vault.tips.secrets.digest(purpose, sent.encode())[:16], version=4)
    known = PublicBox(ledger.vault.database).is_waiting(command) or ledger.table.known(command) is not None
    return None if known else command


def _text(text: str) -> str:
    text = text.strip()
    if is_blank(text):
        raise RuleBroken("请填写线索内容")
    return text


def _due(ledger: Ledger) -> datetime:
    """The next full hour; a training log takes it in at once. Raises Unavailable: nothing is promised that can't be kept."""
    if (refusal := refusal_to_promise(ledger)) is not None:
        raise refusal
    hour = ledger.clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour if ledger.mode == "training" else hour + HOUR


def refusal_to_promise(ledger: Ledger) -> Unavailable | None:
    """Why nothing can be promised now, in a sentence that says where to turn."""
    if ledger.is_frozen:
        return Unavailable("本系统的日志已冻结，不能再接收材料；请拨打 12345 反映")
    if not ledger.clock.may_promise or ledger.table.clock_fault(ledger.clock) is not None:
        return Unavailable(
            "服务器的时钟不对，现在不能出具收件承诺，因此暂不收件；请过一会儿再提交，或拨打 12345（检举公职人员拨打 12388）反映"
        )
    return None


def register_public_tips(ledger: Ledger) -> int:
    """The job: whatever is due, in random order; a row leaves the vault in the transaction that writes its event."""
    waiting = PublicBox(ledger.vault.database).waiting(ledger.clock.now())
    SystemRandom().shuffle(waiting)
    waiting.sort(key=lambda one: one.kind == "more")  # what it adds to must stand in the log before it
    refused: list[Exception] = []
    for one in waiting:
        try:
            ledger.handle(_command(one))
        except Refusal as refusal:
            refused.append(refusal)  # it waits on, and keeps nobody else waiting
    if refused:
        raise refused[0]
    return len(waiting)


def _command(one: Waiting) -> Command:
    day = date.fromisoformat(one.members["received_on"])
    if one.kind == "lead":
        return ReferLead(id=one.command, actor=PUBLIC, lead=one.matter, received_on=day)
    members: dict[str, Any] = {"tip": one.matter, "received_on": day, "commits": one.members["commits"]}
    if one.kind == "more":
        return SupplementTip(id=one.command, actor=JOB, **members)
    return RegisterPublicTip(id=one.command, actor=JOB, against=one.members.get("against", ""), **members)


HANDLERS: Handlers = {
    RegisterPublicTip: register_public_tip,
    SupplementTip: supplement_tip,
    ReferLead: refer_lead,
}
