"""Groups of rooms that are not public: nothing said to them leaves the rooms, on any way out."""

from __future__ import annotations

from pathlib import Path

import attrs

from tests.status.desk import ADA, INFRA, SETTINGS, Desk, publishers
from tests.status.site import Shown

WORD = "sesame"


def _whisper(desk: Desk) -> list[object]:
    """Type everything that can be said to a private group; return what was announced to publishers."""
    told: list[object] = []
    for line in (
        f"#status alert @infra gerrit: {WORD} is open",
        f"#status update 1 identified {WORD}",
        f"#status ok 1 {WORD}",
        f"#status after 1 {WORD}",
        f"#status notice @infra {WORD}",
        f"#status log @infra {WORD}",
        f"#status plan @infra 2026-11-17T10:00-12:30 {WORD}",
        f"#status plan 2 move 2026-11-17T11:00-12:30 {WORD}",
        f"#status alert @infra {WORD} again",
        f"#status notice @infra {WORD} undone",
        "#status undo",
    ):
        desk(line, ADA, room=INFRA)
        assert desk.decision is not None
        told += [one for one in desk.delivered if one.kind != "say"]
    return told


def test_private_alert_leaves_its_rooms_nowhere(tmp_path: Path) -> None:
    desk = Desk(attrs.evolve(SETTINGS, publishers=publishers("hook", "toot")))
    shown = Shown.of(tmp_path, desk, "ptgbot_site.gathering")
    assert _whisper(desk) == []
    assert WORD in str(desk.tree)
    shown.build()
    everything = shown.everything()
    assert WORD not in everything
    for name in (
        "alert.json",
        "status.atom",
        "api/v2/summary.json",
        "api/v2/incidents.json",
        "plans.ics",
        "search.json",
    ):
        assert (tmp_path / "html" / name).exists() or name == "search.json"
    assert shown.json("alert.json")["alert"] is None
    assert {one["status"] for one in shown.json("api/v2/components.json")["components"]} == {"operational"}


def test_public_alert_is_in_every_file(tmp_path: Path) -> None:
    """The same, said to everybody: so the search above finds what there is to find."""
    desk = Desk(attrs.evolve(SETTINGS, publishers=publishers("hook", "toot")))
    shown = Shown.of(tmp_path, desk)
    desk(f"#status alert gerrit: {WORD} is open")
    assert WORD in str([one.body for one in desk.delivered if one.kind != "say"])
    desk(f"#status plan 2026-11-17T10:00-12:30 {WORD}")
    shown.build()
    for name in ("alert.json", "status.atom", "api/v2/summary.json", "api/v2/incidents.json", "plans.ics"):
        assert WORD in shown.text(name), name
    for name in ("status.html", "index.html", "status/2026-11.html"):
        assert WORD in shown.text(name), name
