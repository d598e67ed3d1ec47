"""The store in files beside ``ptg.json``: a journal, its archives, documents, a lock."""

from ptgbot.store.file.engine import FileStore, Paths

__all__ = ["FileStore", "Paths"]
