"""The journal file: checksums, torn tails, failed writes."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path
from typing import Any

import pytest

from ptgbot.store.file import journal as journals
from ptgbot.store.file.journal import Journal, decode, encode, read
from ptgbot.store.store import Damaged, Newer, NotWritten

HEAD = {"schema": 1, "seq": 0}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "ptg.journal.jsonl"
    file.write_bytes(encode(HEAD))
    return file


def opened(path: Path, sync: journals.Sync = os.fsync) -> Journal:
    return Journal(path, path.stat().st_size, sync)


def test_appended_batches_are_read(path: Path) -> None:
    journal = opened(path)
    journal.append(encode({"seq": 1, "text": "é 🎉 \u2028"}))
    journal.append(encode({"seq": 2}))
    journal.close()
    assert read(path).batches == [{"seq": 1, "text": "é 🎉 \u2028"}, {"seq": 2}]
    assert read(path).length == journal.length == path.stat().st_size


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_does_not_know_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"seq": 1, "text": number})


def test_every_line_is_json(path: Path) -> None:
    import json

    assert json.loads(path.read_bytes())["body"] == HEAD


@pytest.mark.parametrize(
    "tail", [b"x", b'{"sum":"', b"\0" * 4096, encode({"seq": 2})[:-1], encode({"seq": 2})[:-4] + b"9}}\n"]
)
def test_torn_last_line_is_not_counted(path: Path, tail: bytes) -> None:
    journal = opened(path)
    journal.append(encode({"seq": 1}))
    with path.open("ab") as file:
        file.write(tail)
    contents = read(path)
    assert contents.batches == [{"seq": 1}]
    assert contents.torn == tail
    aside = Journal(path, contents.length).cut(contents.torn)
    assert aside is not None
    assert aside.read_bytes() == tail + b"\n"
    assert read(path).torn == b""


def test_cut_at_every_byte_nothing_acknowledged_is_lost(path: Path) -> None:
    journal = opened(path)
    journal.append(encode({"seq": 1}))
    whole, last = path.read_bytes(), encode({"seq": 2, "records": "x" * 20})
    for cut in range(len(last)):
        path.write_bytes(whole + last[:cut])
        assert read(path).batches == [{"seq": 1}]
    path.write_bytes(whole + last)
    assert len(read(path).batches) == 2


def test_damaged_earlier_line_stops_and_is_named(path: Path) -> None:
    journal = opened(path)
    for seq in (1, 2, 3):
        journal.append(encode({"seq": seq}))
    raw = bytearray(path.read_bytes())
    raw[len(encode(HEAD)) + 40] ^= 1
    path.write_bytes(raw)
    with pytest.raises(Damaged, match=r"line 2: .*ptgbot journal repair"):
        read(path)


@pytest.mark.parametrize("raw", [b"", b"\n", b"{}\n", encode({"seq": 1})])
def test_journal_without_checkpoint_is_damaged(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    with pytest.raises(Damaged, match="line 1"):
        read(path)


def test_a_newer_schema_is_refused(path: Path) -> None:
    path.write_bytes(encode({**HEAD, "schema": 3}))
    with pytest.raises(Newer, match="later ptgbot"):
        read(path)


def test_a_changed_byte_anywhere_is_noticed() -> None:
    line = encode({"seq": 1, "text": "abc"})
    for place in range(len(line) - 1):
        for bit in (1, 64):
            changed = bytearray(line)
            changed[place] ^= bit
            with pytest.raises((Damaged, ValueError)):
                decode(bytes(changed))


class Failing:
    """Stands in for a call of the system that fails while it is told to."""

    def __init__(self, call: Any, error: int) -> None:
        self.call, self.error, self.failing = call, error, True

    def __call__(self, *arguments: Any) -> Any:
        if self.failing:
            raise OSError(self.error, os.strerror(self.error))
        return self.call(*arguments)


def test_failed_fsync_discards_the_whole_line(path: Path) -> None:
    sync = Failing(os.fsync, errno.EIO)
    journal = opened(path, sync)
    with pytest.raises(NotWritten, match="Input/output error"):
        journal.append(encode({"seq": 1}))
    sync.failing = False
    journal.append(encode({"seq": 2}))
    assert read(path).batches == [{"seq": 2}]


def test_short_write_on_full_disk_is_removed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(path)
    journal.append(encode({"seq": 1}))
    write, room = os.write, 10

    def full(handle: int, raw: Any) -> int:
        nonlocal room
        if room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = write(handle, bytes(raw[:room]))
        room -= taken
        return taken

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(NotWritten, match="No space left"):
        journal.append(encode({"seq": 2}))
    monkeypatch.undo()
    assert read(path).torn == b""
    journal.append(encode({"seq": 3}))
    assert read(path).batches == [{"seq": 1}, {"seq": 3}]


def test_failing_nth_call_keeps_what_was_acknowledged(path: Path) -> None:
    """After SQLite's way of testing: each call in turn fails, first once, then from there on."""
    for lasting in (False, True):
        for nth in range(1, 8):
            path.write_bytes(encode(HEAD))
            calls = 0

            def sync(handle: int, nth: int = nth, lasting: bool = lasting) -> None:
                nonlocal calls
                calls += 1
                if calls == nth or (lasting and calls > nth):
                    raise OSError(errno.EIO, "no")
                os.fsync(handle)

            journal, acknowledged = opened(path, sync), []
            for seq in range(1, 6):
                try:
                    journal.append(encode({"seq": seq}))
                except NotWritten:
                    continue
                acknowledged.append({"seq": seq})
            journal.close()
            found = list(read(path).batches)
            assert found[: len(acknowledged)] == acknowledged


