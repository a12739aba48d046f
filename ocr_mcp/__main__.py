"""`python -m ocr_mcp` is `ocr-mcp`."""

from ocr_mcp.cli import main

if __name__ == "__main__":
    main()
