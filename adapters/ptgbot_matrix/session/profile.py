"""Display name and picture of the account, as the configuration wants them.

Source: Matrix client-server API, sections "Profiles", "POST /_matrix/media/v3/upload".
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from pathlib import Path
from typing import Final

from attrs import frozen

from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.event import text_in
from ptgbot_matrix.secretfile import write_secret
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, Wire, part

AVATAR_FILE: Final = "avatar.json"
"""Name of the file in the store that says which picture was uploaded, and to which address."""
_TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}


def picture_type(path: Path) -> str | None:
    """Return the content type of a picture by the name of its file, None if it is none that clients show."""
    return _TYPES.get(path.suffix.lower())


@frozen
class Profile:
    """The profile of our account."""

    config: MatrixConfig
    wire: Wire

    async def update(self) -> None:
        """Set what differs from the configuration. What the configuration leaves out is not touched.

        Raises:
            OSError: the homeserver could not be reached, or the picture cannot be read.
            RequestRefused: the homeserver refuses the name or the picture.
            TryLater: the homeserver asks for a pause.
        """
        name, avatar = self.config.display_name, self.config.avatar
        if name is None and avatar is None:
            return
        now = await self._now()
        if name is not None and text_in(now, "displayname") != name:
            await self.wire.put(f"{self._path}/displayname", {"displayname": name})
        if avatar is not None:
            await self._show(await asyncio.to_thread(avatar.read_bytes), avatar, text_in(now, "avatar_url"))

    async def _now(self) -> JsonObject:
        try:
            return await self.wire.get(self._path)
        except RequestRefused:  # the account has no profile yet
            return {}

    async def _show(self, picture: bytes, path: Path, shown: str) -> None:
        digest = hashlib.sha256(picture).hexdigest()
        file = self.config.store / AVATAR_FILE
        kept = await asyncio.to_thread(_kept, file)
        address = text_in(kept, "address") if text_in(kept, "digest") == digest else ""
        if address and address == shown:
            return
        address = address or await self.wire.upload(picture, picture_type(path) or "application/octet-stream")
        await self.wire.put(f"{self._path}/avatar_url", {"avatar_url": address})
        write_secret(file, json.dumps({"digest": digest, "address": address}))

    @property
    def _path(self) -> str:
        return f"/profile/{part(self.config.user)}"


def _kept(file: Path) -> JsonObject:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(file.read_bytes())
        return found if isinstance(found, dict) else {}
    return {}
