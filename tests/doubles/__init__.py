"""Stand-ins at the wire: servers that the program talks to as it talks to real ones."""
