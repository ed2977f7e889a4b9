"""Search and filters of a list: they travel in the address, and can be said in words. 筛选"""

from __future__ import annotations

from flask import request
from flask_babel import gettext

from interface.i18n.locales import N_
from interface.kit.forms import Form, words_of

BESIDE = {
    "revoked": N_("销号已撤销的"),
    "unserved": N_("告知单待送达的"),
    "company": N_("仅一家企业的"),
    "estate": N_("仅一个小区的"),
}


class FilterForm(Form):
    class Meta:
        csrf = False

    @property
    def asked(self) -> list[str]:
        """In words, what a list's address asks of this filter, and what it asks beside the form (BESIDE)."""
        if self.errors:  # then everything is listed
            return []
        given = [(field, [one for one in request.args.getlist(field.name) if one]) for field in self.shown]
        of_fields = [
            gettext("%(label)s：%(words)s", label=field.label.text, words=words_of(field, values))
            for field, values in given
            if values
        ]
        return of_fields + [gettext(words) for name, words in BESIDE.items() if self._asks(name)]

    @property
    def asks_more(self) -> bool:
        """Whether the address asks for more than the form can show."""
        return any(map(self._asks, BESIDE)) or any(len(request.args.getlist(field.name)) > 1 for field in self.shown)

    def _asks(self, name: str) -> bool:
        """Whether the address asks for it beside the form."""
        return name not in self and bool(request.args.get(name))
