"""Embeddings that are initialized with word vectors from a text file."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

import seqlab
from seqlab.errors import UserError
from seqlab.training.vectors import read_vectors

ROWS = [
    {"text": text, "label": label}
    for i in range(20)
    for text, label in ((f"Good film {i % 5}", "yes"), (f"bad film {i % 5}", "no"))
]
OPTIONS: dict[str, Any] = {
    "model.hidden_size": 4,
    "model.embedding_size": 3,
    "train.max_steps": 4,
    "data.validation_fraction": 0.2,
}
NAME = "embedder.streams.text.table.weight"


def write(folder: Path, text: str) -> Path:
    path = folder / "some.vec"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_vectors_of_the_tokens_in_the_file_are_read(tmp_path: Path) -> None:
    lines = ["3 2", "the 1 2", "cat -0.5 1e-3", ". . . 7 8", "dog 5 6", "the 9 9"]
    path = write(tmp_path, "\n".join(lines) + "\n")
    rows, vectors = read_vectors(path, ["dog", "bird", "the"], 2)
    assert dict(zip(rows.tolist(), vectors.tolist(), strict=True)) == {0: [5, 6], 2: [1, 2]}
    packed = tmp_path / "some.vec.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_vectors(packed, ["dog"], 2)[1].tolist() == [[5, 6]]


def test_a_token_with_capitals_takes_the_lower_case_vector_if_it_has_none(tmp_path: Path) -> None:
    path = write(tmp_path, "the 1 1\nThe 2 2\ncat 3 3\n")
    for text in ("the 1 1\nThe 2 2\ncat 3 3\n", "The 2 2\ncat 3 3\nthe 1 1\n"):
        path = write(tmp_path, text)
        rows, vectors = read_vectors(path, ["The", "the", "Cat", "THE"], 2)
        by_index = dict(zip(rows.tolist(), vectors.tolist(), strict=True))
        assert by_index == {0: [2, 2], 1: [1, 1], 2: [3, 3], 3: [1, 1]}


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", categories=["L", "P"]), min_size=1),
        st.lists(
            st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=2, max_size=2
        ),
        min_size=1,
    )
)
def test_any_table_is_read(tmp_path_factory: Any, table: dict[str, list[float]]) -> None:
    folder: Path = tmp_path_factory.mktemp("table")
    lines = [f"{word} {' '.join(map(repr, vector))}" for word, vector in table.items()]
    rows, vectors = read_vectors(write(folder, "\n".join(lines)), list(table), 2)
    expected = np.array(list(table.values()), np.float32)[rows]
    assert sorted(rows.tolist()) == list(range(len(table)))
    assert np.array_equal(vectors, expected)


@pytest.mark.parametrize(
    ("text", "cause", "remedy"),
    [
        ("the 1 2 3\n", "have 3 numbers", "model.embedding_size=3"),
        ("a 1 2\nthe 1 x\n", "line 2", "per line"),
        ("a 1 2\nthe 1\n", "line 2", "per line"),
        ("a 1 2\nthe 1 nan\n", "line 2", "per line"),
    ],
)
def test_invalid_files_are_refused(tmp_path: Path, text: str, cause: str, remedy: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_vectors(path, ["the"], 2)
    assert cause in f"{caught.value.cause} {caught.value.location}"
    assert remedy in caught.value.remedy


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "")
    (tmp_path / "odd.gz").write_bytes(b"nothing")
    with pytest.raises(UserError, match="no file") as caught:
        read_vectors(tmp_path / "sone.vec", ["a"], 2)
    assert "some.vec" in caught.value.remedy
    with pytest.raises(UserError, match="cannot be read"):
        read_vectors(tmp_path / "odd.gz", ["a"], 2)


def run(folder: Path, options: dict[str, Any]) -> dict[str, Any]:
    options = {**OPTIONS, **options}
    return seqlab.run(task="sentiment", model="lstm", data=ROWS, options=options, out=folder)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_run_with_vectors(tmp_path: Path, frozen: bool) -> None:
    path = write(tmp_path, "good 0.5 0.25 -1\nbad -0.5 0.125 1\nother 1 1 1\n")
    options = {"model.vectors": str(path), "model.freeze_vectors": frozen}
    result = run(tmp_path / "run", options)
    notices = [notice for notice in result["notices"] if "have a vector" in notice]
    assert notices and notices[0].startswith("text: 2 of ")
    table = load_file(tmp_path / "run" / "model.safetensors")[NAME]
    ids = read_ids(tmp_path / "run")
    unchanged = torch.equal(table[ids["good"]], torch.tensor([0.5, 0.25, -1]))
    assert unchanged == frozen
    assert torch.allclose(table[ids["bad"]], torch.tensor([-0.5, 0.125, 1]), atol=0.1)
    path.unlink()  # a finished run does not need it
    assert len(seqlab.load(tmp_path / "run").predict(["good film"])) == 1


def read_ids(folder: Path) -> dict[str, int]:
    tokens = seqlab.load(folder).fitted.tokens("text")
    assert tokens is not None
    return {token: index for index, token in enumerate(tokens)}


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        ({"model.vectors": "FILE", "model.input": "one-hot"}, "no embedding"),
        ({"model.vectors": "FILE", "model.embedding_size": 4}, "have 3 numbers"),
        ({"model.freeze_vectors": True}, "no vectors to freeze"),
        ({"model.vectors": "OTHER"}, "no token of 'text'"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(
    tmp_path: Path, options: dict[str, Any], cause: str
) -> None:
    files = {
        "FILE": str(write(tmp_path, "good 1 1 1\n")),
        "OTHER": str(tmp_path / "other.vec"),
    }
    (tmp_path / "other.vec").write_text("chien 1 1 1\n")
    with pytest.raises(UserError, match=cause):
        run(tmp_path / "run", {name: files.get(str(v), v) for name, v in options.items()})
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("line", "token"),
    [
        ("istanbul 5 6", "İstanbul"),
        ("cafe\u0301 5 6", "café"),
        ("café 5 6", "cafe\u0301"),
        ("cooperate 5 6", "co\u00adoperate"),
        ("한국 5 6", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
        ("10\u00a0000 5 6", "10\u00a0000"),
    ],
)
def test_vectors_are_found_however_a_word_is_typed(tmp_path: Path, line: str, token: str) -> None:
    indices, vectors = read_vectors(write(tmp_path, f"the 1 2\n{line}\n"), ["x", token], 2)
    assert indices.tolist() == [1]
    assert vectors.tolist() == [[5, 6]]
