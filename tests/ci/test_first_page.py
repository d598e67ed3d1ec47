"""The first page of the board, and the way to it from a site that shows nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ptgbot_site.build.state import State
from ptgbot_site.build.view import View
from ptgbot_site.ci import alerted, overview
from ptgbot_site.ci.lead import LEAD
from ptgbot_site.ci.source import desk_of
from tests.ci.seeded import stored
from tests.ci.test_pages import state

EVIL = "<script>alert(1)</script>"


def test_alerts_tell_who_knows(tmp_path: Path) -> None:
    stored(tmp_path)
    shown = state()
    row = {"name": "acme", "text": f"missed 5 {EVIL}", "since": "2024-11-18T00:00:00+00:00", "server": ""}
    acked = {"by": "mira", "until": "2024-11-20T00:00:00+00:00", "reason": EVIL}
    muted = {"until": "2024-11-21T00:00:00+00:00", "reason": "new disks"}
    rows: Any = [row | {"acked": acked, "muted": None}, row | {"acked": None, "muted": muted}, row]
    shown.replace({"ci.alerts": {"open": rows, "unread": {"review": "2024-11-18T00:00:00+00:00"}}})
    with desk_of(tmp_path, shown) as desk:
        body = str(alerted.shown(desk, shown))
        assert "account/acme/index.html" in body
        for words in ("mira knows, until", "Maintenance until", "new disks", "nobody yet", "review"):
            assert words in body
        assert "<script" not in body
        assert alerted.shown(desk, state()) == ""


def test_first_page_has_projects_and_cis(tmp_path: Path) -> None:
    stored(tmp_path)
    with desk_of(tmp_path, state()) as desk:
        body = str(overview.body(desk))
    assert body.index("openstack/cinder") < body.index("openstack/nova") < body.index("Flaky CI")
    assert "✘ mostly failing" in body


@pytest.mark.parametrize(
    ("projects", "tracks", "is_shown"),
    [(["ci"], {}, True), (["ci"], {"fox": {}}, False), (["meetings"], {}, False)],
)
def test_site_without_tracks_leads_to_board(projects: Any, tracks: Any, is_shown: bool) -> None:
    shown = State()
    shown.replace({"core.site": {"projects": projects}, "gathering.tracks": tracks})
    assert bool(LEAD.render(View(shown, rich=True), "gathering.tracks")) == is_shown
