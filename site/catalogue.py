"""Write the template of the message catalogues, update the catalogues and compile them: ``python site/catalogue.py``.

Templates, catalogues and compiled catalogues are committed; a test compares them with the result of this script. They
hold no dates and no source lines, so that they change only with the texts.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import jinja2.ext
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ptgbot_site.build.phrases import page_texts, script_texts
from ptgbot_site.build.words import CATALOGUE, LOCALES

SITE = Path(__file__).parent / "ptgbot_site"
TEMPLATE = LOCALES / f"{CATALOGUE}.pot"
NOTE = "Translators:"
"""Beginning of a comment above a text in Python that helps translators."""
_WRITTEN = datetime(2020, 1, 1, tzinfo=UTC)
"""A fixed date, so that compiled catalogues change only with the texts."""
_HEAD = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Content-Transfer-Encoding: 8bit\\n"\n"Language: {language}\\n"\n\n'
)


def _texts() -> Iterator[tuple[str, list[str]]]:
    """Yield each of our texts, with the comments for translators."""
    for path in sorted(SITE.rglob("*")):
        if path.suffix == ".py":
            with path.open("rb") as file:
                for _, text, notes, _ in extract("python", file, {"say": None}, comment_tags=[NOTE]):
                    yield str(text), notes
        elif path.suffix == ".html":
            with path.open("rb") as file:
                for _, _, said, _ in jinja2.ext.babel_extract(file, ["say"], [], {}):
                    yield str(said), []
        elif path.suffix == ".js":
            yield from ((text, []) for text in script_texts(path.read_text(encoding="utf-8")))
        elif path.suffix == ".rst":
            yield from ((text, []) for text in page_texts(path.read_text(encoding="utf-8")))


def template() -> Catalog:
    """Return a catalogue of all texts without translations."""
    made = Catalog()
    for text, notes in sorted(_texts()):
        made.add(text, auto_comments=notes)
    return made


def catalogues() -> list[Path]:
    """Return the files of all translations."""
    return sorted(LOCALES.glob(f"*/LC_MESSAGES/{CATALOGUE}.po"))


def updated(path: Path, texts: Catalog) -> Catalog:
    """Return a translation with exactly these texts. New texts have no translation yet."""
    with path.open("rb") as file:
        known = read_po(file, locale=path.parts[-3])
    known.update(texts, no_fuzzy_matching=True)
    known.obsolete.clear()
    known.creation_date = known.revision_date = _WRITTEN
    return known


def written(catalogue: Catalog) -> str:
    """Return a catalogue in the form of its file."""
    body = io.BytesIO()
    write_po(body, catalogue, width=100, sort_output=True, no_location=True, omit_header=True)
    return _HEAD.format(language=catalogue.locale or "") + body.getvalue().decode().strip() + "\n"


def main() -> None:
    """Write all files."""
    texts = template()
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_text(written(texts), encoding="utf-8")
    for path in catalogues():
        known = updated(path, texts)
        path.write_text(written(known), encoding="utf-8")
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, known)


if __name__ == "__main__":
    main()
