"""Words of the notice for what the log writes in English: {{ tip.channel | word("channel") }}. 用语"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, g
from flask_babel import gettext

from domain.campaign.actions import STATES as DOCUMENT_STATES
from domain.campaign.documents import KINDS as DOCUMENTS
from domain.data import read
from domain.deductions.actions import STATES as DEDUCTION_STATES
from domain.deductions.deduction import WAYS as SERVED_WAYS
from domain.departments import lead_of
from domain.disclosures.actions import STATES as DISCLOSURE_STATES
from domain.disclosures.disclosure import FIELDS as DISCLOSED
from domain.estates.estate import KINDS as ESTATE_KINDS
from domain.glossary import EVENTS
from domain.problems.actions import STATES as PROBLEM_STATES
from domain.problems.values import CAUSES, FOUND_BY, KINDS
from domain.roles import ROLES
from domain.tips.actions import STATES as TIP_STATES
from domain.tips.tip import CHANNELS, INFORMATION, REOPENED_FOR, RESULTS
from interface.i18n.locales import N_
from projections.documents import CatalogueItem

HAPPENINGS = {
    "tip.registered": N_("线索已登记"),
    "tip.accepted": N_("线索已受理"),
    "tip.declined": N_("线索不予受理"),
    "tip.assigned": N_("线索已交办"),
    "tip.acknowledged": N_("线索已签收"),
    "tip.returned": N_("线索已退回"),
    "tip.verified": N_("线索核查已办结"),
    "tip.became_problems": N_("线索已转问题"),
    "tip.answered": N_("线索已答复反馈"),
    "tip.withdrawn": N_("线索已撤回"),
    "tip.taken_up": N_("线索已自办"),
    "tip.recalled": N_("线索已收回"),
    "tip.reassigned": N_("线索已改派"),
    "tip.joined_problem": N_("线索已并入问题"),
    "tip.reporter_informed": N_("举报人已告知"),
    "tip.reopened": N_("线索已重新办理"),
    "tip.urgent_marked": N_("线索已列为紧急"),
    "lead.referred": N_("检举线索已转送"),
    "tip.unit_recused": N_("线索已回避"),
    "tip.shredding_proposed": N_("线索已提请销毁"),
    "tip.shredded": N_("线索内容已销毁"),
    "disclosure.requested": N_("已申请打开身份"),
    "disclosure.approved": N_("已批准打开身份"),
    "disclosure.declined": N_("未批准打开身份"),
    "disclosure.opened": N_("身份已打开"),
    "tip.supplemented": N_("举报人已补充材料"),
    "problem.opened": N_("问题已入账"),
    "problem.assigned": N_("问题已交办"),
    "problem.corrected": N_("问题登记已更正"),
    "problem.owner_changed": N_("责任人已变更"),
    "problem.step_recorded": N_("整改步骤已记录"),
    "problem.completion_reported": N_("整改完成已报告"),
    "problem.rectification_verified": N_("整改核查通过"),
    "problem.rectification_refused": N_("整改核查不通过"),
    "problem.closed": N_("问题已销号"),
    "problem.voided": N_("问题已作废"),
    "problem.rectified_at_once": N_("已当场整改"),
    "problem.closure_refused": N_("销号审核退回"),
    "problem.urged": N_("问题已催办"),
    "problem.extension_requested": N_("已申请延期"),
    "problem.extension_granted": N_("延期已批准"),
    "problem.extension_refused": N_("延期未批准"),
    "problem.paused": N_("整改已暂停"),
    "problem.resumed": N_("整改已恢复"),
    "problem.reopened": N_("问题已重开"),
    "problem.closure_revoked": N_("销号已撤销"),
    "deduction.proposed": N_("扣分已提请"),
    "deduction.decided": N_("扣分已决定"),
    "deduction.served": N_("告知单已送达"),
    "deduction.declined": N_("扣分未采纳"),
    "document.proposed": N_("依据文件已提请采用"),
    "document.adopted": N_("依据文件已采用"),
    "document.declined": N_("依据文件未采用"),
}
OF_ACCOUNTS = {
    "person.named": EVENTS["PersonNamed"],
    "official.enrolled": EVENTS["OfficialEnrolled"],
    "official.retired": EVENTS["OfficialRetired"],
    "role.granted": EVENTS["RoleGranted"],
    "role.withdrawn": EVENTS["RoleWithdrawn"],
    "key.enrolled": EVENTS["KeyEnrolled"],
    "key.rotated": EVENTS["KeyRotated"],
    "key.revoked": EVENTS["KeyRevoked"],
    "credential.set": EVENTS["CredentialSet"],
    "credential.reset": EVENTS["CredentialReset"],
    "second_factor.enrolled": EVENTS["SecondFactorEnrolled"],
    "second_factor.recovery_renewed": EVENTS["SecondFactorRecoveryRenewed"],
    "second_factor.removed": EVENTS["SecondFactorRemoved"],
}
CARDS = {
    "tips_to_screen": N_("待研判"),
    "tips_returned": N_("退回待处理"),
    "tips_to_assign": N_("待交办"),
    "tips_to_acknowledge": N_("待签收"),
    "tips_to_verify": N_("待核查线索"),
    "tips_to_answer": N_("已核查待答复"),
    "tips_overdue": N_("逾期线索"),
    "tips_receipt_overdue": N_("逾期未签收"),
    "tips_answer_overdue": N_("逾期未答复"),
    "problems_to_assign": N_("待交办问题"),
    "problems_to_handle": N_("整改中"),
    "problems_refused": N_("核查退回"),
    "problems_to_verify": N_("待核查问题"),
    "problems_to_close": N_("待销号"),
    "problems_due_soon": N_("即将到期"),
    "problems_overdue": N_("逾期问题"),
    "problems_urged": N_("已催办未办"),
    "extensions_to_decide": N_("待审批延期"),
    "closures_revoked": N_("撤销销号"),
    "deductions_to_decide": N_("待决定扣分"),
    "deductions_to_serve": N_("待送达告知单"),
    "disclosures_to_decide": N_("待批准打开身份"),
    "shreddings_to_decide": N_("待批准销毁"),
}
WORDS: dict[str, dict[str, str]] = {
    "role": ROLES,
    "channel": CHANNELS,
    "result": RESULTS,
    "document": DOCUMENTS,
    "document_state": DOCUMENT_STATES,
    "information": INFORMATION,
    "reopened_for": REOPENED_FOR,
    "tip_state": TIP_STATES,
    "problem_state": PROBLEM_STATES,
    "kind": KINDS,
    "cause": CAUSES,
    "found_by": FOUND_BY,
    "estate_kind": ESTATE_KINDS,
    "deduction_state": DEDUCTION_STATES,
    "served_way": SERVED_WAYS,
    "disclosed": DISCLOSED,
    "disclosure_state": DISCLOSURE_STATES,
    "happening": HAPPENINGS | OF_ACCOUNTS,
    "card": CARDS,
}
TONES = {
    "registered": "violet",
    "accepted": "blue",
    "assigned": "violet",
    "acknowledged": "blue",
    "returned": "red",
    "verified": "blue",
    "declined": "grey",
    "became_problems": "green",
    "answered": "green",
    "withdrawn": "grey",
}
PROBLEM_TONES = {
    "opened": "violet",
    "assigned": "blue",
    "rectifying": "blue",
    "reported": "violet",
    "refused": "red",
    "verified": "violet",
    "closed": "green",
    "reopened": "red",
    "voided": "grey",
}


def word(value: str | None, kind: str) -> str:
    """The word for a value; a value that no list knows is shown as it stands."""
    return "—" if value is None else gettext(WORDS[kind].get(value, value))


def choices(kind: str) -> list[tuple[str, str]]:
    """(value, word) of a whole list, for a form: each word once, with the first value that it stands for."""
    values = {words: value for value, words in reversed(WORDS[kind].items())}
    return [(value, gettext(words)) for value, words in WORDS[kind].items() if values[words] == value]


def alike(values: Iterable[str], kind: str) -> tuple[str, ...]:
    """These values of a list, and all others that the same words stand for."""
    words = {WORDS[kind].get(value) for value in values}
    return tuple(value for value, word in WORDS[kind].items() if word in words)


def lead_department(item: str | None) -> tuple[str, str] | None:
    """The department that is proposed to lead on an item, and why."""
    lead = lead_of(item)
    return None if lead is None else (g.people.unit(lead.unit), f"{lead.reason}；{lead.note}")


def item_name(name: str | None) -> str | None:
    """A 整治条目 in the language of the page: the catalogue has its English name beside the other."""
    if name is None or g.language != "en":
        return name
    items = read("catalogue")["items"]
    return next((one["name_en"] for one in items if one["name"] == name), name)


def item_label(item: CatalogueItem) -> str:
    """As a form offers it."""
    return f"{item.code} {item_name(item.name)}"


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(word=word, item_name=item_name)
    app.jinja_env.globals.update(TONES=TONES, PROBLEM_TONES=PROBLEM_TONES, lead_department=lead_department)
