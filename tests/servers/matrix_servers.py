"""Fixtures: a real Synapse, and people who talk on it by plain HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from attrs import define, field

from tests.servers.programs import Program, free_port, missing

PATIENCE = 20.0
"""Seconds that a test waits for an event."""
INSTALL = "tox -e synapse"
SECRET = "test-shared-secret"
FAST = "{per_second: 10000, burst_count: 10000}"

CONFIG = """\
server_name: localhost
public_baseurl: http://127.0.0.1:{port}/
pid_file: {folder}/homeserver.pid
listeners:
- port: {port}
  type: http
  tls: false
  bind_addresses: ['127.0.0.1']
  resources: [{{names: [client], compress: false}}]
database: {{name: sqlite3, args: {{database: {folder}/homeserver.db}}}}
media_store_path: {folder}/media
log_config: {folder}/log.yaml
signing_key_path: {folder}/signing.key
registration_shared_secret: {secret}
macaroon_secret_key: test-macaroon
form_secret: test-form
report_stats: false
trusted_key_servers: []
presence: {{enabled: false}}
bcrypt_rounds: 4
default_room_version: "{version}"
rc_message: {rate}
rc_registration: {fast}
rc_room_creation: {fast}
rc_joins_per_room: {fast}
rc_login: {{address: {fast}, account: {fast}, failed_attempts: {fast}}}
rc_joins: {{local: {fast}, remote: {fast}}}
rc_invites: {{per_room: {fast}, per_user: {fast}, per_issuer: {fast}}}
"""
LOG = """\
version: 1
handlers: {{f: {{class: logging.FileHandler, filename: {folder}/homeserver.log}}}}
root: {{level: WARNING, handlers: [f]}}
disable_existing_loggers: false
"""


def synapse_python() -> str:
    """Return the interpreter that has Synapse; without one skip the test and say how to install it, but fail in CI."""
    root = Path(__file__).parents[2]
    named = os.environ.get("PTGBOT_SYNAPSE")
    candidates = (named, str(root / ".synapse/bin/python"), sys.executable)
    found = next((one for one in candidates if one and _has_synapse(one)), None)
    if found is None:
        missing(f"Synapse is not installed: {INSTALL}, or name the interpreter that has it in PTGBOT_SYNAPSE")
    return found


def _has_synapse(python: str) -> bool:
    command = [python, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('synapse') is None)"]
    return shutil.which(python) is not None and subprocess.run(command, check=False).returncode == 0


@define(eq=False)
class Homeserver:
    """A Synapse that was started for a test."""

    program: Program
    url: str
    version: str
    """Version of the rooms that are made on it."""
    _names: Counter[str] = field(factory=Counter, init=False)

    def unused(self, name: str) -> str:
        """Return a name that nobody has on a server that tests share: ``ada``, ``ada2``."""
        self._names[name] += 1
        return name if self._names[name] == 1 else f"{name}{self._names[name]}"

    def register(self, name: str, password: str) -> str:
        """Make an account and return its access token."""
        where = f"{self.url}/_synapse/admin/v1/register"
        with urllib.request.urlopen(where, timeout=10) as answer:
            nonce = json.load(answer)["nonce"]
        proof = "\0".join([nonce, name, password, "notadmin"]).encode()
        mac = hmac.new(SECRET.encode(), proof, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": password, "admin": False, "mac": mac}
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(where, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            token: str = json.load(answer)["access_token"]
            return token


StartSynapse = Callable[..., Homeserver]


def _start(folder: Path, version: str, rate: str) -> Homeserver:
    python, port = synapse_python(), free_port()
    wanted = CONFIG.format(port=port, folder=folder, secret=SECRET, version=version, rate=rate, fast=FAST)
    (folder / "homeserver.yaml").write_text(wanted)
    (folder / "log.yaml").write_text(LOG.format(folder=folder))
    command = [python, "-m", "synapse.app.homeserver", "-c", str(folder / "homeserver.yaml")]
    subprocess.run([*command, "--generate-keys"], check=True, capture_output=True)
    url = f"http://127.0.0.1:{port}"
    program = Program(command, folder, lambda: _answers(url), patience=90)
    program.start()
    return Homeserver(program, url, version)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_matrix/client/versions", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False


@pytest.fixture
def start_synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSynapse]:
    """Start real Synapses of this test alone; each call is one server."""
    programs: list[Program] = []

    def start(version: str = "12", rate: str = FAST) -> Homeserver:
        server = _start(tmp_path_factory.mktemp("synapse"), version, rate)
        programs.append(server.program)
        return server

    yield start
    for program in programs:
        program.kill()


@pytest.fixture(scope="session", params=["12", "11"])
def synapse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """A real Synapse that tests share: with the default version of rooms, and with the one before creators."""
    server = _start(tmp_path_factory.mktemp("synapse"), request.param, FAST)
    yield server
    server.program.kill()


class HttpError(Exception):
    """The homeserver said no."""


@define(eq=False)
class MatrixPerson:
    """Somebody who talks by plain HTTP: sends what a test says, keeps what the server tells."""

    name: str
    url: str
    token: str
    session: aiohttp.ClientSession
    events: list[dict[str, Any]] = field(factory=list)
    """Every event of every room's timeline, with its room under ``room``."""
    ephemeral: list[dict[str, Any]] = field(factory=list)
    """Typing notices and receipts, with their room under ``room``."""
    invites: dict[str, str] = field(factory=dict)
    """Rooms we are invited to, and who invited us."""
    _task: asyncio.Task[None] | None = None
    _changed: asyncio.Condition = field(factory=asyncio.Condition)
    _number: int = 0

    @property
    def id(self) -> str:
        return f"@{self.name}:localhost"

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send a request and return what comes back."""
        headers = {"Authorization": f"Bearer {self.token}"}
        where = f"{self.url}/_matrix/client/v3{path}"
        while True:
            async with self.session.request(method, where, json=body, headers=headers) as response:
                found: dict[str, Any] = await response.json()
            if response.status < 400:
                return found
            if response.status != HTTPStatus.TOO_MANY_REQUESTS:
                raise HttpError(f"{method} {path}: {found}")
            await asyncio.sleep(found["retry_after_ms"] / 1000)

    async def create(self, alias: str = "", invite: Sequence[str] = (), **more: Any) -> str:
        """Make a room; a public one where it has an alias."""
        body = {"preset": "public_chat" if alias else "private_chat", "invite": list(invite), **more}
        if alias:
            body["room_alias_name"] = alias
        return str((await self.call("POST", "/createRoom", body))["room_id"])

    async def direct(self, who: str, **more: Any) -> str:
        """Open a direct chat."""
        return await self.create("", [who], preset="trusted_private_chat", is_direct=True, **more)

    async def join(self, room: str) -> str:
        return str((await self.call("POST", f"/join/{quote(room)}", {}))["room_id"])

    async def send(self, room: str, content: Mapping[str, Any], kind: str = "m.room.message") -> str:
        """Send an event and return its id."""
        self._number += 1
        path = f"/rooms/{quote(room)}/send/{kind}/{self.name}-{id(self)}-{self._number}"
        return str((await self.call("PUT", path, content))["event_id"])

    async def say(self, room: str, text: str, **more: Any) -> str:
        """Say something and return the event's id."""
        return await self.send(room, {"msgtype": "m.text", "body": text, **more})

    async def state(self, room: str, kind: str, content: Mapping[str, Any], key: str = "") -> str:
        """Set a part of a room's state."""
        found = await self.call("PUT", f"/rooms/{quote(room)}/state/{kind}/{quote(key)}", content)
        return str(found["event_id"])

    async def level(self, room: str, who: str, level: int | None) -> None:
        """Give somebody a power level, or take them off the list."""
        now = await self.call("GET", f"/rooms/{quote(room)}/state/m.room.power_levels/")
        users = {user: value for user, value in now["users"].items() if user != who}
        await self.state(
            room, "m.room.power_levels", {**now, "users": users if level is None else {**users, who: level}}
        )

    async def wait(self, condition: Callable[[dict[str, Any]], bool], what: str = "an event") -> dict[str, Any]:
        """Return the first event for which the condition holds, waiting for it."""
        at = 0
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                while True:
                    for event in self.events[at:]:
                        if condition(event):
                            return event
                    at = len(self.events)
                    await self._changed.wait()
        except TimeoutError:
            last = [(e["sender"], e["type"], e["content"]) for e in self.events[-6:]]
            raise AssertionError(f"{self.name} never saw {what}; last: {last}") from None

    async def notice(self, condition: Callable[[dict[str, Any]], bool], what: str) -> None:
        """Wait for a typing notice or a receipt for which the condition holds."""
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(lambda: any(map(condition, self.ephemeral)))
        except TimeoutError:
            raise AssertionError(f"{self.name} never saw {what}; last: {self.ephemeral[-6:]}") from None

    async def answer(self, event: str) -> dict[str, Any]:
        """Return what somebody else answers to an event: a reply or a reaction."""
        return await self.wait(lambda e: e["sender"] != self.id and answers(e) == event, f"an answer to {event}")

    async def see(self, who: str, room: str, membership: str = "join") -> None:
        """Wait until somebody is in a room we are in."""
        await self.wait(
            lambda e: (
                e["room"] == room
                and e["type"] == "m.room.member"
                and e.get("state_key") == who
                and e["content"].get("membership") == membership
            ),
            f"{who} {membership} {room}",
        )

    async def invited(self, by: str) -> str:
        """Wait for an invitation and return its room."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: by in self.invites.values())
        return next(room for room, inviter in self.invites.items() if inviter == by)

    def said(self, by: str, room: str) -> list[str]:
        """Return what somebody said in a room, in order; reactions as their key."""
        return [text_of(e) for e in self.events if e["sender"] == by and e["room"] == room and text_of(e)]

    async def history(self, room: str) -> list[dict[str, Any]]:
        """Return every event of a room that we are in as the homeserver has it, the oldest first."""
        events: list[dict[str, Any]] = []
        since = ""
        while True:
            page = await self.call("GET", f"/rooms/{quote(room)}/messages?dir=f&limit=500{since}")
            events += page["chunk"]
            if "end" not in page:
                return events
            since = f"&from={quote(page['end'])}"

    async def follow(self) -> None:
        """Begin to take in what happens."""
        self._task = asyncio.create_task(self._sync(), name=f"test person {self.name}")

    async def quit(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.session.close()

    async def _sync(self) -> None:
        since = ""
        while True:
            try:
                wait = f"&since={since}" if since else ""
                found = await self.call(
                    "GET", f'/sync?timeout=10000&filter={{"room":{{"timeline":{{"limit":1000}}}}}}{wait}'
                )
            except (aiohttp.ClientError, HttpError, ValueError):  # the server is away
                await asyncio.sleep(0.1)
                continue
            since = found["next_batch"]
            async with self._changed:
                self._take(found.get("rooms", {}))
                self._changed.notify_all()

    def _take(self, rooms: Mapping[str, Any]) -> None:
        for part in ("join", "leave"):
            for room, news in rooms.get(part, {}).items():
                self.events += [{**event, "room": room} for event in news.get("timeline", {}).get("events", [])]
                self.ephemeral += [{**event, "room": room} for event in news.get("ephemeral", {}).get("events", [])]
        for room, news in rooms.get("invite", {}).items():
            for event in news["invite_state"]["events"]:
                if event.get("state_key") == self.id and event["content"].get("membership") == "invite":
                    self.invites[room] = event["sender"]


def answers(event: Mapping[str, Any]) -> str:
    """Return the event that a reply or a reaction is about."""
    relation = event["content"].get("m.relates_to", {})
    if event["type"] == "m.reaction":
        return str(relation.get("event_id", ""))
    return str(relation.get("m.in_reply_to", {}).get("event_id", ""))


def text_of(event: Mapping[str, Any]) -> str:
    """Return what an event says."""
    if event["type"] == "m.reaction":
        return str(event["content"].get("m.relates_to", {}).get("key", ""))
    return str(event["content"].get("body", "")) if event["type"] == "m.room.message" else ""


Befriend = Callable[..., Awaitable[MatrixPerson]]


@pytest.fixture
async def befriend() -> AsyncIterator[Befriend]:
    """Make people on a homeserver: ``await befriend(synapse, "ada")``."""
    people: list[MatrixPerson] = []

    async def make(server: Homeserver, name: str) -> MatrixPerson:
        name = server.unused(name)
        token = await asyncio.to_thread(server.register, name, f"pw-{name}")
        person = MatrixPerson(name, server.url, token, aiohttp.ClientSession())
        people.append(person)
        await person.follow()
        return person

    yield make
    for person in people:
        await person.quit()
