"""The folders that may be read stay a border whatever becomes of them (MCP filesystem CVE-2025-53109, -53110)."""

import errno
import os
import socket
from pathlib import Path

import pytest

from ocr_mcp.errors import AccessDeniedError, NotRegularFileError, SourceNotFoundError
from ocr_mcp.files import openat2
from ocr_mcp.files.access import AccessPolicy, read_file
from ocr_mcp.files.folders import default_folders

needs_openat2 = pytest.mark.skipif(not openat2.is_available(), reason="the kernel has no openat2")


@pytest.fixture(params=["openat2", "open then verify"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, read in both ways that there are, beside one whose name only begins like it."""
    if request.param == "open then verify":
        monkeypatch.setattr(openat2, "is_available", lambda: False)
    elif not openat2.is_available():
        pytest.skip("the kernel has no openat2")
    for name, content in (("root", b"inside"), ("root-evil", b"outside")):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "scan.pdf").write_bytes(content)
    return tmp_path / "root"


def only(*folders: Path) -> AccessPolicy:
    return AccessPolicy(allowed_folders=folders, allow_urls=False)


@pytest.mark.parametrize("target", ["scan.pdf", "../root/scan.pdf", "{root}/scan.pdf", "sub/../scan.pdf"])
def test_a_link_to_the_inside_is_followed_however_it_is_written(root: Path, target: str) -> None:
    (root / "link.pdf").symlink_to(target.format(root=root))
    assert read_file(root / "link.pdf", only(root)) == b"inside"


@pytest.mark.parametrize("target", ["../root-evil/scan.pdf", "{root}-evil/scan.pdf", "/proc/self/environ", "../none"])
def test_a_link_to_the_outside_is_refused_whether_or_not_it_leads_anywhere(root: Path, target: str) -> None:
    (root / "link.pdf").symlink_to(target.format(root=root))
    with pytest.raises(AccessDeniedError, match="outside the folders that may be read"):
        read_file(root / "link.pdf", only(root))


@pytest.mark.parametrize(
    "path",
    [
        "../root-evil/scan.pdf",
        "sub/../../root-evil/scan.pdf",
        "./../root-evil/./scan.pdf",
        "..//root-evil//scan.pdf/",
        "../root-evil/scan.pdf/",
        "../ROOT/scan.pdf",
        "/etc/passwd",
        "//etc/passwd",
        "/proc/self/root/etc/passwd",
        "/proc/self/cwd/pyproject.toml",
        "/dev/stdin",
    ],
)
def test_no_way_of_writing_a_path_leads_out(root: Path, path: str) -> None:
    with pytest.raises(AccessDeniedError):
        read_file(root / path, only(root))


@pytest.mark.parametrize(
    "path", ["scan.pdf/", "./scan.pdf", "sub/../scan.pdf", "../root/scan.pdf", "sub//..//scan.pdf"]
)
def test_any_way_of_writing_a_path_that_stays_inside_is_read(root: Path, path: str) -> None:
    assert read_file(root / path, only(root)) == b"inside"


def test_a_file_is_read_through_the_folder_of_several_that_holds_it(root: Path) -> None:
    assert read_file(root.parent / "root-evil" / "scan.pdf", only(root, root.parent / "root-evil")) == b"outside"


def test_an_allowed_folder_that_is_made_anew_while_serving_is_read(root: Path) -> None:
    policy = only(root)
    root.rename(root.parent / "old")
    root.mkdir()
    (root / "scan.pdf").write_bytes(b"newer")
    assert read_file(root / "scan.pdf", policy) == b"newer"


@pytest.mark.parametrize("part", ["root", "a folder above it"])
def test_a_link_that_takes_the_place_of_an_allowed_folder_is_not_followed(root: Path, part: str) -> None:
    allowed = root if part == "root" else root / "sub"
    policy = only(allowed)
    root.rename(root.parent / "old")
    root.symlink_to(root.parent / "root-evil")
    with pytest.raises(AccessDeniedError):
        read_file(allowed / "scan.pdf", policy)


@needs_openat2
def test_the_kernel_itself_refuses_a_link_that_the_check_did_not_see(tmp_path: Path) -> None:
    """The link comes between the check and the opening: here there was no check at all."""
    (tmp_path / "root").mkdir()
    for target in ("/etc/passwd", "../secret", f"{tmp_path}/root/inside"):
        link = tmp_path / "root" / "link"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        with pytest.raises(OSError, match=r"cross-device|Too many levels") as caught:
            openat2.open_beneath(tmp_path / "root", Path("link"), os.O_RDONLY)
        assert caught.value.errno in openat2.LED_OUT
    with pytest.raises(OSError, match=r"cross-device|Too many levels") as caught:
        openat2.open_beneath(Path("/"), Path("proc/self/fd/0"), os.O_RDONLY)
    assert caught.value.errno == errno.ELOOP


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_what_is_no_file_is_refused_and_not_waited_for(root: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # a socket's path may have 108 bytes
    if kind == "pipe":
        os.mkfifo("scan")
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("scan")
    with pytest.raises(NotRegularFileError, match="pipe, socket or device"):
        read_file(root / "scan", only(root))


@pytest.mark.parametrize("path", ["/proc/self/environ", "/sys/kernel/mm/transparent_hugepage/enabled", "/dev/null"])
def test_the_system_s_own_files_are_no_documents_even_where_everything_is_allowed(path: str) -> None:
    with pytest.raises(NotRegularFileError):
        read_file(Path(path), only(Path("/")))


def test_a_refusal_names_the_folders_and_what_changes_them(root: Path) -> None:
    folders = [root, *(root / str(number) for number in range(5))]
    with pytest.raises(AccessDeniedError) as caught:
        read_file(Path("/etc/passwd"), only(*folders))
    shown = ", ".join(str(folder) for folder in folders[:4])
    assert caught.value.hint == (
        f"Allowed: {shown}, 2 more. Copy the file there, or allow its folder:"
        " 'ocr-mcp serve --allow FOLDER', or OCR_MCP_ALLOWED_FOLDERS."
    )


def test_a_hint_tells_nothing_of_files_behind_a_link_that_leads_out(root: Path) -> None:
    (root / "my link").symlink_to(root.parent / "root-evil")
    with pytest.raises(SourceNotFoundError) as caught:
        read_file(root / "my\\ link" / "scan.pdf", only(root))
    assert "exists" not in caught.value.hint.replace("does not exist", "")


def test_a_server_reads_documents_desktop_downloads_and_the_working_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _live_in(tmp_path / "home", monkeypatch)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    names = ["home/Documents", "home/Desktop", "home/Downloads", "work"]
    assert default_folders() == tuple(tmp_path / name for name in names)


@pytest.mark.parametrize("place", ["home", "the folder that holds it", "the root"])
def test_neither_the_home_nor_what_holds_it_is_read_because_it_is_the_working_folder(
    place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Programs that are started from a menu work there."""
    _live_in(tmp_path / "home", monkeypatch)
    monkeypatch.chdir({"home": tmp_path / "home", "the root": "/"}.get(place, tmp_path))
    assert [folder.name for folder in default_folders()] == ["Documents", "Desktop", "Downloads"]


def test_a_documents_folder_that_is_the_home_itself_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What xdg-user-dirs writes for a folder that was deleted."""
    _live_in(tmp_path / "home", monkeypatch)
    (tmp_path / "home" / ".config").mkdir()
    (tmp_path / "home" / ".config" / "user-dirs.dirs").write_text('XDG_DOCUMENTS_DIR="$HOME/"\n')
    monkeypatch.chdir("/")
    assert [folder.name for folder in default_folders()] == ["Desktop", "Downloads"]


def _live_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_DOCUMENTS_DIR", "XDG_DESKTOP_DIR", "XDG_DOWNLOAD_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
