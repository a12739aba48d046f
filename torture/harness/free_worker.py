"""Run the render worker without its sandbox, to measure the cost of the sandbox."""

from ocr_mcp.sources.render_worker.worker import load_handlers
from ocr_mcp.workers.child import serve

if __name__ == "__main__":
    serve(load_handlers)
