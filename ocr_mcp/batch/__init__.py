"""Reads many documents, one after the other, each to its own result. Knows no terminal and no front end."""
