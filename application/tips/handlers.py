"""Tips: what people report, on its way to a town, to problems in the ledger, or to an answer. 问题线索"""

from __future__ import annotations

from uuid import UUID, uuid4

from application.campaign.documents import in_force
from application.core.ledger import Handlers, Ledger, Pending, Receipt
from application.core.own_words import in_own_words
from application.core.permissions import must_reach, refuse_early
from application.log.append_batch import SideRow
from application.problems.evidence import keep
from application.problems.handlers import opened
from application.registers.registers import unit_of
from application.tips.commands import (
    AcceptTip,
    AcknowledgeTip,
    AnswerTip,
    AssignTip,
    DeclineTip,
    OnTip,
    RegisterTip,
    ReturnTip,
    TurnTipIntoProblems,
    VerifyTip,
    WithdrawTips,
)
from application.vault.tips import TipFile
from domain import laws
from domain.base import Aggregate
from domain.campaign.documents import Calendar
from domain.errors import Conflict, RuleBroken
from domain.estates.estate import Estate
from domain.tips import answer_term
from domain.tips.lead import Lead
from domain.tips.tip import Tip
from domain.values import CITY

AT_INTAKE = "登记时注明：反映该单位自身的问题"
LONGEST = 50_000  # characters of a tip's text: it lies in the vault, not in the log


def register_tip(command: RegisterTip, ledger: Ledger) -> Receipt:
    try:
        return submit_tip(command, ledger).wait()
    except Conflict:
        raise Conflict("此来源编号的线索已登记过，无需重复登记；可在问题线索中按来源编号查询") from None


def submit_tip(command: RegisterTip, ledger: Ledger) -> Pending:
    """Register without waiting. A known source and number is refused by the vault's own unique key: Conflict."""
    text = command.text.strip()
    if not text:
        raise RuleBroken("请填写线索内容")
    if len(text) > LONGEST:
        raise RuleBroken(f"线索内容最多 {LONGEST} 字，现有 {len(text)} 字")
    tip, who = uuid4(), {"reporter": command.reporter, "contact": command.contact}
    if command.accuses_official:
        lead = Lead.refer(id=tip, day=ledger.today, actor=command.actor)
        beside = ledger.vault.tips.seal_lead(tip, text=text, **who)
        return ledger.submit(lead, command=command, beside=(*beside, *_source(command, ledger, tip)))
    files = [TipFile(upload.media_type, upload.content) for upload in command.files]
    commits, blobs = ledger.vault.tips.seal(tip, text=text, files=files, **who)
    registered = Tip.register(
        id=tip,
        channel=command.channel,
        received_on=command.received_on,
        today=ledger.today,
        commits=commits,
        answer_due_on=answer_term.due(
            command.channel, command.received_on, in_force(ledger, Calendar, ledger.day_of(command)).days
        ),
        import_={"batch": str(command.batch), "row": command.row} if command.batch else None,
        actor=command.actor,
    )
    if command.against:
        registered.recuse(unit=unit_of(ledger, command.against).code, reason=AT_INTAKE, actor=command.actor)
    return ledger.submit(registered, command=command, beside=(*blobs, *_source(command, ledger, tip)))


def _source(command: RegisterTip, ledger: Ledger, tip: UUID) -> tuple:
    if not command.source:
        return ()
    key = ledger.vault.tips.source_key(command.source, command.number, command.text)
    return (ledger.vault.tips.remember_source(key, tip, command.id),)


def tip_of(command: OnTip, ledger: Ledger) -> Tip:
    """The tip as the person saw it. Raises NotFound where it is out of their reach, Conflict where it has moved on."""
    tip = ledger.fetch(Tip, command.tip, seen=command.seen)
    must_reach(command.actor, tip.unit or CITY)
    return tip


