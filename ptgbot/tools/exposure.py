"""Finds a state in a folder that a web server publishes: it holds subscriptions, and who asked for what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ptgbot.config import Config

SERVERS: Final = (
    "/etc/apache2/apache2.conf",
    "/etc/apache2/sites-enabled/*",
    "/etc/apache2/conf-enabled/*",
    "/etc/httpd/conf/*.conf",
    "/etc/httpd/conf.d/*.conf",
    "/etc/nginx/nginx.conf",
    "/etc/nginx/sites-enabled/*",
    "/etc/nginx/conf.d/*.conf",
)
"""Configurations of web servers on this machine."""
_PUBLISHED: Final = re.compile(
    r"""^\s*(?:DocumentRoot|root|alias(?:\s+\S+(?=\s+["']?/))?)\s+["']?(/[^"';\s]*)""", re.IGNORECASE | re.MULTILINE
)
_USUAL: Final = ("/var/www", "/srv/www", "/srv/http", "/usr/share/nginx", "/usr/local/www")
_PAGES: Final = ("index.html", "ptg.html")
"""Pages that the original has beside its ``ptg.json``."""


def exposures(config: Config, root: Path = Path("/")) -> Iterator[str]:
    """Yield a sentence for each reason to think that a web server publishes the folder of the state.

    Args:
        config: the configuration.
        root: the folder below which configurations of web servers are looked for.
    """
    path = config.state.path.resolve()
    reasons = [*_by_servers(path, root), *_by_neighbours(path)]
    for reason in reasons:
        yield (
            f"{path.name}: {reason}. It holds subscriptions and all that the site leaves out: move the state to a "
            "folder of its own, such as /var/lib/ptgbot, and let the web server publish [site] output."
        )


def _by_servers(path: Path, root: Path) -> Iterator[str]:
    for pattern in SERVERS:
        for file in sorted(root.glob(pattern.lstrip("/"))):
            try:
                text = file.read_text("utf-8", errors="replace")
            except OSError:
                continue
            for published in dict.fromkeys(_PUBLISHED.findall(text)):
                if _covers(Path(published).resolve(), path):
                    yield f"{file} publishes {published}, and the state with it"


def _covers(published: Path, path: Path) -> bool:
    # The whole disk is the folder of some example configurations, which say nothing about ours.
    return published != Path("/") and (path == published or path.is_relative_to(published))


def _by_neighbours(path: Path) -> Iterator[str]:
    pages: Sequence[str] = [name for name in _PAGES if (path.parent / name).is_file()]
    if pages:
        yield f"{' and '.join(pages)} of a web site stand beside it in {path.parent}"
    for folder in _USUAL:
        if path.is_relative_to(folder):
            yield f"it is below {folder}, which web servers publish"
