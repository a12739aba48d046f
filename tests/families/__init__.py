"""Tests of what is known of model families."""
