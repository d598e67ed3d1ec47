"""What is kept of the output of a command."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE

from ptgbot.child import LAST_WORDS, _Tail, said_at_once


def test_long_output_is_kept_from_its_end() -> None:
    tail = _Tail()
    for _ in range(100):
        tail.add(b"x" * 65536)
    tail.add(b" the   end\n")
    assert len(tail.raw) == 4 * LAST_WORDS
    assert tail.text == f"{'x' * (LAST_WORDS - len(' the end'))} the end"


async def test_what_is_said_at_once_is_one_record() -> None:
    program = "import time; print('a\\n  b'); import sys; sys.stdout.flush(); time.sleep(1); print('c')"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=PIPE)
    assert process.stdout is not None
    assert [words async for words in said_at_once(process.stdout)] == [["a", "b"], ["c"]]
    await process.wait()
