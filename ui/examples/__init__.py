"""Example questions for the first screen that the documents really answer."""

from ui.examples.finding import Examples, find_examples
from ui.examples.making import is_answered

__all__ = ["Examples", "find_examples", "is_answered"]
