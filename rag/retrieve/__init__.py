"""Find the passages nearest a question."""
