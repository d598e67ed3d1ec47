"""Inspects a homeserver for ``ptgbot check``: account, rooms, power levels and keys. It changes nothing there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import attrs
from attrs import define

from ptgbot.chat.adapter import Finding, LoginRefused
from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.config import MatrixConfig, RoomConfig
from ptgbot_matrix.connection import SESSION_FILE
from ptgbot_matrix.crypto.cross_signing import CrossSigning, CrossSigningIdentity
from ptgbot_matrix.crypto.trust import IDENTITY
from ptgbot_matrix.event import Event, table_in, text_in
from ptgbot_matrix.rooms.levels import UNBOUNDED, levels
from ptgbot_matrix.session.client import AVAILABLE, make_client
from ptgbot_matrix.session.login import LoginFlow, MatrixSession, SessionFile
from ptgbot_matrix.session.server import too_old
from ptgbot_matrix.session.wire import RequestRefused, Wire, part


async def inspect_homeserver(config: MatrixConfig) -> Sequence[Finding]:
    """Log in, inspect everything and log out. Expected errors are findings, too."""
    file = SessionFile(config.store / SESSION_FILE)
    # nio must not open the keys: the bot may be running with them.
    plain = attrs.evolve(config, encryption=False)
    wire = Wire(make_client(plain), config.request_timeout)
    kept = file.load()
    found: list[Finding] = []
    try:
        session = await _log_in(plain, wire, file, kept)
        found.append(Finding(f"logged in on {config.homeserver} as {session.user}, device {session.device}"))
        found += [finding async for finding in _Inspection(config, wire, session, kept is not None).findings()]
        if session != kept and not config.access_token:
            await wire.post("/logout", {})
    except (LoginRefused, RequestRefused, OSError) as error:
        found.append(Finding(str(error) or type(error).__name__, good=False))
    except TryLater as later:
        found.append(Finding(f"the homeserver wants us to wait {later.seconds:g} s", good=False))
    finally:
        await wire.close()
    return found


async def _log_in(config: MatrixConfig, wire: Wire, file: SessionFile, kept: MatrixSession | None) -> MatrixSession:
    if kept is not None and kept.user == config.user and not config.access_token:
        wire.client.access_token = kept.token
        try:
            await wire.get("/account/whoami")
        except RequestRefused:
            pass
        else:
            return kept
    return await LoginFlow(config, wire, file, _tell_nobody).open_for_a_look()


def _tell_nobody(_text: str) -> None:
    """Ignore a report: the findings are printed anyway."""


@define
class _Inspection:
    """One inspection."""

    config: MatrixConfig
    wire: Wire
    session: MatrixSession
    has_run: bool
    """Whether the bot has run with this store."""

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield all findings."""
        if problem := await too_old(self.wire):
            yield Finding(problem, good=False)
        yield await self._keys()
        answer = (await self.wire.get("/joined_rooms")).get("joined_rooms")
        joined = set(answer) if isinstance(answer, list) else set()
        for room in (*self.config.all_rooms, *(RoomConfig(id=space) for space in self.config.spaces)):
            yield await self._room(room, joined)

    async def _keys(self) -> Finding:
        if not self.config.encryption:
            return Finding("encryption is switched off")
        if not AVAILABLE:
            return Finding("encryption is wanted, but the extra matrix-e2e is not installed", good=False)
        path = self.config.store / IDENTITY
        if not self.has_run or not path.exists():
            return Finding("encryption: the device and its signature are made when the bot runs first")
        identity = CrossSigningIdentity.load(self.session.user, path)
        problem = await CrossSigning(self.wire, identity, self.session.device, "").problem()
        return Finding(problem, good=False) if problem else Finding("our device is signed by its owner")

    async def _room(self, room: RoomConfig, joined: set[str]) -> Finding:
        known = room.id
        if room.id.startswith("#"):
            try:
                known = text_in(await self.wire.get(f"/directory/room/{part(room.id)}"), "room_id")
            except RequestRefused as refused:
                return Finding(f"{room.id}: there is no such room ({refused.code})", good=False)
        if known not in joined:
            return Finding(f"{room.id}: not in it yet; if it is not public somebody has to invite {self.session.user}")
        create = Event("", "m.room.create", "", await self._state(known, "m.room.create"), "")
        power = await self._state(known, "m.room.power_levels")
        level = levels(create, power).of(self.session.user)
        sealed = bool(await self._state(known, "m.room.encryption"))
        how = "encrypted" if sealed else "not encrypted"
        shown = "above all levels" if level == UNBOUNDED else f"power level {level:g}"
        readable = not sealed or (self.config.encryption and AVAILABLE)
        return Finding(
            f"{room.id}: in it, {shown}, {how}{'' if readable else ', which we can not read'}", good=readable
        )

    async def _state(self, room: str, kind: str) -> dict[str, object]:
        try:
            return dict(table_in({"found": await self.wire.get(f"/rooms/{part(room)}/state/{kind}/")}, "found"))
        except RequestRefused:
            return {}
