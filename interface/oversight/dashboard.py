"""核验结论: today's verdict, what it does not prove, and how far log, publishing and witnesses are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from application.platform.failures import OperatorError
from application.publication import witness_liveness
from interface.oversight import heads
from interface.oversight.request_context import reading, sign_in_required
from interface.oversight.verdict_store import STRENGTHS

bp = Blueprint("start", __name__)
bp.before_request(sign_in_required)
SHOWN, LOOKED_AT = 12, 50
STALE = timedelta(minutes=30)


@bp.get("/")
def index() -> str:
    with reading() as cursor:
        cursor.execute("SELECT size, recorded_at, clock_timestamp() FROM log.head")
        size, recorded_at, now = cursor.fetchone()
    given, newest, signed = g.verdicts.newest(), heads.newest(g.services.home), heads.latest(g.services.home, LOOKED_AT)
    times = [one.at for head in signed for one in head.witnesses if one.known]
    shown: dict[str, Any] = {
        "given": given,
        "STRENGTHS": STRENGTHS,
        "stale": given is not None and now - given.at > STALE,
        "waiting": g.verdicts.is_waited_for(),
        "history": g.verdicts.latest(SHOWN),
        "size": size,
        "recorded_at": recorded_at if size else None,
        "newest": newest,
        "backlog": size - (newest.size if newest else 0),
        "seen": max(times, default=None),
        "witnesses": heads.witnesses(g.services.home),
        "heads": signed[:SHOWN],
        "silent": _silent(now),
    }
    return render_template("start.html", **shown)


def _silent(now: datetime) -> list[tuple[str, datetime | None]]:
    """Witnesses that ought to have signed, and since when they have not: None if they never did."""
    try:
        found = witness_liveness.silent(g.services.home, now.timestamp())
    except OperatorError:
        return []  # the verdict says what is wrong with the policy
    return [(one.name, datetime.fromtimestamp(one.last, UTC) if one.last else None) for one in found]


@bp.post("/verdict")
def again() -> Any:
    """立即核验: the job beside the pages does it within seconds."""
    g.verdicts.ask()
    flash(_("已安排核验，完成后本页会显示新的结论，请稍后刷新"), "message")
    return redirect(url_for(".index"), 303)
