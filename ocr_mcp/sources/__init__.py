"""Open the documents that the user names and render their pages, in a child process that can be killed."""
