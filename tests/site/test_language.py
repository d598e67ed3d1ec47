"""Our pages in another language are wholly in it."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.site.conftest import Site
from tests.site.test_catalogue import texts

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "site/ptgbot_site/project"
GERMAN = ROOT / "site/ptgbot_site/locale/de/LC_MESSAGES/ptgbot_site.po"
WORD = re.compile(r"[^\W\d_]+")
DATES = {"Mo", "Montag", "März", "MEZ", "CET"}
NAMES = {"Atom", "ptg", "ics", "json", "schedule", "mkx", "xq", "html", "index", "screen", "alert", "plans"}
"""Names of files and formats, and the words of :data:`SLICES`."""

SLICES: dict[str, Any] = {
    "event": {"id": "xq", "title": "Xq", "timezone": "Europe/Berlin"},
    "core.site": {"url": "https://xq.mkx/", "title": "", "logo": None, "menu": []},
    "motd": [{"level": level, "message": "xq"} for level in ("info", "success", "warning", "danger")],
    "links": {"xq": "https://xq.mkx/"},
    "tracks": {
        "xq": {"color": None, "ink": None, "url": "https://xq.mkx/", "etherpad": "https://xq.mkx/"},
        "mkx": {"color": None, "ink": None, "url": None, "etherpad": None},
    },
    "now": {"xq": {"text": "xq", "since": "2027-03-01T08:05:00+00:00", "location": "Xq", "by": "xq"}},
    "next": {"xq": {"texts": ["xq"], "location": None}},
    "check_ins": [{"nick": "xq", "location": "#xq", "since": "2027-03-01T07:30:00+00:00"}],
    "days": [
        {
            "name": "Xq",
            "date": "2027-03-01",
            "slots": [
                {
                    "name": "xq",
                    "desc": "xq",
                    "start": "2027-03-01T09:00:00+01:00",
                    "end": "2027-03-01T10:30:00+01:00",
                },
                {"name": "mkx", "desc": "", "start": None, "end": None},
            ],
        }
    ],
    "rooms": {"Xq": {"url": "https://xq.mkx/", "desc": "xq", "cap_icon": "fa-users", "cap_desc": None}},
    "schedule:Xq": {"Xq": {"xq": "xq", "mkx": ""}},
    "today": "Xq",
    "current": ["xq"],
    "meets": {"xq": [{"day": "Xq", "slot": "xq", "room": "Xq"}]},
    "coming": [],
    "recap": ["2027-03-01"],
    "said:2027-03-01": {
        "rows": [{"at": "2027-03-01T08:05:00+00:00", "track": "xq", "text": "xq", "by": "xq"}],
        "left": 3,
    },
    "changes": [
        {"at": "2027-03-01T08:05:00+00:00", "by": "xq", "room": "Xq", "slot": "xq", "was": was, "is": now}
        for was, now in (("", "xq"), ("xq", ""), ("xq", "mkx"))
    ],
    "status.now": {
        "alerts": [
            {
                "number": 1,
                "entry": 1,
                "text": "xq",
                "state": "monitoring",
                "services": ["mkx"],
                "by": "xq",
                "at": "2027-03-01T07:00:00+00:00",
                "resolved": None,
                "review": "",
                "entries": [],
            }
        ],
        "plans": [],
        "over": [],
        "services": {"mkx": "degraded_performance", "xq": "operational"},
    },
    "status.people": [],
    "status.names": [],
    "status.about": {"logs": ""},
    "core.places": [{"network": "xq", "room": "xq", "url": "ircs://xq.mkx/xq", "web": "https://xq.mkx/"}],
}


class Read(HTMLParser):
    """Collects what a visitor reads or hears."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [v or "" for name, v in attrs if name in ("aria-label", "title", "placeholder", "alt")]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return our own pages in German."""
    # What Sphinx loads of catalogues stays in the process; other tests speak English.
    monkeypatch.setattr("sphinx.locale.translators", {})
    source = tmp_path / "src"
    shutil.copytree(PAGES, source)
    with (source / "conf.py").open("a") as conf:
        conf.write('\nlanguage = "de"\n')
    site = Site(tmp_path, SLICES)
    result = site.build()
    assert result["ok"], result
    return site


def test_german_pages_have_no_english_words(german: Site) -> None:
    ours = {word for said in texts(GERMAN).values() for word in WORD.findall(said)}
    known = {word.lower() for word in ours | DATES | NAMES}
    html = german.folder / "html"
    pages = [path for path in html.rglob("*.html") if path.name != "commands.html"]
    assert {"index.html", "schedule.html", "people.html"} <= {path.name for path in pages}
    left = {
        f"{path.relative_to(html)}: {said.strip()}"
        for path in pages
        for said in Read(path.read_text(encoding="utf-8")).said
        if not {word.lower() for word in WORD.findall(said)} <= known
    }
    assert left == set()


def test_dates_have_german_form(german: Site) -> None:
    assert "Montag, 1. März 2027" in german.page("recap/2027-03-01").source
    assert "Mo., 1. März 2027, 09:05" in german.page("changes").source
    assert 'lang="de"' in german.page().source


def test_the_script_brings_the_german_texts(german: Site) -> None:
    script = next((german.folder / "html/_static").glob("ptgbot-*.js")).read_text(encoding="utf-8")
    words = json.loads(script.partition("const ptgWords = ")[2].partition(";\n")[0])
    assert words["live"] == "verbunden"
    assert words["ends in {minutes} min"] == "endet in {minutes} Min."
