"""Files of the user: what a reference names, what may be read, and how a result is written whole or not at all."""
