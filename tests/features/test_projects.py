"""A Sphinx project of its own below the site, with finished pages over bulk data, in the installed program."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.features.installed import environment, install_guests
from tests.features.test_installed_coffee import until
from tests.servers.programs import free_port

TOML = """\
[state]
path = "ptg.json"

[site]
output = "html"
listen = "127.0.0.1:{web}"

[hoarder]
most = {most}

[[console]]
name = "console"
channel = "#demo"
"""
Start = Callable[[int], int]


@pytest.fixture
def found(tmp_path: Path) -> dict[str, str]:
    return install_guests(tmp_path)



@pytest.fixture
def start(tmp_path: Path, found: dict[str, str]) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def begin(most: int) -> int:
        while running:
            assert ended(running.pop()) == 0
        web, config = free_port(), tmp_path / "ptgbot.toml"
        config.write_text(TOML.format(web=web, most=most), "utf-8")
        command = [sys.executable, "-P", "-m", "ptgbot", "run", str(config)]
        running.append(
            subprocess.Popen(command, env=environment(found), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        )
        shows(web, "index.html", "numbers/index.html")
        return web

    yield begin
    while running:
        ended(running.pop())


def ended(process: subprocess.Popen[bytes]) -> int:
    """Stop the program in order. Returns its exit status."""
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    return process.returncode


def get(web: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{web}/{path}", timeout=10) as answer:
            text: str = answer.read().decode()
            return text
    except OSError:
        return ""


def shows(web: int, path: str, words: str) -> None:
    until(lambda: words in get(web, path), f"{words!r} in {path}, which has {get(web, path)}")


def test_project_is_published_below_the_site(start: Start, tmp_path: Path) -> None:
    web = start(3)
    shows(web, "numbers/index.html", "3 numbers")
    shows(web, "numbers/each/3.html", "Number 3")
    # Its menu is the main site's, and leads there.
    page = get(web, "numbers/each/2.html")
    assert 'href="../../index.html"' in page
    assert '<a href="../../numbers/index.html" aria-current="true">Numbers</a>' in page
    shows(web, "index.html", 'href="numbers/index.html"')
    # The main site's script that shows alerts is on pages below it, and nowhere else.
    assert '<script src="../../alert.js" defer></script>' in page
    assert '<script src="../alert.js" defer></script>' in get(web, "numbers/index.html")
    assert get(web, "alert.js")
    assert 'alert.js"' not in get(web, "index.html")
    # All names in a page lead to files.
    for name in re.findall(r'(?:src|href)="([^"#:]*_static/[^"]*)"', page):
        assert get(web, str(Path(os.path.normpath(f"numbers/each/{name}")))), name
    assert '"build"' in get(web, "numbers/build.json")
    assert (tmp_path / "html" / "numbers" / "each" / "1.html").is_file()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{web}/numbers/each/9.html", timeout=10)


def test_builds_of_project_leave_the_main_site(start: Start, tmp_path: Path) -> None:
    web = start(2)
    shows(web, "numbers/each/2.html", "Number 2")
    kept = tmp_path / "html.d" / "projects" / "numbers.d" / "kept" / "each"
    before = (kept / "1.html").stat().st_ino
    main = (tmp_path / "html" / "index.html").stat().st_ino
    web = start(5)
    shows(web, "numbers/index.html", "5 numbers")
    shows(web, "numbers/each/5.html", "Number 5")
    # A page that was finished is not written again, and no page of the main site is.
    assert (kept / "1.html").stat().st_ino == before
    assert (tmp_path / "html" / "index.html").stat().st_ino == main


def test_unchanged_project_starts_no_builder(start: Start, tmp_path: Path) -> None:
    work = tmp_path / "html.d" / "projects" / "numbers.d" / "work"
    start(1)
    until((work / "shown").exists, "the mark of a whole build")
    start(1)
    before = (work / "doctrees" / "environment.pickle").stat().st_mtime_ns
    web = start(1)
    shows(web, "numbers/each/1.html", "Number 1")
    web = start(1)
    assert (work / "doctrees" / "environment.pickle").stat().st_mtime_ns == before


def test_site_command_builds_the_project(start: Start, tmp_path: Path, found: dict[str, str]) -> None:
    web = start(2)
    shows(web, "numbers/each/2.html", "Number 2")
    start(2)
    config = tmp_path / "ptgbot.toml"
    config.write_text(config.read_text("utf-8").replace('"html"', '"other"'), "utf-8")
    command = [sys.executable, "-P", "-m", "ptgbot", "site", str(config)]
    subprocess.run(command, env=environment(found), check=True, timeout=120, stdout=subprocess.DEVNULL)
    assert "Number 2" in (tmp_path / "other" / "numbers" / "each" / "2.html").read_text("utf-8")
    assert 'href="numbers/index.html"' in (tmp_path / "other" / "index.html").read_text("utf-8")


def test_sphinx_build_builds_the_project(start: Start, tmp_path: Path, found: dict[str, str]) -> None:
    web = start(2)
    shows(web, "numbers/each/2.html", "Number 2")
    start(2)
    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text(
        'extensions = ["ptgbot_site"]\nhtml_theme = "ptgbot"\nptg_pages = True\n'
        'ptg_config = "../ptgbot.toml"\nptg_project = "numbers"\n',
        "utf-8",
    )
    command = [sys.executable, "-m", "sphinx", "-W", "-q", str(source), str(tmp_path / "built")]
    subprocess.run(command, env=environment(found), check=True, timeout=120)
    assert "2 numbers" in (tmp_path / "built" / "index.html").read_text("utf-8")
    assert "Number 2" in (tmp_path / "built" / "each" / "2.html").read_text("utf-8")
