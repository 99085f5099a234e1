"""Choose the sentences that answer, out of the passages found, and tell how sure that is."""
