"""What the site shows of the configuration: its address, title, logo and menu, and where the talk happens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ptgbot.config import Config
from ptgbot.publish import AfterBuild, Publisher
from ptgbot.store.edits import Json


def site_slices(config: Config) -> dict[str, Json]:
    """Return the slices that only a new configuration changes."""
    assert config.site is not None
    return {
        "site": {
            "url": config.site.url,
            "title": config.site.title,
            "logo": next(iter(site_files(config)), None),
            "menu": [_entry(one) for one in config.site.menu],
        },
        "places": [
            {"network": adapter.name, "room": place.room, "url": place.url, "web": place.web}
            for kind, adapter, _ in config.adapters
            for place in kind.places(adapter)
        ],
    }


def _entry(text: str) -> Json:
    title, _, url = text.partition(" <")
    return {"title": title.strip(), "url": url.removesuffix(">")} if url else {"page": text}


def site_files(config: Config) -> Mapping[str, bytes]:
    """Return the files that stand beside the pages. Raises OSError where the logo can't be read."""
    assert config.site is not None
    if config.site.logo is None:
        return {}
    content = config.site.logo.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:10]
    return {f"_static/logo-{digest}{config.site.logo.suffix.lower()}": content}


def publisher_of(config: Config) -> Publisher:
    """Return who builds the site."""
    assert config.site is not None
    return Publisher(config.site.output, build_timeout=config.site.build_timeout, templates=config.site.templates)


def after_build_of(config: Config) -> AfterBuild | None:
    """Return who runs the operator's command after each switch, None where there is none."""
    if config.site is None or not config.site.after_build:
        return None
    return AfterBuild(config.site.after_build, config.site.output.parent, config.site.after_build_timeout)
