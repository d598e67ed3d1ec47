"""Events of Gerrit for tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ptgbot.ci.board import Board, Wanted
from ptgbot.ci.board_json import board_json
from ptgbot.ci.events import read_event
from ptgbot.ci.facts import opened
from ptgbot.ci.settings import CiSettings

T = 1_732_000_000
HOUR = 3600
NOVA = "openstack/nova"
SETTINGS = CiSettings(projects=(NOVA,), trusted=("zuul",), accounts={"acme": "ci", "x-bot": "ci", "botond": "person"})
ZUUL = {"username": "zuul", "name": "Zuul", "email": "zuul@ci.example"}
ACME = {"username": "acme", "name": "Acme CI"}
ANA = {"username": "ana", "name": "Ana"}
OK = "Build succeeded (check pipeline).\n\n- unit https://log.example/1 : SUCCESS in 3s"
BAD = "Build failed (check pipeline).\n\n- unit https://log.example/2 : FAILURE in 3s"

Event = dict[str, Any]


def change(number: int = 934100, project: str = NOVA, **more: object) -> Event:
    return {"project": project, "branch": "master", "number": number, "subject": "s", "owner": ANA, **more}


def created(number: int = 934100, patchset: int = 1, at: int = T, kind: str = "REWORK", **more: Any) -> Event:
    return {
        "type": "patchset-created",
        "change": change(number, **more),
        "patchSet": {"number": patchset, "createdOn": at, "kind": kind, "ref": "refs/changes/00/1/1"},
        "uploader": ANA,
        "eventCreatedOn": at,
    }


def comment(
    text: str,
    author: Mapping[str, str] = ZUUL,
    *,
    number: int = 934100,
    patchset: int = 1,
    at: int = T + HOUR,
    born: int = T,
    header: str | None = None,
    **more: object,
) -> Event:
    head = f"Patch Set {patchset}:" if header is None else header
    return {
        "type": "comment-added",
        "change": change(number),
        "patchSet": {"number": patchset, "createdOn": born},
        "author": dict(author),
        "comment": f"{head}\n\n{text}",
        "eventCreatedOn": at,
        **more,
    }


def read(event: Mapping[str, Any], settings: CiSettings = SETTINGS) -> Event:
    """Return the JSON of an event, as ``ptgbot ci read`` prints it."""
    return read_event(event, settings).to_json(1)


def jobs(text: str) -> list[Event]:
    """Return the jobs of a comment of the trusted CI."""
    found: list[Event] = read(comment(text))["jobs"]
    return found


def shown(
    events: Iterable[Mapping[str, Any]], at: int = T + 20 * HOUR, settings: CiSettings = SETTINGS, **wanted: Any
) -> Event:
    """Return the JSON of a board, as ``ptgbot ci show --json`` prints it."""
    with opened(":memory:") as facts:
        for event in events:
            facts.put(read_event(event, settings))
        return board_json(Board(facts.sql, Wanted(wanted.pop("project", NOVA), at, **wanted), settings))


def written(folder: Path, events: Iterable[Mapping[str, Any]], name: str = "events.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
    return path