def test_failed_recovery_is_repeated_before_next_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(path)
    write = os.write

    def half(handle: int, raw: Any) -> int:
        write(handle, bytes(raw[:5]))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        patch.setattr(os, "ftruncate", Failing(os.ftruncate, errno.EIO))
        with pytest.raises(NotWritten, match="No space left"):
            journal.append(encode({"seq": 1}))
    assert read(path).torn == encode({"seq": 1})[:5]
    journal.append(encode({"seq": 2}))
    assert read(path).batches == [{"seq": 2}]


def test_a_journal_may_be_closed_at_any_time(path: Path) -> None:
    journal = opened(path)
    journal.close()
    journal.append(encode({"seq": 1}))
    journal.close()
    journal.close()
    assert read(path).batches == [{"seq": 1}]


def test_a_file_that_vanished_is_not_acknowledged(path: Path) -> None:
    journal = opened(path)
    path.unlink()
    with pytest.raises(NotWritten):
        journal.append(encode({"seq": 1}))


def test_replaced_journal_continues_in_new_file(path: Path) -> None:
    journal = opened(path)
    journal.append(encode({"seq": 1}))
    archive = journal.keep()
    journal.replace(encode({**HEAD, "seq": 1}))
    journal.append(encode({"seq": 2}))
    assert archive.name == "ptg.journal.001.jsonl"
    assert read(archive).batches == [{"seq": 1}]
    assert read(path).batches == [{"seq": 2}]
    assert journals.archives(path) == [archive]
    assert journals.next_archive(path).name == "ptg.journal.002.jsonl"


def test_write_cut_by_kernel_leaves_no_trace(path: Path) -> None:
    """A limit on the size of files makes the kernel itself write a part and then refuse."""
    journal = opened(path)
    journal.append(encode({"seq": 1}))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal.length + 40, hard))
    try:
        with pytest.raises(NotWritten, match="File too large"):
            journal.append(encode({"seq": 2, "text": "x" * 200}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.stat().st_size == journal.length
    journal.append(encode({"seq": 3}))
    assert read(path).batches == [{"seq": 1}, {"seq": 3}]
