"""Load OmniDocBench's own JSON: a list of pages, each with its blocks, their relations and the kind of the page.

Source: OmniDocBench v1.5, README "Dataset Format" and `dataset/end2end_dataset.py`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ocr_mcp.errors import SourceError, SourceNotFoundError
from ocr_mcp.evaluation.cases import Case, TruthBlock, TruthKind
from ocr_mcp.files.access import display_name

TEXT_CATEGORIES = frozenset({"text_block", "title", "code_txt", "reference"})
MARGIN_CATEGORIES = frozenset(
    {
        "header",
        "footer",
        "page_number",
        "page_footnote",
        "figure_caption",
        "figure_footnote",
        "table_caption",
        "table_footnote",
        "equation_caption",
        "code_txt_caption",
        "code_algorithm",
        "code_algorithm_caption",
    }
)
"""These are matched and not scored, all but `code_txt_caption`, which is scored."""
PICTURE_FOLDERS = ("images", "ori_imgs", "imgs", ".")


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _BlockRecord(_Record):
    category_type: str
    anno_id: int | str
    order: float | None = None
    text: str | None = None
    latex: str | None = None
    html: str | None = None


class _RelationRecord(_Record):
    source_anno_id: int | str
    target_anno_id: int | str
    relation_type: str


class _ExtraRecord(_Record):
    relation: list[_RelationRecord] = Field(default_factory=list[_RelationRecord])


class _PageInfoRecord(_Record):
    image_path: str
    page_attribute: dict[str, object] = Field(default_factory=dict[str, object])


class _PageRecord(_Record):
    layout_dets: list[_BlockRecord]
    page_info: _PageInfoRecord
    extra: _ExtraRecord = Field(default_factory=_ExtraRecord)


_PAGE_LIST = TypeAdapter(list[_PageRecord])


def is_omnidocbench(value: object) -> bool:
    """Return whether parsed JSON is such a list."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "layout_dets" in value[0]  # pyright: ignore[reportUnknownArgumentType]  the JSON may be anything


def load_omnidocbench(path: Path, value: object) -> list[Case]:
    """Return a case for each page; its picture lies beside the file or in one of `PICTURE_FOLDERS` there.

    Raises `SourceError` for JSON of another shape, `SourceNotFoundError` where a picture is missing.
    """
    try:
        pages = _PAGE_LIST.validate_python(value)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise SourceError(
            f"'{display_name(path)}' is not as OmniDocBench writes it: {where}: {error.errors()[0]['msg']}.",
            hint="Take the file OmniDocBench.json of the benchmark as it is.",
        ) from error
    return [_make_case(path.parent, page) for page in pages]


def _make_case(folder: Path, page: _PageRecord) -> Case:
    name = Path(page.page_info.image_path).name
    return Case(
        name=Path(name).stem,
        source=str(_find_picture(folder, page.page_info.image_path)),
        kind=str(page.page_info.page_attribute.get("data_source", "pages")),
        blocks=tuple(_make_blocks(page)),
    )


def _find_picture(folder: Path, image_path: str) -> Path:
    places = [folder / image_path, *(folder / each / Path(image_path).name for each in PICTURE_FOLDERS)]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise SourceNotFoundError(
            f"The picture '{Path(image_path).name}' of the benchmark is not there.",
            hint=f"Put the benchmark's pictures into '{display_name(folder)}/images'.",
        )
    return found


def _make_blocks(page: _PageRecord) -> Iterator[TruthBlock]:
    """Yield the blocks that are compared; the parts of a block that a column or figure cuts are one block."""
    parts = {each.anno_id: each for each in page.layout_dets}
    cut = _group_cut_blocks(page.extra.relation)
    inside = {part for group in cut for part in group}
    for block in page.layout_dets:
        if block.anno_id not in inside and (made := _make_block(block)):
            yield made
    for group in cut:
        pieces = sorted(
            (parts[part] for part in dict.fromkeys(group) if part in parts), key=lambda each: each.order or 0
        )
        if pieces and (made := _make_block(pieces[0])):
            yield made.model_copy(update={"content": "".join(piece.text or "" for piece in pieces)})


def _group_cut_blocks(relations: Sequence[_RelationRecord]) -> list[list[int | str]]:
    groups: list[list[int | str]] = []
    for relation in relations:
        if relation.relation_type != "truncated":
            continue
        ends = [relation.source_anno_id, relation.target_anno_id]
        together = [group for group in groups if set(group) & set(ends)]
        for group in together:
            group.extend(ends)
        if not together:
            groups.append(ends)
    return groups


def _make_block(block: _BlockRecord) -> TruthBlock | None:
    kind, content = _read_content(block)
    if kind is None or not content:
        return None
    is_margin = block.category_type in MARGIN_CATEGORIES - {"code_txt_caption"}
    return TruthBlock(kind=kind, content=content, order=block.order, is_margin=is_margin)


def _read_content(block: _BlockRecord) -> tuple[TruthKind | None, str | None]:
    match block.category_type:
        case "table":
            return TruthKind.TABLE, block.html
        case "equation_isolated":
            return TruthKind.FORMULA, block.latex
        case category if category in TEXT_CATEGORIES | MARGIN_CATEGORIES:
            return TruthKind.TEXT, block.text
        case _:
            return None, None
