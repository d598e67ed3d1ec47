"""The kind ``webhook``: signed JSON for any receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptgbot.chat.urls import address_problem
from ptgbot.hooks import Hook, post_signed
from ptgbot.status.publishers import PublisherKind

if TYPE_CHECKING:
    from ptgbot.status.publishers.announcement import Announcement
    from ptgbot.status.settings import PublisherSettings
    from ptgbot.store.edits import Json


async def _publish(settings: PublisherSettings, told: Announcement, delivery: str) -> None:
    assert settings.secret_file is not None
    matter = dict(told.matter) if told.matter else None
    data: dict[str, Json] = {"what": told.what, "entry": dict(told.entry), "matter": matter}
    # The shape of a payload that Standard Webhooks recommends.
    body: Json = {"type": f"status.{told.what}", "timestamp": told.entry["at"], "data": data}
    await post_signed(Hook(settings.url, settings.secret_file, settings.timeout), body, delivery)


def _problems(settings: PublisherSettings) -> list[str]:
    found = [] if settings.secret_file else ["secret_file is missing."]
    problem = address_problem(settings.url)
    return [*found, f"url: {problem}"] if problem else found


WEBHOOK = PublisherKind(_publish, _problems)
