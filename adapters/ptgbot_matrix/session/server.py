"""What the bot asks a homeserver once after each login: its versions, and to keep the sync filter.

Source: Matrix client-server API, sections "GET /_matrix/client/versions", "POST /user/{userId}/filter".
"""

from __future__ import annotations

import json
import re
from typing import Final

from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.event import text_in
from ptgbot_matrix.session.sync import FILTER
from ptgbot_matrix.session.wire import RequestRefused, Wire, part

NEEDED: Final = (1, 1)
"""The first version of Matrix whose requests have the prefix ``/_matrix/client/v3``, which the bot uses."""
CLIENT: Final = "/_matrix/client"


async def too_old(wire: Wire) -> str:
    """Return a sentence that says that a homeserver is too old for the bot, empty if it is not or does not tell.

    Raises:
        OSError: the homeserver could not be reached.
        RequestRefused: the homeserver refuses the request.
        TryLater: the homeserver asks for a pause.
    """
    found = (await wire.call("GET", "/versions", prefix=CLIENT)).get("versions")
    named = [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
    if not named or any(_number(one) >= NEEDED for one in named):
        return ""
    newest = max(named, key=_number)
    return f"the homeserver supports Matrix up to {newest[:20]}; the bot needs v{NEEDED[0]}.{NEEDED[1]} or later"


def _number(version: str) -> tuple[int, int]:
    """Return the numbers of a version such as ``v1.11``; versions before 1.1 are called ``r0.6.1``."""
    found = re.fullmatch(r"[rv]([0-9]{1,4})\.([0-9]{1,4})(?:\.[0-9]+)?", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


async def stored_filter(wire: Wire, user: str) -> str:
    """Store the sync filter on the homeserver and return its id, or the filter itself if that does not work."""
    try:
        answer = await wire.post(f"/user/{part(user)}/filter", json.loads(FILTER))
    except (RequestRefused, TryLater, OSError):
        return FILTER
    return text_in(answer, "filter_id") or FILTER
