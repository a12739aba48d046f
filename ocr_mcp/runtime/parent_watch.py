"""Who started this process, asked before anything else is loaded: a client may die while that takes its second."""

import os

PARENT = os.getppid()
