"""Child processes that can be killed: code that may hang, crash or exhaust memory runs in one of these.

pool.py ──lends──▶ process.py: the parent's end ──frames.py──▶ child.py: the child, one call at a time
child_process.py: how it is started     handover.py: large payloads as memory instead of through the pipe
sandbox.py, seccomp.py: what the child may no longer do
"""
