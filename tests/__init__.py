"""Tests, by the package that they test, and what they share: doubles and a tiny model."""
