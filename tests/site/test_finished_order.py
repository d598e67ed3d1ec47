"""Newer pages do not wait until a whole archive is made, and every page is made in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from attrs import define, field

from ptgbot_site.build.finished import Keeper, Progress, Results, _Making


@define(eq=False)
class Archive:
    """Pages by the numbers of their changes; each takes a second."""

    numbers: list[int]
    made: list[int] = field(factory=list)

    def changed(self, after: int, most: int) -> Sequence[tuple[int, str]]:
        """Return the changes after a number."""
        return [(number, str(number)) for number in self.numbers if number > after][:most]

    def files(self, key: str, render: object) -> Mapping[str, bytes | None]:
        """Make the page of a change."""
        self.made.append(int(key))
        return {f"{key}.html": key.encode()}


def build(archive: Archive, folder: Path, done: Progress, seconds: float) -> tuple[Progress, bool]:
    """Build once. Return the progress, and whether pages are left."""
    results = Results()
    begun = len(archive.made)
    making = _Making(
        archive, lambda *_, **__: b"", Keeper(folder), results, seconds, lambda: float(len(archive.made) - begun)
    )
    return making.go_on(done), results.more


@pytest.mark.parametrize("comes", ["before the first build", "between two builds"])
def test_new_page_precedes_those_of_an_archive(tmp_path: Path, comes: str) -> None:
    archive, done = Archive([*range(1, 261)]), Progress(0, 0)
    if comes == "between two builds":
        done, more = build(archive, tmp_path, done, 30.0)
        assert more
        archive.made.clear()
    archive.numbers.append(261)
    done, more = build(archive, tmp_path, done, 130.0)
    assert more
    assert 261 in archive.made
    assert Progress.of({"frame": "f", "after": done.after, "ahead": done.ahead}, "f") == done
    while more:
        done, more = build(archive, tmp_path, done, 1000.0)
    assert done == Progress(261, 261)
    assert len([*tmp_path.glob("*.html")]) == 261


def test_another_frame_makes_every_page_again() -> None:
    assert Progress.of({"frame": "f", "after": 7}, "f") == Progress(7, 7)
    assert Progress.of({"frame": "f", "after": 7}, "g") == Progress(0, 0)
