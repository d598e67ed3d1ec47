"""``ptgbot times``: gives the slots of a ``ptg.json`` their times, from dates and a time zone."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ptgbot.config import ConfigError
from ptgbot.exits import Exit
from ptgbot.gathering.clashes import is_skipped
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.schedule import days, desc_times, zone_named
from ptgbot.gathering.shape import decode
from ptgbot.store.edits import Tree
from ptgbot.tools.output import print_lines
from ptgbot.tools.verb import Verb


def with_times(document: Mapping[str, Any], zone: ZoneInfo, first: date | None) -> dict[str, Any]:
    """Return a document in which every day has a date, and every slot with a clock time in ``desc`` a moment.

    Args:
        document: the contents of a ``ptg.json``.
        zone: time zone of the clock times.
        first: date of the first day; None keeps the dates of the document.

    Raises:
        ConfigError: the date of a day is not known, or a clock time does not exist on that day.
    """
    plain: Tree = {name: [{**slot, "realtime": None} for slot in slots] for name, slots in document["slots"].items()}
    stated = document.get("dates", {}) if first is None else {next(iter(plain), ""): first.isoformat()}
    found = days(Gathering({"slots": plain, "dates": stated}), zone)
    unknown = [day.name for day in found if day.date is None]
    if unknown:
        raise ConfigError(f"the date of {', '.join(unknown)} is not known; give --first, or write `dates`.")
    dates = {day.name: day.date for day in found if day.date}
    return {
        **document,
        "timezone": zone.key,
        "dates": {name: when.isoformat() for name, when in dates.items()},
        "slots": {
            name: [_timed(slot, name, dates[name], zone) for slot in slots] for name, slots in document["slots"].items()
        },
    }


def _timed(slot: Mapping[str, Any], day: str, when: date, zone: ZoneInfo) -> dict[str, Any]:
    begins, ends = desc_times(str(slot.get("desc") or ""))
    if begins is None:
        return dict(slot)
    start = datetime.combine(when, begins, zone)
    if is_skipped(start, zone):
        raise ConfigError(f"{day}, {slot['name']}: there is no {begins:%H:%M} on {when} in {zone.key}.")
    made = {**slot, "realtime": start.isoformat()}
    if ends is not None:
        end = datetime.combine(when if ends > begins else when + timedelta(days=1), ends, zone)
        made["duration"] = round((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() / 60)
    return made


def _untimed(document: Mapping[str, Any]) -> Iterator[str]:
    for day, slots in document["slots"].items():
        for slot in slots:
            if not slot.get("realtime"):
                yield f"slots.{day}.{slot['name']}: no time stands in “{slot.get('desc') or ''}”."


def _times(options: argparse.Namespace) -> Exit:
    document = decode(options.file.read_bytes())
    zone = zone_named(options.zone or str(document.get("timezone") or ""))
    if zone is None:
        raise ConfigError("give --zone, such as --zone Europe/Berlin.")
    made = with_times({"slots": {}, **document}, zone, options.first)
    for sentence in _untimed(made):
        sys.stderr.write(f"{sentence}\n")
    print_lines([json.dumps(made, ensure_ascii=False, indent=2)])
    return Exit.STOPPED


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a ptg.json; it is not changed")
    parser.add_argument("--zone", help="IANA time zone; that of the file if left out")
    parser.add_argument("--first", type=date.fromisoformat, metavar="DATE", help="date of the first day, YYYY-MM-DD")


EXAMPLES = ("--zone Europe/Berlin --first 2026-11-23 ptg.json > timed.json",)
VERB = Verb("times", "give the slots of a ptg.json their times, from dates and a zone", _times, EXAMPLES, _arguments)
