"""Finished files take no more room than they need."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from ptgbot_site.build.finished import Keeper, Queue, code_of
from ptgbot_site.build.theme import THEME

LONG = b"<p>words of a meeting</p>" * 1000


def test_same_contents_are_one_file(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    assert [*keeper.write({"new/a.txt": LONG, "old/b.txt": LONG})] == ["new/a.txt", "old/b.txt"]
    for suffix in ("", ".gz"):
        assert (tmp_path / f"new/a.txt{suffix}").samefile(tmp_path / f"old/b.txt{suffix}")
    # A file that changes leaves the other one as it was.
    assert [*keeper.write({"old/b.txt": LONG + b"more"})] == ["old/b.txt"]
    assert (tmp_path / "new/a.txt").read_bytes() == LONG
    assert gzip.decompress((tmp_path / "new/a.txt.gz").read_bytes()) == LONG
    assert gzip.decompress((tmp_path / "old/b.txt.gz").read_bytes()) == LONG + b"more"
    assert [*keeper.write({"new/a.txt": None})] == ["new/a.txt"]
    assert {path.name for path in tmp_path.rglob("*.*")} == {"b.txt", "b.txt.gz"}


def test_compressed_form_must_save_a_block(tmp_path: Path) -> None:
    assert [*Keeper(tmp_path).write({"short.txt": b"word " * 500, "long.txt": LONG})] == ["short.txt", "long.txt"]
    assert {path.name for path in tmp_path.iterdir()} == {"short.txt", "long.txt", "long.txt.gz"}


def test_newest_changes_are_made_before_older_ones() -> None:
    queue = Queue("frame")
    queue.grow(1000)
    queue.handled(10)
    queue.grow(1002)
    assert queue.left == [(10, 1000), (1000, 1002)]
    queue.handled(1002)
    assert queue.left == [(10, 1000)]
    # Nothing is made twice by the same program, everything by another one.
    assert Queue.of(json.loads(json.dumps(queue.to_json())), "frame").left == [(10, 1000)]
    upgraded = Queue.of(queue.to_json(), "another frame")
    upgraded.grow(1003)
    assert upgraded.left == [(0, 1002), (1002, 1003)]
    queue.handled(1000)
    assert not queue.left


def test_last_changes_of_an_import_come_first() -> None:
    queue = Queue("frame", 50)
    queue.grow(5000)
    assert (queue.left, queue.upto) == ([(50, 4800), (4800, 5000)], 5000)


def test_many_ranges_become_few() -> None:
    queue = Queue("frame")
    for newest in range(1, 200):
        queue.grow(newest)
    assert len(queue.left) == 50
    assert (queue.left[0][0], queue.left[-1]) == (0, (198, 199))


def test_other_data_with_lower_numbers_is_made_anew() -> None:
    queue = Queue("frame", 1000)
    queue.grow(7)
    assert (queue.left, queue.upto) == ([(0, 7)], 7)


def test_other_code_of_a_feature_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "feature" / "things.py"
    path.parent.mkdir()
    found = []
    for text in ("a = 1", "a = 1", "a = 2"):
        path.write_text(text)
        code_of.cache_clear()
        found.append(code_of((tmp_path,)))
    assert [found[0] == found[1], found[1] == found[2]] == [True, False]


def test_code_of_pages_is_all_of_the_site() -> None:
    modules = [module.__file__ for name, module in sys.modules.items() if name.partition(".")[0] == "ptgbot_site"]
    assert [path for path in modules if path and not Path(path).is_relative_to(THEME.parent)] == []
