"""An archive of meetings: the import of old logs, its size, and ending a meeting beside an empty archive."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

WORDS = tuple(
    ["release", "branch", "gate", "patch", "review", "nova", "cinder", "swift", "please", "agree", "broken", "upgrade", "image", "mirror", "zuul", "job", "node", "quota", "meeting", "week", "summit", "topic", "docs", "tests", "python", "rust", "kernel", "cluster", "deploy", "later", "today", "thanks", "maybe", "works", "fails"]
)
NICKS = tuple(f"person{number:02}" for number in range(60))
TEAMS = tuple(f"team-{number:02}" for number in range(40))
FIRST = datetime(2015, 1, 5, 9, 0, tzinfo=UTC)
COMMANDS = ("#info", "#link https://example.org/review", "#action", "#idea", "#agreed", "#topic")


def log_of(number: int, lines: int) -> tuple[str, str]:
    """Return the path of a made-up raw log in an old archive, and its contents."""
    chance = random.Random(number)
    team, at = TEAMS[number % len(TEAMS)], FIRST + timedelta(hours=8 * number)
    present = chance.sample(NICKS, 12)
    made = [f"{at:%H:%M:%S} <{present[0]}> #startmeeting {team}"]
    for _ in range(lines - 2):
        at += timedelta(seconds=chance.randint(2, 12))
        text = " ".join(chance.choices(WORDS, k=chance.randint(3, 18)))
        if chance.random() < 0.06:
            text = f"{chance.choice(COMMANDS)} {chance.choice(present)} {text}"
        nick = present[0] if text.startswith(("#topic", "#agreed")) else chance.choice(present)
        made.append(f"{at:%H:%M:%S} <{nick}> {text}")
    made.append(f"{at:%H:%M:%S} <{present[0]}> #endmeeting")
    began = FIRST + timedelta(hours=8 * number)
    path = f"{team}/{began:%Y}/{team}.{began:%Y-%m-%d-%H.%M}.log.txt"
    return path, "\n".join(made) + "\n"


def write_logs(folder: Path, meetings: int, lines: int = 300) -> None:
    """Write the raw logs of an old archive."""
    for number in range(meetings):
        path, text = log_of(number, lines)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
