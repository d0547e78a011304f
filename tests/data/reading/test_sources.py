from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import pytest

from seqlab.config.data_settings import DataSettings
from seqlab.data.contracts import DataSource
from seqlab.data.decisions import Decision
from seqlab.data.reading import sources
from seqlab.data.reading.sources import find_data, from_python, open_data
from seqlab.data.reading.streams import read_stream
from seqlab.data.split import Split
from seqlab.errors import PluginError, UserError
from seqlab.options import Range
from seqlab.registry import Entry, Registry

ROWS = [{"text": "a", "label": 1}, {"text": "b", "label": 0}]


class Example(DataSource):
    """An example.

    Args:
        rows: Number of rows.
        split: Name of the only split.
    """

    def __init__(self, rows: Annotated[int, Range(0)] = 2, split: str = "train") -> None:
        self.rows, self.split = rows, split

    def load(self) -> Mapping[str, Split]:
        return {self.split: Split(self.split, {"text": ["x"] * self.rows}, "example")}


@pytest.fixture
def registry() -> Registry[DataSource]:
    registry: Registry[DataSource] = Registry("data")
    registry.add(Entry("example", "data", Example, "Example", "tests"))
    return registry


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(folder))


def sizes(spec: object, registry: Registry[DataSource]) -> dict[str, int]:
    return {name: len(split) for name, split in open_data(spec, registry).splits.items()}


