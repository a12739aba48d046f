"""A port on loopback that was free a moment ago."""

import socket


def free_port() -> int:
    """Pick one; nothing holds it, so use it at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
