from __future__ import annotations

from ptgbot.gathering.links import etherpad_url


def test_the_generated_notes_are_quoted() -> None:
    pattern = "https://e.example/p/{eventid}-{track}"
    assert etherpad_url(pattern, "spring 26/x?#", "a.b-c") == "https://e.example/p/spring%2026%2Fx%3F%23-a.b-c"
    assert etherpad_url(pattern, "{track}", "nova") == "https://e.example/p/%7Btrack%7D-nova"
    assert etherpad_url("nonsense", "a", "b") is None
