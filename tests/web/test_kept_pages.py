"""Pages in memory: read once, never of a former release, never more than is allowed."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from ptgbot.web import pages
from ptgbot.web.pages import Page, Pages


def release(home: Path, number: int, **written: str) -> Path:
    """Write a release and let the link lead to it."""
    folder = home / "releases" / str(number)
    folder.mkdir(parents=True)
    for name, text in written.items():
        (folder / f"{name}.html").write_text(text)
    (home / "next").symlink_to(folder)
    return (home / "next").replace(home / "html")


async def text(kept: Pages, name: str) -> str | None:
    page = await kept.get(name)
    return page.plain.decode() if page else None


async def test_page_is_read_once_for_simultaneous_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, load, reads = Pages(release(tmp_path, 1, index="one")), pages._load, list[str]()

    def counted(root: Path, name: str, build: str) -> Page | None:
        reads.append(name)
        return load(root, name, build)

    monkeypatch.setattr(pages, "_load", counted)
    assert set(await asyncio.gather(*(text(kept, "") for _ in range(500)))) == {"one"}
    assert await text(kept, "") == "one"
    assert reads == [""]


async def test_leaving_reader_takes_nothing_from_others(tmp_path: Path) -> None:
    kept = Pages(release(tmp_path, 1, index="one"))
    leaving, staying = asyncio.create_task(text(kept, "")), asyncio.create_task(text(kept, ""))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == "one"


async def test_switch_leaves_nothing_of_former_release(tmp_path: Path) -> None:
    kept = Pages(release(tmp_path, 1, index="one", gone="gone"))
    assert (await text(kept, ""), await text(kept, "gone.html")) == ("one", "gone")
    release(tmp_path, 2, index="two")
    assert (await text(kept, ""), await text(kept, "gone.html")) == ("two", None)


async def test_switch_during_read_keeps_nothing_old(tmp_path: Path) -> None:
    kept = Pages(release(tmp_path, 1, index="one"))
    early = asyncio.create_task(kept.get(""))
    await asyncio.sleep(0)
    release(tmp_path, 2, index="two")
    assert await text(kept, "") == "two"
    await early
    assert await text(kept, "") == "two"


async def test_kept_pages_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Pages(release(tmp_path, 1, a="x" * 400, b="y" * 400, c="z" * 400), most=1000)
    for name in ("a", "b", "a", "c", "a"):
        assert await text(kept, f"{name}.html")
    shutil.rmtree(tmp_path / "releases")
    assert await text(kept, "a.html") == "x" * 400
    assert await text(kept, "b.html") is None
    monkeypatch.setattr(pages, "LARGEST", 10)
    assert await text(Pages(release(tmp_path, 2, large="x" * 11)), "large.html") is None


async def test_no_page_exists_before_first_build(tmp_path: Path) -> None:
    assert await text(Pages(tmp_path / "html"), "") is None
