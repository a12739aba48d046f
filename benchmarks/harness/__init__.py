"""Processes, documents and claims that the entry points share."""
