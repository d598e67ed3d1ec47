"""The site of what was typed at a desk, made by the real builder."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import define, field

from tests.site.conftest import Page, Site
from tests.site.test_foreign import site_of
from tests.status.desk import Desk

URL = "https://status.example.org/"


@define
class Shown:
    """A site that follows a desk."""

    desk: Desk
    site: Site
    slices: dict[str, Any] = field(factory=dict)

    @classmethod
    def of(cls, folder: Path, desk: Desk, *extensions: str) -> Shown:
        """Return a site without any build."""
        core = {
            "core.site": {"url": URL, "title": "Example", "logo": None, "menu": []},
            "core.commands": [],
            "core.places": [],
        }
        return cls(desk, site_of(folder, core, "ptgbot_site.status", *extensions))

    def build(self) -> list[str]:
        """Build the slices that have changed; return the pages that were written."""
        found = {f"status.{name}": value for name, value in self.desk.slices().items()}
        changed = {name: value for name, value in found.items() if self.slices.get(name) != value}
        changed |= {name: None for name in self.slices if name not in found}
        if not self.slices:
            changed |= self.site.slices
        self.slices = found
        answer = self.site.build(changed)
        assert answer["ok"], self.site.log.getvalue()
        # A second application in one process is warned of nodes that the first one has registered.
        said = [line for line in self.site.log.getvalue().splitlines() if "already registered" not in line]
        assert not said, said
        pages: list[str] = answer["pages"]
        return pages

    def page(self, name: str) -> Page:
        """Return a page."""
        return self.site.page(name)

    def text(self, name: str) -> str:
        """Return a file."""
        return (self.site.folder / "html" / name).read_text(encoding="utf-8")

    def json(self, name: str) -> Any:
        """Return what a JSON file holds."""
        return json.loads(self.text(name))

    def everything(self) -> str:
        """Return all files of the site as one text."""
        files = sorted(path for path in (self.site.folder / "html").rglob("*") if path.is_file())
        return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


def soon(desk: Desk, hours: float) -> str:
    """Return a moment in some hours as people type it."""
    return f"{desk.at + timedelta(hours=hours):%Y-%m-%dT%H:%M}"
