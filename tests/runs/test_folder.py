from pathlib import Path

import numpy as np
import pytest

from seqlab import Split
from seqlab.config.run_config import RunConfig
from seqlab.data.checking.hashing import RowHashes
from seqlab.data.checking.identity import KeptRows
from seqlab.errors import UserError
from seqlab.prepare.encoded import FittedColumns
from seqlab.runs.folder import RunFolder
from seqlab.runs.provenance import Provenance
from seqlab_sentiment.classify import Classify, FittedClassify, Sentiment
from seqlab_tokenizers.word import WordTokenizer

NOTICES = {"notices": ["so"], "findings": [{"kind": "few rows"}]}
HASHES = RowHashes(np.arange(3, dtype=np.uint64), np.arange(3, 6, dtype=np.uint64))
ROWS = KeptRows({"train": HASHES, "validation": HASHES, "test": HASHES})
PROVENANCE = Provenance({"seqlab": "1"}, {}, {"train": "a"}, {"train.epochs": 3})


@pytest.fixture
def fitted() -> FittedClassify:
    split = Split("train", {"text": ["good", "bad"], "label": ["yes", "no"]}, "here")
    columns = {"text": "text", "label": "label"}
    return Classify().fit(split, columns, WordTokenizer(min_count=1))


def create(path: Path, fitted: FittedClassify) -> RunFolder:
    folder = RunFolder(path)
    saved = FittedColumns(fitted, {"text": "review"})
    folder.create(RunConfig(seed=3), saved, PROVENANCE, NOTICES, ROWS)
    return folder


def test_what_was_fitted_comes_back(tmp_path: Path, fitted: FittedClassify) -> None:
    folder = create(tmp_path / "run", fitted)
    again, columns, _ = folder.read_fitted(Sentiment, WordTokenizer)
    assert again.to_json() == fitted.to_json()
    assert again.tokenizers["text"].tokenize("good") == ["good"]
    assert columns == {"text": "review"}
    assert folder.read_config().seed == 3
    assert folder.read_provenance() == PROVENANCE
    assert folder.read_notices() == NOTICES
    rows = folder.read_rows()
    assert rows is not None
    assert rows.splits["test"].whole.tolist() == [3, 4, 5]
    assert rows.trained.tolist() == [0, 1, 2]
    assert folder.read_result() is None


def test_of_two_at_once_one_is_refused(tmp_path: Path, fitted: FittedClassify) -> None:
    create(tmp_path / "run", fitted)
    with pytest.raises(UserError, match="another run"):
        create(tmp_path / "run", fitted)


def test_a_discarded_run_leaves_no_folder(tmp_path: Path, fitted: FittedClassify) -> None:
    create(tmp_path / "runs" / "new" / "run", fitted).discard()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "runs").mkdir()
    folder = create(tmp_path / "runs" / "new" / "run", fitted)
    create(tmp_path / "runs" / "new" / "other", fitted)
    folder.discard()
    assert [path.name for path in (tmp_path / "runs" / "new").iterdir()] == ["other"]


def test_where_a_run_goes(tmp_path: Path) -> None:
    path = RunFolder.new(None, "sentiment", "python:LSTM").path
    assert path.parent == Path("runs")
    assert path.name.startswith("sentiment-LSTM-")
    paths = {RunFolder.new(None, "sentiment", "lstm").path for _ in range(20)}
    assert len(paths) == 20
    assert RunFolder.new(tmp_path, "a", "b").path == tmp_path
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="not empty"):
        RunFolder.new(tmp_path, "a", "b")
    with pytest.raises(UserError, match="is a file"):
        RunFolder.new(tmp_path / "file", "a", "b")


def test_for_a_folder_that_is_not_a_run_the_nearest_is_named(
    tmp_path: Path, fitted: FittedClassify
) -> None:
    create(tmp_path / "first", fitted)
    with pytest.raises(UserError, match="no run") as caught:
        RunFolder(tmp_path / "frist").read_config()
    assert "first" in caught.value.remedy


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 99}'])
def test_a_broken_file_is_named(tmp_path: Path, fitted: FittedClassify, content: str) -> None:
    folder = create(tmp_path / "run", fitted)
    (tmp_path / "run" / "fitted.json").write_text(content)
    with pytest.raises(UserError):
        folder.read_fitted(Sentiment, None)
