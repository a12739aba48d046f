"""The render worker without its sandbox, to measure what the sandbox costs."""

from ocr_mcp.sources.render_worker.worker import load_handlers
from ocr_mcp.workers.child import serve

if __name__ == "__main__":
    serve(load_handlers)
