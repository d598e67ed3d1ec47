"""Prints, as one line of JSON, the addresses that extensions add besides pages with a source of their own.

It is a program of its own, so that the process that needs the answer does not load Sphinx.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence

from sphinx.application import Sphinx

from ptgbot_site.build.registry import registry


def addresses(extensions: Sequence[str]) -> list[str]:
    """Return names of files of the site. A name that ends in a slash is a folder of pages that depend on the state."""
    with tempfile.TemporaryDirectory(prefix="ptgbot-addresses-") as folder:
        wanted = {"extensions": ["ptgbot_site", *extensions], "ptg_features": []}
        app = Sphinx(folder, None, f"{folder}/html", f"{folder}/trees", "dummy", wanted, status=None, warning=None)
        known = registry(app)
        feeds = (link.file for feed in known.feeds.values() for link in feed.links)
        return sorted({*(f"{name}/" for name in known.collections), *known.moved, *feeds})


if __name__ == "__main__":
    sys.stdout.write(json.dumps(addresses(sys.argv[1:])) + "\n")
