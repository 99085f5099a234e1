"""The versions of how files are read and divided, of which an index keeps those it was made by.

They stand by themselves, so that who only compares them need not load what reads and divides.
"""

__all__ = ["CHUNKING_VERSION", "READING_VERSION"]

CHUNKING_VERSION = 3
"""Raise it when the same documents would be divided otherwise: indexes are then built anew."""

READING_VERSION = 5
"""Raise it when the same file would be read otherwise: indexes are then built anew."""
