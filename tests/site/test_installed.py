"""The site as an app: manifest, icons, the list of pages that work offline."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from ptgbot_site.build import picture
from ptgbot_site.build.installed import MOST_PAGES
from tests.site.payloads import PAYLOADS
from tests.site.whole import Whole, of


def size_of(raw: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, all of whose lines are there."""
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", raw[16:24])
    content = raw.partition(b"IDAT")[2]
    assert len(zlib.decompressobj().decompress(content)) == (1 + (width + 7) // 8) * height
    return width, height


def test_sample_manifest_names_icons_that_exist(harbour: Whole) -> None:
    found = harbour.json("manifest.webmanifest")
    assert (found["name"], found["short_name"], found["start_url"]) == ("Harbour Gathering 2026", "HG", "./")
    sizes = {icon["sizes"]: (harbour.root / icon["src"]).read_bytes() for icon in found["icons"]}
    assert sizes.keys() == {"any", "192x192", "512x512"}
    assert (size_of(sizes["192x192"]), size_of(sizes["512x512"])) == ((192, 192), (512, 512))
    assert b">HG</text>" in sizes["any"]
    assert '<link rel="manifest" href="../manifest.webmanifest">' in harbour.text("tracks/storage.html")


def test_sample_offline_list_is_the_whole_programme(harbour: Whole) -> None:
    pages = harbour.json("offline.json")["pages"]
    assert pages[:2] == ["index.html", "offline.html"]
    assert {f"schedule/{day}.html" for day in ("monday", "tuesday", "wednesday", "thursday", "friday")} < set(pages)
    assert all((harbour.root / page).exists() for page in pages)


def test_offline_list_of_long_gathering_is_bounded(tmp_path: Path) -> None:
    site = of(tmp_path, {"title": "数学の会", "slots": {f"Day {number}": [] for number in range(90)}})
    assert len(site.json("offline.json")["pages"]) == MOST_PAGES
    assert site.json("manifest.webmanifest")["short_name"] == "数学の会"
    assert "数</text>" in next((site.root / "_static").glob("icon-*.svg")).read_text(encoding="utf-8")


def test_logo_becomes_the_icon(tmp_path: Path) -> None:
    (tmp_path / "tree.png").write_bytes(picture.png("T", 30, 40))
    site = of(tmp_path, {"title": "T"}, settings='logo = "tree.png"\n')
    (icon,) = site.json("manifest.webmanifest")["icons"]
    assert (icon["type"], icon["sizes"]) == ("image/svg+xml", "any")
    assert 'href="data:image/png;base64,iVBORw0KGgo' in site.text(icon["src"])


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("Harbour Gathering 2026", "HG"),
        ("2026", ""),
        ("", ""),
        ("élan vital du nord", "ÉVD"),
        ("«a» b", "AB"),
        ("<b>", "B"),
    ],
)
def test_initials_are_first_letters_of_words(title: str, letters: str) -> None:
    assert picture.initials(title) == letters


@pytest.mark.parametrize("title", [*PAYLOADS, "ß", "Øyvind", "ﬃ"])
def test_pictures_of_any_title_are_whole(title: str) -> None:
    assert size_of(picture.png(title, 1200, 630)) == (1200, 630)
    assert picture.icon(title).count("<") == 5


def test_same_title_makes_same_pictures() -> None:
    assert picture.png("Same", 64, 64) == picture.png("Same", 64, 64) != picture.png("Other", 64, 64)
