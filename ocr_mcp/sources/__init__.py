"""Open the documents that the user names and render their pages, in a child process that can be killed.

reference ──loading.py──▶ bytes ──sniffing.py──▶ documents.py: OpenSource ──renderers.py──▶ render_worker/
raster.py: how large a page is drawn     render_limits.py: what a document may cost     pdf_writing.py ──▶ pdf_writer/
"""