def accept_tip(command: AcceptTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    in_own_words(ledger, tip.id, command.note, command.summary)
    if command.estate is not None:
        ledger.fetch(Estate, command.estate)
    tip.accept(
        item=command.item,
        note=command.note,
        basis=laws.of_item(command.item),
        summary=command.summary,
        estate=str(command.estate) if command.estate else None,
        actor=command.actor,
    )
    return ledger.commit(tip, command=command)


def decline_tip(command: DeclineTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    in_own_words(ledger, tip.id, command.reason, command.turn_to)
    act = "out_of_scope" if command.turn_to else "decline"
    basis = laws.ground(act, command.basis)
    tip.decline(reason=command.reason, basis=basis, turn_to=command.turn_to, actor=command.actor)
    return ledger.commit(tip, command=command)


def assign_tip(command: AssignTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    if unit_of(ledger, command.unit).kind != "town":
        raise RuleBroken("线索只能交办给镇（街道）")
    in_own_words(ledger, tip.id, command.note)
    tip.assign(
        unit=command.unit,
        due_on=command.due_on,
        today=ledger.today,
        note=command.note,
        basis=_why_this_town(command, ledger),
        actor=command.actor,
    )
    return ledger.commit(tip, command=command)


def _why_this_town(command: AssignTip, ledger: Ledger) -> str:
    """The register's word, where the estate is known, and the notice's. Raises RuleBroken: another town, and no word why."""
    if command.estate is None:
        return laws.ASSIGNING
    estate = ledger.fetch(Estate, command.estate)
    registered = f"小区“{estate.name}”登记于{unit_of(ledger, estate.unit).name}"
    if estate.unit != command.unit and not (command.note or "").strip():
        raise RuleBroken(f"{registered}，与所选镇（街道）不同；请改选，或在说明中写明理由")
    return f"{registered}；{laws.ASSIGNING}"


def acknowledge_tip(command: AcknowledgeTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    tip.acknowledge(actor=command.actor)
    return ledger.commit(tip, command=command)


def return_tip(command: ReturnTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    in_own_words(ledger, tip.id, command.reason)
    tip.return_(
        reason=command.reason,
        basis=laws.ground("return", command.basis),
        unit=CITY,
        today=ledger.today,
        working_days=in_force(ledger, Calendar, ledger.day_of(command)).days,
        actor=command.actor,
    )
    return ledger.commit(tip, command=command)


def verify_tip(command: VerifyTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    refuse_early(command.actor, ["tip.verified"])
    in_own_words(ledger, tip.id, command.finding)
    if command.estate is not None:
        must_reach(command.actor, ledger.fetch(Estate, command.estate).unit)
    evidence, beside = keep(ledger, command.evidence)
    tip.verify(
        result=command.result,
        finding=command.finding,
        estate=str(command.estate) if command.estate else None,
        evidence=evidence,
        actor=command.actor,
    )
    return ledger.commit(tip, command=command, beside=beside)


def turn_tip_into_problems(command: TurnTipIntoProblems, ledger: Ledger) -> Receipt:
    """All problems and the tip's own event in one act; a number taken meanwhile only means the next one."""
    refuse_early(command.actor, ["problem.opened"])
    while True:
        tip = tip_of(command, ledger)
        for each in command.problems:
            mended = each.mended.note if each.mended else None
            in_own_words(ledger, tip.id, each.title, each.description, each.measures, mended)
        beside: list[SideRow] = []
        problems: list[Aggregate] = [
            opened(each, ledger, command.actor, tip=tip.id, after=n, beside=beside)
            for n, each in enumerate(command.problems)
        ]
        tip.become_problems(problems=[str(problem.id) for problem in problems], actor=command.actor)
        try:
            return ledger.commit(*problems, tip, command=command, beside=beside)
        except Conflict:
            if not any(ledger.exists(problem.id) for problem in problems):
                raise


def answer_tip(command: AnswerTip, ledger: Ledger) -> Receipt:
    tip = tip_of(command, ledger)
    in_own_words(ledger, tip.id, command.answer)
    tip.answer(answer=command.answer, actor=command.actor)
    return ledger.commit(tip, command=command)


def withdraw_tips(command: WithdrawTips, ledger: Ledger) -> Receipt:
    """What was withdrawn may be registered again: the rows that it came from are unknown from now on."""
    tips = [ledger.fetch(Tip, id) for id in command.tips]
    for tip in tips:
        must_reach(command.actor, tip.unit or CITY)
        tip.withdraw(reason=command.reason, actor=command.actor)
    released = [ledger.vault.tips.release_source(tip.id) for tip in tips]
    return ledger.commit(*tips, command=command, beside=released)


HANDLERS: Handlers = {
    RegisterTip: register_tip,
    AcceptTip: accept_tip,
    DeclineTip: decline_tip,
    AssignTip: assign_tip,
    AcknowledgeTip: acknowledge_tip,
    ReturnTip: return_tip,
    VerifyTip: verify_tip,
    TurnTipIntoProblems: turn_tip_into_problems,
    AnswerTip: answer_tip,
    WithdrawTips: withdraw_tips,
}
