"""Documents that are read behind the calls that ask for them: a call returns in time with the pages that are ready.

a call ──find──▶ DocumentJob ──read on──▶ ReadyPages ──cut──▶ Slice that fits the client
       store.py  job.py                   ready_pages.py      slices.py
eta.py estimates the time left, and packed_pages.py keeps whole pages for files that are written from them.
"""
