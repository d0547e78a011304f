from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from seqlab.data.decisions import notices_of
from seqlab.data.reading.files import read_files
from seqlab.data.reading.tagged.sentences import read_sentences
from seqlab.errors import UserError

REST = "_\t0\troot\t_\t_"
CONLLU = f"""# text = vámonos al mar
1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tvamos\tir\tVERB\tVM\t{REST}
2\tnos\tnosotros\tPRON\tP\t{REST}
2.1\tnada\tnada\tX\tX\t{REST}

# a comment alone

1\tNew York\tNew York\tPROPN\t_\t{REST}"""
"""The example of the format's documentation, with a space in a word and no final line end."""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["a.conllu", "a.conllu.gz", "a[1].conllu.gz"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_conllu_files(tmp_path: Path, name: str, end: str) -> None:
    path = write(tmp_path, name, CONLLU.replace("\n", end))
    split = read_files(path)[0]["train"]
    assert split.column_names == ["words", "lemmas", "upos", "xpos"]
    assert [split[row] for row in range(len(split))] == [
        {
            "words": ["vamos", "nos"],
            "lemmas": ["ir", "nosotros"],
            "upos": ["VERB", "PRON"],
            "xpos": ["VM", "P"],
        },
        {"words": ["New York"], "lemmas": ["New York"], "upos": ["PROPN"], "xpos": [None]},
    ]


@pytest.mark.parametrize("name", ["a.conll", "a.tagged", "a.tagged.gz"])
@pytest.mark.parametrize("separator", ["\t", " ", "   "])
def test_one_word_and_its_tag_per_line(tmp_path: Path, name: str, separator: str) -> None:
    text = "-DOCSTART- X\n\n\n#_NN\nis_VB\n\nso_RB\n\n\n".replace("_", separator)
    split = read_files(write(tmp_path, name, text))[0]["train"]
    assert list(split.column("words")) == [["#", "is"], ["so"]]
    assert list(split.column("tags")) == [["NN", "VB"], ["RB"]]


def test_words_may_hold_spaces_where_tabs_separate(tmp_path: Path) -> None:
    columns, _ = read_sentences([write(tmp_path, "a.tagged", "New York\tNNP\n")])
    assert columns == {"words": [["New York"]], "tags": [["NNP"]]}


def test_several_columns_and_files(tmp_path: Path) -> None:
    first = write(tmp_path, "a.conll", "EU NNP B-NP B-ORG\n")
    second = write(tmp_path, "b.conll", "say VB B-VP O\n")
    columns, _ = read_sentences([first, second])
    assert list(columns) == ["words", "column2", "column3", "column4", "tags", "pos"]
    assert columns["column4"] == columns["tags"] == [["B-ORG"], ["O"]]
    narrow = write(tmp_path, "c.conll", "so RB\n")
    with pytest.raises(UserError, match="2 columns instead of 4") as caught:
        read_sentences([first, narrow])
    assert caught.value.location == f"{narrow}, line 1"


@pytest.mark.parametrize(
    ("name", "text", "cause", "line"),
    [
        ("a.conllu", CONLLU.replace("\tVM\t", "\t"), "9 columns instead of the ten columns", 3),
        ("a.conllu", CONLLU.replace("\tVM\t", "\tVM\tVM\t"), "11 columns", 3),
        ("a.conllu", CONLLU.replace("\t", " "), "12 columns", 9),
        ("a.conllu", CONLLU.replace("2.1\t", "2.x\t"), "'2.x' is not a word id", 5),
        ("a.conllu", f"\n1-2\t_\t_\t_\t_\t{REST}\n", "no word with a plain id", 2),
        ("a.tagged", "so RB\n\nfar\n", "1 column instead of 2", 3),
        ("a.tagged", "so\tRB\nso far RB\n", "3 columns instead of 2", 2),
        ("a.tagged", "so\tRB\nfar\t\n", "1 column instead of 2", 2),
        ("a.tagged", "so\n", "1 column instead of a word and its tag", 1),
        ("a.tagged", "so RB\nd\xe9 RB\n".encode("latin-1"), "not UTF-8", 2),
    ],
)
def test_an_invalid_line_is_reported(
    tmp_path: Path, name: str, text: str | bytes, cause: str, line: int
) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(UserError) as caught:
        read_sentences([path], conllu=name.endswith("u"))
    assert cause in caught.value.cause
    assert caught.value.location == f"{path}, line {line}"


@pytest.mark.parametrize("name", ["a.conllu", "a.tagged", "a.conllu.gz", "a.tagged.gz"])
def test_a_file_without_sentences_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="the train split has no rows"):
        read_files(write(tmp_path, name, "\n\n"))


@pytest.mark.parametrize(
    ("name", "sentences", "words"),
    [
        ("ud_english_ewt", [12_544, 2001, 2077], [204_577, 25_147, 25_094]),
        ("ud_korean_gsd", [4400, 950, 989], [56_687, 11_958, 11_677]),
    ],
)
def test_real_treebanks(
    shared_data: Path, name: str, sentences: list[int], words: list[int]
) -> None:
    splits, decisions, _ = read_files(shared_data / name)
    assert notices_of(decisions) == []
    assert [len(split) for split in splits.values()] == sentences
    for split, count in zip(splits.values(), words, strict=True):
        for column in ("words", "lemmas", "upos", "xpos"):
            assert sum(map(len, split.column(column))) == count
    tags = Counter(tag for row in splits["train"].column("upos") for tag in row)
    assert len(tags) == {"ud_english_ewt": 17, "ud_korean_gsd": 16}[name]
