"""What every process of this program runs on: streams of bytes, background tasks, the event loop, tracebacks."""
