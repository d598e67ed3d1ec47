"""Problems of a configuration that can be found without connecting to anything."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence

from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.session.profile import picture_type


def check_config(config: MatrixConfig) -> Sequence[str]:
    """Return the problems of a configuration, each a sentence. Connects to nothing, and opens no file with a secret."""
    return [f"matrix {config.name!r}: {problem}" for problem in _problems(config)]


def check_secrets(config: MatrixConfig) -> Sequence[str]:
    """Return the problems of password and access token, each a sentence."""
    return [f"matrix {config.name!r}: {problem}" for problem in _secrets(config)]


def _problems(config: MatrixConfig) -> Iterator[str]:
    yield from _rooms(config)
    if config.ca_file is not None:
        try:
            ssl.create_default_context(cafile=config.ca_file)
        except OSError as error:  # ssl.SSLError is one
            yield f"ca_file {config.ca_file} can't be used: {error}"
    for name in sorted({*config.ignore} & {*config.relays}):
        yield f"{name} is in ignore and in relays; ignore counts"
    if config.avatar is not None:
        if picture_type(config.avatar) is None:
            yield f"avatar {config.avatar} must be a .png, .jpg, .gif or .webp file"
        elif not config.avatar.is_file():
            yield f"avatar {config.avatar} can't be read"
    if config.moderator_level > config.admin_level:
        yield "moderator_level is above admin_level"
    if config.sync_timeout + config.request_timeout > 90:
        yield "sync_timeout and request_timeout together must stay within 90 s"


def _rooms(config: MatrixConfig) -> Iterator[str]:
    try:
        names = [*(room.id for room in config.all_rooms), *config.spaces]
    except ValueError as error:
        yield str(error)
        return
    if not names:
        yield "no room is named in rooms or spaces"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"the room {name} is named twice"


def _secrets(config: MatrixConfig) -> Iterator[str]:
    given = {
        "password_file": config.password_file,
        "password_env": config.password_env,
        "access_token_file": config.access_token_file,
        "access_token_env": config.access_token_env,
    }
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        found = f"{' and '.join(named)} are given" if named else "none is given"
        yield f"write one of {', '.join(given)}; {found}"
        return
    try:
        secret = config.password or config.access_token
    except (OSError, UnicodeError) as error:
        yield f"{named[0]} can't be read: {error}"
        return
    if not secret:
        yield f"{given[named[0]]} holds nothing"
    if named[0].startswith("access_token") and not config.device_id:
        yield f"{named[0]} needs device_id, the device that the token belongs to"
