"""Files of the user: references to them, permission to read and write, and files that appear whole or not at all."""
