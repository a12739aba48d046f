"""The MCP server: four tools over one `Reader`.

transports.py ──▶ checked_server.py ──▶ tools.py ──call_limit.py──▶ pages.py, documents.py, pictures.py
http_door.py: who may connect           results.py ──▶ sizes.py: what tools give back
arguments.py: what the tools take     saving.py: results as files     progress.py: how far a call is
state.py and lifetime.py: what lives as long as the server, and its end     logs.py: what it says on stderr
opinions.py, base_result.py: parts of results
"""
