from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ptgbot_irc.framing import LineBuffer


def test_lines_are_complete_for_any_chunks() -> None:
    buffer = LineBuffer()
    assert list(buffer.feed(b"one\r\ntw")) == [b"one"]
    assert list(buffer.feed(b"o\n\r\n\nthree")) == [b"two"]
    assert list(buffer.feed(b"\r\n")) == [b"three"]


def test_endless_line_is_skipped_and_next_line_read() -> None:
    buffer = LineBuffer(limit=100)
    assert list(buffer.feed(b"a" * 70_000)) == []
    assert list(buffer.feed(b"b" * 70_000)) == []
    assert list(buffer.feed(b"end\r\nnext\r\n")) == [b"next"]
    assert buffer.skipped == 1


def test_complete_but_too_long_line_is_skipped() -> None:
    buffer = LineBuffer(limit=10)
    assert list(buffer.feed(b"a" * 11 + b"\r\nshort\r\n")) == [b"short"]
    assert buffer.skipped == 1


@given(st.lists(st.binary(max_size=60)), st.integers(min_value=1, max_value=50))
def test_lines_do_not_depend_on_chunk_borders(chunks: list[bytes], limit: int) -> None:
    pieces, whole = LineBuffer(limit), LineBuffer(limit)
    in_pieces = [line for chunk in chunks for line in pieces.feed(chunk)]
    at_once = list(whole.feed(b"".join(chunks)))
    assert in_pieces == at_once
