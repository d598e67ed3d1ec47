"""The installed program with a running bot: counts, pages, answers and the chat; and the program without the extra."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote, urljoin

import pytest
from attrs import define

from ptgbot.cli import main
from ptgbot.contributions.page_names import segment
from ptgbot.exits import Exit
from tests.contributions.histories import Made, history
from tests.plain_bot import prepare
from tests.servers.programs import free_port
from tests.servers.running import health_of, with_token

pytestmark = pytest.mark.servers

EVIL = "<img src=x onerror=alert(1)>"
ODD = ("../../etc/passwd", "CON", "con", "a/b", "N" * 300, ".", "..", "index", "%2e%2e", "a?b#c", EVIL, "ü ß")
"""Names that look like paths, like devices, or like HTML."""
TOML = """
[state]
path = "ptg.json"

[site]
output = "html"
listen = "127.0.0.1:{web}"

[stats]
every = "1m"
people = "default_data.json"
repositories = {repositories}

[[console]]
"""
DAY = 86_400
PATIENCE = 90.0
WATCHED = """\
import importlib.machinery, os
found = importlib.machinery.PathFinder.find_spec
def find_spec(name, path=None, target=None):
    if name.partition(".")[0] not in ("duckdb", "_duckdb"):
        return found(name, path, target)
    open(os.environ["ASKED_FOR"], "w").close()
importlib.machinery.PathFinder.find_spec = find_spec
"""
"""A ``sitecustomize`` that hides DuckDB, and leaves a file if somebody asks for it."""


def data_of(employer: str) -> dict[str, object]:
    """Return a file about people in which every name is odd, and one person works for an employer."""
    people = [
        {
            "launchpad_id": name,
            "user_name": name,
            "emails": [f"p{number}@example.org"],
            "companies": [{"company_name": employer if number == 0 else name, "end_date": None}],
        }
        for number, name in enumerate(ODD)
    ]
    today = int(time.time())
    ends = [time.strftime("%Y-%m-%d", time.gmtime(today - (len(ODD) - n - 1) * DAY)) for n in range(len(ODD))]
    return {
        "users": people,
        "companies": [{"company_name": name, "domains": []} for name in (*ODD, employer)],
        "releases": [{"release_name": name, "end_date": end} for name, end in zip(ODD, ends, strict=True)],
        "repos": [{"uri": f"https://git.example.org/r{n}", "module": name} for n, name in enumerate(ODD)],
    }


@define
class Bot:
    """A bot that runs, with its console."""

    folder: Path
    web: int
    process: subprocess.Popen[str]

    def type(self, *lines: str) -> None:
        assert self.process.stdin
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def get(self, path: str) -> tuple[int, str, str]:
        """Return the status, the text and the address of a page."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/{path}", timeout=30) as answer:
                return answer.status, answer.read().decode(), answer.url
        except urllib.error.HTTPError as error:
            return error.code, "", ""

    def said(self) -> str:
        return (self.folder / "output.log").read_text("utf-8", "replace")

    def until(self, condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what}\n{self.said()[-3000:]}"
            assert self.process.poll() is None, self.said()[-3000:]
            time.sleep(0.1)

    def refresh(self) -> None:
        """Count beside the bot; it waits for the bot's own count."""
        command = ["stats", "refresh", str(self.folder / "ptgbot.toml")]
        self.until(lambda: main(command) == Exit.STOPPED, "the refresh fails")

    def page(self, path: str, words: str) -> str:
        """Wait until a page has some words."""
        self.until(lambda: words in self.get(path)[1], f"{path} has no {words}")
        return self.get(path)[1]


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    prepare(tmp_path)
    (tmp_path / "default_data.json").write_text(json.dumps(data_of("First")))
    today = int(time.time())
    moments = [(number, today - (len(ODD) - number) * DAY) for number in range(len(ODD))]
    made = [
        Made(b"x", b"n <p%d@example.org>" % number, at, files={b"f": b"%d\n" % n})
        for number, at in moments
        for n in range(2)
    ]
    paths = [history(tmp_path / f"r{number}", *made) for number in range(len(ODD))]
    paths.append(history(tmp_path / "nova", *made))
    web, config = free_port(), tmp_path / "ptgbot.toml"
    config.write_text(TOML.format(web=web, repositories=json.dumps([str(path) for path in paths])))
    with_token(config)
    with (tmp_path / "output.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ptgbot", "run", str(config)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=tmp_path,
            text=True,
        )
    yield Bot(tmp_path, web, process)
    process.kill()
    process.communicate()