def test_a_registered_name_takes_precedence(
    registry: Registry[DataSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("example").mkdir()
    opened = open_data("example", registry, {"rows": "5"})
    assert len(opened.splits["train"]) == 5
    assert (opened.source, opened.decisions) == ("example", [])
    with pytest.raises(UserError, match="is empty"):
        open_data("./example", registry)


def test_options_are_checked(registry: Registry[DataSource]) -> None:
    with pytest.raises(UserError, match=r"unknown option 'data\.row'.*\n.*\n.*data\.rows"):
        open_data("example", registry, {"row": 5})
    with pytest.raises(UserError, match=r"data\.rows takes int"):
        open_data("example", registry, {"rows": -1})
    with pytest.raises(UserError, match=r"unknown option 'data\.sep'"):
        open_data("a.csv", registry, {"sep": ";"})


def test_invalid_splits_of_a_source(registry: Registry[DataSource]) -> None:
    with pytest.raises(PluginError, match=r"has the splits \['dev'\]"):
        open_data("example", registry, {"split": "dev"})
    with pytest.raises(UserError, match="no training split, only: test"):
        open_data("example", registry, {"split": "test"})
    with pytest.raises(UserError, match="no rows"):
        open_data("example", registry, {"rows": 0})


@pytest.mark.parametrize("kind", [str, Path])
def test_files_and_text_trees(
    registry: Registry[DataSource], tmp_path: Path, kind: type[str] | type[Path]
) -> None:
    (tmp_path / "a.csv").write_text("text\nx\n")
    opened = open_data(kind(tmp_path / "a.csv"), registry)
    assert opened.source == str((tmp_path / "a.csv").resolve())
    (tmp_path / "train" / "pos").mkdir(parents=True)
    (tmp_path / "train" / "pos" / "1.txt").write_text("x")
    tree = open_data(kind(tmp_path), registry)
    assert tree.splits["train"][0] == {"text": "x", "label": "pos"}


def test_a_hub_id(registry: Registry[DataSource], monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[str] = []
    decision = Decision("left out", "a split")

    def read(spec: str) -> tuple[dict[str, Split], list[Decision]]:
        requests.append(spec)
        return {"train": Split("train", {"text": ["x"]}, spec)}, [decision]

    monkeypatch.setattr(sources, "read_hub", read)
    opened = open_data("owner/na.me:config", registry)
    assert (opened.source, opened.decisions) == ("owner/na.me:config", [decision])
    assert requests == ["owner/na.me:config"]


def test_an_unknown_name_or_path_is_an_error(registry: Registry[DataSource]) -> None:
    with pytest.raises(UserError, match=r"did you mean 'example'\? `seqlab list data`"):
        open_data("exmaple", registry)
    for path in ("no/such.csv", "./no", "a/b/c", Path("no")):
        with pytest.raises(UserError, match="no file or folder"):
            open_data(path, registry)


def test_rows_from_python(registry: Registry[DataSource]) -> None:
    import datasets

    table = datasets.Dataset.from_list(ROWS)
    assert open_data(ROWS, registry).source == "python"
    assert sizes(ROWS, registry) == {"train": 2}
    assert sizes({"test": ROWS, "dev": table, "train": tuple(ROWS)}, registry) == {
        "train": 2,
        "validation": 2,
        "test": 2,
    }
    assert sizes(table, registry) == {"train": 2}
    assert sizes(datasets.DatasetDict(train=table, test=table), registry) == {
        "train": 2,
        "test": 2,
    }
    assert sizes({"train": Split.from_rows("train", ROWS, "mine")}, registry) == {"train": 2}


def test_iterables_from_python(registry: Registry[DataSource]) -> None:
    import datasets

    assert sizes((dict(row) for row in ROWS), registry) == {"train": 2}
    assert sizes({"train": iter(ROWS), "dev": map(dict, ROWS)}, registry) == {
        "train": 2,
        "validation": 2,
    }
    stream = datasets.Dataset.from_list(ROWS).to_iterable_dataset()
    assert open_data(stream, registry).splits["train"][1] == ROWS[1]
    splits = datasets.IterableDatasetDict({"train": stream, "test": stream.take(1)})
    assert sizes(splits, registry) == {"train": 2, "test": 1}
    with pytest.raises(UserError, match="the training split has no rows"):
        open_data(iter(()), registry)


def test_iterables_that_are_not_lists_are_written_to_disk(
    registry: Registry[DataSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    streamed: list[str] = []

    def read(name: str, rows: Iterable[object], origin: str) -> Split:
        streamed.append(name)
        return read_stream(name, rows, origin)

    monkeypatch.setattr(sources, "read_stream", read)
    sizes({"train": iter(ROWS), "dev": (dict(row) for row in ROWS), "test": tuple(ROWS)}, registry)
    sizes(ROWS, registry)
    assert streamed == ["train", "validation"]


def test_converted_data_can_be_opened_twice(registry: Registry[DataSource]) -> None:
    for data in (iter(ROWS), {"train": iter(ROWS), "dev": ROWS}, ROWS):
        splits = from_python(data)
        assert sizes(splits, registry) == sizes(splits, registry) == dict.fromkeys(splits, 2)


def test_folders_saved_by_datasets(registry: Registry[DataSource], tmp_path: Path) -> None:
    import datasets

    table = datasets.Dataset.from_list(ROWS)
    datasets.DatasetDict(train=table, test=table).save_to_disk(tmp_path / "all")
    opened = open_data(str(tmp_path / "all"), registry)
    assert {name: len(split) for name, split in opened.splits.items()} == {"train": 2, "test": 2}
    assert opened.source == str((tmp_path / "all").resolve())


def test_a_whole_text(registry: Registry[DataSource], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    assert sizes(tmp_path / "a.txt", registry) == {"train": 2}
    whole = open_data(tmp_path / "a.txt", registry, settings=DataSettings(whole=True)).splits[
        "train"
    ]
    assert whole[0] == {"text": "one\ntwo\n"}


def test_find_data_needs_no_training_split(registry: Registry[DataSource]) -> None:
    assert list(find_data({"test": ROWS}, registry).splits) == ["test"]


def test_invalid_data_from_python(registry: Registry[DataSource]) -> None:
    with pytest.raises(UserError, match="cannot be made from int"):
        open_data(7, registry)
    with pytest.raises(UserError, match="cannot be made from rows of str"):
        open_data({"train": ["a", "b"]}, registry)
    with pytest.raises(UserError, match="cannot be made from str"):
        open_data({"train": "a.csv"}, registry)
    with pytest.raises(UserError, match=r"unknown split 'trian'.*\n.*\n.*did you mean 'train'"):
        open_data({"trian": ROWS}, registry)
    with pytest.raises(UserError, match="given twice"):
        open_data({"dev": ROWS, "val": ROWS}, registry)
    with pytest.raises(UserError, match="row 2 has"):
        open_data([ROWS[0], {"text": "b"}], registry)
    with pytest.raises(UserError, match="no rows"):
        open_data([], registry)
    with pytest.raises(UserError, match="no training split, only: nothing"):
        open_data({}, registry)


def test_a_file_without_a_training_split(registry: Registry[DataSource], tmp_path: Path) -> None:
    file = tmp_path / "test.csv"
    file.write_text("text,label\na,1\nb,0\n")
    with pytest.raises(UserError, match="no training split"):
        open_data(file, registry)
    assert list(find_data(file, registry).splits) == ["test"]


def test_a_misspelled_file_is_reported_with_the_nearest_one(
    registry: Registry[DataSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.csv").write_text("text,label\na,1\n")
    with pytest.raises(UserError, match=r"did you mean the file 'good\.csv'"):
        open_data("good.cvs", registry)
