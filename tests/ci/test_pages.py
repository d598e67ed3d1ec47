"""The files of the board: each page with its JSON, badges and feeds, and nothing of what was typed as markup."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from ptgbot.ci import changed
from ptgbot.ci.addresses import account_folder, project_folder, segment
from ptgbot.ci.facts import looked_at
from ptgbot.ci.keeping import NAME
from ptgbot.ci.known import KnownConfig
from ptgbot.ci.pages import settings_json, settings_of
from ptgbot.ci.raw import Kept
from ptgbot.ci.settings import CardConfig, CiSettings, ExpectedConfig, TriggerConfig
from ptgbot_site.build.finished import checked
from ptgbot_site.build.state import State
from ptgbot_site.ci.source import Pages, opened
from tests.ci.happenings import ACME, BAD, HOUR, NOVA, OK, ZUUL, Event, comment, created
from tests.ci.seeded import CINDER, NOW, SERVER, SETTINGS, stored
from tests.site.conftest import Page

EVIL = "<script>alert(1)</script>"
NOVA_PAGE = f"{project_folder(SERVER, NOVA)}/index"


def rendered(name: str, title: str, body: str, *, feed: str = "", unlisted: bool = False) -> bytes:
    return f"<title>{len(title)}</title>{body}".encode()


def state(at: int = NOW, settings: CiSettings = SETTINGS) -> State:
    made = State(now=datetime.fromtimestamp(at, UTC))
    made.replace({"ci.settings": settings_json(settings), "core.site": {"url": "https://board.example/"}})
    return made


def made(pages: Pages, after: int = 0) -> dict[str, bytes]:
    """Return all files that changed after a number."""
    found: dict[str, bytes | None] = {}
    for _, key in pages.changed(after, 10_000):
        found |= pages.files(key, rendered)
    return {name: content for name, content in found.items() if content is not None}


def files(bulk: Path, at: int = NOW, settings: CiSettings = SETTINGS) -> dict[str, bytes]:
    with opened(bulk, state(at, settings)) as pages:
        return made(pages)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    bulk = tmp_path_factory.mktemp("board")
    stored(bulk)
    return files(bulk)


def links(name: str, body: bytes) -> Iterator[str]:
    """Yield the names of the files to which a page leads."""
    for found in re.findall(r'href="([^"]*)"', body.decode()):
        if not found.startswith(("https://", "mailto:")):
            parts: list[str] = []
            for part in Path(name).parent.joinpath(found).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            yield "/".join(parts)


def cells(body: bytes, *words: str) -> bool:
    """Say whether a page has all of these words in one row of a table."""
    rows = re.findall(r"<tr.*?</tr>", body.decode(), re.DOTALL)
    return any(all(word in row for word in words) for row in rows)


def test_all_links_lead_to_files(board: dict[str, bytes]) -> None:
    for name, body in board.items():
        for target in links(name, body) if name.endswith(".html") else ():
            assert target in board or target == "index.html", f"{name} leads to {target}"
            assert checked(target) == target


def test_each_page_has_its_json(board: dict[str, bytes]) -> None:
    pages = [name.removesuffix(".html") for name in board if name.endswith(".html")]
    assert len(pages) == 3 * 4 + 6 + 2
    for name in pages:
        assert json.loads(board[f"{name}.json"])["as_of"] == NOW
    projects = json.loads(board["index.json"])["projects"]
    assert [one["project"] for one in projects] == [CINDER, "openstack/manual", NOVA]


def test_grid_shows_states_and_results(board: dict[str, bytes]) -> None:
    page = Page(board[f"{NOVA_PAGE}.html"].decode())
    heads = page.texts("ci-grid")[0]
    assert "Verified -1" in heads
    assert "… pending" in page.texts("pending")
    assert "▶ running" in page.texts("running")
    assert any("⚡ NODE_FAILURE" in text for text in page.texts("infra"))
    assert page.links()["✔ SUCCESS"].startswith("https://log.example/")
    told = json.loads(board[f"{NOVA_PAGE}.json"])
    assert (told["window_hours"], told["patch_sets"], told["shown"]) == (24, 7, 7)
    assert json.loads(board[f"{project_folder(SERVER, NOVA)}/30d.json"])["shown"] == 35


def test_page_of_ci_answers_its_questions(board: dict[str, bytes]) -> None:
    page = Page(board[f"{account_folder('acme')}/index.html"].decode())
    told = json.loads(board[f"{account_folder('acme')}/index.json"])
    figures = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert figures["Missed"] == "17 % (11/64)"
    assert figures["Time to report, median"] == "3 h"
    assert figures["Agrees with upstream"].endswith(f"({told['agreement']['agreeing']}/{told['agreement']['both']})")
    assert told["agreement"]["both"] > 10
    assert figures["Contact"] == "ci@acme.example"
    assert figures["To ask for a rerun, write"] == "acme recheck"
    assert len(told["missed"]) == 11
    assert cells(page.source.encode(), told["missed"][0]["patchset"], told["missed"][0]["project"])
    assert len(told["history"]) == 90
    assert len(json.loads(board[f"{account_folder('Flaky CI')}/index.json"])["flips"]) == 60


def test_silent_ci_is_loud_everywhere(board: dict[str, bytes]) -> None:
    for account in ("silent-ci", "never-ci"):
        folder = account_folder(account)
        assert "○ silent" in Page(board[f"{folder}/index.html"].decode()).texts("ci-state")
        assert "○ silent" in board[f"{folder}/badge.svg"].decode()
        assert cells(board["matrix.html"], f"{folder}/index.html", "○ silent")
        assert "No result for too long: openstack/cinder" in board[f"{folder}/feed.atom"].decode()


def test_matrix_names_projects_without_third_parties(board: dict[str, bytes]) -> None:
    assert json.loads(board["matrix.json"])["without_third_parties"] == [
        {"server": SERVER, "project": "openstack/manual"}
    ]


def test_upstream_has_jobs_days_and_incident(board: dict[str, bytes]) -> None:
    page = Page(board["upstream.html"].decode())
    assert "5 jobs since" in page.texts("ci-incident")[0]
    told = json.loads(board["upstream.json"])["jobs"]
    last = told[-1]
    assert cells(board["upstream.html"], f"<bdi>{last['job']}</bdi>", f"{last['success'] / last['runs']:.0%}"[:-1])
    assert {one["job"] for one in told} == {"unit", "functional", "lint", "docs", "upgrade"}


def test_feed_has_failures_with_their_logs(board: dict[str, bytes]) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    root = Xml.fromstring(board[f"{account_folder('acme')}/feed.atom"])
    assert root.findtext(f"{atom}id") == "https://board.example/ci/account/acme/feed.atom"
    entries = root.findall(f"{atom}entry")
    assert len({one.findtext(f"{atom}id") for one in entries}) == len(entries) == 30
    moments = [one.findtext(f"{atom}updated") or "" for one in entries]
    assert moments == sorted(moments, reverse=True)
    assert all((one.findtext(f"{atom}title") or "").startswith("failure: openstack/") for one in entries)


def test_badges_are_drawings_with_words(board: dict[str, bytes]) -> None:
    badge = Xml.fromstring(board[f"{project_folder(SERVER, NOVA)}/badge.svg"])
    assert badge.get("aria-label") == f"{NOVA}: ✘ mostly failing"


def test_typed_text_is_never_markup(tmp_path: Path) -> None:
    about: dict[str, Any] = {
        "project": f"x/{EVIL}", "branch": EVIL, "subject": EVIL, "url": "javascript:alert(1)",
        "owner": {"username": EVIL, "name": EVIL},
    }  # fmt: skip
    job = f"- {EVIL} javascript:alert(1) : FAILURE in 3s\n- {'j' * 9_000} https://log.example/1 : FAILURE in 3s"
    author = {"username": EVIL, "name": f"{EVIL} CI"}
    text = f"Build failed ({EVIL} pipeline).\n{job}\nhttps://log.example/buildset/{EVIL}"
    found = [
        created(at=NOW - HOUR, **about),
        comment(text, author, at=NOW - 60, born=NOW - HOUR, change=created(at=NOW, **about)["change"]),
        comment(f"recheck {EVIL}", at=NOW - 50, born=NOW - HOUR, change=created(at=NOW, **about)["change"]),
    ]
    stored(tmp_path, found)
    pages = files(tmp_path)
    assert any("alert(1)" in body.decode() for body in pages.values())
    for name, body in pages.items():
        assert checked(name) == name
        assert len(body) < 50_000, name
        if not name.endswith(".json"):
            assert b"<script" not in body, name
            assert b'="javascript' not in body, name
        if name.endswith((".svg", ".atom")):
            Xml.fromstring(body)
        if name.endswith(".html"):
            Page(body.decode())


@pytest.mark.parametrize(
    "names",
    [
        ("openstack/nova", "openstack~nova", "OpenStack/nova", "openstack/nova/"),
        ("аcme", "acme", "ACME", "ac\u200bme", "acme "),
        ("..", "../..", "/etc/passwd", ".", "", "\x00"),
        ("a" * 300, "a" * 301, "a//b", "a~~b", "a/./b", "con\n"),
    ],
)
def test_no_two_names_share_a_file(names: tuple[str, ...]) -> None:
    found = [segment(name) for name in names]
    assert len({one.casefold() for one in found}) == len(names)
    for one in found:
        assert checked(one) == one
        assert len(one) <= 80
        assert re.fullmatch(r"[a-z0-9][a-z0-9._~-]*", one)


def test_comment_changes_only_its_pages(tmp_path: Path) -> None:
    keeping = stored(tmp_path)
    with looked_at(keeping.path) as sql:
        before = changed.number(sql)
    number = 900_099
    about: dict[str, Any] = {"project": NOVA, "subject": "Now", "url": ""}
    one = comment(BAD, ACME, number=number, at=NOW - 5, born=NOW - HOUR, change=created(number, **about)["change"])
    keeping.put([Kept(SERVER, "stream", one)])
    with opened(tmp_path, state()) as pages:
        found = {Path(name).parent.as_posix() for name in made(pages, before)}
    assert found == {project_folder(SERVER, NOVA), account_folder("acme"), "."}
    with looked_at(keeping.path) as sql:
        known = changed.number(sql)
    keeping.put([Kept(SERVER, "rest", one)])
    with looked_at(keeping.path) as sql:
        assert changed.number(sql) == known


def test_time_alone_changes_pages(tmp_path: Path) -> None:
    keeping = stored(tmp_path, [created(1, at=NOW - HOUR), comment(OK, number=1, born=NOW - HOUR, at=NOW - 60)])
    with looked_at(keeping.path) as sql:
        grace = SETTINGS.grace
        assert changed.pass_time(sql, NOW, NOW + 60, grace) == set()
        late = changed.pass_time(sql, NOW + 4 * HOUR, NOW + 5 * HOUR, grace)
        assert late == {changed.key_of(SERVER, NOVA), "account:zuul"}
        assert changed.pass_time(sql, NOW + 22 * HOUR - 60, NOW + 22 * HOUR, grace) == set()
        assert "upstream:" in changed.pass_time(sql, NOW, NOW + 24 * HOUR, grace)
    before = changed_after(keeping.path)
    keeping.note_time(NOW + 30, "")
    assert changed_after(keeping.path) == before
    keeping.note_time(NOW + 40, "other settings")
    assert changed_after(keeping.path) > before


def changed_after(path: Path) -> int:
    with looked_at(path) as sql:
        return changed.number(sql)


def test_deleted_project_loses_its_files(tmp_path: Path) -> None:
    keeping = stored(tmp_path, [created(1, at=NOW - HOUR), created(2, at=NOW - HOUR, project=CINDER)])
    gone = {"type": "change-deleted", "change": created(1)["change"], "eventCreatedOn": NOW - 60}
    keeping.put([Kept(SERVER, "stream", gone)])
    with opened(tmp_path, state()) as pages:
        found = pages.files(changed.key_of(SERVER, NOVA), rendered)
        assert set(found.values()) == {None}
        assert f"{NOVA_PAGE}.html" in found


def test_facts_made_anew_are_all_shown(tmp_path: Path) -> None:
    keeping = stored(tmp_path)
    with looked_at(keeping.path) as sql:
        before, keys = changed.number(sql), changed.keys(sql)
    keeping.replay()
    with looked_at(keeping.path) as sql:
        assert {key for _, key in changed.after(sql, before, 1_000)} == keys


def crowd(columns: int) -> list[Event]:
    """Return patch sets on each of which sixty CIs report nine jobs."""
    found = []
    for number in range(columns):
        at = NOW - 20 * HOUR + number * 60
        found.append(created(number, at=at))
        for ci in range(60):
            log = f"https://log.example/{number * 7919 + ci * 104729:032x}"
            rows = [f"- job-{ci}-{job} {log}/{job * 31:032x} : SUCCESS in 9s" for job in range(9)]
            text = "Build succeeded (check pipeline).\n\n" + "\n".join(rows)
            author = {"username": f"ci-{ci}", "name": f"Company {ci} CI"}
            found.append(comment(text, author, number=number, born=at, at=at + 600 + ci))
    return found


def test_page_of_crowded_project_stays_small(tmp_path: Path) -> None:
    stored(tmp_path, crowd(8))
    with opened(tmp_path, state()) as pages:
        found = pages.files(changed.key_of(SERVER, NOVA), rendered)
    for name, body in found.items():
        assert len(gzip.compress(body or b"")) < 120_000, name
    told = json.loads(found[f"{NOVA_PAGE}.json"] or b"")
    assert (told["patch_sets"], told["shown"], told["columns"][0]) == (8, 7, "7,1")


def test_board_without_facts_has_no_files(tmp_path: Path) -> None:
    assert files(tmp_path) == {}
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "facts.sqlite").write_bytes(b"no database")
    assert files(tmp_path) == {}


def test_settings_reach_the_pages_whole() -> None:
    whole = CiSettings(
        projects=("a/*",), trusted=("zuul",), accounts={"x": "ci"}, grace_hours=2.5, silent_days=1.5,
        expected=(ExpectedConfig("x", ("a/b",), ("main",), True),), triggers=(TriggerConfig("x", "run x"),),
        cards=(CardConfig("x", "mailto:x@x.example"),), known=(KnownConfig("#1", "unit", from_="2026-01-01"),),
        untested=("doc/*",),
    )  # fmt: skip
    assert settings_of(settings_json(whole)) == whole


def test_ahead_clock_of_server_hides_nothing(tmp_path: Path) -> None:
    found = [created(1, at=NOW), comment(OK, ZUUL, number=1, born=NOW, at=NOW + 600)]
    stored(tmp_path, found)
    assert b"SUCCESS" in files(tmp_path, NOW)[f"{NOVA_PAGE}.html"]
