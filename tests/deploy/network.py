"""A network of its own, in which a test has every port, and a chat server that listens at the usual ones."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from tests.servers.programs import need

_NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of setns(2)."""
NGIRCD = """\
[Global]
Name = irc.example.org
Info = test
Listen = 127.0.0.1
Ports = 6667
MotdPhrase = hello
[Limits]
MaxConnectionsIP = 0
MaxJoins = 0
[Operator]
Name = operator
Password = operator
[Options]
OperCanUseMode = yes
DNS = no
Ident = no
PAM = no
IncludeDir = {folder}/include
[Channel]
Name = #gathering
"""


@define(eq=False)
class Network:
    """A namespace with loopback and nothing else."""

    holder: subprocess.Popen[bytes]
    started: list[subprocess.Popen[bytes]] = field(factory=list)

    def enter(self) -> None:
        """Take the calling process into it."""
        handle = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(handle, _NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(handle)

    def command(self, *words: str) -> list[str]:
        """Return a command that runs in it."""
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--", *words]

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program that ends with the network."""
        self.started.append(subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL))
        return self.started[-1]

    def get(self, *words: str) -> tuple[int, str]:
        """Return the status and the body of an answer to curl(1); status 0 means no answer."""
        asked = self.command("curl", "-sk", "-m", "20", "-w", "\n%{http_code}", *words)
        body, _, status = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.rpartition("\n")
        return int(status), body

    def health(self) -> Any:
        """Return what ``/healthz`` tells operators, None where nobody answers."""
        status, body = self.get("http://127.0.0.1:8001/healthz")
        return json.loads(body) if status else None

    def is_green(self) -> bool:
        """Say whether every part is green."""
        found = self.health()
        return bool(found) and all(part["colour"] == "green" for part in found["parts"].values())

    def say(self, nick: str, *lines: str, operator: bool = False) -> str:
        """Say lines in the channel as somebody, and return everything heard until the last one is answered.

        Args:
            nick: who says them.
            lines: commands that the bot answers.
            operator: whether this person becomes operator of the channel first.
        """
        script = TALK.replace("WHO", nick).replace("LINES", json.dumps(lines)).replace("OPERATOR", str(operator))
        return subprocess.run(self.command("python3", "-c", script), capture_output=True, text=True, check=True).stdout


TALK = """
import socket, sys
talk = socket.create_connection(("127.0.0.1", 6667), 30)
talk.settimeout(60)
read = talk.makefile(encoding="utf-8", errors="replace")
def send(text):
    talk.sendall(f"{text}\\r\\n".encode())
def until(*words):
    for line in read:
        print(line, end="")
        if any(word in line for word in words):
            return
send("NICK WHO"), send("USER a 0 * :a")
until(" 376 ", " 422 ")
send("JOIN #gathering")
until(" 366 ")
if OPERATOR:
    send("OPER operator operator")
    until(" 381 ")
    send("MODE #gathering +o WHO")
    until(" MODE ")
for line in LINES:
    send(f"PRIVMSG #gathering :{line}")
    until(":ptgbot!")
send("QUIT")
"""


SERVICES = """
import socket
talk = socket.create_connection(("127.0.0.1", 6667), 30)
talk.settimeout(None)
talk.sendall(b"NICK NickServ\\r\\nUSER services 0 * :services\\r\\n")
for line in talk.makefile(encoding="utf-8", errors="replace"):
    source, command, *words = [*line.split(), ""]
    nick = source[1:].partition("!")[0]
    if source == "PING":
        talk.sendall(f"PONG {command}\\r\\n".encode())
    elif command == "PRIVMSG" and ":IDENTIFY" in words and len(words) > 3 and words[3]:
        talk.sendall(f"NOTICE {nick} :You are now identified.\\r\\n".encode())
"""
"""Services that accept every password: a person with their nick."""


@contextmanager
def own_network(folder: Path) -> Iterator[Network]:
    """Make a network with an ngircd in it."""
    ngircd = need("ngircd", "apt-get install ngircd")
    holder = subprocess.Popen(["unshare", "--net", "--", "sh", "-c", "ip link set lo up && exec sleep infinity"])
    made = Network(holder)
    try:
        (folder / "include").mkdir()
        config = folder / "ngircd.conf"
        config.write_text(NGIRCD.format(folder=folder))
        up = made.command("ip", "-o", "addr", "show", "lo")
        wait_for(lambda: "127.0.0.1" in subprocess.run(up, capture_output=True, text=True, check=False).stdout)
        made.start(ngircd, "-n", "-f", str(config))
        probe = made.command("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/6667")
        wait_for(lambda: subprocess.run(probe, capture_output=True, check=False).returncode == 0)
        made.start("python3", "-c", SERVICES)
        yield made
    finally:
        for one in [*made.started, holder]:
            one.kill()
            one.wait()


def wait_for(condition: Any, patience: float = 60.0) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it did not hold in time.
    """
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
