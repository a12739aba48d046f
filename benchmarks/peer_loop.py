"""What most tools do: render a page, ask the model, render the next one. Usage: PDF URL."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pymupdf publishes incomplete types.

import sys

import ollama
import pymupdf


def main() -> None:
    """Print every page."""
    path, url = sys.argv[1:]
    client = ollama.Client(url)
    with pymupdf.open(path) as document:
        for number in range(document.page_count):
            picture = document[number].get_pixmap(dpi=150).tobytes("jpeg")
            pieces = client.generate(
                "deepseek-ocr", "<|grounding|>Convert the document to markdown.", images=[picture], stream=True
            )
            print("".join(piece.response or "" for piece in pieces))


if __name__ == "__main__":
    main()
