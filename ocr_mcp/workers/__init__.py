"""Child processes that can be killed: code that may hang, crash or exhaust memory runs in one of these."""
