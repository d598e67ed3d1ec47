"""The domain ``ptg`` and Sphinx's own."""

from __future__ import annotations

from sphinx.domains import Domain

from ptgbot_site.build.domain import PtgDomain


def test_the_domain_writes_nothing_into_sphinx() -> None:
    assert PtgDomain.roles is not Domain.roles
    assert "track" not in Domain.roles
    assert PtgDomain.directives is not Domain.directives
