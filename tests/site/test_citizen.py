"""In anybody's documentation: other themes, MyST, other builders, a state at an address, two processes."""

from __future__ import annotations

import http.server
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from attrs import define, field

from ptgbot_site.build.directive import StateDirective
from ptgbot_site.build.place import Place
from ptgbot_site.build.remote import Remote
from ptgbot_site.build.settings import setup_settings
from ptgbot_site.core.commands import Commands
from ptgbot_site.core.places import Places
from ptgbot_site.gathering.directives import DIRECTIVES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXTENSION = (DOCS / "extension.rst").read_text(encoding="utf-8")
EXAMPLES = [
    re.sub(r"^   ", "", block, flags=re.MULTILINE).strip()
    for block in re.findall(r"\.\. example::\n\n((?:   .*\n|\n)+)", EXTENSION)
]


@define
class Project:
    """Somebody's documentation."""

    folder: Path
    builds: int = field(default=0)

    def write(self, name: str, text: str, conf: str = "") -> None:
        (self.folder / name).write_text(text, encoding="utf-8")
        settings = f"ptg_state = {str(DOCS / 'example.json')!r}\n" + conf
        (self.folder / "conf.py").write_text(f'project = "Theirs"\nextensions = ["ptgbot_site"]\n{settings}')

    def build(self, builder: str = "html", *options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "sphinx", "-q", "-W", "-n", "--keep-going", "-b", builder, *options]
        places = [str(self.folder), str(self.folder / "out" / builder), "-d", str(self.folder / "trees")]
        return subprocess.run([*command, *places], capture_output=True, text=True, check=False, timeout=120)

    def page(self, name: str = "index.html", builder: str = "html") -> str:
        return (self.folder / "out" / builder / name).read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


WHOLE = "Theirs\n======\n\n" + "\n\n".join(one for one in EXAMPLES if ":title:" not in one) + "\n\n.. ptg:commands::\n"


@pytest.mark.parametrize("theme", ["furo", "alabaster", "pydata_sphinx_theme", "basic"])
def test_other_themes_show_everything_without_a_warning(project: Project, theme: str) -> None:
    project.write("index.rst", WHOLE, f"html_theme = {theme!r}\n")
    done = project.build()
    assert (done.returncode, done.stderr) == (0, "")
    page = project.page()
    for words in ("Boathouse", "Holts above the flood line", "Counting from the air", "The bridge is closed"):
        assert words in page
    assert [tag for tag in re.findall(r"<[^>]*ptg-[^>]*>", page) if re.search(r" (style|on\w+)=", tag)] == []
    # What only our style sheet could hide is not there twice.
    assert "ptg-by-time" not in page


@pytest.mark.parametrize(
    ("builder", "name"),
    [
        ("dirhtml", "index.html"),
        ("singlehtml", "index.html"),
        ("text", "index.txt"),
        ("latex", "theirs.tex"),
        ("epub", "index.xhtml"),
        ("man", "theirs.1"),
    ],
)
def test_every_builder_shows_every_example(project: Project, builder: str, name: str) -> None:
    project.write("index.rst", WHOLE, 'epub_show_urls = "no"\nversion = "1"\ncopyright = "Theirs"\n')
    done = project.build(builder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Holts above the flood line" in project.page(name, builder)


def test_myst_reads_the_same_directives(project: Project) -> None:
    text = "# Theirs\n\n```{ptg:schedule} Monday\n```\n\nAsk {ptg:track}`otters`.\n"
    project.write("index.md", text, 'extensions.append("myst_parser")\n')
    done = project.build()
    assert (done.returncode, done.stderr) == (0, "")
    assert "Boathouse" in project.page()
    assert "ptg-badge" in project.page()


def test_two_processes_make_same_pages(project: Project) -> None:
    project.write("index.rst", WHOLE)
    assert project.build().returncode == 0
    alone = project.page()
    assert project.build("html", "-E", "-j", "2").returncode == 0
    assert project.page() == alone


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_of_the_documentation_shows_something(project: Project, text: str) -> None:
    project.write("index.rst", f"Theirs\n======\n\n{text}\n\n.. ptg:motd::\n")
    done = project.build("text")
    assert (done.returncode, done.stderr) == (0, "")
    assert "needs the state" not in project.page("index.txt", "text")


def test_every_directive_and_option_is_documented() -> None:
    every: list[type[StateDirective]] = [*DIRECTIVES, Commands, Places, Place]
    known = {one.kind: one for one in every}
    assert len(known) > 10
    for kind, directive in known.items():
        assert f"\n``ptg:{kind}``\n" in EXTENSION, kind
        for option in directive.option_spec or {}:
            assert f"``:{option}:``" in EXTENSION, (kind, option)


def test_every_setting_is_documented() -> None:
    names: set[str] = set()

    class Listening:
        def add_config_value(self, name: str, *_: object, **__: object) -> None:
            names.add(name)

    setup_settings(Listening())  # type: ignore[arg-type]
    assert {name for name in names if f"``{name}``" not in EXTENSION} == set()


class Host(http.server.BaseHTTPRequestHandler):
    """Serves a state, in several odd ways."""

    asked: ClassVar[list[str]] = []
    state: ClassVar[bytes] = (DOCS / "example.json").read_bytes()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
        elif self.path == "/missing":
            self.send_error(404)
        elif self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.02)
            except OSError:
                return
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.state if self.path == "/ptg.json" else b"x" * 100_000)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def host() -> Iterator[str]:
    Host.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_loaded_state_is_cached_and_reused(project: Project, host: str) -> None:
    project.write("index.rst", WHOLE, f'ptg_state = "{host}/ptg.json"\n')
    assert project.build("text").returncode == 0
    assert project.build("html").returncode == 0
    assert "Boathouse" in project.page()
    assert Host.asked == ["/ptg.json"]


def test_unanswered_request_uses_memory_then_fallback(tmp_path: Path, host: str) -> None:
    fallback = tmp_path / "fallback.json"
    fallback.write_text("{}")
    remote = Remote(f"{host}/missing", tmp_path / "kept", 5, 5_000_000, 0)
    assert remote.read(fallback) == b"{}"
    with pytest.raises(OSError, match="can't be loaded"):
        remote.read(None)
    good = Remote(f"{host}/ptg.json", tmp_path / "kept", 5, 5_000_000, 0)
    json.loads(good.read(None))
    Host.state, kept = b"x" * 6_000_000, Host.state
    try:
        assert good.read(fallback) == kept
    finally:
        Host.state = kept


@pytest.mark.parametrize(
    ("path", "said"), [("/big", "more than 1000 bytes"), ("/drip", "longer"), ("/away", "not allowed")]
)
def test_large_slow_or_redirected_document_is_refused(tmp_path: Path, host: str, path: str, said: str) -> None:
    with pytest.raises(OSError, match=said):
        Remote(host + path, tmp_path, 0.3, 1000, 0).read(None)
