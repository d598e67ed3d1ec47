"""Long work draws a bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import io

from ptgbot.bars import bar, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_sees_the_last_bar_full() -> None:
    out = Terminal()
    assert list(progress([1, 2, 3], "work", out)) == [1, 2, 3]
    assert out.getvalue().endswith(f"{bar('work', 3, 3)}\n")
    assert "[##############################] 3/3" in out.getvalue()


def test_file_sees_nothing() -> None:
    out = io.StringIO()
    assert list(progress([1, 2, 3], "work", out)) == [1, 2, 3]
    assert out.getvalue() == ""
