"""Scripts that try to break the program, each with its figures and a verdict. `python -m torture` runs them all."""
