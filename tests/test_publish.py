"""From slices to a folder that readers see whole."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gzip
import json
import os
import re
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import pytest
from attrs import define, field

from ptgbot.chat.adapter import Colour
from ptgbot.projection import Shown
from ptgbot.publish import BuildResult, Publisher, PublishError
from ptgbot.publish.packing import pack_all
from ptgbot.publish.releases import Folders, Release

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "gathering.event": {"id": "m", "title": "Meadow", "timezone": "UTC"},
    "gathering.tracks": {},
    "gathering.rooms": {},
}
CONF = """
project = "Test"
extensions = ["ptgbot_site"]
html_theme = "ptgbot"
html_use_index = False
def setup(app):
    app.connect("builder-inited", lambda app: setattr(app.builder, "search", False))
"""

# Answers like the builder, after writing one page that names a file of the same build.
FAKE = """
import json, os, sys, time
source, html, doctrees = sys.argv[1:]
os.makedirs(html, exist_ok=True)
known = {}
for line in sys.stdin:
    request = json.loads(line)
    known.update(request["set"])
    told = known["gathering.motd"]
    if told == "hang":
        time.sleep(1000)
    if told == "hang once" and not os.path.exists(doctrees):
        open(doctrees, "w").close()
        time.sleep(1000)
    if told == "die":
        sys.exit("no more")
    if told == "slow":
        time.sleep(0.2)
    if told == "fail" or (told == "fail once" and not os.path.exists(doctrees)):
        open(doctrees, "w").close()
        print(json.dumps({"build": request["build"], "ok": False, "error": "odd state"}), flush=True)
        continue
    with open(html + "/index.html", "w") as page:
        page.write(json.dumps([told, sorted(request["set"])]))
    print(json.dumps({"build": request["build"], "ok": True, "pages": ["index.html"], "seconds": 0}), flush=True)
