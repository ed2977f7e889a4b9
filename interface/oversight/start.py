"""核验结论: today's verdict, what it does not prove, and how far log, publishing and witnesses are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from interface.oversight import heads
from interface.oversight.scene import reading, sign_in_required
from interface.oversight.verdicts import STRENGTHS

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
    }
    return render_template("start.html", **shown)


@bp.post("/verdict")
def again() -> Any:
    """立即核验: the job beside the pages does it within seconds."""
    g.verdicts.ask()
    flash(_("已安排核验，完成后本页会显示新的结论，请稍后刷新"), "message")
    return redirect(url_for(".index"), 303)
