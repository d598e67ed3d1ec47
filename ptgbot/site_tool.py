"""``ptgbot site``: the site once, from the state as it lies there, while no bot needs to run."""

from __future__ import annotations

from datetime import datetime

from ptgbot.config import Config
from ptgbot.following import features_of, follow
from ptgbot.publish import PublishError
from ptgbot.site_facts import after_build_of, projection_of, publisher_of


async def build_site(config: Config, at: datetime) -> str:
    """Build the site as of a moment and return a sentence about it.

    Raises PublishError, Damaged, Newer, Unreadable, OSError.
    """
    assert config.site is not None
    features = features_of(config)
    standing = await follow(config, at)
    publisher, after = publisher_of(config, features), after_build_of(config)
    publisher.update(projection_of(config, features).update(standing.state, standing.derived, at))
    built = await publisher.build_once()
    if built and after and not await after.once():
        raise PublishError(after.health().text)
    if built is None:
        return f"{config.site.output} shows this state already."
    return f"{config.site.output}: {len(built.pages)} pages in {built.seconds:.1f} s."
