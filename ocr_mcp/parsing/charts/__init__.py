"""Charts and figures: tables and numbers out of a model's answer."""
