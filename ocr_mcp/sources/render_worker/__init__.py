"""The child process that decodes and draws documents. Nothing in the parent process imports this room."""
