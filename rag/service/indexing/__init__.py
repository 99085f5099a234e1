"""From a folder to an index."""