def linked(bot: Bot, start: str) -> set[str]:
    """Follow all links in a folder of the site. Return the addresses; each of them was answered."""
    base = f"http://127.0.0.1:{bot.web}/"
    todo, seen = [f"{base}{start}"], {f"{base}{start}"}
    while todo:
        page = todo.pop()
        status, text, _ = bot.get(page.removeprefix(base))
        assert status == 200, page
        found = re.findall(r'href="([^"#]*)', text) if page.endswith((".html", "/")) else []
        assert EVIL not in text or not page.endswith(".html")
        new = {urljoin(page, unescape(one)) for one in found} - seen
        inside = {one for one in new if one.startswith(f"{base}contributions/") and "_static" not in one}
        seen |= inside
        todo += inside
    return {one.removeprefix(base) for one in seen}


def test_running_bot_counts_shows_and_answers(bot: Bot) -> None:
    job = bot.folder / "ptg.bulk" / "stats" / "refresh" / ".last-run.json"
    bot.type(*(line for n in range(6) for line in (f"/as person{n}", f"#nova now topic {n}")))
    bot.until(lambda: "topic 5" in (bot.folder / "ptg.json").read_text(), "the talks are not stored")
    bot.until(lambda: "last run" in health_of(bot.web)["parts"]["stats/refresh"]["text"], "the job does not begin")
    bot.until(lambda: json.loads(job.read_bytes())["status"] == 0, "the job does not end")
    assert "duckdb" not in Path(f"/proc/{bot.process.pid}/maps").read_text()
    bot.refresh()
    day = time.strftime("%Y-%m-%d", time.gmtime())
    assert "People: 6" in bot.page(f"recap/{day}.html", "Who took part")
    assert "contributions/module/nova.html" in bot.page("tracks/nova.html", "Last cycle")
    bot.type("+contributors nova", "+newcomers nova")
    bot.until(lambda: bot.said().count("person5 (1 day)") > 1, "people are not told")
    pages = linked(bot, "contributions/index.html")
    for kind, number in (("module", len(ODD) + 1), ("release", len(ODD) + 1), ("person", len(ODD) + 6)):
        assert len([one for one in pages if one.startswith(f"contributions/{kind}/")]) == number, kind
    assert len(json.loads(bot.get("contributions/cube/index.json")[1])) == len(ODD) + 1
    answer = json.loads(bot.get("api/1.0/stats/modules?release=all&metric=commits")[1])["stats"]
    assert {one["name"] for one in answer} == {*ODD, "nova"}
    assert bot.get(f"?release=all&module={quote(ODD[0], '')}")[2].endswith("~~3754d6cb3a38e118.html")
    assert health_of(bot.web)["parts"]["stats/refresh"]["counts"]["runs"] >= 1
    mended(bot)


def mended(bot: Bot) -> None:
    """Mend an employer: the next count changes pages, and reads nothing."""
    (bot.folder / "default_data.json").write_text(json.dumps(data_of("Second")))
    bot.refresh()
    before, after = (f"contributions/organisation/{segment(name)}.html" for name in ("First", "Second"))
    bot.until(lambda: (bot.get(before)[0], bot.get(after)[0]) == (404, 200), "the employer stays")
    assert "Traceback" not in bot.said()


def files(folder: Path, **environment: str) -> dict[str, bytes]:
    """Build the site without contributions. Return its files but those with times in them."""
    folder.mkdir()
    (folder / "ptgbot.toml").write_text('[state]\npath = "ptg.json"\n[site]\noutput = "html"\n')
    done = ran(folder, "site", **environment)
    assert done.returncode == 0, done.stderr
    paths = [path for path in (folder / "html").resolve().rglob("*") if path.is_file()]
    return {
        str(path.relative_to((folder / "html").resolve())): path.read_bytes()
        for path in paths
        if path.name not in ("build.json", "ptg.json")
    }


def ran(folder: Path, verb: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "ptgbot", verb, "ptgbot.toml"]
    more = {**os.environ, **environment}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=more, timeout=240)


def test_site_without_contributions_needs_no_extra(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCHED)
    asked = tmp_path / "asked"
    hidden = {"PYTHONPATH": str(tmp_path), "ASKED_FOR": str(asked)}
    without = files(tmp_path / "without", **hidden)
    assert not asked.exists()
    assert len(without) > 40
    assert files(tmp_path / "with") == without
    assert not [name for name in without if "contributions" in name]
    config = tmp_path / "without" / "ptgbot.toml"
    config.write_text(config.read_text() + "[stats]\nrepositories = ['https://git.example.org/x']\n[[console]]\n")
    done = ran(config.parent, "check", **hidden)
    assert "stats: contributions are counted with DuckDB, which is missing. Install ptgbot[stats]." in done.stderr
    assert done.returncode == Exit.CONFIGURATION
    assert asked.exists()
