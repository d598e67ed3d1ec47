"""Sites made by the whole program, ``ptgbot site``, with defaults: of the sample and of odd documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import frozen

from ptgbot.cli import main
from tests.site.conftest import Page

CONFIG = '[state]\npath = "ptg.json"\n[site]\noutput = "html"\n'
URL = "https://harbour.example.org/"


@frozen
class Whole:
    """A finished site."""

    root: Path

    def page(self, name: str) -> Page:
        """Return a page by its name below the site."""
        return Page(self.text(f"{name}.html"))

    def text(self, name: str) -> str:
        """Return a file by its name below the site."""
        return (self.root / name).read_text(encoding="utf-8")

    def json(self, name: str) -> Any:
        """Return what a JSON file below the site holds."""
        return json.loads(self.text(name))


def built(folder: Path, document: bytes, *, settings: str = "") -> Whole:
    """Build the site of a document; ``settings`` are further lines of the table ``[site]``."""
    (folder / "ptg.json").write_bytes(document)
    (folder / "ptgbot.toml").write_text(CONFIG + settings, encoding="utf-8")
    assert main(["site", str(folder / "ptgbot.toml")]) == 0
    return Whole(folder / "html")


def of(folder: Path, document: dict[str, Any], *, settings: str = "") -> Whole:
    """Build the site of a document that is not written yet."""
    return built(folder, json.dumps(document).encode(), settings=settings)
