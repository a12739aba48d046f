"""Opens what the user names and renders its pages, in a child process that can be killed."""
