"""What the bot tells the builder of the board's pages, and where it leads old addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from ptgbot.ci import FEATURE, pages
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.pages import lead_on
from ptgbot.ci.raw import Kept
from ptgbot.ci.settings import CiSettings
from ptgbot.feature import Answered, Asked, Fact
from ptgbot.store.edits import Json
from ptgbot.web.routes import Routes
from tests.ci.happenings import NOVA, created
from tests.ci.seeded import SERVER, SETTINGS, stored

PROJECTS: Json = [["review", NOVA], ["review", "openstack/cinder"], ["review", "<script>"]]


def asked(url: str = "", **query: str) -> Answered:
    slices: dict[str, Json] = {"ci.projects": PROJECTS, "core.site": {"url": url}}
    return lead_on(Asked("", query, slices), SETTINGS)


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ({"project": NOVA}, "/ci/project/review/openstack~nova/index.html"),
        ({"project": NOVA, "time": "24 hours"}, "/ci/project/review/openstack~nova/index.html"),
        ({"project": NOVA, "time": "48 hours"}, "/ci/project/review/openstack~nova/48h.html"),
        ({"project": NOVA, "time": "7 days"}, "/ci/project/review/openstack~nova/7d.html"),
        ({"project": NOVA, "time": "9 years"}, "/ci/project/review/openstack~nova/index.html"),
        ({}, "/ci/index.html"),
    ],
)
def test_old_address_leads_to_its_page(query: dict[str, str], address: str) -> None:
    found = asked(**query)
    assert (found.status, found.headers["Location"]) == (302, address)


def test_old_address_keeps_the_public_address() -> None:
    found = asked("https://example.org/site", project=NOVA)
    assert found.headers["Location"].startswith("https://example.org/site/ci/project/")


@pytest.mark.parametrize("name", ["nova", "openstack/nvoa", "openstack/novas"])
def test_unknown_project_is_answered_with_near_names(name: str) -> None:
    found = asked(project=name)
    assert found.status == 404
    assert b'<a href="/ci/project/review/openstack~nova/index.html">openstack/nova</a>' in found.body


def test_unknown_project_is_never_markup() -> None:
    found = asked(project="<script>alert(1)</script>" + "x" * 10_000)
    assert found.status == 404
    assert b"<script" not in found.body
    assert len(found.body) < 2_000


def test_old_address_is_there_only_with_board() -> None:
    off, on = Routes(), Routes()
    off.mount(FEATURE, CiSettings())
    on.mount(FEATURE, SETTINGS, pages=["ci/index.html", "index.html"])
    assert off.addresses == []
    assert on.addresses == ["/ci/old", "/project"]


def test_board_without_table_has_no_project() -> None:
    [project] = FEATURE.projects
    assert (project.wanted(CiSettings()), project.wanted(SETTINGS)) == (False, True)


@define
class Hub:
    """The hub of the source, which keeps what it learns."""

    folder: Path
    learned: list[Any] = field(factory=list)
    told: asyncio.Event = field(factory=asyncio.Event)

    async def learn(self, facts: Sequence[Fact]) -> None:
        self.learned += [fact.value for fact in facts]
        self.told.set()

    async def next(self) -> Any:
        async with asyncio.timeout(30):
            await self.told.wait()
        self.told.clear()
        return self.learned[-1]


async def test_site_is_told_of_each_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "POLL", 0.01)
    keeping = Keeping(tmp_path / "gerrit", SETTINGS)
    hub = Hub(tmp_path / "pages")
    task = asyncio.create_task(pages.tell(SETTINGS, hub))  # type: ignore[arg-type]
    first = await hub.next()
    assert first["projects"] == []
    await asyncio.to_thread(keeping.put, [Kept(SERVER, "stream", created())])
    second = await hub.next()
    assert second["projects"] == [[SERVER, NOVA]]
    assert second["revision"] > first["revision"]
    # An event that is known changes nothing.
    for one in (created(), created(2)):
        await asyncio.to_thread(keeping.put, [Kept(SERVER, "stream", one)])
    await hub.next()
    assert len(hub.learned) == 3
    task.cancel()


def test_learned_revision_changes_the_state() -> None:
    facts = [Fact("pages 7", {"revision": 7, "projects": [[SERVER, NOVA]]})]
    decision = pages.learned({"revision": 7, "projects": []}, facts)
    assert decision
    assert [(edit.at, edit.now) for edit in decision.edits] == [(("projects",), [[SERVER, NOVA]])]
    assert pages.learned({"revision": 7, "projects": [[SERVER, NOVA]]}, facts) is None


def test_slices_have_no_key_of_servers(tmp_path: Path) -> None:
    stored(tmp_path)
    shown = pages.settings_json(SETTINGS)
    assert isinstance(shown, dict)
    assert not {"servers", "notices", "maintenance", "patterns"} & shown.keys()
