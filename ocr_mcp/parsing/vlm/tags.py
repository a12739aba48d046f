"""Regular expressions for the special tokens that a model family writes around regions and at the end."""

import re
from dataclasses import dataclass
from functools import cache

from ocr_mcp.families.base import EndToken, RegionTags

_NEVER = re.compile(r"(?!)")
_BOXES = r"[\[\]\d\s,.+-]"
_SHORTEST_NAME_LENGTH = 4


@dataclass(frozen=True)
class TagPatterns:
    """Patterns for the tags of one family; those of a family without tags never match.

    `header` is a region's whole header and `half_header` one that the answer breaks off in, both with the group
    `label`, the first with `boxes` too. `label_start` is the tag that headers begin with. `tag` is any single tag or
    end token, and `stray` also a tag that the answer breaks off in. `end` is what an answer ends with.
    """

    label_start: re.Pattern[str]
    header: re.Pattern[str]
    half_header: re.Pattern[str]
    tag: re.Pattern[str]
    stray: re.Pattern[str]
    end: re.Pattern[str]


@cache
def tag_patterns(tags: RegionTags | None, end_token: EndToken | None) -> TagPatterns:
    """Return the patterns for these tags and this end token."""
    end, ends = _NEVER, list[str]()
    if end_token is not None:
        exact = re.escape(end_token.text)
        ends = [end_token.pattern or exact]
        end = re.compile(rf"(?:{ends[0]}\s*)+\Z|{exact}")
    if tags is None:
        any_end = re.compile("|".join(ends)) if ends else _NEVER
        return TagPatterns(_NEVER, _NEVER, _NEVER, any_end, any_end, end)
    opening, closing = re.escape(tags.opening), re.escape(tags.closing)
    names = "|".join(map(re.escape, (tags.label, tags.boxes, *tags.others)))
    whole = rf"{opening}/?(?:{names}){closing}"
    return TagPatterns(
        label_start=re.compile(re.escape(tags.label_start)),
        header=_header(tags),
        half_header=_half_header(tags),
        tag=re.compile("|".join([whole, *ends])),
        stray=re.compile("|".join([whole, *ends, rf"{opening}/?(?:{names})?\Z"])),
        end=end,
    )


def _header(tags: RegionTags) -> re.Pattern[str]:
    opening, closing, label, boxes = map(re.escape, (tags.opening, tags.closing, tags.label, tags.boxes))
    return re.compile(
        rf"{opening}{label}{closing}(?P<label>(?:(?!{opening})[\s\S]){{0,4000}}){opening}/{label}{closing}\s{{0,4}}"
        rf"{opening}{boxes}{closing}(?P<boxes>{_BOXES}{{0,8000}}){opening}/{boxes}{closing}"
    )


def _half_header(tags: RegionTags) -> re.Pattern[str]:
    opening, closing, label, boxes = map(re.escape, (tags.opening, tags.closing, tags.label, tags.boxes))
    return re.compile(
        rf"{opening}{label}{closing}(?P<label>(?:(?!{opening})[\s\S]){{0,4000}})"
        rf"(?:{opening}/{label}{closing}\s*(?:{opening}{boxes}{closing}{_BOXES}*)?)?(?:{_half_tag(tags)})?\Z"
    )


def _half_tag(tags: RegionTags) -> str:
    """Return a pattern for the beginning of a tag, however short."""
    first, *rest = map(re.escape, tags.opening)
    length = max(_SHORTEST_NAME_LENGTH, len(tags.label), len(tags.boxes))
    return "".join(
        (
            first,
            *(f"{character}?" for character in rest),
            rf"/?[a-z]{{0,{length}}}",
            *(f"{character}?" for character in map(re.escape, tags.closing[:-1])),
        )
    )
