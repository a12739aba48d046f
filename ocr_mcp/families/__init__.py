"""Facts about model families as data, one file a family; `registry` finds the family of a model."""
