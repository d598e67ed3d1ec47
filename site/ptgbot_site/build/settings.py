"""The settings of the extension in ``conf.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup_settings(app: Sphinx) -> None:
    """Register the settings, which ``docs/extension.rst`` describes."""
    text, number = frozenset({str}), frozenset({float, int})
    app.add_config_value("ptg_state", "", "env", types=text)
    app.add_config_value("ptg_config", "", "env", types=text)
    app.add_config_value("ptg_features", None, "env", types=frozenset({list, tuple, type(None)}))
    app.add_config_value("ptg_timezone", "", "env", types=text)
    app.add_config_value("ptg_timeout", 10.0, "", types=number)
    app.add_config_value("ptg_max_bytes", 5_000_000, "", types=frozenset({int}))
    app.add_config_value("ptg_max_age", 300.0, "", types=number)
    app.add_config_value("ptg_fallback", "", "", types=text)
    app.add_config_value("ptg_stubs", [], "env", types=frozenset({list, tuple}))
    app.add_config_value("ptg_project", "", "env", types=text)
    app.add_config_value("ptg_bulk", "", "", types=text)
    app.add_config_value("ptg_kept", "", "", types=text)
    app.add_config_value("ptg_pages", False, "env", types=frozenset({bool}))
