"""HTTP to model servers.

request ──host_pool.py: a host and a slot──▶ client.py: the lines of the answer ──▶ an engine
                                             deadlines.py: how long each part may take
                                             errors.py: what a status other than 200 means
"""
