"""Addresses of the tracks' notepads, made from a pattern."""

from __future__ import annotations

from urllib.parse import quote

from ptgbot.chat.urls import safe_url


def etherpad_url(pattern: str, eventid: str, track: str) -> str | None:
    """Return the address of a track's notepad, None if the pattern makes no address that may be linked."""
    made = pattern.replace("{eventid}", quote(eventid, safe="")).replace("{track}", quote(track, safe=""))
    return safe_url(made)
