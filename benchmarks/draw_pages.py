"""Draw the pages of `make eval` with their true text into a folder, for `ocr-mcp eval`.

python -m benchmarks.draw_pages pages
ocr-mcp eval pages --engine ollama
"""

import argparse
from pathlib import Path

from benchmarks.samples.drawn_pages import draw_pages, write_pages


def main() -> None:
    """Write the pages, and print how many they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="is made if it is missing")
    folder: Path = parser.parse_args().folder
    pages = draw_pages()
    write_pages(folder, pages)
    print(f"{len(pages)} pages with their true text are in '{folder}'")


if __name__ == "__main__":
    main()
