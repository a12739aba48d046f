"""Finds out which way up a page is, in a worker process."""
