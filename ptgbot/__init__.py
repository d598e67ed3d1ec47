"""A chat bot and a live schedule site for large gatherings: topics now and next, rooms, people."""

from importlib.metadata import version

__version__ = version("ptgbot")
