"""Routes of old addresses: ``/api/1.0/`` is answered from the newest snapshot, ``/?release=…`` leads to new pages."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from ptgbot.contributions.kept import Kept
from ptgbot.contributions.old_answers import ANSWERS, Question
from ptgbot.contributions.old_names import Known, Unknown, known_in
from ptgbot.contributions.page_names import PATH, segment
from ptgbot.contributions.pages import is_on
from ptgbot.contributions.settings import StatsSettings
from ptgbot.feature import Answered, Asked, Route
from ptgbot.store.edits import Json

_CACHING: Final = {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}
_KEPT: Final = Kept(known_in)


def answer(asked: Asked, _settings: StatsSettings) -> Answered:
    """Answer a request below ``/api/1.0/``."""
    made = ANSWERS.get(asked.path.strip("/"))
    if made is None:
        return _refused(HTTPStatus.NOT_FOUND, "no such address")
    with _KEPT.reading(asked.folder) as found:
        if found is None:
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "nothing has been counted yet")
        try:
            body = _body(made(Question(*found, asked.query)))
        except Unknown as error:
            return _refused(HTTPStatus.NOT_FOUND, str(error))
    tag = hashlib.sha256(body).hexdigest()[:16]
    return Answered(body, headers={**_CACHING, "ETag": f'"{tag}"'})


def lead_on(asked: Asked, _settings: StatsSettings) -> Answered:
    """Answer ``/?release=R&module=M&metric=X``: the page of the module, else that of the release, else the overview."""
    with _KEPT.reading(asked.folder) as found:
        page = _page(found[1], asked) if found else "index.html"
    # Relative, so that a site below a path of a proxy stays there.
    return Answered(b"", "text/html; charset=utf-8", HTTPStatus.FOUND, {"Location": f"./{PATH}/{quote(page)}"})


def _page(known: Known, asked: Asked) -> str:
    for kind in ("module", "release"):
        name = known.names[kind].get(asked.query.get(kind, "").casefold())
        if name is not None:
            return f"{kind}/{segment(name)}.html"
    return "index.html"


def _body(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _refused(status: HTTPStatus, why: str) -> Answered:
    return Answered(_body({"error": why}), status=status, headers={"Cache-Control": "no-store"})


ROUTES: Final = (
    Route[StatsSettings]("api", answer, ("/api/1.0",), wanted=is_on),
    Route[StatsSettings]("old", lead_on, front=("release", "module", "metric"), wanted=is_on),
)
