"""物业企业 and 住宅小区: registers; a company's credit balance with every event behind it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from application.registers import registers as commands
from domain.communities import of_town
from domain.errors import NotFound
from domain.problems.actions import OPEN
from interface.kit.fields import Choice, Line, Radio, Suggested
from interface.kit.filters import FilterForm
from interface.kit.forms import ActForm
from interface.kit.labels import choices
from interface.kit.offers import is_offered
from interface.kit.request_context import page_number, reading
from interface.kit.security import may_write, must_be_offered, sign_in_required
from interface.kit.submit import submit
from interface.web.problems.findings_form import companies as offered_companies
from projections import deductions as credit
from projections import registers
from projections.deductions import CompanyItem
from projections.query.page import SIZE, Page
from projections.registers import EstateItem

bp = Blueprint("companies", __name__, url_prefix="/companies")
bp.before_request(sign_in_required)
estates = Blueprint("estates", __name__, url_prefix="/estates")
estates.before_request(sign_in_required)


class Filters(FilterForm):
    text = Line(_("名称或代码"), needed=False)


class CompanyForm(ActForm):
    title = _("登记企业")
    name = Line(_("企业名称"), limit=80)
    code = Line(_("统一社会信用代码"), limit=18)


class EstateForm(ActForm):
    title = _("登记小区")
    name = Line(_("小区名称"), limit=80)
    unit = Choice(_("镇（街道）"))
    community = Suggested(_("社区（村）"), needed=False, limit=40, description=_("从列表中选择；不清楚可以不填"))
    kind = Radio(_("小区类型"))
    company = Choice(_("物业服务企业"), needed=False, empty=_("无"))


def _offered(topic: str) -> bool:
    return may_write() and is_offered(topic, g.actor.unit, g.actor)


def listed(cursor: Any, form: Filters, number: int, size: int = SIZE) -> Page[CompanyItem]:
    text = form.text.data if form.validate() else None
    return credit.companies(cursor, g.scope, text=text or None, day=g.day, at=g.at, page=number, size=size)


def estates_listed(cursor: Any, form: Filters, number: int, size: int = SIZE) -> Page[EstateItem]:
    text = form.text.data if form.validate() else None
    return registers.estates(cursor, g.scope, text=text or None, at=g.at, page=number, size=size)


@bp.get("")
def index() -> Any:
    form = Filters(formdata=request.args)
    with reading() as cursor:
        page = listed(cursor, form, page_number())
    return render_template(
        "companies/index.html",
        form=form,
        page=page,
        offered=_offered("company.registered"),
        OPEN=OPEN,
        whole=g.scope.whole,
    )


@bp.get("/<uuid:id>")
def show(id: UUID) -> Any:
    with reading() as cursor:
        balance = credit.balance(cursor, g.scope, str(id), day=g.day, at=g.at)
        if balance is None:
            raise NotFound(gettext("没有这家企业"))
        served = registers.estates(cursor, g.scope, company=str(id), size=5000, at=g.at).rows
    return render_template("companies/show.html", balance=balance, served=served, id=id, OPEN=OPEN)


@bp.route("/new", methods=["GET", "POST"])
def new() -> Any:
    must_be_offered(_offered("company.registered"))
    form = CompanyForm()
    answer = submit(
        form,
        lambda: commands.RegisterCompany(id=form.command, actor=g.actor, code=form.code.data, name=form.name.data),
        title=str(form.title),
        to=_registered,
    )
    return answer or (_form_page(form, "companies.index", _("物业企业")), form.status)


def _registered(receipt: Any) -> str:
    return url_for("companies.show", id=receipt.stream)


@estates.get("", endpoint="index")
def estate_index() -> Any:
    form = Filters(formdata=request.args)
    with reading() as cursor:
        page = estates_listed(cursor, form, page_number())
    return render_template("estates/index.html", form=form, page=page, offered=_offered("estate.registered"), OPEN=OPEN)


@estates.route("/new", methods=["GET", "POST"], endpoint="new")
def new_estate() -> Any:
    must_be_offered(_offered("estate.registered"))
    form = EstateForm()
    with reading() as cursor:
        towns = registers.units(cursor, g.scope, kind="town")
        form.unit.choices = [(one.code, one.short_name) for one in towns]
        form.company.choices = offered_companies(cursor)
    form.kind.choices = choices("estate_kind")
    form.community.suggestions = [name for one in towns for name in of_town(one.code)]
    answer = submit(
        form,
        lambda: commands.RegisterEstate(
            id=form.command,
            actor=g.actor,
            name=form.name.data,
            unit=form.unit.data,
            community=form.community.data or None,
            kind=form.kind.data,
            company=UUID(form.company.data) if form.company.data else None,
        ),
        title=str(form.title),
        to=url_for("estates.index"),
    )
    return answer or (_form_page(form, "estates.index", _("住宅小区")), form.status)


def _form_page(form: ActForm, back: str, words: Any) -> str:
    return render_template("companies/new.html", form=form, back=back, words=words)
