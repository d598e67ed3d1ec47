"""The choice among forms of a file."""

from __future__ import annotations

import pytest

from ptgbot.web.encoding import choose


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=0", "identity"),
        ("gzip; q=0.0, br;q=0", "identity"),
        ("*", "br"),
        ("*, br;q=0", "gzip"),
        ("*;q=0", "identity"),
        ("*;q=0, gzip", "gzip"),
        ("identity;q=0.5, gzip;q=0.4", "identity"),
        ("identity;q=0.5, gzip;q=0.6", "gzip"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("br;q=nonsense, gzip", "gzip"),
        ("br;q=9, gzip;q=0.1", "gzip"),
        ("gzipped, x-gzip", "identity"),
        (",;,q", "identity"),
    ],
)
def test_weights_decide(accepted: str | None, coding: str) -> None:
    assert choose(accepted, {"gzip", "br"}) == coding


def test_only_what_is_there_is_chosen() -> None:
    assert choose("br, gzip;q=0.1", {"gzip"}) == "gzip"
    assert choose("br, gzip", ()) == "identity"
