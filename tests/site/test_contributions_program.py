"""Fetch, build and site as an operator runs them, without a bot, and the pages of tracks."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes

from ptgbot_site.build.state import State
from ptgbot_site.build.view import View
from ptgbot_site.contributions.cycle import CYCLE, TOOK_PART
from tests.contributions.histories import Made, history
from tests.site.test_minutes_program import ptgbot

TOML = '[state]\npath = "ptg.json"\n\n[site]\noutput = "html"\n'
STATS = '\n[stats]\nrepositories = ["{}"]\n'


def test_program_counts_and_shows_pages(tmp_path: Path) -> None:
    path = tmp_path / "ptgbot.toml"
    plants = history(tmp_path / "plants", Made(author=b"Mira <mira@example.org>", files={b"a": b"x\n"}))
    path.write_text(TOML + STATS.format(plants), "utf-8")
    ptgbot(tmp_path, "stats", "fetch", "ptgbot.toml")
    ptgbot(tmp_path, "stats", "build", "ptgbot.toml")
    ptgbot(tmp_path, "site", "ptgbot.toml")
    pages = tmp_path / "html" / "contributions"
    overview = (pages / "index.html").read_text("utf-8")
    assert 'href="module/plants.html"' in overview
    assert "Together" in overview
    (person,) = (pages / "person").glob("mira~~*.html")
    assert "@example.org" not in person.read_text("utf-8")
    assert 'href="contributions/index.html"' in (tmp_path / "html" / "index.html").read_text("utf-8")


def test_track_page_has_last_cycle() -> None:
    state = State()
    state.replace({"stats.cycle:nova": ["nova", ["Ash", 12, 3, 2, 1, 9]]})
    (name,) = CYCLE.uses("Nova")
    assert name == "stats.cycle:nova"
    view = View(state, rich=True, here="track")
    shown = CYCLE.render(view, "Nova")
    assert [node.astext() for node in shown] == [
        "Last cycle",
        "Ash · Commits: 12 · Reviews: 3 · People: 2 · Organisations: 1 · Active days: 9",
    ]
    assert not CYCLE.render(view, "cinder")
    (link,) = shown[1].findall(nodes.reference)
    assert link["refuri"] == "../contributions/module/nova.html"


def test_recap_says_how_many_took_part() -> None:
    state = State()
    state.replace({"stats.day:2026-11-23": [12, 3]})
    view = View(state, rich=True, here="recap")
    assert TOOK_PART.uses("2026-11-23") == ("stats.day:2026-11-23",)
    assert TOOK_PART.render(view, "2026-11-23")[1].astext() == "People: 12 · Organisations: 3"
    assert not TOOK_PART.render(view, "2026-11-24")
