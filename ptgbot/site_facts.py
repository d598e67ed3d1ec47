"""The parts of the site that come from the configuration: address, title, logo, menu, channels and rooms, commands."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence

from ptgbot.bulk import bulk_folder
from ptgbot.config import Config, SiteConfig
from ptgbot.feature import AnyFeature
from ptgbot.projection import COMMANDS, PLACES, SITE, Projection, command_slice
from ptgbot.publish import IDLE, AfterBuild, Project, Projects, Publisher
from ptgbot.router import Router
from ptgbot.store.edits import Json

CORE = "ptgbot_site.core"
"""The Sphinx extension of what the core itself shows."""


def projection_of(config: Config, features: Sequence[AnyFeature]) -> Projection:
    """Return the projection of a configuration's state into slices.

    Raises:
        OSError: the logo cannot be read.
    """
    return Projection(features, config.features, site_slices(config, features), site_files(config))


def site_slices(config: Config, features: Sequence[AnyFeature]) -> dict[str, Json]:
    """Return the slices that depend on the configuration only."""
    site = config.site or SiteConfig()
    return {
        SITE: {
            "url": site.url,
            "title": site.title,
            **_projects(config, features),
            **_pictures(config),
            "menu": [_entry(one) for one in site.menu],
        },
        PLACES: [
            {"network": adapter.name, "room": place.room, "url": place.url, "web": place.web}
            for kind, adapter, _ in config.adapters
            for place in kind.places(adapter)
        ],
        COMMANDS: command_slice(Router(features, config.features).commands),
    }


def _projects(config: Config, features: Sequence[AnyFeature]) -> dict[str, Json]:
    """Return the paths of the projects below the site, nothing if there is none."""
    paths: list[Json] = [one.path for one in projects_of(config, features)]
    return {"projects": paths} if paths else {}


def _pictures(config: Config) -> dict[str, Json]:
    """Return the names of the logo, None if there is none, and of the icon that is made of it."""
    logo, icon = [*site_files(config), None, None][:2]
    return {"logo": logo, **({"icon": icon} if icon else {})}


def _entry(text: str) -> Json:
    title, _, url = text.partition(" <")
    return {"title": title.strip(), "url": url.removesuffix(">")} if url else {"page": text}


def site_files(config: Config) -> Mapping[str, bytes]:
    """Return the files beside the pages.

    Raises:
        OSError: the logo cannot be read.
    """
    if config.site is None or config.site.logo is None:
        return {}
    content = config.site.logo.read_bytes()
    suffix = config.site.logo.suffix.lower()
    return {f"_static/logo-{_digest(content)}{suffix}": content, **_icon(content, suffix)}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]


def _icon(logo: bytes, suffix: str) -> Mapping[str, bytes]:
    """Return an icon made of the logo: in the middle of a square, with a margin."""
    kind = {".svg": "svg+xml", ".jpg": "jpeg"}.get(suffix, suffix[1:])
    inside = f"data:image/{kind};base64,{base64.b64encode(logo).decode()}"
    icon = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"><rect width="512" height="512" fill="#fff"/>'
        f'<image href="{inside}" x="76" y="76" width="360" height="360"/></svg>\n'
    ).encode()
    return {f"_static/icon-{_digest(icon)}.svg": icon}


def site_extensions(features: Sequence[AnyFeature]) -> list[str]:
    """Return the names of the Sphinx extensions of the core and these features."""
    return [CORE, *(feature.site for feature in features if feature.site)]


def projects_of(config: Config, features: Sequence[AnyFeature]) -> list[Project]:
    """Return the Sphinx projects of features that the configuration switches on."""
    return [
        Project(one.path, one.extension, one.reads, bulk_folder(config.state.path) / feature.name)
        for feature in features
        for one in feature.projects
        if one.wanted(feature.settings_in(config.features))
    ]


def publishers_below(config: Config, features: Sequence[AnyFeature], main: Publisher) -> Projects:
    """Return the publishers of the projects below a site."""
    assert config.site is not None
    site = config.site
    return Projects(
        {
            one.path: (
                one,
                Publisher(
                    main.folder_of(one.path),
                    build_timeout=site.build_timeout,
                    templates=site.templates,
                    extensions=[one.extension],
                    language=site.language,
                    told={"project": one.path, "bulk": str(one.bulk.absolute())},
                    idle=IDLE,
                ),
            )
            for one in projects_of(config, features)
        }
    )


def publisher_of(config: Config, features: Sequence[AnyFeature]) -> Publisher:
    """Return the publisher of the configured site."""
    assert config.site is not None
    return Publisher(
        config.site.output,
        build_timeout=config.site.build_timeout,
        templates=config.site.templates,
        extensions=site_extensions(features),
        language=config.site.language,
        projects=[one.path for one in projects_of(config, features)],
    )


def after_build_of(config: Config) -> AfterBuild | None:
    """Return the runner of the operator's command after each switch, None if none is configured."""
    if config.site is None or not config.site.after_build:
        return None
    return AfterBuild(config.site.after_build, config.site.output.parent, config.site.after_build_timeout)