"""


def motd(text: str) -> dict[str, Any]:
    return {**EVENT, "gathering.motd": text}


def shows(slices: dict[str, Any], files: dict[str, bytes], at: datetime) -> Shown:
    return Shown(at, "UTC", slices, {}, files)


@define
class Told:
    """What the service would be told."""

    _log: pytest.LogCaptureFixture
    switches: list[BuildResult] = field(factory=list)

    @property
    def failures(self) -> list[str]:
        """What the log says of builds that failed."""
        texts = [record.getMessage() for record in self._log.records]
        return [text for text in texts if text.startswith("the site could not be built")]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Told:
    return Told(caplog)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "conf.py").write_text(CONF)
    (folder / "index.rst").write_text("Now\n===\n\n.. toctree::\n\n   two\n\n.. ptg:motd::\n")
    (folder / "two.rst").write_text("Two\n===\n\n.. ptg:now::\n\n.. ptg:etherpads::\n")
    return folder


@pytest.fixture
def real(tmp_path: Path, pages: Path, told: Told) -> Publisher:
    return Publisher(tmp_path / "html", pages=pages, debounce=0, on_switch=told.switches.append)


@pytest.fixture
def fake(tmp_path: Path, pages: Path, told: Told) -> Callable[..., Publisher]:
    def make(**options: Any) -> Publisher:
        given = {"build_timeout": 20.0, "debounce": 0.0, "retry": 60.0, **options}
        return Publisher(
            tmp_path / "html",
            pages=pages,
            command=[sys.executable, "-c", FAKE],
            on_switch=told.switches.append,
            **given,
        )

    return make


@contextlib.asynccontextmanager
async def running(publisher: Publisher) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(publisher.run())
    try:
        yield task
    finally:
        publisher.stop()
        await task


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


def shown(folder: Path) -> Any:
    return json.loads((folder / "html" / "index.html").read_text())


def _has_switched(told: Told, times: int) -> bool:
    return len(told.switches) >= times


def _is_at(folder: Path, number: int) -> bool:
    return (folder / "html").exists() and bool(about(folder)["build"] == number)


def about(folder: Path) -> Any:
    return json.loads((folder / "html" / "build.json").read_text())


async def test_build_once_links_to_a_whole_site(real: Publisher, tmp_path: Path) -> None:
    messages = {**EVENT, "gathering.motd": [{"level": "info", "message": "Soup at noon"}], "gathering.now": {}}
    real.update(shows(messages, {"ptg.json": b"{}"}, NOW))
    result = await real.build_once()
    assert result is not None
    assert (result.build, result.pages, result.at) == (1, ("index.html", "two.html"), NOW)
    assert (tmp_path / "html").readlink() == Path("html.d/releases/1")
    assert "Soup at noon" in (tmp_path / "html" / "index.html").read_text()
    assert (tmp_path / "html" / "ptg.json").read_bytes() == b"{}"
    assert about(tmp_path) == {
        "build": 1,
        "at": NOW.isoformat(),
        "failing_since": None,
        "since": 0,
        "pages": {"index.html": 1, "two.html": 1},
    }
    named = re.findall(r'(?:href|src)="(_static/[^"]+)"', (tmp_path / "html" / "two.html").read_text())
    assert len(named) == 2
    assert all((tmp_path / "html" / name).is_file() for name in named)


async def test_unchanged_state_causes_no_build(real: Publisher, tmp_path: Path) -> None:
    state = {**EVENT, "gathering.motd": [], "gathering.now": {}}
    for expected in (1, None, None):
        real.update(shows(state, {"ptg.json": b"{}"}, NOW))
        result = await real.build_once()
        assert (result.build if result else None) == expected
    real.update(shows(state, {"ptg.json": b"{1}"}, NOW))
    result = await real.build_once()
    assert result
    assert (result.build, result.pages) == (2, ())


async def test_unchanged_files_are_links_to_the_former_release(real: Publisher, tmp_path: Path) -> None:
    state = {**EVENT, "gathering.motd": [], "gathering.now": {}}
    real.update(shows(state, {}, NOW))
    await real.build_once()
    former = (tmp_path / "html").resolve()
    real.update(shows({**state, "gathering.motd": [{"level": "info", "message": "x"}]}, {}, NOW))
    result = await real.build_once()
    assert result
    assert result.pages == ("index.html",)
    assert (tmp_path / "html" / "two.html").samefile(former / "two.html")
    assert not (tmp_path / "html" / "index.html").samefile(former / "index.html")
    assert not (tmp_path / "html" / "two.html").samefile(tmp_path / "html.d" / "work" / "html" / "two.html")
    assert about(tmp_path)["pages"] == {"index.html": 2, "two.html": 1}


def test_build_json_stays_small_and_misses_no_change(tmp_path: Path) -> None:
    folders, built, last = Folders(tmp_path / "html"), tmp_path / "built", dict[str, int]()
    folders.open()
    pages = [f"tracks/track-{number}.html" for number in range(300)]
    (built / "tracks").mkdir(parents=True)
    for number in range(1, 30):
        changed = pages if number % 7 == 1 else [pages[number], "index.html", pages[0]]
        for name in changed:
            (built / name).write_text(f"{name} {number}")
        folders.release(built, {}, NOW)
        last.update(dict.fromkeys(changed, number))
        written = (tmp_path / "html" / "build.json").read_bytes()
        assert len(written) < 900
        told = json.loads(written)
        # Whoever knows a build as new as this finds every later change.
        assert told["pages"] == {name: build for name, build in last.items() if build > told["since"]}
    folders.close()


def test_compressed_forms_are_made_once_and_linked(tmp_path: Path) -> None:
    folders, built = Folders(tmp_path / "html"), tmp_path / "built"
    folders.open()
    built.mkdir()
    (built / "index.html").write_text("<p>page</p>" * 500)
    (built / "small.html").write_text("<p>page</p>")
    for number in range(3):
        (built / "other.html").write_text(str(number))
        folders.release(built, {"ptg.json": b"[]" * 5000}, NOW)
    site = tmp_path / "html"
    for name, content in (("index.html", b"<p>page</p>" * 500), ("ptg.json", b"[]" * 5000)):
        assert brotli.decompress((site / f"{name}.br").read_bytes()) == content
        assert gzip.decompress((site / f"{name}.gz").read_bytes()) == content
        for suffix in ("", ".gz", ".br"):
            assert (site / f"{name}{suffix}").stat().st_nlink == 3
    assert not (site / "small.html.br").exists()
    folders.close()


def test_forms_of_the_builder_are_taken_over(tmp_path: Path) -> None:
    folders, built = Folders(tmp_path / "html"), tmp_path / "built"
    folders.open()
    built.mkdir()
    site = tmp_path / "html"
    for text in ("first", "second"):
        (built / "index.html").write_text(f"<p>{text}</p>" * 500)
        pack_all(built)
        folders.release(built, {}, NOW)
        assert (site / "index.html.br").samefile(built / "index.html.br")
        assert brotli.decompress((site / "index.html.br").read_bytes()) == f"<p>{text}</p>".encode() * 500
        assert gzip.decompress((site / "index.html.gz").read_bytes()) == f"<p>{text}</p>".encode() * 500
    assert brotli.decompress((tmp_path / "html.d/releases/1/index.html.br").read_bytes()) == b"<p>first</p>" * 500
    folders.close()


def test_old_forms_are_not_taken_over(tmp_path: Path) -> None:
    folders, built = Folders(tmp_path / "html"), tmp_path / "built"
    folders.open()
    built.mkdir()
    page = built / "index.html"
    page.write_text("<p>first</p>" * 500)
    pack_all(built)
    page.write_text("<p>second</p>" * 500)
    os.utime(page, (1, 1))
    folders.release(built, {}, NOW)
    assert brotli.decompress((tmp_path / "html/index.html.br").read_bytes()) == b"<p>second</p>" * 500
    folders.close()


def test_forms_of_removed_and_small_files_go(tmp_path: Path) -> None:
    for name in ("gone.html", "small.html", "stays.html"):
        (tmp_path / name).write_text("<p>page</p>" * 500)
    (tmp_path / "data.tar.gz").write_bytes(b"typed by nobody")
    pack_all(tmp_path)
    (tmp_path / "gone.html").unlink()
    (tmp_path / "small.html").write_text("<p>page</p>")
    pack_all(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "data.tar.gz", "small.html", "stays.html", "stays.html.br", "stays.html.gz",
    }  # fmt: skip


async def test_two_former_releases_stay(fake: Callable[..., Publisher], tmp_path: Path) -> None:
    async with running(publisher := fake()):
        for number in range(1, 6):
            publisher.update(shows(motd(str(number)), {}, NOW))
            await until(partial(_is_at, tmp_path, number))
    assert {path.name for path in (tmp_path / "html.d" / "releases").iterdir()} == {"3", "4", "5"}


async def test_only_what_changed_is_sent(fake: Callable[..., Publisher], told: Told, tmp_path: Path) -> None:
    async with running(publisher := fake()):
        publisher.update(shows({**motd("one"), "schedule:Mon": {"x": {}}}, {}, NOW))
        await until(lambda: told.switches)
        assert shown(tmp_path)[1] == [*sorted(motd("")), "schedule:Mon"]
        publisher.update(shows(motd("two"), {}, NOW))
        await until(lambda: len(told.switches) == 2)
        assert shown(tmp_path)[1] == ["gathering.motd", "schedule:Mon"]


async def test_changes_during_build_go_into_the_next(
    fake: Callable[..., Publisher], told: Told, tmp_path: Path
) -> None:
    publisher = fake()
    async with running(publisher):
        publisher.update(shows(motd("slow"), {}, NOW))
        await until(lambda: (tmp_path / "html.d" / "work" / "html").exists())
        for text in "abcdefgh":
            publisher.update(shows(motd(text), {}, NOW))
    assert shown(tmp_path)[0] == "h"
    assert [result.build for result in told.switches] == [1, 2]


async def test_stop_finishes_the_wanted_build(fake: Callable[..., Publisher], tmp_path: Path) -> None:
    publisher = fake(debounce=60.0)
    async with running(publisher):
        publisher.update(shows(motd("one"), {}, NOW))
        await until((tmp_path / "html").exists)
        publisher.update(shows(motd("last"), {}, NOW))
    assert shown(tmp_path)[0] == "last"
    assert not publisher._builder.pid


async def test_readers_hear_of_failures_also_on_full_disk(fake: Callable[..., Publisher], tmp_path: Path) -> None:
    publisher = fake()
    notes: list[Mapping[str, Any]] = []
    publisher.on_note = notes.append
    async with running(publisher):
        publisher.update(shows(motd("good"), {}, NOW))
        await until((tmp_path / "html").exists)
        # A folder in its place refuses the file as a full disk does.
        ((tmp_path / "html").resolve() / ".build.json.part").mkdir()
        publisher.update(shows(motd("fail"), {}, NOW))
        await until(lambda: notes)
    assert notes[0]["failing_since"] is not None
    assert about(tmp_path) == notes[0]


async def test_a_failing_build_leaves_the_last_good_site(
    fake: Callable[..., Publisher], told: Told, tmp_path: Path
) -> None:
    publisher = fake()
    assert publisher.health().colour is Colour.YELLOW
    async with running(publisher):
        publisher.update(shows(motd("good"), {}, NOW))
        await until(lambda: told.switches)
        assert publisher.health().colour is Colour.GREEN
        for _ in range(3):
            publisher.update(shows(motd("fail"), {}, NOW))
            await until(lambda: publisher._tried is publisher._wanted and publisher.health().colour is Colour.RED)
        assert "odd state" in told.failures[0]
        assert shown(tmp_path)[0] == "good"
        assert datetime.fromisoformat(about(tmp_path)["failing_since"]) > NOW - timedelta(days=9999)
        assert about(tmp_path)["build"] == 1
        publisher.update(shows(motd("good again"), {}, NOW))
        await until(lambda: len(told.switches) == 2)
        assert about(tmp_path)["failing_since"] is None
        assert publisher.health().colour is Colour.GREEN


async def test_a_failed_build_is_tried_again_by_itself(fake: Callable[..., Publisher], told: Told) -> None:
    publisher = fake(retry=0.01)
    async with running(publisher):
        publisher.update(shows(motd("fail once"), {}, NOW))
        await until(lambda: told.switches)
    assert len(told.failures) == 1


async def test_hanging_builder_is_killed_and_restarted(
    fake: Callable[..., Publisher], told: Told, tmp_path: Path
) -> None:
    publisher = fake(build_timeout=0.5)
    async with running(publisher):
        publisher.update(shows({**motd("hang once"), "links": {}}, {}, NOW))
        await until(lambda: told.switches)
    assert shown(tmp_path) == ["hang once", [*sorted(motd("")), "links"]]
    assert told.failures == []


@pytest.mark.parametrize(("text", "said"), [("hang", "no page was ready after 0.5 s"), ("die", "no more")])
async def test_permanently_failing_builder_is_reported(
    fake: Callable[..., Publisher], told: Told, text: str, said: str
) -> None:
    publisher = fake(build_timeout=0.5)
    publisher.update(shows(motd(text), {}, NOW))
    with pytest.raises(PublishError, match=said):
        await publisher.build_once()
    assert not publisher._builder.pid


async def test_a_killed_builder_is_started_anew(fake: Callable[..., Publisher], told: Told, tmp_path: Path) -> None:
    publisher = fake()
    async with running(publisher):
        publisher.update(shows(motd("one"), {}, NOW))
        await until(lambda: told.switches)
        pid = publisher._builder.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        publisher.update(shows(motd("two"), {}, NOW))
        await until(lambda: len(told.switches) == 2)
        assert publisher._builder.pid not in (None, pid)
        assert shown(tmp_path) == ["two", ["gathering.event", "gathering.motd", "gathering.rooms", "gathering.tracks"]]


async def test_cancelling_ends_the_builder(fake: Callable[..., Publisher]) -> None:
    publisher = fake()
    publisher.update(shows(motd("hang"), {}, NOW))
    task = asyncio.create_task(publisher.run())
    await until(lambda: publisher._builder.pid)
    pid = publisher._builder.pid
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_cancelling_waits_for_the_release_before_unlocking(
    fake: Callable[..., Publisher], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread can't be cancelled: nobody else may publish here while it still writes."""
    begun, go = threading.Event(), threading.Event()
    release = Folders.release

    def slow(folders: Folders, *arguments: Any) -> Release | None:
        begun.set()
        go.wait(20)
        return release(folders, *arguments)

    monkeypatch.setattr(Folders, "release", slow)
    publisher, other = fake(), fake()
    publisher.update(shows(motd("one"), {}, NOW))
    task = asyncio.create_task(publisher.run())
    await until(begun.is_set)
    task.cancel()
    await asyncio.wait([task], timeout=0.2)
    with pytest.raises(PublishError, match="another ptgbot"):
        await other.open()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert shown(tmp_path)[0] == "one"
    await other.open()
    await other.close()


