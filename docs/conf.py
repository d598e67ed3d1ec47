"""How Sphinx builds the documentation: ``sphinx-build -n -W docs OUTPUT``."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "ptgbot"
author = "The ptgbot team"
project_copyright = author
version = release = installed("ptgbot")
extensions = ["ptgbot_site", "settings", "example", "running", "access"]
ptg_state = "example.json"
exclude_patterns = ["_ext", "deploy"]
html_theme = "ptgbot"
html_theme_options = {"docs": "true"}
html_title = "ptgbot: the documentation"
html_extra_path = ["ptg.schema.json"]
html_copy_source = False
html_show_sourcelink = False
nitpicky = True
highlight_language = "none"
