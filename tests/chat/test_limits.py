from __future__ import annotations

import math

import attrs
import pytest

from ptgbot.chat.limits import OutOfLimits, above, at_least, between, one_of


@attrs.frozen
class Settings:
    seconds: float = attrs.field(default=1.0, validator=above(0))
    pause: float = attrs.field(default=0.0, validator=at_least(0))
    port: int = attrs.field(default=1, validator=between(1, 65535))
    login: str = attrs.field(default="sasl", validator=one_of("sasl", "none"))


@pytest.mark.parametrize(
    "settings",
    [{"seconds": 0.001}, {"pause": 0}, {"port": 1}, {"port": 65535}, {"login": "none"}],
    ids=str,
)
def test_value_within_its_limits_is_taken(settings: dict[str, object]) -> None:
    made = Settings(**settings)  # type: ignore[arg-type]
    assert {name: getattr(made, name) for name in settings} == settings


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"seconds": 0}, "seconds must be above 0, not 0"),
        ({"seconds": math.nan}, "seconds must be above 0, not nan"),
        ({"pause": -0.5}, "pause must not be below 0, as -0.5 is"),
        ({"port": 0}, "port must be between 1 and 65535, not 0"),
        ({"port": 65536}, "port must be between 1 and 65535, not 65536"),
        ({"login": "{sasl}"}, "login must be one of sasl, none, not '{sasl}'"),
    ],
    ids=str,
)
def test_value_outside_its_limits_is_refused(settings: dict[str, object], sentence: str) -> None:
    (key,) = settings
    with pytest.raises(OutOfLimits) as caught:
        Settings(**settings)  # type: ignore[arg-type]
    assert (str(caught.value), caught.value.key) == (sentence, key)
