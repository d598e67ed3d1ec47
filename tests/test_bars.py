"""Long work draws a bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import io

from ptgbot.bars import bar, progress, write_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_sees_the_last_bar_full() -> None:
    out = Terminal()
    assert list(progress([1, 2, 3], "work", out)) == [1, 2, 3]
    assert out.getvalue().endswith(f"{bar('work', 3, 3)}\n")
    assert "[##############################] 3/3" in out.getvalue()


def test_line_ends_where_the_work_is_left() -> None:
    out = Terminal()
    work = progress([1, 2, 3], "work", out)
    assert next(work) == 1
    del work
    assert out.getvalue() == f"{bar('work', 0, 3)}\n"


def test_file_sees_nothing() -> None:
    out = io.StringIO()
    assert list(progress([1, 2, 3], "work", out)) == [1, 2, 3]
    assert out.getvalue() == ""


def test_line_takes_the_place_of_the_bar() -> None:
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        for _item in progress([1], "work", out):
            write_line("found something", out)
    assert terminal.getvalue().startswith(f"{bar('work', 0, 1)}\r\x1b[Kfound something\n")
    assert file.getvalue() == "found something\n"
