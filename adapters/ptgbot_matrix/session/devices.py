"""Devices of the bot's account that a lost store left behind. Others would encrypt every message for them, too.

Source: Matrix client-server API, sections "GET /devices", "POST /delete_devices".
"""

from __future__ import annotations

import logging
from typing import Final

from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.event import text_in
from ptgbot_matrix.session.interactive import post_with_password
from ptgbot_matrix.session.wire import RequestRefused, Wire

log = logging.getLogger(__name__)

DEVICE_NAME: Final = "ptgbot"
"""Display name of the devices that the bot makes for itself."""


async def remove_old_devices(wire: Wire, user: str, device: str, password: str) -> int:
    """Remove all devices with our display name except ``device``, and return their number.

    Devices of people who use the account with a client have other names. An error is logged; the next start tries
    again.
    """
    try:
        answer = (await wire.get("/devices")).get("devices")
        found = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
        old = [text_in(one, "device_id") for one in found if text_in(one, "display_name") == DEVICE_NAME]
        old = [identifier for identifier in old if identifier and identifier != device]
        if old:
            await post_with_password(wire, "/delete_devices", {"devices": old}, user, password)
    except (RequestRefused, TryLater, OSError) as error:
        log.info("old devices could not be removed: %s", error)
        return 0
    return len(old)
