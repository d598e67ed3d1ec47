"""Does for one unit what systemd does: folders, credentials, user, mask, notifications. No systemd runs in a chroot."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import define, field

from tests.deploy.network import Network
from tests.deploy.root import ENVIRONMENT, Root

PATIENCE = 120.0
"""Seconds in which a unit must become ready."""
_NO_NEW_PRIVILEGES, _MEMORY_DENY_WRITE_EXECUTE = 38, 65
"""Numbers of prctl(2), as systemd uses them for NoNewPrivileges= and MemoryDenyWriteExecute=."""
_REFUSE_EXEC_GAIN = 1
_FOLDERS = {"State": "/var/lib", "Cache": "/var/cache", "Runtime": "/run", "Logs": "/var/log"}


def read_unit(root: Root, name: str) -> Mapping[str, list[str]]:
    """Return the settings of a unit with its drop-ins, as systemd.unit(5) reads them: an empty value resets a list."""
    folder = root.at("/etc/systemd/system")
    found: dict[str, list[str]] = defaultdict(list)
    for file in (folder / name, *sorted(folder.glob(f"{name}.d/*.conf"))):
        for line in file.read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith(("#", ";")):
                found[key] = [*found[key], value] if value else []
    return found


@define(eq=False)
class Unit:
    """A unit of a Debian in a folder, which we start and stop as systemd would."""

    root: Root
    name: str
    network: Network
    settings: Mapping[str, list[str]] = field(init=False)
    notes: list[str] = field(factory=list, init=False)
    """What the program told its service manager (sd_notify(3))."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        return self.root.folder.parent / f"{self.root.folder.name}-{self.name}.log"

    def one(self, key: str, default: str = "") -> str:
        """Return the last value of a setting."""
        return self.settings.get(key, [default])[-1] if self.settings.get(key) else default

    def start(self) -> None:
        """Start it, and wait until it says that it is ready, or has ended if it is of Type=oneshot.

        Without a Type= nothing is waited for, as systemd.service(5) says.

        Raises:
            AssertionError: it ended, or was not ready in time.
        """
        self.settings = read_unit(self.root, self.name)
        environment = {**ENVIRONMENT, **self._prepare()}
        oneshot = self.one("Type") == "oneshot"
        with contextlib.ExitStack() as opened:
            notify = opened.enter_context(self._notify())
            output = opened.enter_context(self.log.open("ab"))
            self._process = subprocess.Popen(
                shlex.split(self.one("ExecStart").replace("%%", "%")),
                env={**environment, "NOTIFY_SOCKET": "/run/notify"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=self._become,
            )
            deadline = time.monotonic() + PATIENCE
            waits = self.one("Type", "simple") != "simple"
            while waits and "READY=1" not in self.notes and not (oneshot and self._process.poll() is not None):
                ended = self._process.poll()
                assert ended is None, f"{self.name} ended with {ended}: {self.said()[-3000:]}"
                assert time.monotonic() < deadline, f"{self.name} was not ready in time: {self.said()[-3000:]}"
                with contextlib.suppress(TimeoutError):
                    self.notes += notify.recv(4096).decode().splitlines()
        if oneshot:
            assert self._process.returncode == 0, self.said()[-3000:]

    def stop(self) -> int:
        """End it as ``systemctl stop`` does and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(float(self.one("TimeoutStopSec", "90")))

    def reload(self) -> None:
        """Do as ``systemctl reload`` does with this unit's ExecReload."""
        assert self.one("ExecReload") == "/bin/kill -HUP $MAINPID"
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def said(self) -> str:
        """Return what it wrote to its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _owner(self) -> tuple[int, int]:
        line = next(
            line.split(":")
            for line in self.root.at("/etc/passwd").read_text().splitlines()
            if line.startswith(f"{self.one('User', 'root')}:")
        )
        return int(line[2]), int(line[3])

    def _prepare(self) -> dict[str, str]:
        """Make the folders and the credentials; return the variables that name them."""
        uid, gid = self._owner()
        variables: dict[str, str] = {}
        for kind, base in _FOLDERS.items():
            for name in self.one(f"{kind}Directory").split():
                place = self.root.at(f"{base}/{name}")
                place.mkdir(parents=True, exist_ok=True)
                place.chmod(int(self.one(f"{kind}DirectoryMode", "0755"), 8))
                os.chown(place, uid, gid)
                variables[f"{kind.upper()}_DIRECTORY"] = f"{base}/{name}"
        if wanted := self.settings.get("LoadCredential"):
            folder = f"/run/credentials/{self.name}"
            inside = self.root.at(folder)
            shutil.rmtree(inside, ignore_errors=True)
            inside.mkdir(parents=True)
            for line in wanted:
                name, _, source = line.partition(":")
                copy = inside / name
                # Without the file systemd ends the start with status 243.
                copy.write_bytes(self.root.at(source).read_bytes())
                copy.chmod(0o400)
                os.chown(copy, uid, gid)
            inside.chmod(0o500)
            os.chown(inside, uid, gid)
            variables["CREDENTIALS_DIRECTORY"] = folder
        return variables

    @contextlib.contextmanager
    def _notify(self) -> Iterator[socket.socket]:
        place = self.root.at("/run/notify")
        place.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
            here = Path.cwd()
            os.chdir(place.parent)  # the path of a socket has at most 107 bytes
            try:
                heard.bind(place.name)
            finally:
                os.chdir(here)
            place.chmod(0o777)
            heard.settimeout(0.5)
            yield heard

    def _become(self) -> None:
        """Become the process that systemd would start; called between fork and exec."""
        uid, gid = self._owner()
        self.network.enter()
        os.chroot(self.root.folder)
        os.chdir("/")
        os.umask(int(self.one("UMask", "0022"), 8))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        prctl = ctypes.CDLL(None).prctl
        if self.one("NoNewPrivileges") == "yes":
            prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        if self.one("MemoryDenyWriteExecute") == "yes":
            # Kernels before 6.3 do not know it.
            prctl(_MEMORY_DENY_WRITE_EXECUTE, _REFUSE_EXEC_GAIN, 0, 0, 0)

