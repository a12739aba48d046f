"""The pages that the tiny model knows by heart in these tests, named by the colour of their bands."""

from tests.tiny_model import ScriptedPage

INVOICE_HUE, ARTICLE_HUE, LOOP_HUE, BYTES_HUE = 0, 120, 240, 60

INVOICE = ScriptedPage(
    hue=INVOICE_HUE,
    plain="INVOICE No. 2026-0042\n\nJansson & Frère, Rue de l'Été 7\n\nTotal: 162,00 €\n",
    grounded=(
        "<|ref|>title<|/ref|><|det|>[[80, 42, 520, 88]]<|/det|>\n"
        "# INVOICE No. 2026-0042\n\n"
        "<|ref|>text<|/ref|><|det|>[[80, 120, 610, 180]]<|/det|>\n"
        "Jansson & Frère, Rue de l'Été 7\n\n"
        "<|ref|>table<|/ref|><|det|>[[80, 220, 930, 480]]<|/det|>\n"
        "<table><tr><td>Item</td><td>Price</td></tr><tr><td>Widget</td><td>42,00 €</td></tr>"
        "<tr><td>Gadget</td><td>120,00 €</td></tr></table>\n\n"
        "<|ref|>image<|/ref|><|det|>[[600, 520, 930, 760]]<|/det|>\n\n"
        "<|ref|>text<|/ref|><|det|>[[80, 800, 400, 840]]<|/det|>\n"
        "Total: 162,00 €\n"
    ),
)
ARTICLE = ScriptedPage(
    hue=ARTICLE_HUE,
    plain="The quick brown fox jumps over the lazy dog. The dog sleeps.\n",
    grounded=(
        "<|ref|>sub_title<|/ref|><|det|>[[90, 60, 480, 95]]<|/det|>\n"
        "## 1 Introduction\n\n"
        "<|ref|>text<|/ref|><|det|>[[90, 110, 480, 420], [510, 60, 900, 300]]<|/det|>\n"
        "Two columns, 日本語テキスト and an emoji 🙂.\n\n"
        "<|ref|>equation<|/ref|><|det|>[[200, 450, 380, 500]]<|/det|>\n"
        "\\[ E = mc^2 \\]\n"
    ),
)
LOOP = ScriptedPage(hue=LOOP_HUE, plain="Row A\nRow B\nRow C\n", loops=True)
BYTES = ScriptedPage(hue=BYTES_HUE, plain="Zürich, 東京 🙂🙂 Ende\n", piece_bytes=2)

PAGES = (INVOICE, ARTICLE, LOOP, BYTES)
