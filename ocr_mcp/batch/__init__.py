"""Many documents, one after the other, each to its own result."""
