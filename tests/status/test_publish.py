"""Publishers beside each other: one that fails, hangs or lies concerns nobody else, and catches up later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.inbox import Settled
from ptgbot.parts.delivering import Dispatcher
from ptgbot.status import publishers
from ptgbot.status.publishers import PublisherKind, publish
from ptgbot.status.publishers.announcement import Announcement
from ptgbot.status.settings import PublisherSettings, StatusSettings
from ptgbot.store.delivery import Delivery
from tests.status.announcements import entry, told

Publish = Callable[[PublisherSettings, Announcement, str], Awaitable[None]]
heard: dict[str, list[int]] = {}
well: set[str] = set()


async def _good(settings: PublisherSettings, announced: Announcement, delivery: str) -> None:
    heard.setdefault(settings.name, []).append(announced.number)


async def _raises(settings: PublisherSettings, announced: Announcement, delivery: str) -> None:
    if settings.name not in well:
        raise KeyError("id")
    await _good(settings, announced, delivery)


async def _hangs(settings: PublisherSettings, announced: Announcement, delivery: str) -> None:
    if settings.name not in well:
        await asyncio.Event().wait()
    await _good(settings, announced, delivery)


async def _refuses(settings: PublisherSettings, announced: Announcement, delivery: str) -> None:
    raise Undeliverable("the server refused it with status 410.")


GOOD, RAISES, HANGS, REFUSES = (PublisherKind(one) for one in (_good, _raises, _hangs, _refuses))


@pytest.fixture(autouse=True)
def _plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    heard.clear()
    well.clear()
    found = [
        EntryPoint(name, f"{__name__}:{name.upper()}", publishers.GROUP)
        for name in ("good", "raises", "hangs", "refuses")
    ]
    kinds = {"good": GOOD, "raises": RAISES, "hangs": HANGS, "refuses": REFUSES}
    monkeypatch.setattr(EntryPoint, "load", lambda self: kinds[self.name])
    monkeypatch.setattr(publishers, "entry_points", lambda **chosen: EntryPoints(found).select(**chosen))


def settings(*kinds: str, timeout: float = 0.2) -> StatusSettings:
    return StatusSettings(publishers=tuple(PublisherSettings(kind, kind, timeout=timeout) for kind in kinds))


def row(number: int, name: str) -> Delivery:
    return Delivery(number, "status", "status.publish", name, name, told(entry(number, "notice", "Lunch")))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_bad_publishers_delay_nobody_and_catch_up() -> None:
    now, settled = [0.0], dict[int, str]()
    names = ["raises", "hangs", "refuses", "good"]
    rows = {n: row(n, names[n % 4]) for n in range(12)}
    chosen = settings(*names)

    def settle(item: Settled) -> bool:
        settled[item.row] = item.why
        return True

    async def perform(one: Delivery, transaction: str) -> None:
        await publish(chosen, one.network, one.target, one.body, transaction)

    dispatcher = Dispatcher(
        lambda: {n: one for n, one in rows.items() if n not in settled},
        settle,
        {"status.publish": perform},
        lambda: datetime.now(UTC),
        lambda: "life",
        monotonic=lambda: now[0],
    )
    running = asyncio.create_task(dispatcher.run())
    await until(lambda: heard.get("good") == [3, 7, 11] and len(settled) == 6)
    assert {settled[n] for n in (2, 6, 10)} == {"the server refused it with status 410."}
    well.update(("raises", "hangs"))

    def later() -> bool:
        now[0] += 30.0
        return len(settled) == 12

    await until(later)
    assert (heard["raises"], heard["hangs"]) == ([0, 4, 8], [1, 5, 9])
    assert {settled[n] for n in (0, 1, 4, 5, 8, 9)} == {""}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_failure_of_a_plugin_says_which() -> None:
    with pytest.raises(OSError, match="the plug-in raises failed with KeyError"):
        await publish(settings("raises"), "raises", "raises", told(entry(1, "notice", "x")), "t")


async def test_hanging_plugin_says_for_how_long() -> None:
    with pytest.raises(OSError, match=r"hangs did not answer within 0\.2 seconds"):
        await publish(settings("hangs"), "hangs", "hangs", told(entry(1, "notice", "x")), "t")


async def test_publisher_that_was_removed_is_given_up() -> None:
    with pytest.raises(Undeliverable, match="no publisher blog"):
        await publish(settings("good"), "blog", "blog", told(entry(1, "notice", "x")), "t")


async def test_plugin_that_was_removed_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings("good")
    monkeypatch.setattr(publishers, "entry_points", lambda **_: EntryPoints())
    with pytest.raises(OSError, match="the plug-in good is not installed"):
        await publish(chosen, "good", "good", told(entry(1, "notice", "x")), "t")


def test_unknown_kind_is_refused_with_known_ones() -> None:
    with pytest.raises(ValueError, match="no kind fax; there are good, hangs, raises, refuses"):
        settings("good", "fax")
