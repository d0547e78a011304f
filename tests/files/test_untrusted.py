from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from seqlab.errors import UserError
from seqlab.files import untrusted
from seqlab.files.untrusted import MAX_DEPTH, check_folder, read_json, read_toml

DEEP = 100_000


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def test_valid_files_are_read(tmp_path: Path) -> None:
    assert read_json(write(tmp_path / "a.json", '{"a": [1, {"b": 2}]}')) == {"a": [1, {"b": 2}]}
    assert read_toml(write(tmp_path / "a.toml", "a = 1\n[b.c]\nd = 'x.y'")) == {
        "a": 1,
        "b": {"c": {"d": "x.y"}},
    }
    assert read_json(write(tmp_path / "b.json", nested(MAX_DEPTH)))
    assert read_toml(write(tmp_path / "b.toml", f"a = '{'.' * 1000}'"))


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "cannot be read"),
        ("[]", "does not contain a JSON object"),
        ("{", "cannot be read"),
        (b"\xff{}", "not UTF-8"),
        (b"\x80\x04}q\x00.", "not UTF-8"),
        ('{"a": ' + "9" * 5000 + "}", "cannot be read"),
        (nested(MAX_DEPTH + 2), "deep"),
        (nested(DEEP), "deep"),
        ('{"a":' + "[" * DEEP + "]" * DEEP + "}", "deep"),
    ],
)
def test_invalid_json_is_refused(tmp_path: Path, content: str | bytes, cause: str) -> None:
    with pytest.raises(UserError, match=cause) as caught:
        read_json(write(tmp_path / "a.json", content))
    assert caught.value.location == str(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("a", "not TOML"),
        (b"\xff", "not UTF-8"),
        ("a = " + "[" * DEEP + "]" * DEEP, "deep"),
        ("a = " + "{a = " * DEEP + "1" + "}" * DEEP, "deep"),
        (".".join("a" * DEEP) + " = 1", "deep"),
        ("[" + ".".join("a" * DEEP) + "]", "deep"),
        ("[" + ".".join(['"a"'] * DEEP) + "]", "deep"),
        ("x = {" + " . ".join(["'a'"] * DEEP) + " = 1}", "deep"),
    ],
)
def test_invalid_toml_is_refused(tmp_path: Path, content: str | bytes, cause: str) -> None:
    with pytest.raises(UserError, match=cause):
        read_toml(write(tmp_path / "a.toml", content))


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    for name, read in (("a.json", read_json), ("a.toml", read_toml)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(10 << 30)  # a sparse file
        with pytest.raises(UserError, match="at most"):
            read(tmp_path / name)


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(UserError, match="Not a regular file"):
        read_json(tmp_path / "a.json")
    with pytest.raises(UserError, match="is not a regular file"):
        check_folder(tmp_path)


@pytest.mark.parametrize("location", ["a", "inner/a", "inner/deep/a"])
@pytest.mark.parametrize("target", ["/etc/passwd", "..", "../secret", "/nowhere"])
def test_links_out_of_the_folder_are_refused(tmp_path: Path, location: str, target: str) -> None:
    folder = tmp_path / "run"
    (folder / "inner" / "deep").mkdir(parents=True)
    (tmp_path / "secret").write_text("x")
    check_folder(folder)
    target = (
        target.replace("..", "../" * (location.count("/") + 1), 1) if target[0] == "." else target
    )
    (folder / location).symlink_to(target)
    with pytest.raises(UserError, match="link out of the folder"):
        check_folder(folder)


def test_links_inside_the_folder_and_to_it_are_allowed(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write(tmp_path / "run" / "a", "x")
    (tmp_path / "run" / "b").symlink_to("a")
    (tmp_path / "link").symlink_to("run")
    check_folder(tmp_path / "run")
    check_folder(tmp_path / "link")


def test_a_folder_with_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untrusted, "_MAX_FILES", 3)
    for name in "abc":
        write(tmp_path / name, json.dumps({}))
    check_folder(tmp_path)
    write(tmp_path / "d", "")
    with pytest.raises(UserError, match="more than 3 files"):
        check_folder(tmp_path)
