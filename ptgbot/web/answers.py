"""Files as responses: the form that the browser prefers, how long it may keep them, and their types."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from pathlib import Path

from aiohttp import hdrs, web

from ptgbot.web.encoding import IDENTITY, choose
from ptgbot.web.headers import caching
from ptgbot.web.pages import Page, forms_of

_CHUNK = 2**18
_FOR_APPS = frozenset({"alert.json", "ptg.json", "roomstatus.json", "schedule.json"})
_FOR_APPS_BELOW = "api/"
"""Files, and a folder of files, that scripts of other sites may read (Fetch, section "CORS protocol")."""


def news_page(about: bytes) -> Page:
    """Return ``build.json`` with these contents."""
    forms = {IDENTITY: about, "gzip": gzip.compress(about, mtime=0)}
    return Page("build.json", "", forms, hashlib.sha256(about).hexdigest()[:16])


def page_answer(request: web.BaseRequest, page: Page) -> web.Response:
    """Return a file in the form that the browser prefers.

    Return status 304 if the browser has the file already (RFC 9110 section 13.1.2).
    """
    coding = choose(request.headers.get(hdrs.ACCEPT_ENCODING), page.forms)
    headers = _headers(page.name, page.tag, coding)
    if page.name.endswith(".html"):
        # A script can read this field of the page in which it runs (W3C Server Timing).
        headers["Server-Timing"] = f'build;desc="{page.build}"'
    if is_known(request, headers[hdrs.ETAG]):
        return web.Response(status=304, headers=headers)
    return web.Response(body=page.forms[coding], headers=headers)


async def large_file_answer(request: web.BaseRequest, path: Path, name: str) -> web.StreamResponse:
    """Send a file that is too large to be kept."""
    forms = await asyncio.to_thread(forms_of, path)
    coding = choose(request.headers.get(hdrs.ACCEPT_ENCODING), forms)
    about = await asyncio.to_thread(path.stat)
    headers = _headers(name, f"{about.st_mtime_ns:x}-{about.st_size:x}", coding)
    if is_known(request, headers[hdrs.ETAG]):
        return web.Response(status=304, headers=headers)
    response = web.StreamResponse(headers=headers)
    file = await asyncio.to_thread(forms[coding].open, "rb")
    try:
        response.content_length = (await asyncio.to_thread(forms[coding].stat)).st_size
        await response.prepare(request)
        while request.method == hdrs.METH_GET and (chunk := await asyncio.to_thread(file.read, _CHUNK)):
            await response.write(chunk)
    finally:
        file.close()
    return response


def _headers(name: str, tag: str, coding: str) -> dict[str, str]:
    """Return the headers of a file in one of its forms."""
    headers: dict[str, str] = {
        hdrs.CACHE_CONTROL: caching(name),
        hdrs.ETAG: f'"{tag}"' if coding == IDENTITY else f'"{tag}-{coding}"',
        hdrs.VARY: "Accept-Encoding",
        hdrs.CONTENT_TYPE: _TYPES.get(name.rpartition(".")[2], "application/octet-stream"),
    }
    if coding != IDENTITY:
        headers[hdrs.CONTENT_ENCODING] = coding
    if name in _FOR_APPS or name.startswith(_FOR_APPS_BELOW):
        headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"
    return headers


def is_known(request: web.BaseRequest, tag: str) -> bool:
    """Say whether the browser has a response with this entity tag already (RFC 9110 section 13.1.2)."""
    return any(known.value in (tag.strip('"'), "*") for known in request.if_none_match or ())


# Our own list: the machine's may be missing or odd.
_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "webmanifest": "application/manifest+json; charset=utf-8",
    "png": "image/png",
    "webp": "image/webp",
    "ico": "image/vnd.microsoft.icon",
    "woff2": "font/woff2",
}
