"""An hour of a made-up gathering: its script, and how the documentation shows it."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import frozen

FOLDER: Final = Path(__file__).parents[2] / "docs" / "hour"
WRITE: Final = "PTGBOT_WRITE_HOUR"
"""Environment variable with which a run writes the transcripts anew instead of comparing them."""
BEGIN: Final = 9 * 60 + 58
"""Minute of the day at which the hour begins."""


@frozen
class Said:
    """A line of the script."""

    minute: int
    who: str
    text: str
    private: bool = False

    @property
    def clock(self) -> str:
        """The time of day, such as ``10:02``."""
        return clock(self.minute)


def clock(minute: int) -> str:
    """Return the time of day so many minutes after the hour has begun."""
    return f"{(BEGIN + minute) // 60:02}:{(BEGIN + minute) % 60:02}"


SCRIPT: Final = (
    Said(0, "olga", "Good morning! Olga here, I keep the schedule. Coffee is in the lobby."),
    Said(1, "olga", "~motd add info Lunch is at 12:45 in the foyer"),
    Said(2, "tomas", "hi all, how do I see what is going on?"),
    Said(2, "tomas", "ptgbot: help"),
    Said(3, "tomas", "+today"),
    Said(4, "mira", "#storage now placement groups"),
    Said(5, "mira", "#storage next erasure coding with #network"),
    Said(5, "mira", "#storage next scrubbing"),
    Said(7, "tomas", "+in storage"),
    Said(9, "zoltan", "ptgbot: where is network?"),
    Said(10, "zoltan", "#netwrok now ipv6 only"),
    Said(10, "zoltan", "#network now ipv6 only"),
    Said(12, "mira", "what do you think, +1 for scrubbing first?"),
    Said(13, "tomas", "+1"),
    Said(15, "ines", "ptgbot, who is in #storage?"),
    Said(18, "ines", "#docs is late, we wait for the projector"),
    Said(21, "ines", "#docs now style guide"),
    Said(24, "zoltan", "subscribe storage.*erasure", private=True),
    Said(26, "zoltan", "when is docs?", private=True),
    Said(31, "mira", "#storage advance"),
    Said(33, "ines", "#docs book Aspen"),
    Said(34, "ines", "#docs book Birch-A2"),
    Said(37, "tomas", "+when docs"),
    Said(41, "tomas", "~newday"),
    Said(44, "zoltan", "#network book Birch-A2"),
    Said(45, "zoltan", "#network book Aspen-A3"),
    Said(49, "mira", "#storage cancel"),
    Said(50, "mira", "#storage clean"),
    Said(51, "mira", "#storage undo"),
    Said(55, "tomas", "ptgbot: what's next?"),
    Said(57, "tomas", "+out"),
    Said(59, "olga", "+now"),
)
PEOPLE: Final = tuple(dict.fromkeys(said.who for said in SCRIPT))


def document() -> dict[str, Any]:
    """Return a gathering whose first slot has run for half an hour and runs for an hour and a half more."""
    now = datetime.now(UTC)
    ahead = 10 - now.hour
    # No zone is 13 hours behind; there it is ten o'clock of the next day.
    ahead += 24 * (ahead < -12)
    today = (now + timedelta(hours=ahead)).date()
    return {
        "eventid": "harbour",
        "title": "Harbour Gathering",
        "timezone": f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT",
        "dates": {"Monday": today.isoformat()},
        "tracks": ["docs", "network", "storage"],
        "slots": {
            "Monday": [
                {"name": "A1", "desc": "09:30-11:30"},
                {"name": "A2", "desc": "11:45-12:45"},
                {"name": "A3", "desc": "13:30-15:00"},
            ]
        },
        "schedule": {
            "Aspen": {"A1": "storage", "A2": "storage", "A3": ""},
            "Birch": {"A1": "network", "A2": "", "A3": "network"},
            "Cedar": {"A1": "docs", "A2": "network", "A3": ""},
        },
    }


def timeless(text: str, said: Said) -> str:
    """Replace the time at which the script ran by that of its line."""
    return re.sub(r"\b\d\d:\d\d(?= in #hour|$|[,)])", said.clock, text)


@frozen
class Turn:
    """A line of the script and what the bot said to it."""

    said: Said
    answers: Sequence[Mapping[str, Any]]
    """Content of the events on Matrix; ``body`` alone on IRC."""


def as_text(turns: Sequence[Turn]) -> str:
    """Return the hour as a chat program shows it."""
    lines = []
    for turn in turns:
        where = " (in private)" if turn.said.private else ""
        lines.append(f"{turn.said.clock} <{turn.said.who}>{where} {turn.said.text}")
        lines += [f"{turn.said.clock} <ptgbot>{where} {timeless(one['body'], turn.said)}" for one in turn.answers]
    return "\n".join(lines) + "\n"


def as_html(turns: Sequence[Turn]) -> str:
    """Return the hour as a list with the HTML that the bot sent; a reaction stands behind its line."""
    rows = []
    for turn in turns:
        signs = [one["m.relates_to"]["key"] for one in turn.answers if "body" not in one]
        said = html.escape(turn.said.text) + "".join(f" <em>{sign}</em>" for sign in signs)
        rows.append(_row(turn.said, turn.said.who, said))
        for one in turn.answers:
            if "body" in one:
                shown = one.get("formatted_body") or html.escape(one["body"])
                rows.append(_row(turn.said, "ptgbot", timeless(shown, turn.said)))
    return "<dl>\n" + "".join(rows) + "</dl>\n"


def _row(said: Said, who: str, shown: str) -> str:
    where = ", in private" if said.private else ""
    return f"<dt>{said.clock} {who}{where}</dt>\n<dd>{shown}</dd>\n"


def compare(name: str, made: str) -> None:
    """Compare a transcript with the one in the documentation, or write it there.

    Raises:
        AssertionError: they differ.
    """
    path = FOLDER / name
    if os.environ.get(WRITE):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8"), f"run this test with {WRITE}=1 and look at the difference"


def write_state(folder: Path) -> Path:
    """Write the state with which the bot begins, and return its folder."""
    (folder / "ptg.json").write_text(json.dumps(document()))
    return folder
