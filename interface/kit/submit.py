"""From a form to the log and back: one way for every act. 办理

form = AcceptForm(...)
if answer := submit(form, lambda: AcceptTip(id=form.command, ...), title=..., to=...): return answer
return render_template(..., form=form), form.status
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import flash, g, redirect

from domain.errors import Conflict, RuleBroken, Unavailable
from interface.kit.confirm import Confirmation, check
from interface.kit.errors import status_of
from interface.kit.forms import ActForm
from projections.engine.feed import head


def submit(
    form: ActForm,
    command: Callable[[], Any],
    *,
    title: str,
    to: str | Callable[[Any], str],
    review: Callable[[], Confirmation] | None = None,
) -> Any:
    """The answer once the act is recorded (303 to `to`) or has to be looked at (核对); None if the form has to be shown.

    A rule that says no, a matter that changed meanwhile and a log that can't be written now are shown on the form with what
    was typed; `form.status` is then its code. A form sent twice gets the first receipt.
    """
    if not form.validate_on_submit():
        form.status = 422 if form.is_submitted() else 200
        return None
    try:
        if review is not None and _to_check(form) and (asked := check(form, title, review)) is not None:
            return asked
        return recorded(g.services.ledger.handle(command()), title=title, to=to)
    except (RuleBroken, Conflict, Unavailable) as refusal:
        if isinstance(refusal, Conflict):
            form.renew()
            _show_what_is_new()
        form.wrong(None, str(refusal))
        form.status = status_of(refusal)
        return None


def sent_before(form: ActForm, *, title: str, to: str) -> Any:
    """The same answer again to whoever sent this form before, where what it was about has left their sight; else None."""
    known = g.services.ledger.table.known(form.command)
    if known is None or known.actor != g.actor.id:
        return None
    leaf, _entry = g.services.ledger.table.leaf(known.last)
    return _on_the_next_page(title, known.last, leaf.hex(), to)


def _to_check(form: ActForm) -> bool:
    """A weighty act, unless it is recorded already: then it has its receipt."""
    return form.weighty and g.services.ledger.table.known(form.command) is None


def _show_what_is_new() -> None:
    """The page that follows has what somebody else has just done, so that a second sending is of what was looked at."""
    with g.services.database.cursor() as cursor:
        position = head(cursor)
    g.services.projections.wait_for(position)


def recorded(receipt: Any, *, title: str, to: str | Callable[[Any], str]) -> Any:
    """Show the receipt on the next page, which the act has already reached; recorded it is, whatever comes now."""
    with suppress(Unavailable):
        g.services.projections.wait_for(receipt.position)
    return _on_the_next_page(title, receipt.position, receipt.leaf_hash, to(receipt) if callable(to) else to)


def _on_the_next_page(title: str, position: int, leaf_hash: str, to: str) -> Any:
    shown: Any = {"title": title, "position": position, "leaf_hash": leaf_hash}
    flash(shown, "receipt")
    return redirect(to, 303)
