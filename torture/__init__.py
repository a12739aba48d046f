"""Scripts that try to break the program, each with figures and a verdict; README.md lists them."""
