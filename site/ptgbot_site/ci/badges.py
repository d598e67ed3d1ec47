"""Badges: small drawings that tell the state of a CI or a project, for pages elsewhere."""

from __future__ import annotations

from typing import Final

from markupsafe import escape

from ptgbot_site.build.markup import cut

FILE: Final = "badge.svg"
_COLOURS: Final = {"ok": "#1c7a45", "fail": "#b3261e", "infra": "#8a5a00", "missed": "#8a5a00", "neutral": "#566266"}
"""Each has a contrast of at least 4.5 to the white of the text (WCAG 2.2, 1.4.3)."""
_LETTER, _SPACE, _HIGH = 7, 6, 20


def badge(label: str, told: str, of: str) -> bytes:
    """Return a badge.

    Args:
        label: what it is about.
        told: the state, with a sign.
        of: the class of the state, which chooses the colour.
    """
    label, told = cut(label, 40), cut(told, 40)
    left, right = (len(text) * _LETTER + 2 * _SPACE for text in (label, told))
    whole = f"{escape(label)}: {escape(told)}"
    font = 'font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" fill="#fff" text-anchor="middle"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HIGH}" role="img" '
        f'aria-label="{whole}"><title>{whole}</title><rect width="{left}" height="{_HIGH}" fill="#3a4447"/>'
        f'<rect x="{left}" width="{right}" height="{_HIGH}" fill="{_COLOURS.get(of, _COLOURS["neutral"])}"/>'
        f'<g {font}><text x="{left / 2:g}" y="14" textLength="{left - 2 * _SPACE}">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - 2 * _SPACE}">{escape(told)}</text></g></svg>\n'
    ).encode(errors="replace")
