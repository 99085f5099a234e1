"""Tests; what several of them need is in conftest.py."""
