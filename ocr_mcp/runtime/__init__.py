"""The ground that every process stands on: byte streams, background tasks, the event loop, tracebacks, the parent."""
