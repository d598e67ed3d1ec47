"""Routes of features: responses other than files.

They are made in threads, one request of a route at a time, with a time-out.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import structlog
from attrs import define, evolve, field

from ptgbot.feature import Answered, AnyFeature, Asked, Route
from ptgbot.store.edits import Json
from ptgbot.waiting import in_own_thread

log = structlog.get_logger()

LARGEST = 4 * 2**20
"""Most bytes of a response."""
MOST_WAITING = 20
"""Most requests to one route that wait or are being answered."""
RESERVED = dict.fromkeys(("/events", "/healthz", "/healthz/live", "/healthz/ready", "/metrics"), "the core")
"""Addresses of the core that are not pages."""
_OURS = frozenset({"content-length", "content-type", "transfer-encoding", "connection", "content-encoding"})
"""Headers that the server sets itself."""


class RouteTaken(Exception):
    """Two routes, or a route and a page, have the same address. The message names both."""


def _no_slices() -> Mapping[str, Json]:
    return {}


@define(eq=False)
class Mounted:
    """A route of a feature at its addresses."""

    feature: str
    route: Route[Any]
    settings: Any
    slices: Callable[[], Mapping[str, Json]]
    folder: Path = Path()
    """The folder of the feature's bulk storage."""
    _busy: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _waiting: int = field(default=0, init=False)

    @property
    def name(self) -> str:
        """Its name for messages to people."""
        return f"the route /{self.feature}/{self.route.prefix}"

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its addresses, without a slash at the end. ``/?NAME`` is the front page with a parameter."""
        own = f"/{self.feature}/{self.route.prefix}".rstrip("/")
        front = (f"/?{name}" for name in self.route.front)
        return (own, *(address.rstrip("/") for address in self.route.addresses), *front)

    async def answer(self, path: str, query: Mapping[str, str]) -> Answered:
        """Answer a request.

        Overload, a time-out and an exception of the feature become responses with status 500 or 503.
        """
        if self._waiting >= MOST_WAITING:
            return _plain(503, "Too many requests at once.")
        self._waiting += 1
        try:
            async with asyncio.timeout(self.route.timeout):
                return await self._run(Asked(path, query, MappingProxyType(self.slices()), self.folder))
        except TimeoutError:
            log.warning("a route took too long", route=self.name)
            return _plain(503, "The answer took too long.")
        except Exception:
            log.exception("a route failed", route=self.name)
            return _plain(500, "The answer failed; the operators see what happened.")
        finally:
            self._waiting -= 1

    async def _run(self, asked: Asked) -> Answered:
        """Answer in a thread. The thread cannot be cancelled, so the next request waits for it."""
        await self._busy.acquire()
        running = in_own_thread(functools.partial(self.route.answer, asked, self.settings), self.name)
        running.add_done_callback(lambda _: self._busy.release())
        answered = await asyncio.shield(running)
        if len(answered.body) > LARGEST:
            raise ValueError(f"the answer has more than {LARGEST} bytes")
        return answered


@define(eq=False)
class Routes:
    """All routes by their addresses."""

    _found: dict[str, Mounted] = field(factory=dict, init=False)

    def mount(
        self,
        feature: AnyFeature,
        settings: Any,
        slices: Callable[[], Mapping[str, Json]] = _no_slices,
        pages: Iterable[str] = (),
        bulk: Path = Path(),
    ) -> None:
        """Add the routes of a feature.

        Args:
            feature: the feature.
            settings: the feature's settings, which its routes get.
            slices: returns the slices that the site shows.
            pages: file names of the site's pages, such as ``index.html``. A name that ends in a slash, such as
                ``track/``, is a folder of pages that depend on the state.
            bulk: the folder above the bulk storage of all features.

        Raises:
            RouteTaken: an address belongs to another route, or would hide a page.
        """
        names = sorted(pages)
        for route in feature.routes:
            if not route.wanted(settings):
                continue
            mounted = Mounted(feature.name, route, settings, slices, bulk / feature.name)
            for address in mounted.addresses:
                other = self._found.get(address)
                if owner := other.name if other else RESERVED.get(address) or _owner(address, names):
                    raise RouteTaken(f"{mounted.name} and {owner} both have the address {address or '/'}.")
                if covered := next((name for name in names if f"/{name}".startswith(f"{address}/")), None):
                    raise RouteTaken(f"{mounted.name} answers everything below {address}, {_shown(covered)} as well.")
                self._found[address] = mounted

    def find(self, path: str) -> tuple[Mounted, str] | None:
        """Return the route with the longest matching address and the rest of the path, None if no route matches."""
        if not {".", ".."}.isdisjoint(path.split("/")):
            return None
        address, rest = path.rstrip("/"), ""
        while address:
            if mounted := self._found.get(address):
                return mounted, rest
            address, _, last = address.rpartition("/")
            rest = f"{last}/{rest}" if rest else last
        return None

    def _front(self, query: Mapping[str, str]) -> tuple[Mounted, str] | None:
        return next(((self._found[address], "") for name in query if (address := f"/?{name}") in self._found), None)

    def replace(self, other: Routes) -> None:
        """Answer with other routes from now on."""
        self._found = other._found

    @property
    def addresses(self) -> list[str]:
        """The addresses of all routes, without a slash at the end."""
        return [*self._found]

    async def answer(self, path: str, query: Mapping[str, str]) -> Answered | None:
        """Answer a request; return None if no route matches its path."""
        found = self.find(path) if path != "/" else self._front(query)
        if found is None:
            return None
        mounted, rest = found
        return _checked(mounted, await mounted.answer(rest, query))


def _owner(address: str, names: Sequence[str]) -> str | None:
    """Return which page of the site has an address; None if none has it."""
    for name in names:
        page = f"/{name}"
        if name.endswith("/"):
            # Every file of Sphinx's own folders is the site's; elsewhere only pages are.
            inside = address.startswith(page) and (name.startswith("_") or address.endswith(".html"))
            taken = inside or address == page.removesuffix("/")
        else:
            taken = address in (page, page.removesuffix("/index.html"))
        if taken:
            return _shown(name)
    return None


def _shown(name: str) -> str:
    return f"the pages in {name}" if name.endswith("/") else f"the page {name}"


def _plain(status: int, text: str) -> Answered:
    return Answered(f"{text}\n".encode(), "text/plain; charset=utf-8", status)


def _checked(mounted: Mounted, answered: Answered) -> Answered:
    """Return a response without headers that the server sets itself, and an error instead of one that can't be sent."""
    headers = {name: value for name, value in answered.headers.items() if name.lower() not in _OURS}
    headers = {"Cache-Control": "no-cache", **headers}
    texts = [answered.content_type, *headers, *headers.values()]
    if any(not text.isprintable() for text in texts) or not 200 <= answered.status <= 599:
        log.error("a route answers headers or a status that can't be sent", route=mounted.name)
        return _checked(mounted, _plain(500, "The answer failed; the operators see what happened."))
    return evolve(answered, headers=headers)
