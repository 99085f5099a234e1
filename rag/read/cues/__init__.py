"""What the words of a sentence tell: each a rule of its own, tested by itself."""
