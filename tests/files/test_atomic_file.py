"""Files appear whole or not at all, whoever writes them."""

import os
import stat
from pathlib import Path

import pytest

from ocr_mcp.files import atomic_file
from ocr_mcp.files.atomic_file import PART_SUFFIX, AtomicFile, lock_part, sweep


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def written(target: Path, data: bytes, *, replaces: bool = True) -> None:
    file = AtomicFile(target, replaces=replaces)
    file.write(data)
    file.publish()


def test_a_file_is_not_there_until_it_is_published(tmp_path: Path) -> None:
    file = AtomicFile(tmp_path / "a.md", replaces=True)
    file.write(b"text")
    assert not (tmp_path / "a.md").exists()
    file.publish()
    file.discard()
    assert names(tmp_path) == ["a.md"]
    assert (tmp_path / "a.md").read_bytes() == b"text"


def test_a_file_that_is_discarded_leaves_the_old_one_whole(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"old")
    file = AtomicFile(tmp_path / "a.md", replaces=True)
    file.write(b"half")
    file.discard()
    assert names(tmp_path) == ["a.md"]
    assert (tmp_path / "a.md").read_bytes() == b"old"


def test_a_file_that_may_not_replace_leaves_the_old_one_whole(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        written(tmp_path / "a.md", b"new", replaces=False)
    assert (tmp_path / "a.md").read_bytes() == b"old"
    written(tmp_path / "b.md", b"new", replaces=False)
    assert (tmp_path / "b.md").read_bytes() == b"new"


@pytest.mark.skipif(not hasattr(os, "fchmod"), reason="permissions of POSIX")
def test_permissions_are_kept_and_the_part_of_a_private_file_is_private(tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")
    target.chmod(0o604)
    file = AtomicFile(target, replaces=True)
    (part,) = (path for path in tmp_path.iterdir() if path != target)
    assert stat.S_IMODE(part.stat().st_mode) & 0o077 == 0
    file.publish()
    assert stat.S_IMODE(target.stat().st_mode) == 0o604


def test_a_long_name_of_wide_letters_is_no_problem_for_its_part(tmp_path: Path) -> None:
    target = tmp_path / f"{'漢' * 80}.md"
    written(target, b"text")
    assert target.read_bytes() == b"text"


@pytest.mark.skipif(not hasattr(os, "fchmod"), reason="locks of POSIX")
@pytest.mark.parametrize("name", [".{}" + PART_SUFFIX, ".a.md.{}" + PART_SUFFIX, ".ocr-mcp-{}.part"])
def test_parts_of_every_version_are_swept_unless_their_process_lives(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_file, "_SWEPT", set[tuple[int, int]]())
    (tmp_path / name.format("dead")).write_bytes(b"half")
    (tmp_path / "a.part").write_bytes(b"the user's own")
    with (tmp_path / name.format("living")).open("wb") as living:
        lock_part(living.fileno())
        sweep(tmp_path)
    assert names(tmp_path) == sorted([name.format("living"), "a.part"])
