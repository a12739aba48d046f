"""The five values that flow through the program, and what they are made of. Frozen, no I/O."""
