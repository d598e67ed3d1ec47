"""``ptgbot demo``: a sample gathering of this week, a terminal to type at, the site on a free port."""

from __future__ import annotations

import importlib.resources
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import attrs

from ptgbot.config import Config, ConfigError, from_tables
from ptgbot.gathering.document import dump, from_document
from ptgbot.gathering.model import Gathering, utc_text
from ptgbot.gathering.schedule import Calendar, realtime, zone_named
from ptgbot.gathering.shape import decode
from ptgbot.store.edits import Tree

_DAY = timedelta(days=1)


def sample() -> bytes:
    """Return the sample gathering that comes with the program."""
    inside = importlib.resources.files("ptgbot") / "base.json"
    if inside.is_file():
        return inside.read_bytes()
    return (Path(__file__).parents[1] / "base.json").read_bytes()


def document_from(file: Path | None) -> dict[str, Any]:
    """Return the document to show: the sample, or the document in a file.

    Raises:
        Unreadable: the file has not the right shape.
        OSError: the file cannot be read.
    """
    document = decode(file.read_bytes() if file else sample())
    from_document(document)
    return document


def invitation(state: Tree, port: int | None, at: datetime, *, has_board: bool = False) -> str:
    """Return the text that the demo prints at its start: the address of the site, and lines to type for this state."""
    board = f"The CI board: http://127.0.0.1:{port}/ci/, also +ci harbor/engine and +ci missing\n" if has_board else ""
    one, other, *_ = [*_talking(Gathering(cast("Tree", state["gathering"])), at), "nova", "cinder"]
    return (
        f"The page: http://127.0.0.1:{port}/\n"
        f"{board}"
        "Type as people do in a channel, and see the page change. For example:\n"
        f"  #{one} now live demo with #{other}      /op, then ~motd add info Lunch at noon\n"
        f"  +in #{one}     +free     /help for what else you can be     ctrl-C ends it\n"
    )


@asynccontextmanager
async def gerrit(folder: Path, seed: int) -> AsyncIterator[Mapping[str, Any]]:
    """Run a made-up Gerrit; yields the tables of the configuration that read it.

    Args:
        folder: for its keys.
        seed: another one makes another history.

    Raises:
        ConfigError: a library is missing.
    """
    if not find_spec("asyncssh"):
        raise ConfigError('the demo of the CI board needs asyncssh; install "ptgbot[ci]".')
    from ptgbot.ci.simulation.living import living

    keys = folder / "gerrit"
    keys.mkdir()
    async with living(keys, seed) as made:
        yield {"ci": made.tables}


def _talking(gathering: Gathering, at: datetime) -> list[str]:
    """Return tracks that meet today."""
    calendar = Calendar.of(gathering, at, "UTC")
    slots = calendar.today.slots if calendar.today else ()
    return [track for track in gathering.tracks if any(calendar.rooms_of(track, slot) for slot in slots)]


def shifted(document: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return a document whose days are moved to the week of a moment, at a weekend to the coming week."""
    zone = zone_named(str(document.get("timezone") or "UTC")) or UTC
    starts = [
        start.astimezone(zone).date()
        for slots in document["slots"].values()
        for slot in slots
        if (start := realtime(slot, zone))
    ]
    dates = sorted([*starts, *(date.fromisoformat(text) for text in document.get("dates", {}).values())])
    if not dates:
        return dict(document)
    today = at.astimezone(zone).date()
    monday = today + (7 - today.weekday()) * _DAY if today.weekday() > 4 else today - today.weekday() * _DAY
    move = monday - (dates[0] - dates[0].weekday() * _DAY)
    return {
        **document,
        "dates": {
            day: (date.fromisoformat(text) + move).isoformat() for day, text in document.get("dates", {}).items()
        },
        "slots": {day: [_moved(slot, move, zone) for slot in slots] for day, slots in document["slots"].items()},
        "last_check_in": _fresh(document.get("last_check_in", {}), at),
        "ptgbot": {**document.get("ptgbot", {}), "now_since": _since(document.get("now", {}), at)},
    }


def _moved(slot: Mapping[str, Any], move: timedelta, zone: Any) -> dict[str, Any]:
    """Move a slot by whole days on the clock of its time zone, so that 09:00 stays 09:00."""
    start = realtime(dict(slot), zone)
    if start is None:
        return dict(slot)
    local = start.astimezone(zone).replace(tzinfo=None) + move
    return {**slot, "realtime": local.replace(tzinfo=zone).isoformat()}


def _fresh(check_ins: Mapping[str, Mapping[str, Any]], at: datetime) -> dict[str, Any]:
    return {
        key: {
            **raw,
            "in": utc_text(at - timedelta(minutes=7 * number)),
            "out": raw.get("out") and utc_text(at),
        }
        for number, (key, raw) in enumerate(check_ins.items(), 1)
    }


def _since(now: Mapping[str, str], at: datetime) -> dict[str, str]:
    return {track: utc_text(at - timedelta(minutes=4 * number)) for number, track in enumerate(now, 1)}


def prepare(folder: Path, document: Mapping[str, Any], at: datetime, more: Mapping[str, Any]) -> Config:
    """Write the sample into a folder and return a configuration that runs it there.

    ``more`` are further tables of it.
    """
    (folder / "ptg.json").write_bytes(dump(shifted(document, at)))
    tables: dict[str, Any] = {
        "state": {"path": "ptg.json"},
        "site": {"output": "html", "listen": "127.0.0.1:0"},
        "console": [{"name": "console"}],
        **more,
    }
    # The demo ends with the terminal, whatever else it shows.
    return attrs.evolve(from_tables(tables, folder, "demo"), works_alone=False)
