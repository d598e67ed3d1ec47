"""Durable JSON: edits of a tree, a journal of them, an exported file. This package knows no feature."""
