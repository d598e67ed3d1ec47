"""The catalogues of our words: complete, compiled, and true to the sources."""

from __future__ import annotations

import gettext
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from ptgbot_site.build.phrases import page_texts, script_texts, translated_page

ROOT = Path(__file__).parents[2]
MAKER = ROOT / "site/catalogue.py"
AGAIN = "make it anew with: python site/catalogue.py"
TRANSLATIONS = sorted((ROOT / "site/ptgbot_site/locale").glob("*/LC_MESSAGES/*.po"))
PLACEHOLDER = re.compile(r"%s|\{\w+\}|:doc:|#TRACK")


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """Return the program that makes the catalogues."""
    spec = importlib.util.spec_from_file_location("catalogue", MAKER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


def test_template_has_exactly_the_texts_of_sources(maker: ModuleType) -> None:
    committed = (ROOT / "site/ptgbot_site/locale/ptgbot_site.pot").read_text(encoding="utf-8")
    assert committed == maker.written(maker.template()), AGAIN


def test_german_translation_exists() -> None:
    assert "de" in {path.parts[-3] for path in TRANSLATIONS}


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.parts[-3])
def test_a_translation_has_exactly_the_templates_texts(maker: ModuleType, path: Path) -> None:
    assert path.read_text(encoding="utf-8") == maker.written(maker.updated(path, maker.template())), AGAIN


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.parts[-3])
def test_every_text_is_translated_with_its_placeholders(path: Path) -> None:
    assert [text for text, said in texts(path).items() if not said] == []
    wrong = [t for t, s in texts(path).items() if sorted(PLACEHOLDER.findall(t)) != sorted(PLACEHOLDER.findall(s))]
    assert wrong == []


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.parts[-3])
def test_the_compiled_catalogue_is_that_of_its_source(path: Path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {text: compiled.gettext(text) for text in texts(path)} == texts(path), AGAIN
    assert compiled.info()["language"] == path.parts[-3]


def test_script_texts_are_those_of_its_calls() -> None:
    script = (
        'const a = say("one"); say(\n"two {n}", { n: say("\\"three\\"") }); speak("four"); say("one"); `${say("five")}`'
    )
    assert script_texts(script) == ["one", "two {n}", '"three"', "five"]


def test_every_script_call_holds_its_text() -> None:
    for script in (ROOT / "site/ptgbot_site").rglob("*.js"):
        calls = re.findall(r"(?<!const )\bsay\(\s*(.)", script.read_text(encoding="utf-8"))
        assert set(calls) <= {'"'}, script.name


def test_directives_of_pages_are_not_translated() -> None:
    source = ":orphan:\n\nTitle\n=====\n\n.. toctree::\n   :hidden:\n\n   other\n\nTwo\nlines.\n"
    assert list(page_texts(source)) == ["Title", "Two lines."]
    assert translated_page(source) == source.replace("=====", "==========").replace("Two\nlines.", "Two lines.")
