"""A state in a folder that a web server publishes is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptgbot.config import Config, StateConfig
from ptgbot.tools.exposure import exposures


def said(folder: Path) -> list[str]:
    return list(exposures(Config(StateConfig(folder / "www" / "ptg.json")), folder / "root"))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("etc/apache2/sites-enabled/ptg.conf", '<VirtualHost *:80>\n  DocumentRoot "{}"\n</VirtualHost>\n'),
        ("etc/apache2/sites-enabled/ptg.conf", "Alias /ptg {}\n"),
        ("etc/nginx/sites-enabled/ptg", "server {{\n    root {};\n}}\n"),
    ],
)
def test_folder_that_a_server_publishes_is_found(tmp_path: Path, file: str, text: str) -> None:
    assert said(tmp_path) == []
    path = tmp_path / "root" / file
    path.parent.mkdir(parents=True)
    path.write_text(text.format(tmp_path / "elsewhere"))
    assert said(tmp_path) == []
    path.write_text(text.format(tmp_path / "www"))
    [sentence] = said(tmp_path)
    assert f"publishes {tmp_path / 'www'}" in sentence
    assert "subscriptions" in sentence


def test_pages_of_the_original_beside_it_are_found(tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "ptg.html").touch()
    [sentence] = said(tmp_path)
    assert "ptg.html of a web site stand beside it" in sentence
