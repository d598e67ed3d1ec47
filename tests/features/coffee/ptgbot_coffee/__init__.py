"""Which pots of coffee are fresh, and where: the example of a feature in a distribution of its own."""

from ptgbot_coffee.feature import CoffeeFeature

FEATURE = CoffeeFeature()
"""The object that the entry point names."""
