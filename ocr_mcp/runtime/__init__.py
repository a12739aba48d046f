"""The ground that every process stands on. It knows nothing of documents.

byte_streams.py: bytes through pipes     event_loop.py: which loop runs     background_tasks.py: tasks of a block
parent_watch.py: what to do when the parent dies     tracebacks.py: where an error came from, without its words
"""
