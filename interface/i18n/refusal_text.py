"""Refusals in the page's language. The domain says them in 中文; the catalogue has each with its places as %(1)s, %(2)s … 未受理

A sentence is recognised by its fixed words, and what stands in its places is translated in the same way.
"""

from __future__ import annotations

import re
from functools import cache

from flask import Flask, g

from application.verifier.messages_en import english as of_the_trail
from interface.i18n.locales import english, sentences

PLACE = re.compile(r"%\(\d+\)s")


def in_words(sentence: str) -> str:
    """The sentence in the page's language."""
    return in_english(sentence) if g.get("language") == "en" else str(sentence)


def in_english(sentence: str) -> str:
    """The sentence in English, or as it is where the catalogue knows none."""
    sentence = str(sentence)
    if not sentence:  # the catalogue's own head stands there
        return sentence
    if (known := english().gettext(sentence)) != sentence:
        return known
    for pattern, template in _patterns():
        if found := pattern.fullmatch(sentence):
            said = {str(place): in_english(words) for place, words in enumerate(found.groups(), 1)}
            return english().gettext(template) % said
    return of_the_trail(sentence)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those with the most fixed words first: “请填写%(1)s” would take every longer sentence that begins so."""
    with_places = sorted((one for one in sentences() if PLACE.search(one)), key=lambda one: -len(PLACE.sub("", one)))
    return [(re.compile("(.*?)".join(map(re.escape, PLACE.split(one))), re.DOTALL), one) for one in with_places]


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(in_words=in_words)
