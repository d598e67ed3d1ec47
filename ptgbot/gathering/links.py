"""The notepads of tracks: their addresses are made from a pattern."""

from __future__ import annotations

from urllib.parse import quote

from ptgbot.chat.urls import safe_url


def etherpad_url(pattern: str, eventid: str, track: str) -> str | None:
    """Return the generated notepad of a track."""
    made = pattern.replace("{eventid}", quote(eventid, safe="")).replace("{track}", quote(track, safe=""))
    return safe_url(made)
