"""``ptgbot site``: the site once, from the state as it lies there, while no bot needs to run."""

from __future__ import annotations

from datetime import datetime

from ptgbot.config import Config
from ptgbot.gathering.document import dump, from_document, public, to_document
from ptgbot.gathering.model import Gathering, empty
from ptgbot.gathering.shape import decode
from ptgbot.gathering.slices import slices
from ptgbot.publish import PublishError
from ptgbot.showing import gathering_settings
from ptgbot.site_facts import after_build_of, publisher_of, site_files, site_slices
from ptgbot.store.export import Unreadable


async def build_site(config: Config, at: datetime) -> str:
    """Build the site and return a sentence about it. Raises PublishError, Unreadable, OSError."""
    assert config.site is not None
    path, settings = config.state.path, gathering_settings(config)
    try:
        gathering = from_document(decode(path.read_bytes())) if path.exists() else Gathering(empty())
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from error
    document = dump(public(to_document(gathering.tree, at, settings.timezone)))
    publisher, after = publisher_of(config), after_build_of(config)
    shown = {**slices(gathering, at, settings), **site_slices(config)}
    publisher.update(shown, {**site_files(config), "ptg.json": document}, at)
    built = await publisher.build_once()
    if built and after and not await after.once():
        raise PublishError(after.health().text)
    if built is None:
        return f"{config.site.output} shows this state already."
    return f"{config.site.output}: {len(built.pages)} pages in {built.seconds:.1f} s."
