"""Our own texts in the language of the site: sentences and dates."""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from sphinx.locale import get_translation, get_translator

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CATALOGUE = "ptgbot_site"
"""Name of our message catalogues."""
LOCALES = Path(__file__).parent.parent / "locale"
"""Folder of the catalogues (``LANGUAGE/LC_MESSAGES/ptgbot_site.mo``) and of their template."""

_lookups = {CATALOGUE: get_translation(CATALOGUE)}
"""Our catalogue, then those of extensions."""


def say(text: str) -> str:
    """Return a text of ours, or of an extension, in the language of the site."""
    found = (str(lookup(text)) for lookup in _lookups.values())
    return next((said for said in found if said != text), text)


def add_words(catalogue: str) -> None:
    """Let :func:`say` also look into the catalogue of an extension."""
    _lookups.setdefault(catalogue, get_translation(catalogue))


def language() -> str:
    """Return the language in which :func:`say` answers, such as ``de`` or ``pt_BR``.

    It is ``en`` if we have no catalogue for the language of the site, so that sentences and dates always agree.
    """
    return get_translator(CATALOGUE).info().get("language", "en")


def dated(day: date, pattern: str) -> str:
    """Return a date in the language of the site.

    ``pattern`` is a date format pattern of Unicode (UTS 35, "Date Format Patterns"), translated with :func:`say`.
    """
    return format_date(day, pattern, _locale(language()))


@functools.cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


def setup_words(app: Sphinx) -> None:
    """Register our catalogues."""
    app.add_message_catalog(CATALOGUE, str(LOCALES))
