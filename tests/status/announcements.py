"""Announcements in the form that the bot writes into rows, made by hand."""

from __future__ import annotations

from typing import Any


def entry(number: int, kind: str, text: str, **more: Any) -> dict[str, Any]:
    """Return a public entry."""
    return {
        "number": number,
        "kind": kind,
        "text": text,
        "who": "Mira",
        "network": "irc",
        "room": "#infra",
        "at": f"2026-11-20T12:00:{number:02}+00:00",
        "links": True,
        "withdrawn": False,
        **more,
    }


def alert(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the public form of an alert, whose entries are given from the oldest on."""
    first = rows[0]
    return {
        "number": 3,
        "by": "Mira",
        "kind": "alert",
        "text": first["text"],
        "state": "open",
        "services": [],
        "at": first["at"],
        "touched": rows[-1]["at"],
        "entries": [*reversed(rows)],
        **more,
    }


def told(row: dict[str, Any], matter: dict[str, Any] | None = None, what: str = "") -> Any:
    """Return the body of a row."""
    return {"what": what or row["kind"], "entry": row, "matter": matter}
