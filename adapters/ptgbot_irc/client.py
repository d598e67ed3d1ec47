"""pydle's client, reduced to registration and capability negotiation.

Each line is handed to a listener in the order of the server, before anything is awaited; pydle would make a task of
each line, and those tasks overtake one another. pydle itself gets only the commands named in ``PYDLE``: its record of
users asks WHOIS about everybody it sees and holds back their first message until the reply arrives.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import pydle
from attrs import define, field
from pydle.features.ircv3 import IRCv3Support

from ptgbot.chat.text import count, cut
from ptgbot_irc.config import IrcConfig
from ptgbot_irc.framing import LineBuffer
from ptgbot_irc.line import BadLine, Line, compose, parse
from ptgbot_irc.mechanisms import EXTERNAL, PLAIN, SCRAM, Mechanism, Scram, external, plain
from ptgbot_irc.sasl import NUMERICS, REFUSALS, Outcome, Sasl, offered
from ptgbot_irc.text import clean
from ptgbot_irc.transport import Transport, connect, verified

log = logging.getLogger(__name__)

COMPLAIN_EVERY: Final = 60.0
"""Seconds between two log lines about unreadable lines."""
LONGEST_NAME: Final = 100
"""Bytes of our real name; servers cut it at 50 to 150 (NAMELEN)."""
PYDLE: Final = frozenset({"CAP", "PING", "AUTHENTICATE", "410", "432", "433", "436", "437"})
MECHANISMS: Final = {"sasl": (SCRAM, PLAIN), "certfp": (EXTERNAL,)}
"""Mechanisms for each kind of login, the best first."""
CAPABILITIES: Final = frozenset(
    {
        "account-tag",
        "batch",
        "chghost",
        "extended-join",
        "message-tags",
        "multi-prefix",
        "server-time",
        "userhost-in-names",
    }
)


class Client(IRCv3Support):
    """One connection.

    Make a new object for each connection, because pydle keeps some of its state over a disconnect.
    """

    RECONNECT_ON_ERROR = False

    def __init__(self, config: IrcConfig, listener: Callable[[Line], None], introduction: str = "") -> None:
        realname = config.realname or cut(clean(introduction), LONGEST_NAME) or "PTGbot"
        super().__init__(config.nick, username=config.username, realname=realname)
        self._config = config
        self._listener = listener
        self._buffer = LineBuffer()
        self._offered: list[str] = []
        self._fallbacks = fallback_nicks(config.nick)
        self._password = ""
        self._offer: str | None = None
        """Value of the ``sasl`` capability: the mechanisms that the server offers."""
        self._reading: asyncio.Task[None] | None = None
        self.closed = asyncio.Event()
        """Set when the reader has ended, whatever the reason."""
        self.reason = "the server closed the connection"
        """Why it ended, for people."""
        self.bad_lines = 0
        self._complaint = Complaint(config.name)
        self.sasl: Sasl | None = None
        """The login of this connection, once the server has agreed to one."""
        self.refused = asyncio.Event()
        """Set when the server has refused that login."""

    @property
    def unreadable(self) -> int:
        """Number of lines that were too long or malformed."""
        return self.bad_lines + self._buffer.skipped

    def adopt(self, config: IrcConfig) -> None:
        """Take a changed configuration."""
        self._config = config
        if self.connection is not None:
            self.connection.adopt(config)

    async def open(self) -> None:
        """Connect and begin to register. Certificates and passwords are read anew each time.

        Raises:
            OSError: a certificate or password file cannot be read, or the connection failed.
        """
        config = self._config
        # Reading certificates and secrets at each connection lets both be renewed while we run.
        context = await asyncio.to_thread(verified, config.ca_file, config.cert_file) if config.tls else None
        password = await asyncio.to_thread(config.server_password)
        if config.login == "sasl":
            self._password = await asyncio.to_thread(config.password)
        self.connection = Transport(config, context)
        self.encoding = "utf-8"
        await connect(self.connection, config)
        self._reading = asyncio.create_task(self.handle_forever(), name=f"irc {config.name}: reader")
        self.password = password or None
        await self._register()

    async def ended(self) -> bool:
        """Wait up to one second for the reader to end; return False if the connection is still open.

        Call it after a failed write, so that the server's last ERROR line is read first.
        """
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=1)
        return self.closed.is_set()

    async def close(self) -> None:
        """Close the connection and end the reader task."""
        if self.connection is not None:
            await self.connection.disconnect()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def handle_forever(self) -> None:
        """Read lines until the connection ends.

        A bad line or an exception always sets ``closed``, never leaves a dead reader.
        """
        try:
            while (transport := self._transport()) is not None and (data := await transport.recv()):
                skipped = self._buffer.skipped
                for raw in self._buffer.feed(data):
                    await self._take(raw)
                for _ in range(self._buffer.skipped - skipped):
                    self._complaint.note("too long")
        except OSError as error:
            self.reason = f"the connection broke: {error or type(error).__name__}"
        except Exception:
            log.exception("the reader of %s stopped", self._config.name)
            self.reason = "the reader stopped, see the log"
        finally:
            self.closed.set()

    async def _take(self, raw: bytes) -> None:
        try:
            line = parse(raw)
        except BadLine as error:
            self._refuse(str(error))
            return
        if line.command == "ERROR":
            self.reason = f"the server closed the connection: {line.param(0)}"
        if line.command == "001":
            self.registered = True
            self.nickname = line.param(0)
        try:
            self._listener(line)
        except Exception:
            # One line must not end the connection; it is the edge of a supervised task.
            log.exception("a line of %s could not be handled: %r", self._config.name, raw[:200])
        if self.sasl is not None and line.command in NUMERICS:
            await self._follow_login(self.sasl, line.command)
        if line.command in PYDLE:
            await self._hand_to_pydle(line, raw)

    def _refuse(self, why: str) -> None:
        self.bad_lines += 1
        self._complaint.note(why)

    async def _hand_to_pydle(self, line: Line, raw: bytes) -> None:
        """Let pydle handle a line. It expects every parameter to be there, and logs a traceback if one is not."""
        try:
            handler = getattr(self, f"on_raw_{line.command.lower()}")
            await handler(self._create_message(line.command, *line.params, source=line.source))
        except OSError as error:
            log.info("%s: could not answer a line: %s", self._config.name, error)
        except (ValueError, LookupError, AttributeError, TypeError):
            self._refuse(f"parameters missing in {raw[:80]!r}")

    async def rawmsg(self, command: str, *params: str, **_tags: Any) -> None:
        """Compose and send a command. The name and ``_tags`` are pydle's.

        Raises:
            OSError: there is no connection, or it broke.
            ValueError: the command does not fit a line, or a parameter would be read as several.
        """
        await self.write(compose(command, *params))

    async def write(self, raw: bytes) -> None:
        """Send a composed line. Sent lines are never logged, because they may hold a password.

        Raises:
            OSError: there is no connection, or it broke.
        """
        transport = self._transport()
        if transport is None:
            raise ConnectionError("not connected")
        await transport.send(raw)

    def _transport(self) -> Transport | None:
        return self.connection if self.connected else None

    # Capabilities: https://ircv3.net/specs/extensions/capability-negotiation

    async def on_raw_cap_ls(self, params: Sequence[str]) -> None:
        """Collect a reply to CAP LS of several lines; pydle would take the first for all and end the negotiation.

        Source: https://ircv3.net/specs/extensions/capability-negotiation, "Multiline replies to CAP LS and CAP LIST".
        """
        more = len(params) > 1 and params[0] == "*"
        self._offered += params[-1].split() if params else []
        if not more:
            offered, self._offered = self._offered, []
            wanted = [item for item in offered if item.partition("=")[0] in self.wanted_capabilities()]
            await super().on_raw_cap_ls([" ".join(wanted)])

    def can(self, capability: str) -> bool:
        """Say whether the server has acknowledged a capability."""
        return bool(self._capabilities.get(capability))

    def wanted_capabilities(self) -> frozenset[str]:
        """Return the names of the capabilities to request."""
        return CAPABILITIES | {"sasl"} if self._config.login in MECHANISMS else CAPABILITIES

    async def on_capability_batch_available(self, _value: str | None) -> bool:
        """Request ``batch``: servers play back history in a batch, which tells it from new lines.

        Source: https://ircv3.net/specs/extensions/batch, batch type "chathistory".
        """
        return True

    async def on_capability_server_time_available(self, _value: str | None) -> bool:
        """Request ``server-time``: the time of a message tells history from new lines.

        Source: https://ircv3.net/specs/extensions/server-time.
        """
        return True

    # Login while registering. pydle's own way answers a refusal by asking again, without end, and goes on without
    # a login where it can't have one.

    async def on_capability_sasl_available(self, value: str | None) -> bool:
        """Request ``sasl`` if a login is configured and the server offers a mechanism for it."""
        self._offer = value
        return not self.registered and self._mechanism() is not None

    async def on_capability_sasl_enabled(self) -> bool | None:
        """Begin the login; registration continues when the login has ended.

        Raises:
            OSError: the connection broke.
        """
        mechanism = self._mechanism()
        if mechanism is None or self.sasl is not None:
            return pydle.CAPABILITY_NEGOTIATED
        self.sasl = Sasl(mechanism, self.rawmsg)
        await self.sasl.start()
        return pydle.CAPABILITY_NEGOTIATING

    def _mechanism(self) -> Mechanism | None:
        """Return the first mechanism for the configured login that the server offers.

        SCRAM must be named by the server: many that name nothing have only PLAIN.
        """
        for name in MECHANISMS.get(self._config.login, ()):
            if offered(name, self._offer) and (name != SCRAM or self._offer):
                return self._made(name)
        return None

    def _made(self, name: str) -> Mechanism:
        account = self._config.account_name
        match name:
            case "SCRAM-SHA-256":
                return Scram(account, self._password)
            case "PLAIN":
                return plain(account, self._password)
        return external(account)

    async def on_raw_authenticate(self, message: Any) -> None:
        """Respond to a challenge of the login.

        Raises:
            OSError: the connection broke.
        """
        if self.sasl is not None:
            await self.sasl.challenge(message.params[0])
            self._refuse_password(self.sasl)

    async def _follow_login(self, sasl: Sasl, numeric: str) -> None:
        before = sasl.outcome
        sasl.take(numeric)
        if before is not Outcome.OPEN:
            self._refuse_password(sasl)
        elif sasl.outcome is Outcome.REFUSED and sasl.mechanism.name == SCRAM and self._try_plain(numeric):
            # Services keep no verifier for a password that was set before they knew SCRAM.
            self.sasl = Sasl(self._made(PLAIN), self.rawmsg)
            await self.sasl.start()
        elif sasl.outcome is not Outcome.OPEN and not self._refuse_password(sasl):
            # A refused certificate may still be known to NickServ: Atheme 7.2 with InspIRCd 3 is one such pair.
            await self._capability_negotiated("sasl")

    def _try_plain(self, numeric: str) -> bool:
        """Say whether PLAIN may succeed where the server itself has refused SCRAM.

        The password is sent only if the server offers PLAIN, over a connection that is encrypted.
        """
        return numeric in REFUSALS and self._config.tls and offered(PLAIN, self._offer)

    def _refuse_password(self, sasl: Sasl) -> bool:
        """Note that the server has refused the password, or we the server; return False after any other outcome."""
        refused = sasl.outcome is Outcome.REFUSED and sasl.mechanism.name != EXTERNAL
        if refused:
            self.refused.set()
        return refused

    # Nick refused while registering: the next one at once.

    async def on_raw_433(self, _message: object) -> None:
        """Try the next fallback nick while registering. Later this numeric only says that our nick is still taken.

        Raises:
            OSError: the connection broke.
        """
        if not self.registered:
            await self.set_nickname(next(self._fallbacks))

    on_raw_432 = on_raw_436 = on_raw_437 = on_raw_433


@define(eq=False)
class Complaint:
    """Logs lines that cannot be read: the first at once, those after it in one log line each minute."""

    network: str
    clock: Callable[[], float] = time.monotonic
    """Monotonic, in seconds."""
    _since: int = field(default=0, init=False)
    """Lines since the last log line."""
    _next: float = field(default=float("-inf"), init=False)

    def note(self, why: str) -> None:
        """Count a line, and log it unless one was logged lately."""
        self._since += 1
        if self.clock() < self._next:
            return
        log.warning("%s sent %s that can't be read: %s", self.network, count(self._since, "line"), why)
        self._since, self._next = 0, self.clock() + COMPLAIN_EVERY


def fallback_nicks(nick: str) -> Iterator[str]:
    """Yield nicks to use while ours is taken, without end.

    Two have underscores appended; the others are short, so that no server truncates them.
    """
    yield from (f"{nick}_", f"{nick}__")
    yield from (f"{nick[:6]}{secrets.randbelow(900) + 100}" for _ in itertools.count())
