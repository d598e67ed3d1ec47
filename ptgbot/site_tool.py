"""``ptgbot site``: builds the site once, from the state on the disk."""

from __future__ import annotations

from datetime import datetime

from ptgbot.config import Config
from ptgbot.following import features_of, follow
from ptgbot.publish import PublishError
from ptgbot.site_facts import after_build_of, projection_of, publisher_of, publishers_below


async def build_site(config: Config, at: datetime) -> str:
    """Build the site at a moment and return a sentence about it.

    Raises:
        PublishError: the site cannot be built or published.
        Damaged: the store is not what was written.
        Newer: a later version wrote the store.
        Unreadable: the exported file has not the right shape.
        OSError: a file cannot be read.
    """
    assert config.site is not None
    features = features_of(config)
    standing = await follow(config, at)
    publisher, after = publisher_of(config, features), after_build_of(config)
    projects = publishers_below(config, features, publisher)
    publisher.on_frame = projects.framed
    shown = projection_of(config, features).update(standing.state, standing.derived, at)
    publisher.update(shown)
    projects.update(shown)
    found = [await one.build_once() for one in (publisher, *projects)]
    built = [one for one in found if one]
    if built and after and not await after.once():
        raise PublishError(after.health().text)
    if not built:
        return f"{config.site.output} shows this state already."
    pages, seconds = sum(len(one.pages) for one in built), sum(one.seconds for one in built)
    return f"{config.site.output}: {pages} pages in {seconds:.1f} s."
