"""Deterministic doubles of the models, and the suites that every implementation passes."""
