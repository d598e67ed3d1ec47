"""The ssh server of the simulation, with the command ``gerrit stream-events``."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from ptgbot.ci.stream import COMMAND

if TYPE_CHECKING:
    import asyncssh

USER: Final = "ptgbot"
"""The only user."""


@define(eq=False)
class StreamDouble:
    """Tells everybody who has the stream open what is handed in."""

    port: int = 0
    open: set[asyncssh.SSHServerProcess[bytes]] = field(factory=set)

    async def work(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Serve one command until its connection ends."""
        import asyncssh

        if process.command != COMMAND:
            process.exit(1)
            return
        self.open.add(process)
        with suppress(asyncssh.Error):
            await process.wait_closed()
        self.open.discard(process)

    def send(self, raw: bytes) -> None:
        """Write bytes into every open stream."""
        for process in self.open:
            process.stdout.write(raw)

    def tell(self, *events: Mapping[str, Any]) -> None:
        """Write events into every open stream, one line each."""
        self.send(b"".join(json.dumps(event).encode() + b"\n" for event in events))

    def hang_up(self) -> None:
        """End every open stream."""
        for process in [*self.open]:
            process.exit(0)
        self.open.clear()


@asynccontextmanager
async def streaming(folder: Path, port: int = 0) -> AsyncIterator[tuple[StreamDouble, dict[str, Any]]]:
    """Serve a double of the stream; yields it and the settings that lead to it.

    Keys are made in the folder unless they are there.

    Raises:
        OSError: the port is taken, or a file cannot be written.
    """
    import asyncssh

    host, user = (_key(folder / name) for name in ("host_key", "user_key"))
    double = StreamDouble()
    keys = asyncssh.import_authorized_keys(user.export_public_key().decode())
    server = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[host],
        authorized_client_keys=keys,
        process_factory=double.work,
        encoding=None,
    )
    double.port = server.get_port()
    public = host.export_public_key().decode().strip()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{double.port} {public}\n", "utf-8")
    try:
        yield (
            double,
            {
                "ssh_host": "127.0.0.1",
                "ssh_port": double.port,
                "ssh_user": USER,
                "ssh_key": folder / "user_key",
                "ssh_known_hosts": folder / "known_hosts",
            },
        )
    finally:
        double.hang_up()
        server.close()
        await server.wait_closed()


def _key(path: Path) -> asyncssh.SSHKey:
    import asyncssh

    if not path.exists():
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(path))
        path.chmod(0o600)
    return asyncssh.read_private_key(str(path))
