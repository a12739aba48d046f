"""The child process that writes searchable PDFs. Nothing in the parent process imports this room."""
