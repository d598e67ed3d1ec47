"""An empty Debian in a folder: what a new machine has, and how programs run in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from tests.servers.programs import missing, need

MIRROR = "http://deb.debian.org/debian"
NO_SERVICES = "#!/bin/sh\n# There is no init in here that could run a service.\nexit 101\n"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}


@frozen
class Root:
    """A Debian in a folder."""

    folder: Path

    def run(self, script: str, *, user: str = "root") -> str:
        """Run lines of a shell in it, stop at the first that fails, and return what they print."""
        inside = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user != "root" else []
        done = subprocess.run(
            ["chroot", str(self.folder), *inside, "/bin/bash", "-euxo", "pipefail", "-c", script],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout

    def at(self, path: str) -> Path:
        """Return the place of an absolute path of this Debian on our machine."""
        return self.folder / path.lstrip("/")

    def copy(self, folder: Path) -> Root:
        """Return another Debian like this one."""
        subprocess.run(["cp", "-a", "--reflink=auto", str(self.folder), str(folder)], check=True)
        return Root(folder)


def can_isolate() -> bool:
    """Say whether this machine lets us make namespaces and change the root, which needs more than being root."""
    if os.geteuid() != 0:
        return False
    tried = ["unshare", "--net", "--mount", "--", "sh", "-c", "ip link set lo up && chroot / true"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def empty_debian(folder: Path, packages: Sequence[str]) -> Root:
    """Make a Debian of the release of this machine's, with as little as possible in it."""
    need("debootstrap", "apt-get install debootstrap")
    wanted = ["--variant=minbase", f"--include={','.join(packages)}", "bookworm", str(folder), MIRROR]
    done = subprocess.run(["debootstrap", *wanted], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        missing(f"debootstrap makes no root here: {done.stdout[-2000:]}")
    made = Root(folder)
    made.at("/usr/sbin/policy-rc.d").write_text(NO_SERVICES)
    made.at("/usr/sbin/policy-rc.d").chmod(0o755)
    return made
