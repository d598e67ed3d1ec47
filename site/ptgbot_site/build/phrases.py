"""Finds the translatable texts in scripts and in the sources of our pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ptgbot_site.build.words import say

_UNDERLINED = re.compile(r"(?P<text>\S.*)\n(?P<line>[=~-])(?P=line)+")
# In double quotes, as the formatter writes them.
_CALL = re.compile(r'\bsay\(\s*("(?:[^"\\\n]|\\.)*")')
_MARKUP = (".. ", ":", " ")


def script_texts(source: str) -> list[str]:
    """Return the texts of the calls ``say("…")`` in a script, each once."""
    return list(dict.fromkeys(json.loads(text) for text in _CALL.findall(source)))


def script_words(source: str) -> dict[str, str]:
    """Return the translations of a script's texts, without those that equal the text."""
    return {text: said for text in script_texts(source) if (said := say(text)) != text}


def page_texts(source: str) -> Iterator[str]:
    """Yield the titles and paragraphs in the source of a page."""
    for block in source.strip().split("\n\n"):
        if titled := _UNDERLINED.fullmatch(block):
            yield titled["text"]
        elif not block.startswith(_MARKUP):
            yield " ".join(block.split())


def translated_page(source: str) -> str:
    """Return the source of one of our pages with its titles and paragraphs in the language of the site."""
    return "\n\n".join(map(_translated, source.strip().split("\n\n"))) + "\n"


def _translated(block: str) -> str:
    if titled := _UNDERLINED.fullmatch(block):
        text = titled["text"]
        title = say(text)
        # An East Asian letter is two columns wide.
        return f"{title}\n{titled['line'] * 2 * len(title)}"
    text = " ".join(block.split())
    return block if block.startswith(_MARKUP) else say(text)
