"""A builder with pages of the test's own, and an invented gathering as slices."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from ptgbot_site.build.worker import Builder, answer

VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})
CONF = 'project = "Test"\nextensions = ["ptgbot_site"]\nhtml_theme = "ptgbot"\n'

SLICES: dict[str, Any] = {
    "event": {"id": "meadow2027", "title": "Meadow 2027", "timezone": "Europe/Oslo"},
    "motd": [
        {"level": "info", "message": "Soup at noon, see https://soup.example.org/menu"},
        {"level": "danger", "message": "Leave the hall now, ask #owl."},
    ],
    "links": {"Map": "https://map.example.org/", "Rules": "https://rules.example.org/"},
    "tracks": {
        "fox": {
            "color": "#112233",
            "ink": "#ffffff",
            "url": "https://call.example.org/fox",
            "etherpad": "https://pad.example.org/fox",
        },
        "owl": {"color": None, "ink": None, "url": None, "etherpad": "https://pad.example.org/owl"},
    },
    "now": {"fox": {"text": "Dens, with #owl", "since": "2027-03-01T08:05:00+00:00", "location": "Barn"}},
    "next": {"owl": {"texts": ["Night flight", "Mice"], "location": None}},
    "check_ins": [{"nick": "Edda", "location": "#fox", "since": "2027-03-01T07:30:00+00:00"}],
    "days": [
        {
            "name": "Monday",
            "date": "2027-03-01",
            "slots": [
                {
                    "name": "MonA",
                    "desc": "09:00-10:30 first",
                    "start": "2027-03-01T09:00:00+01:00",
                    "end": "2027-03-01T10:30:00+01:00",
                },
                {"name": "MonB", "desc": "later", "start": None, "end": None},
            ],
        },
        {"name": "Tuesday", "date": "2027-03-02", "slots": [{"name": "TueA", "desc": "", "start": None, "end": None}]},
    ],
    "rooms": {
        "Barn": {
            "url": "https://call.example.org/barn",
            "desc": "Behind the house",
            "cap_icon": "fa-users",
            "cap_desc": "40 seats",
        },
        "Loft": {"url": None, "desc": None, "cap_icon": "glyphicon-blackboard", "cap_desc": None},
    },
    "schedule:Monday": {"Barn": {"MonA": "fox", "MonB": ""}, "Loft": {"MonA": "owl"}},
    "schedule:Tuesday": {"Barn": {"TueA": "lynx"}, "Loft": {}},
    "today": "Monday",
    "current": ["MonA"],
}


def named(slices: Mapping[str, Any]) -> dict[str, Any]:
    """Return slices by their full names; in these tests a name without a feature is one of the gathering."""
    return {name if "." in name else f"gathering.{name}": value for name, value in slices.items()}


@define
class Page(HTMLParser):
    """A page as a browser would read it: elements with their attributes, and the text of each."""

    source: str
    elements: list[tuple[str, dict[str, str], str]] = field(factory=list, init=False)
    _open: list[tuple[str, dict[str, str], list[str]]] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        entry = (tag, {name: value or "" for name, value in attrs}, list[str]())
        if tag in VOID:
            self.elements.append((tag, entry[1], ""))
        else:
            self._open.append(entry)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        opened, attributes, texts = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"
        self.elements.append((tag, attributes, " ".join("".join(texts).split())))

    def handle_data(self, data: str) -> None:
        for _, _, texts in self._open:
            texts.append(data)

    def texts(self, name: str) -> list[str]:
        """Return the texts of all elements with that tag or class."""
        return [text for tag, attributes, text in self.elements if name in (tag, *attributes.get("class", "").split())]

    def links(self) -> dict[str, str]:
        """Return the addresses of links by their text."""
        return {
            text: attributes["href"] for tag, attributes, text in self.elements if tag == "a" and "href" in attributes
        }


@define
class Site:
    """A builder in this process, with a folder of its own."""

    folder: Path
    slices: dict[str, Any] = field(factory=lambda: copy.deepcopy(SLICES))
    log: io.StringIO = field(factory=io.StringIO)
    builder: Builder = field(init=False)
    minute: int = 0
    moments: dict[str, str] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Start the builder anew, as after its process ended."""
        source, html, doctrees = (self.folder / name for name in ("src", "html", "doctrees"))
        self.builder = Builder(source, html, doctrees, self.log)

    def build(self, changed: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Build, one minute after the former build, with changed slices (all of them where None)."""
        self.minute += 1
        request = {
            "build": self.minute,
            "now": f"2027-03-01T08:{self.minute:02}:00+00:00",
            "zone": "Europe/Oslo",
            "set": named(self.slices if changed is None else changed),
            "touched": self._touched(changed),
        }
        return answer(self.builder, json.dumps(request))

    def _touched(self, changed: Mapping[str, Any] | None) -> dict[str, str]:
        """Return when slices were changed last: those handed in with this build, or when they were first."""
        at = f"2027-03-01T08:{self.minute:02}:00+00:00"
        if changed is None:
            self.moments = {**dict.fromkeys(named(self.slices), at), **self.moments}
            return self.moments
        self.moments |= dict.fromkeys(named(changed), at)
        return {name: self.moments[name] for name in named(changed)}

    def page(self, name: str = "index") -> Page:
        """Return a page as it stands on disk."""
        return Page((self.folder / "html" / f"{name}.html").read_text())


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[..., Site]:
    """Return a function that makes a site of ``name="text"`` pages."""

    def make(conf: str = CONF, **pages: str) -> Site:
        source = tmp_path / "src"
        source.mkdir()
        (source / "conf.py").write_text(conf)
        listed = "".join(f"   {name}\n" for name in pages if name != "index")
        for name, text in pages.items():
            tree = f"\n.. toctree::\n   :hidden:\n\n{listed}" if name == "index" and listed else ""
            (source / f"{name}.rst").write_text(f"{name.title()}\n{'=' * len(name)}\n{tree}\n{text}\n")
        return Site(tmp_path)

    return make


@pytest.fixture
def shown(make_site: Callable[..., Site]) -> Callable[..., Page]:
    """Return a function that builds one page of these lines and returns it."""

    def build(text: str, **changed: Any) -> Page:
        site = make_site(index=text)
        site.slices.update(changed)
        result = site.build()
        assert result["ok"], result
        return site.page()

    return build


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The site of the sample, made by the whole program once for all tests."""
    from ptgbot.demo import sample
    from tests.site.whole import URL, built

    return built(tmp_path_factory.mktemp("harbour"), sample(), settings=f'url = "{URL}"\n')
