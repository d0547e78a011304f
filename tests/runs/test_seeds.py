import json
import statistics
from pathlib import Path
from typing import Any

import pytest

import seqlab
from seqlab.errors import UserError
from seqlab.runs.seeds import spread
from tests.recipes import write_plugin

ASKED: Any = {
    "task": "sentiment",
    "model": "lstm",
    "options": {"data.rows": 200, "model.hidden_size": 4, "model.embedding_size": 4},
    "smoke": True,
}


def test_a_run_for_each_seed(tmp_path: Path) -> None:
    summary = seqlab.run_seeds([0, 4, 2], out=tmp_path / "three", **ASKED)
    folders = [tmp_path / "three" / f"seed-{seed}" for seed in (0, 4, 2)]
    assert summary["runs"] == [str(folder) for folder in folders]
    assert summary == json.loads((tmp_path / "three" / "seeds.json").read_text())
    results = [json.loads((folder / "result.json").read_text()) for folder in folders]
    assert [result["seed"] for result in results] == summary["seeds"] == [0, 4, 2]
    for split, metrics in summary["metrics"].items():
        for name, metric in metrics.items():
            values = [result["metrics"][split][name]["value"] for result in results]
            assert metric["values"] == values
            assert metric["mean"] == pytest.approx(statistics.mean(values))
            assert metric["std"] == pytest.approx(statistics.stdev(values))
    losses = summary["metrics"]["test"]["loss"]["values"]
    assert len(set(losses)) == 3  # they are different runs
    alone = seqlab.run(**ASKED, seed=4, out=tmp_path / "alone")
    assert alone["metrics"]["test"]["loss"]["value"] == losses[1]


def test_a_recipe_with_several_seeds(tmp_path: Path) -> None:
    plugin = write_plugin(tmp_path)
    summary = seqlab.run_seeds((1, 2), recipe="quick", plugins=iter([plugin]), out=tmp_path / "two")
    assert summary["recipe"] == {"name": "quick", "overridden": []}
    reached, missed = summary["expected"]
    assert (reached["reached"], reached["reached_by"]) == (True, [1, 2])
    assert (missed["reached"], missed["reached_by"]) == (False, [])
    assert missed["value"] == summary["metrics"]["test"]["accuracy"]["mean"]


@pytest.mark.parametrize("seeds", [[], [1], [1, 1], [-1, 2]])
def test_seeds_that_are_none(seeds: list[int], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="two or more different seeds"):
        seqlab.run_seeds(seeds, out=tmp_path / "run", **ASKED)
    assert not list(tmp_path.iterdir())


def test_the_folder_s_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    summary = seqlab.run_seeds([0, 1], **ASKED)
    assert summary["folder"].startswith("runs/sentiment-lstm-seeds-")


def test_several_processes_need_one_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match="need one folder") as caught:
        seqlab.run_seeds([0, 1], **ASKED)
    assert caught.value.remedy == "add --out DIR"


def test_only_the_main_process_writes_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqlab.runs.seeds.is_main", lambda: False)
    seqlab.run_seeds([0, 1], out=tmp_path / "two", **ASKED)
    assert not (tmp_path / "two" / "seeds.json").exists()


def test_a_mistake_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="lstmm"):
        seqlab.run_seeds([0, 1], **{**ASKED, "model": "lstmm"}, out=tmp_path / "run")
    with pytest.raises(UserError, match="--seed exclude"):
        seqlab.run_seeds([0, 1], **{**ASKED, "seed": 1})
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    with pytest.raises(UserError, match="not empty"):
        seqlab.run_seeds([0, 1], **ASKED, out=tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_spread() -> None:
    assert spread([1.0, 2.0, 4.0]) == {
        "mean": pytest.approx(7 / 3),
        "std": pytest.approx(1.527525),
        "values": [1.0, 2.0, 4.0],
    }
