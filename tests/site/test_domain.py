"""The domain ``ptg`` and Sphinx's own."""

from __future__ import annotations

from sphinx.domains import Domain

from ptgbot_site.domain import PtgDomain


def test_the_domain_writes_nothing_into_sphinx() -> None:
    assert "track" in PtgDomain.roles
    assert "track" not in Domain.roles
    assert PtgDomain.directives is not Domain.directives
