import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import seqlab
from seqlab.errors import UserError
from seqlab.runs.listing import runs_in

OPTIONS = {"data.rows": 200, "model.hidden_size": 4, "model.embedding_size": 4}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one") / "run"
    seqlab.run(task="sentiment", model="lstm", options=OPTIONS, seed=5, smoke=True, out=folder)
    return folder


def copy(one: Path, to: Path, finished: str | None) -> Path:
    shutil.copytree(one, to)
    result = json.loads((to / "result.json").read_text())
    if finished is None:
        (to / "result.json").unlink()
        for path in (to, *to.iterdir()):
            os.utime(path, (0, 0))  # 1970
    else:
        (to / "result.json").write_text(json.dumps({**result, "finished": finished}))
    return to


def test_what_is_said_of_a_run(one: Path) -> None:
    result: dict[str, Any] = json.loads((one / "result.json").read_text())
    (record,) = runs_in(one)
    assert record == {
        "run": str(one),
        "state": "finished",
        "time": result["finished"],
        "task": "sentiment",
        "model": "lstm",
        "data": "reviews",
        "seed": 5,
        "metric": "accuracy",
        **result["metrics"]["test"]["accuracy"],
        "baseline": result["baseline"]["metrics"]["accuracy"],
        "seconds": result["seconds"]["total"],
        "problem": None,
    }
    assert runs_in(one.parent) == [record]


def test_newest_first_and_several_seeds(one: Path, tmp_path: Path) -> None:
    copy(one, tmp_path / "b", "2026-01-02T00:00:00+00:00")
    copy(one, tmp_path / "seeds" / "seed-0", "2026-01-03T00:00:00+00:00")
    copy(one, tmp_path / "seeds" / "seed-1", "2026-01-01T00:00:00+00:00")
    copy(one, tmp_path / "a", None)
    states = [(Path(r["run"]).name, r["state"]) for r in runs_in(tmp_path)]
    assert states == [
        ("seed-0", "finished"), ("b", "finished"), ("seed-1", "finished"), ("a", "under way"),
    ]  # fmt: skip


ODD = b'{"metrics": {"test": {"accuracy": {"value": "high"}}}}'


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("config.toml", b"x =", "not TOML"),
        ("config.toml", b"\xff", "not UTF-8"),
        ("config.toml", b"seed = 0", "KeyError: 'task'"),
        ("config.toml", b"task = 1", "TypeError"),
        ("result.json", b"{", "the file cannot be read"),
        ("result.json", b"[]", "the file does not contain a JSON object"),
        ("result.json", b'{"metrics": []}', "AttributeError"),
        ("result.json", b"[" * 100_000, "tables and lists are nested more than"),
        ("result.json", ODD, "ValueError: could not convert"),
    ],
)
def test_broken_folders_are_named(
    one: Path, tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    copy(one, tmp_path / "good", "2026-01-02T00:00:00+00:00")
    broken = copy(one, tmp_path / "broken", "2026-01-02T00:00:00+00:00")
    (broken / name).write_bytes(content)
    records = {Path(record["run"]).name: record for record in runs_in(tmp_path)}
    assert records["good"]["state"] == "finished"
    assert records["broken"]["state"] == "broken"
    assert records["broken"]["problem"].startswith(problem)


def test_folders_that_are_no_runs(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "file.txt").touch()
    (record,) = runs_in(tmp_path)
    assert (record["state"], record["problem"]) == ("broken", "it has no config.toml")
    with pytest.raises(UserError, match="there is no folder"):
        runs_in(tmp_path / "missing")
