"""Files of the user: references to them, permission to read and write, and files that appear whole or not at all.

what the user names ──references.py──▶ local file ──access.py, openat2.py──▶ bytes     (path_hints.py if none)
                                   ──▶ address ──remote.py──▶ bytes
results ──output_policy.py: may this be written?──▶ atomic_file.py ──▶ disk
folders.py: where a server may read when its user names no folder
"""
