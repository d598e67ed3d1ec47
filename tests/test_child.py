"""What is kept of the output of a command."""

from __future__ import annotations

from ptgbot.child import LAST_WORDS, _Tail


def test_long_output_is_kept_from_its_end() -> None:
    tail = _Tail()
    for _ in range(100):
        tail.add(b"x" * 65536)
    tail.add(b" the   end\n")
    assert len(tail.raw) == 4 * LAST_WORDS
    assert tail.text == f"{'x' * (LAST_WORDS - len(' the end'))} the end"
