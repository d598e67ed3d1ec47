"""attrs validators for settings, with sentences for the person who wrote the configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import Attribute, validators

Validator = Callable[[Any, "Attribute[Any]", Any], None]


class OutOfLimits(ValueError):
    """The value of a setting is out of its limits."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(f"{key} {sentence}")
        self.key = key
        """Name of the setting in the configuration."""
        self.sentence = sentence
        """What is wrong, without the name: ``must be above 0, not -1``."""


def above(limit: float) -> Validator:
    """Return a validator for numbers greater than ``limit``. The validator raises OutOfLimits."""
    return _told(validators.gt(limit), lambda value: f"must be above {limit}, not {value!r}")


def at_least(limit: float) -> Validator:
    """Return a validator for numbers greater than or equal to ``limit``. The validator raises OutOfLimits."""
    return _told(validators.ge(limit), lambda value: f"must not be below {limit}, as {value!r} is")


def between(least: float, most: float) -> Validator:
    """Return a validator for numbers from ``least`` to ``most``, both included. The validator raises OutOfLimits."""
    both = validators.and_(validators.ge(least), validators.le(most))
    return _told(both, lambda value: f"must be between {least} and {most}, not {value!r}")


def one_of(*choices: str) -> Validator:
    """Return a validator for texts that are among the choices. The validator raises OutOfLimits."""
    return _told(validators.in_(choices), lambda value: f"must be one of {', '.join(choices)}, not {value!r}")


def _told(validator: Validator, sentence: Callable[[object], str]) -> Validator:
    """Return a validator that raises OutOfLimits with our sentence when another validator raises ValueError."""

    def check(instance: Any, attribute: Attribute[Any], value: Any) -> None:
        try:
            validator(instance, attribute, value)
        except ValueError:
            raise OutOfLimits(attribute.alias or attribute.name, sentence(value)) from None

    return check
