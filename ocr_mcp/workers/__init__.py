"""Child processes that can be killed: what may hang, crash or eat memory runs in one of these."""
