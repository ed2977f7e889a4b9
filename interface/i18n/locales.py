"""Languages: 中文 is the source of every sentence, English is complete beside it. 语言

Catalogues are read as they are written (translations/en/*.po, one file for each part of the pages), so a clean checkout
needs nothing compiled.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g
from flask_babel import Babel, Domain

TRANSLATIONS = Path(__file__).with_name("translations")
LANGUAGES = {"zh": "zh_CN", "en": "en"}


def N_(words: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks words for the catalogue that are translated later, by a variable."""
    return words


@cache
def english() -> Translations:
    """All catalogues of English in one."""
    together = Translations()
    for path in sorted((TRANSLATIONS / "en").glob("*.po")):
        with BytesIO() as compiled:
            write_mo(compiled, _read(path))
            compiled.seek(0)
            together.merge(Translations(compiled))
    return together


def sentences() -> list[str]:
    """Every 中文 sentence that the catalogue of English has."""
    return [str(message.id) for path in (TRANSLATIONS / "en").glob("*.po") for message in _read(path) if message.id]


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


class _Catalogues(Domain):
    def get_translations(self) -> NullTranslations:
        return english() if g.get("language") == "en" else NullTranslations()


def init_app(app: Flask) -> None:
    babel = Babel(
        app,
        default_locale="zh_CN",
        default_timezone="Asia/Shanghai",
        locale_selector=lambda: LANGUAGES.get(g.get("language", "zh")),
    )
    babel.domain_instance = _Catalogues()
