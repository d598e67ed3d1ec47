"""``systemctl`` for a Debian in a folder: shell lines of a page ask for it, and the test does as systemd would."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from attrs import define, field

from tests.deploy.network import Network
from tests.deploy.root import ENVIRONMENT, Root
from tests.deploy.unit import Unit

SCRIPT = """\
#!/bin/sh
# Enabling is a matter of links, which systemd's own program makes here, too. The rest is asked of the test.
case "$1" in
    enable | disable) /usr/bin/systemctl --quiet "$1" $(echo "$@" | sed 's/^[a-z]* //; s/--now//') ;;
esac
rm -f /run/answered
echo "$@" > /run/asking && mv /run/asking /run/asked
while [ ! -e /run/answered ]; do sleep 0.1; done
exit "$(cat /run/answered)"
"""
WEB_SERVERS = {"nginx": ("nginx", "-g", "daemon off;"), "apache2": ("apache2ctl", "-DFOREGROUND")}
PATIENCE = 300.0
"""Seconds for the lines of a page."""


@define(eq=False)
class Machine:
    """A Debian whose shell can start and stop services."""

    root: Root
    network: Network
    units: dict[str, Unit] = field(factory=dict)
    asked: list[str] = field(factory=list)
    """Every call of systemctl."""
    _web: subprocess.Popen[bytes] | None = None

    def __attrs_post_init__(self) -> None:
        script = self.root.at("/usr/local/bin/systemctl")
        script.write_text(SCRIPT)
        script.chmod(0o755)

    def run(self, lines: str, folder: str = "/") -> str:
        """Run lines of a shell as root, stop at the first that fails, and return what they print."""
        log = self.root.folder.with_name("shell.log")
        with log.open("wb") as output:
            shell = subprocess.Popen(
                self.network.command(
                    *("chroot", str(self.root.folder), "/bin/bash", "-euxo", "pipefail", "-c", f"cd {folder}\n{lines}")
                ),
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            deadline = time.monotonic() + PATIENCE
            while shell.poll() is None:
                self._answer()
                assert time.monotonic() < deadline, log.read_text()[-3000:]
                time.sleep(0.05)
        assert shell.returncode == 0, log.read_text()[-5000:]
        return log.read_text()

    def stop(self) -> None:
        """End everything."""
        for unit in self.units.values():
            unit.kill()

    def _answer(self) -> None:
        asked = self.root.at("/run/asked")
        if not asked.exists():
            return
        words = asked.read_text().split()
        asked.unlink()
        self.asked.append(" ".join(words))
        self._do(words[0], [word for word in words[1:] if not word.startswith("-")], "--now" in words)
        part = Path(f"{asked}.part")
        part.write_text("0\n")
        part.rename(self.root.at("/run/answered"))

    def _do(self, verb: str, names: list[str], now: bool) -> None:
        """Do one thing with units. Timers and journals are nobody's here."""
        for name in names:
            if name in ("nginx", "apache2"):
                self._serve(name)
            elif name == "ptgbot":
                unit = self.units.setdefault(name, Unit(self.root, "ptgbot.service", self.network))
                if verb in ("stop", "restart", "disable"):
                    unit.stop()
                if verb in ("start", "restart") or (verb == "enable" and now):
                    unit.start()
                if verb == "reload":
                    unit.reload()

    def _serve(self, name: str) -> None:
        """Start nginx or Apache in place of the one that runs, as their units do."""
        if self._web is not None:
            self._web.terminate()
            self._web.wait(30)
        self._web = self.network.start("chroot", str(self.root.folder), *WEB_SERVERS[name])