async def test_a_folder_is_locked_from_opening_to_closing(fake: Callable[..., Publisher]) -> None:
    publisher, other = fake(), fake()
    await publisher.open()
    await publisher.open()
    with pytest.raises(PublishError, match="another ptgbot"):
        await other.build_once()
    await publisher.close()
    await other.open()
    await other.close()


def test_pages_with_a_source_are_known_by_name(fake: Callable[..., Publisher], pages: Path) -> None:
    (pages / "sub").mkdir()
    (pages / "sub" / "index.rst").write_text("Sub\n===\n")
    assert fake().page_names() == {"index.html", "two.html", "sub/index.html"}


async def test_builder_inherits_no_lock_file_or_secret(
    fake: Callable[..., Publisher], told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTG_IRC_PASSWORD", "canary")
    with (tmp_path / "ptg.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        publisher = fake()
        async with running(publisher):
            publisher.update(shows(motd("one"), {}, NOW))
            await until(lambda: told.switches)
            process = Path(f"/proc/{publisher._builder.pid}")
            opened = {str(link.readlink()) for link in (process / "fd").iterdir()}
            assert all(name.startswith(("pipe:", "socket:", "/dev/null")) for name in opened)
            assert b"canary" not in (process / "environ").read_bytes()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: (folder / "html").mkdir(), "exists and is not ours"),
        (lambda folder: (folder / "html").write_text("x"), "exists and is not ours"),
        (lambda folder: (folder / "html").symlink_to("/tmp"), "which is not ours"),
        (lambda folder: (folder / "html").symlink_to(folder / "nowhere"), "which is not ours"),
        (lambda folder: (folder / "html.d" / "x").mkdir(parents=True), "html.d exists and is not ours"),
    ],
)
async def test_a_folder_of_somebody_else_is_left_alone(
    fake: Callable[..., Publisher], tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    make(tmp_path)
    publisher = fake()
    publisher.update(shows(motd("one"), {}, NOW))
    with pytest.raises(PublishError, match=said):
        await publisher.run()


async def test_two_publishers_do_not_share_a_folder(fake: Callable[..., Publisher], told: Told) -> None:
    publisher, other = fake(), fake()
    async with running(publisher):
        publisher.update(shows(motd("one"), {}, NOW))
        await until(lambda: told.switches)
        with pytest.raises(PublishError, match="another ptgbot"):
            await other.build_once()


async def test_numbers_continue_after_restart_and_leftovers_go(
    fake: Callable[..., Publisher], told: Told, tmp_path: Path
) -> None:
    first = fake()
    first.update(shows(motd("one"), {}, NOW))
    await first.build_once()
    (tmp_path / "html.d" / "releases" / "7").mkdir()
    second = fake()
    second.update(shows(motd("two"), {}, NOW))
    result = await second.build_once()
    assert result
    assert result.build == 2
    assert {path.name for path in (tmp_path / "html.d" / "releases").iterdir()} == {"1", "2"}


@pytest.mark.parametrize("update_first", [True, False])
async def test_forgotten_person_is_in_no_release(
    fake: Callable[..., Publisher], told: Told, tmp_path: Path, update_first: bool
) -> None:
    publisher = fake()
    async with running(publisher):
        for number, text in enumerate(("one", "two", "edda is here"), 1):
            publisher.update(shows(motd(text), {}, NOW))
            await until(partial(_has_switched, told, number))
        if update_first:
            publisher.update(shows(motd("gone"), {}, NOW))
            await until(lambda: len(told.switches) == 4)
        publisher.forget_former()
        if not update_first:
            publisher.update(shows(motd("gone"), {}, NOW))
        await until(lambda: len(list((tmp_path / "html.d" / "releases").iterdir())) == 1 and len(told.switches) == 4)
    assert "edda" not in "".join(path.read_text() for path in (tmp_path / "html.d").rglob("*.html"))


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x"])
async def test_extra_files_stay_inside(fake: Callable[..., Publisher], tmp_path: Path, name: str) -> None:
    publisher = fake()
    publisher.update(shows(motd("one"), {name: b"x"}, NOW))
    with pytest.raises(PublishError, match="not a name for a file"):
        await publisher.build_once()


async def test_full_disk_is_reported_and_survived(
    fake: Callable[..., Publisher], told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = fake()
    async with running(publisher):
        publisher.update(shows(motd("one"), {}, NOW))
        await until(lambda: told.switches)
        with monkeypatch.context() as full:
            full.setattr(Path, "write_bytes", _no_space)
            publisher.update(shows(motd("two"), {}, NOW))
            await until(lambda: told.failures)
        assert shown(tmp_path)[0] == "one"
        publisher.update(shows(motd("three"), {}, NOW))
        await until(lambda: len(told.switches) == 2)
        assert shown(tmp_path)[0] == "three"


async def test_disk_full_before_switch_leaves_no_stale_page(
    real: Publisher, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def message(text: str) -> dict[str, Any]:
        return {**EVENT, "gathering.motd": [{"level": "info", "message": text}]}

    async with running(real):
        real.update(shows(message("one"), {}, NOW))
        await until(lambda: told.switches)
        with monkeypatch.context() as full:
            full.setattr(Path, "write_text", lambda path, *_args, **_more: _no_space(path, b""))
            real.update(shows(message("newer words"), {}, NOW))
            await until(lambda: told.failures)
        real.update(shows(message("newer words"), {"ptg.json": b"{}"}, NOW))
        await until(lambda: len(told.switches) == 2)
    assert "newer words" in (tmp_path / "html" / "index.html").read_text()


def _no_space(path: Path, content: bytes) -> int:
    raise OSError(28, "No space left on device", str(path))


@pytest.mark.parametrize("builds", [25, pytest.param(200, marks=pytest.mark.long)])
async def test_a_reader_never_sees_a_mixture(real: Publisher, told: Told, tmp_path: Path, builds: int) -> None:
    """Both pages and ptg.json carry the number of their state; one look at the folder must find one number."""
    seen: set[str] = set()
    faults: list[object] = []

    def look() -> None:
        folder = (tmp_path / "html").resolve()
        texts = [(folder / name).read_text() for name in ("index.html", "two.html", "ptg.json")]
        numbers = {re.findall(r"number(\d+)", text)[0] for text in texts}
        assets = [name for text in texts for name in re.findall(r'(?:href|src)="(_static/[^"]+)"', text)]
        missing = [name for name in assets if not (folder / name).is_file()]
        whole = all(text.rstrip().endswith(("</html>", "}")) for text in texts)
        if len(numbers) != 1 or missing or not whole:
            faults.append((numbers, missing, whole))
        seen.update(numbers)

    def state(number: int) -> dict[str, Any]:
        colour = f"#{number:06x}"
        return {
            **EVENT,
            "gathering.tracks": {"fox": {"color": colour, "ink": "#ffffff", "etherpad": f"https://pad.example.org/{number}"}},
            "gathering.motd": [{"level": "info", "message": f"number{number} #fox"}],
            "gathering.now": {"fox": {"text": f"number{number}", "since": None, "location": None}},
        }

    async with running(real):
        for number in range(builds):
            ptg_json = f'{{"number{number}": 1}}'.encode()
            real.update(shows(state(number), {"ptg.json": ptg_json}, NOW + timedelta(minutes=number)))
            while len(told.switches) <= number:
                if told.switches:
                    look()
                await asyncio.sleep(0)
            look()
    assert faults == []
    assert len(seen) == builds
