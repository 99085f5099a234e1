"""What the files of an index are called."""

__all__ = [
    "CENTROIDS",
    "CORPUS",
    "GLOSSARY",
    "JOURNAL",
    "READINGS",
    "SYLLABLES",
]

# Beside the generations.
JOURNAL = "journal.sqlite"
READINGS = "readings.sqlite"

# In each generation.

CORPUS = "corpus.sqlite"
SYLLABLES = "syllables.sqlite"
CENTROIDS = "centroids.json"
GLOSSARY = "glossary.tsv"
