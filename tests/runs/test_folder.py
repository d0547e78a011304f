from pathlib import Path

import pytest

from seqlab import Split
from seqlab.config.run_config import RunConfig
from seqlab.errors import UserError
from seqlab.runs import folder as runfolder
from seqlab.runs.provenance import Provenance
from seqlab_sentiment.classify import Classify, FittedClassify, Sentiment
from seqlab_tokenizers.word import WordTokenizer

SAID = {"notices": ["so"], "findings": [{"kind": "few rows"}]}
PROVENANCE = Provenance({"seqlab": "1"}, {}, {"train": "a"}, {"train.epochs": 3})


@pytest.fixture
def fitted() -> FittedClassify:
    split = Split("train", {"text": ["good", "bad"], "label": ["yes", "no"]}, "here")
    columns = {"text": "text", "label": "label"}
    return Classify().fit(split, columns, WordTokenizer(min_count=1))


def test_what_was_fitted_comes_back(tmp_path: Path, fitted: FittedClassify) -> None:
    runfolder.begin(
        tmp_path / "run", RunConfig(seed=3), fitted, {"text": "review"}, PROVENANCE, SAID
    )
    again, columns = runfolder.read_fitted(tmp_path / "run", Sentiment, WordTokenizer)
    assert again.to_json() == fitted.to_json()
    assert again.tokenizers["text"].split("good") == ["good"]
    assert columns == {"text": "review"}
    assert runfolder.read_config(tmp_path / "run").seed == 3
    assert runfolder.read_provenance(tmp_path / "run") == PROVENANCE
    assert runfolder.read_notices(tmp_path / "run") == SAID
    assert runfolder.read_result(tmp_path / "run") is None


def test_of_two_at_once_one_is_refused(tmp_path: Path, fitted: FittedClassify) -> None:
    runfolder.begin(tmp_path / "run", RunConfig(), fitted, {}, PROVENANCE, SAID)
    with pytest.raises(UserError, match="another run"):
        runfolder.begin(tmp_path / "run", RunConfig(), fitted, {}, PROVENANCE, SAID)


def test_where_a_run_goes(tmp_path: Path) -> None:
    name = runfolder.place_for(None, "sentiment", "lstm")
    assert name.parent == Path("runs")
    assert name.name.startswith("sentiment-lstm-")
    together = {runfolder.place_for(None, "sentiment", "lstm") for _ in range(20)}
    assert len(together) == 20
    assert runfolder.place_for(tmp_path, "a", "b") == tmp_path
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="not empty"):
        runfolder.place_for(tmp_path, "a", "b")
    with pytest.raises(UserError, match="is a file"):
        runfolder.place_for(tmp_path / "file", "a", "b")


def test_a_folder_that_is_no_run_is_answered_with_the_nearest(
    tmp_path: Path, fitted: FittedClassify
) -> None:
    runfolder.begin(tmp_path / "first", RunConfig(), fitted, {}, PROVENANCE, SAID)
    with pytest.raises(UserError, match="no run") as caught:
        runfolder.read_config(tmp_path / "frist")
    assert "first" in caught.value.remedy


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 99}'])
def test_a_broken_file_is_named(tmp_path: Path, fitted: FittedClassify, content: str) -> None:
    runfolder.begin(tmp_path / "run", RunConfig(), fitted, {}, PROVENANCE, SAID)
    (tmp_path / "run" / "fitted.json").write_text(content)
    with pytest.raises(UserError):
        runfolder.read_fitted(tmp_path / "run", type("T", (), {"fitted": FittedClassify}), None)
