"""Files of predictions: the format of the suffix, with the columns of the input as they are."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqlab
from seqlab.cli.prediction_formats import CommaSeparated, JsonArray, JsonLines, TabSeparated
from seqlab.errors import UserError
from seqlab.evaluation.records import Record
from seqlab.types import JsonObject
from tests.e2e.conftest import call, done

RECORDS = [(str(n), f"row {n}, again", "good" if n % 2 else "bad") for n in range(40)]
HEADER = ("id", "text", "label")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "records.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *RECORDS])
    return path


@pytest.fixture(scope="module")
def run(table: Path) -> Path:
    folder = table.parent / "run"
    done("run", "--task", "classify", "--model", "rnn", "--epochs", 1, "--data", table,
         "--out", folder)  # fmt: skip
    return folder


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        separator = "\t" if path.suffix.lower() == ".tsv" else ","
        return list(csv.DictReader(file, delimiter=separator, strict=True))


@pytest.mark.parametrize("name", ["pred.csv", "pred.tsv", "pred.CSV"])
def test_a_table_can_be_joined_to_the_input(
    name: str, run: Path, table: Path, tmp_path: Path
) -> None:
    assert done("predict", run, "--input", table, "--output", tmp_path / name) == ""
    rows = read_table(tmp_path / name)
    assert [(row["id"], row["text"], row["label"]) for row in rows] == RECORDS
    for row in rows:
        assert row["predicted"] in ("bad", "good")
        assert row["score"] == row[f"probabilities.{row['predicted']}"]
    joined = pd.read_csv(table).merge(
        pd.read_csv(tmp_path / name, sep="\t" if name.endswith("tsv") else ","), on="id"
    )
    assert len(joined) == 40


def test_json_keeps_the_label_of_the_file(run: Path, table: Path, tmp_path: Path) -> None:
    for name in ("pred.jsonl", "pred.json"):
        done("predict", run, "--input", table, "--output", tmp_path / name)
    records = [json.loads(line) for line in (tmp_path / "pred.jsonl").read_text().splitlines()]
    assert json.loads((tmp_path / "pred.json").read_text()) == records
    assert [(row["id"], row["text"], row["label"]) for row in records] == RECORDS
    assert set(records[0]) == {*HEADER, "predicted", "score", "probabilities"}


@pytest.mark.parametrize("name", ["pred.xlsx", "pred.parquet", "pred.csv.gz", "pred.yaml"])
def test_other_endings_are_refused_before_anything_is_predicted(
    name: str, table: Path, tmp_path: Path
) -> None:
    refused = call("predict", "no-run", "--input", table, "--output", tmp_path / name)
    assert refused.exit_code == 2
    assert "predictions are not written as" in refused.stderr
    assert ".csv, .tsv, .jsonl, .json, .txt" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_the_ending_that_the_message_names_is_written(
    run: Path, table: Path, tmp_path: Path
) -> None:
    refused = call("predict", run, "--input", table, "--output", tmp_path / "pred.xlsx")
    remedy = refused.stderr.rpartition("such as ")[2].strip()
    done("predict", run, "--input", table, "--output", remedy)
    assert len(read_table(Path(remedy))) == 40


@pytest.mark.parametrize("link", ["", "symlink", "hardlink"])
def test_the_input_is_never_overwritten(link: str, run: Path, table: Path, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_bytes(table.read_bytes())
    output = tmp_path / "other.csv" if link else source
    if link == "symlink":
        output.symlink_to(source)
    elif link:
        output.hardlink_to(source)
    refused = call("predict", run, "--input", source, "--output", output)
    assert refused.exit_code == 2
    assert "is the file of the rows to predict" in refused.stderr
    assert source.read_bytes() == table.read_bytes()
    remedy = refused.stderr.rpartition("such as ")[2].strip()
    done("predict", run, "--input", source, "--output", remedy)
    assert len(read_table(Path(remedy))) == 40


def test_predictions_of_a_file_of_predictions(run: Path, table: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    done("predict", run, "--input", table, "--output", first)
    done("predict", run, "--input", table, "--output", first)  # a file of its own is replaced
    done("predict", run, "--input", first, "--output", second)
    before, after = read_table(first), read_table(second)
    for old, new in zip(before, after, strict=True):
        assert {name: new[name] for name in old} == old
        assert (new["predicted_2"], new["score_2"]) == (old["predicted"], old["score"])


def test_json_does_not_fit_to_a_table(run: Path, tmp_path: Path) -> None:
    refused = call("predict", run, "so", "--json", "--output", tmp_path / "pred.csv")
    assert refused.exit_code == 2
    assert "leave out --json, or write a .jsonl file" in refused.stderr
    done("predict", run, "so", "--output", tmp_path / "pred.csv")
    done("predict", run, "so", "--json", "--output", tmp_path / "pred.jsonl")
    assert read_table(tmp_path / "pred.csv")[0]["text"] == "so"


def test_columns_keep_their_names(tmp_path: Path) -> None:
    rows = [{"review": f"so {n}", "stars": "ab"[n % 2], "score": n} for n in range(40)]
    seqlab.run(task="classify", model="rnn", data=rows, out=tmp_path / "run",
               options={"train.epochs": 1, "data.columns.text": "review",
                        "data.columns.label": "stars"})  # fmt: skip
    predictor = seqlab.load(tmp_path / "run")
    typed, named = predictor.predict(["so 3", {"review": "so 3"}])
    assert set(typed) == {"text", "predicted", "score", "probabilities"}
    assert set(named) == {"review", "predicted", "score", "probabilities"}
    (record,) = predictor.predict([rows[3]])
    assert {name: record[name] for name in rows[3]} == rows[3]
    assert record["score_2"] == pytest.approx(typed["score"])


def test_words_stay_as_they_are_written(tmp_path: Path) -> None:
    rows = [{"words": ["They", "swim"], "tags": ["PRON", "VERB"]} for _ in range(30)]
    seqlab.run(task="tag", model="rnn", data=rows, out=tmp_path / "run",
               options={"train.epochs": 1})  # fmt: skip
    source, target = tmp_path / "rows.csv", tmp_path / "pred.csv"
    source.write_text("id,words\n7,They  swim\n")
    done("predict", tmp_path / "run", "--input", source, "--output", target)
    (row,) = read_table(target)
    assert (row["id"], row["words"], len(row["predicted"].split())) == ("7", "They  swim", 2)


def test_the_output_may_be_a_link_or_a_pipe(run: Path, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    link, target = tmp_path / "latest.csv", tmp_path / "results" / "a.csv"
    link.symlink_to(target)
    done("predict", run, "good", "--output", link)
    assert link.is_symlink()
    assert len(read_table(target)) == 1
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    done("predict", run, "good", "--output", pipe)
    assert os.read(reader, 100_000) == target.read_bytes()
    os.close(reader)
    assert pipe.is_fifo()


def test_a_link_to_nowhere_is_refused(run: Path, tmp_path: Path) -> None:
    (tmp_path / "latest.csv").symlink_to(tmp_path / "none" / "a.csv")
    refused = call("predict", run, "good", "--output", tmp_path / "latest.csv")
    assert refused.exit_code == 2
    assert "cannot write" in refused.stderr


def test_a_protected_output_is_refused_before_anything_is_predicted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may be those of root
    refused = call("predict", "no-run", "good", "--output", tmp_path / "a.csv")
    assert refused.exit_code == 2
    assert "you may not write to" in refused.stderr


def test_missing_cells_stay_as_they_are_written(run: Path, tmp_path: Path) -> None:
    source = tmp_path / "new.csv"
    cells = ["nan", "NaN", "<NA>", "#N/A", "NA", "", " x "]
    source.write_text("text,note\n" + "".join(f"good,{cell}\n" for cell in cells))
    done("predict", run, "--input", source, "--output", tmp_path / "out.csv")
    assert [row["note"] for row in read_table(tmp_path / "out.csv")] == cells


def test_a_column_of_another_name_is_chosen(run: Path, tmp_path: Path) -> None:
    source = tmp_path / "new.csv"
    source.write_text("body,id\ngood,1\nbad,2\n")
    refused = call("predict", run, "--input", source)
    assert refused.exit_code == 2
    assert "they have: body, id; choose one with -o data.columns.text=NAME" in refused.stderr
    lines = done("predict", run, "--input", source, "-o", "data.columns.text=body", "--json")
    records = [json.loads(line) for line in lines.splitlines()]
    assert [(record["body"], record["id"]) for record in records] == [("good", "1"), ("bad", "2")]


def test_rows_without_a_text_are_named_and_can_be_left_out(run: Path, tmp_path: Path) -> None:
    source = tmp_path / "new.csv"
    rows = [f"{n},good" for n in range(3000)]
    rows[2500] = "2500,"
    rows[2600] = "2600,nan"
    source.write_text("\n".join(["id,text", *rows, ""]))
    refused = call("predict", run, "--input", source, "--output", tmp_path / "out.csv")
    assert refused.exit_code == 2
    assert "row 2501 has no value in column 'text'" in refused.stderr
    assert not (tmp_path / "out.csv").exists()
    again = call("predict", run, "--input", source, "--output", tmp_path / "out.csv",
                 "-o", "data.faulty=drop")  # fmt: skip
    assert again.exit_code == 0
    assert "2 rows have no value that the model reads: 2501, 2601" in again.stderr
    assert len(read_table(tmp_path / "out.csv")) == 2998


@pytest.mark.parametrize("content", ["", "id,text\n"])
def test_a_file_without_rows_is_said(content: str, run: Path, tmp_path: Path) -> None:
    source = tmp_path / "new.csv"
    source.write_text(content)
    result = call("predict", run, "--input", source)
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"{source} has no rows to predict" in result.stderr


def test_findings_about_named_data_are_in_the_json(run: Path, table: Path, tmp_path: Path) -> None:
    source = tmp_path / "new.csv"
    source.write_text(table.read_text().replace(",", ";") + '41;"row 0, again";none\n')
    for command in (["evaluate"], ["inspect", "errors"]):
        report = json.loads(done(*command, run, "--data", source, "--json"))
        assert report["notices"][0] == "separator: ';'"
        assert any("labels that" in finding["cause"] for finding in report["findings"])
        report = json.loads(done(*command, run, "--json"))
        assert (report["notices"], report["findings"]) == ([], [])


def test_a_failure_leaves_no_file(run: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "so"}\n{"text": 3.5}\n')
    refused = call("predict", run, "--input", tmp_path / "rows.jsonl", "--output",
                   tmp_path / "pred.json")  # fmt: skip
    assert refused.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def test_rows_with_further_columns_do_not_fit_into_a_table() -> None:
    writer = CommaSeparated(io.StringIO())
    writer.write(Record({"text": "so"}, {"predicted": "a"}))
    with pytest.raises(UserError, match="the column 'id', which the rows before it do not have"):
        writer.write(Record({"text": "so", "id": 1}, {"predicted": "a"}))


CELLS = st.text(st.characters(codec="utf-8"), max_size=20)
NAMES = st.sampled_from(["id", "text", "predicted", "score", "probabilities.a", "predicted_2"])


@given(
    rows=st.lists(NAMES, min_size=1, unique=True).flatmap(
        lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, CELLS)), min_size=1)
    ),
    separator=st.sampled_from(",\t"),
)
def test_cells_are_read_back_as_they_were(rows: list[dict[str, str]], separator: str) -> None:
    file = io.StringIO(newline="")
    writer = CommaSeparated(file) if separator == "," else TabSeparated(file)
    prediction = {"predicted": "a", "score": 0.5, "probabilities": {"a": 0.5, "b": 0.5}}
    for row in rows:
        writer.write(Record(row, prediction))
    writer.end()
    file.seek(0)
    header, *cells = csv.reader(file, delimiter=separator, strict=True)
    assert len(set(header)) == len(header) == len(rows[0]) + 4
    for row, values in zip(rows, cells, strict=True):
        record = dict(zip(header, values, strict=True))
        assert {name: record[name] for name in row} == row
        assert sorted(record[name] for name in header if name not in row) == ["0.5"] * 3 + ["a"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_array_of_records(count: int) -> None:
    file, lines = io.StringIO(), io.StringIO()
    records: list[JsonObject] = [{"text": f"so {n}", "predicted": n / 7} for n in range(count)]
    for kind, target in ((JsonArray, file), (JsonLines, lines)):
        writer = kind(target)
        for record in records:
            writer.write(Record({"text": record["text"]}, {"predicted": record["predicted"]}))
        writer.end()
    assert json.loads(file.getvalue()) == records
    assert [json.loads(line) for line in lines.getvalue().splitlines()] == records


def test_a_text_that_ends_like_a_missing_file_is_said(run: Path) -> None:
    result = call("predict", run, "mising.csv")
    assert result.exit_code == 0
    assert "there is no file 'mising.csv': it is predicted as a text" in result.stderr
    assert "no file" not in call("predict", run, "it is in notes.txt").stderr
