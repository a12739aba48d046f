"""Results are written where the user said, whole or not at all."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ocr_mcp.errors import OutputDeniedError, OutputError
from ocr_mcp.files import atomic_file, openat2
from ocr_mcp.files.atomic_file import PART_SUFFIX
from ocr_mcp.files.output_policy import OutputPolicy, open_new_file


@pytest.fixture(params=["openat2", "open then verify"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "open then verify":
        monkeypatch.setattr(openat2, "is_available", lambda: False)
    elif not openat2.is_available():
        pytest.skip("the kernel has no openat2")
    (tmp_path / "out" / "sub").mkdir(parents=True)
    (tmp_path / "out-evil").mkdir()
    return tmp_path / "out"


@pytest.fixture
def policy(root: Path) -> OutputPolicy:
    return OutputPolicy((root,))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_beneath(policy: OutputPolicy, path: Path, chunks: Iterable[bytes], *, replaces: str | None = None) -> Path:
    with open_new_file(path, policy, replaces=replaces) as file:
        for chunk in chunks:
            file.write(chunk)
    return file.target


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_beneath_an_allowed_folder(root: Path, policy: OutputPolicy) -> None:
    written = write_beneath(policy, root / "sub" / ".." / "report.md", [b"# Re", b"port"])
    assert (written, written.read_bytes()) == (root / "report.md", b"# Report")
    assert names(root) == ["report.md", "sub"]


def test_a_file_gets_the_permissions_that_the_user_s_umask_leaves(root: Path, policy: OutputPolicy) -> None:
    before = os.umask(0o027)
    try:
        written = write_beneath(policy, root / "a.md", [])
    finally:
        os.umask(before)
    assert stat.S_IMODE(written.stat().st_mode) == 0o640


def test_nothing_may_be_written_unless_a_folder_is_named(root: Path) -> None:
    with pytest.raises(OutputDeniedError, match="may be written to: none"):
        write_beneath(OutputPolicy(), root / "a.md", [b"x"])
    assert names(root) == ["sub"]


@pytest.mark.parametrize("path", ["../out-evil/a.md", "sub/../../out-evil/a.md", "link/a.md", "/tmp/../a.md"])
def test_nothing_is_written_outside(root: Path, policy: OutputPolicy, path: str) -> None:
    (root / "link").symlink_to(root.parent / "out-evil")
    with pytest.raises(OutputDeniedError, match="outside the folders that may be written to"):
        write_beneath(policy, root / path, [b"x"])
    assert names(root.parent / "out-evil") == []


def test_a_link_that_takes_the_place_of_the_folder_is_not_followed(root: Path, policy: OutputPolicy) -> None:
    root.rename(root.parent / "old")
    root.symlink_to(root.parent / "out-evil")
    with pytest.raises(OutputDeniedError):
        write_beneath(policy, root / "a.md", [b"x"])
    assert names(root.parent / "out-evil") == []


def test_a_folder_that_is_replaced_while_a_file_is_written_gets_nothing(root: Path, policy: OutputPolicy) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"first"
        root.rename(root.parent / "old")
        root.symlink_to(root.parent / "out-evil")
        yield b"second"

    write_beneath(policy, root / "a.md", chunks())
    assert names(root.parent / "out-evil") == []
    assert (root.parent / "old" / "a.md").read_bytes() == b"firstsecond"


@pytest.mark.parametrize("replaces", [None, digest(b"kept")])
def test_a_link_of_that_name_is_not_written_through(root: Path, policy: OutputPolicy, replaces: str | None) -> None:
    secret = root.parent / "out-evil" / "secret"
    secret.write_bytes(b"kept")
    (root / "a.md").symlink_to(secret)
    with pytest.raises(OutputError, match="a folder, a link or a device"):
        write_beneath(policy, root / "a.md", [b"x"], replaces=replaces)
    assert secret.read_bytes() == b"kept"


def test_an_existing_file_is_left_alone_unless_it_may_be_replaced(root: Path, policy: OutputPolicy) -> None:
    (root / "a.md").write_bytes(b"the user's own")
    with pytest.raises(OutputError, match=r"'a\.md' already"):
        write_beneath(policy, root / "a.md", [b"x"])
    assert (root / "a.md").read_bytes() == b"the user's own"
    write_beneath(policy, root / "a.md", [b"x"], replaces=digest(b"the user's own"))
    assert (root / "a.md").read_bytes() == b"x"


def test_a_file_that_was_changed_is_left_alone_even_if_that_happens_at_the_last_moment(
    root: Path, policy: OutputPolicy
) -> None:
    (root / "a.md").write_bytes(b"ours")

    def chunks() -> Iterator[bytes]:
        yield b"x"
        (root / "a.md").write_bytes(b"ours, edited")

    with pytest.raises(OutputError, match=r"'a\.md' was changed after it was written"):
        write_beneath(policy, root / "a.md", chunks(), replaces=digest(b"ours"))
    with pytest.raises(OutputError, match="Take another name, or delete that file"):
        write_beneath(policy, root / "a.md", [b"x"], replaces=digest(b"ours"))
    assert (root / "a.md").read_bytes() == b"ours, edited"


def test_a_file_that_was_deleted_is_written_again(root: Path, policy: OutputPolicy) -> None:
    write_beneath(policy, root / "a.md", [b"x"], replaces=digest(b"ours"))
    assert (root / "a.md").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (".bashrc", "hidden file"),
        (".env.md", "hidden file"),
        (" ", "is blank"),
        (" .md", "is blank"),
        ("report.md ", "ends with a space"),
        ("a\0b.md", "characters that no name should"),
        ("a\x1b[31m.md", "characters that no name should"),
        ("a\nb.md", "characters that no name should"),
        ("sub\0/a.md", "characters that no name should"),
    ],
)
def test_a_name_that_no_person_gives_a_result_is_refused(
    root: Path, policy: OutputPolicy, name: str, says: str
) -> None:
    with pytest.raises(OutputError, match=says):
        write_beneath(policy, root / name, [b"x"])
    assert names(root) == ["sub"]


def test_a_file_that_appears_meanwhile_is_left_alone(root: Path, policy: OutputPolicy) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x"
        (root / "a.md").write_bytes(b"the user's own")

    with pytest.raises(OutputError, match="already"):
        write_beneath(policy, root / "a.md", chunks())
    assert (root / "a.md").read_bytes() == b"the user's own"
    assert names(root) == ["a.md", "sub"]


def test_a_write_that_fails_leaves_nothing_behind(root: Path, policy: OutputPolicy) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match=r"could not be written: No space left.*Make room"):
        write_beneath(policy, root / "a.md", chunks())
    assert names(root) == ["sub"]


@pytest.mark.parametrize(
    ("path", "says"),
    [("none/a.md", "no folder for 'a.md'"), ("sub", "a folder, a link"), ("..", "names a folder"), ("a" * 300, "name")],
)
def test_a_place_where_no_file_can_be_is_said(root: Path, policy: OutputPolicy, path: str, says: str) -> None:
    with pytest.raises(OutputError, match=says):
        write_beneath(policy, root / "sub" / path if path == ".." else root / path, [b"x"])


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(
    root: Path, policy: OutputPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / f".left.md.0123{PART_SUFFIX}").write_bytes(b"half")
    with open_new_file(root / "slow.md", policy) as slow:
        slow.write(b"# Slow")
        monkeypatch.setattr(atomic_file, "_SWEPT", set[tuple[int, int]]())  # as in another process
        write_beneath(policy, root / "quick.md", [b"# Quick"])
    assert names(root) == ["quick.md", "slow.md", "sub"]
    assert (root / "slow.md").read_bytes() == b"# Slow"
