from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqlab.config.data_settings import DataSettings
from seqlab.data.reading.files import read_files
from seqlab.data.reading.tagged.content import looks_tagged
from seqlab.data.reading.tagged.lines import fields_of, hidden_characters
from seqlab.data.reading.tagged.sentences import read_sentences, sentence_rows
from seqlab.errors import UserError
from tests.data.reading.tagged.files import (
    CONLL_2000,
    CONLL_2003,
    CONLL_2009,
    CONLL_2012,
    CONLL_X,
    GERM_EVAL,
    U_PLUS,
    WEBANNO,
    WNUT,
)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\t\n\r "), min_size=1)),
        min_size=1,
    )
)
@example([["#"], ["##", "#O"], ["\u00a0", "\u2028", "\x85", "\x1c"]])
def test_any_words_are_read_back(sentences: list[list[str]]) -> None:
    """Whatever characters words have: only tab, space and line end are separators."""
    kept = [words for words in sentences if words]
    blank = " \t\f\v"
    kept = [[w for w in words if w.strip(blank) and w != "-DOCSTART-"] for words in kept]
    kept = [[w for w in words if not w.startswith("#begin document")] for words in kept if words]
    kept = [words for words in kept if words]
    text = "".join("".join(f"{word}\tO\n" for word in words) + "\n" for words in kept)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.conll"
        path.write_bytes(text.encode())
        columns, _ = read_sentences([path])
    found = columns.get("words", [])
    expected = [
        [w.removeprefix("\ufeff") if i == j == 0 else w for j, w in enumerate(words)]
        for i, words in enumerate(kept)
    ]
    assert [w for words in found for w in words] == [w for words in expected for w in words]


def test_fields() -> None:
    assert fields_of("a b") == ["a", "b"]
    assert fields_of(" a  b ") == ["a", "b"]
    assert fields_of("New York\tNNP") == ["New York", "NNP"]
    assert fields_of("a\t\tb") == ["a", "", "b"]
    assert fields_of("\t \t") == fields_of("") == fields_of(" ") == fields_of("\t\t\t") == []
    assert hidden_characters("plain words") == ""


@pytest.mark.parametrize(
    "text", [CONLL_2000, CONLL_2003, CONLL_X, CONLL_2009, CONLL_2012, GERM_EVAL, WNUT, U_PLUS]
)
def test_tagged_sentences_are_recognised(text: str) -> None:
    assert looks_tagged(text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "It was late.\nThe boats had left.\n",
        "a\nb\nc\n",
        "text\tlabel\nfine day\tgood\n",
        "1\tone\n2\ttwo\n",
        "B-side O\nmara left town\n",
        "I O\nO I\n",
        "",
    ],
)
def test_other_texts_are_not(text: str) -> None:
    assert not looks_tagged(text.splitlines())


def test_rows_to_predict_may_hold_words_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("mara\nleft\n\n#rain\n", encoding="utf-8")
    rows = list(sentence_rows(path, None, conllu=False))
    assert rows == [{"words": ["mara", "left"]}, {"words": ["#rain"]}]
    path.write_text("mara\tB-PER\nleft\tO\n", encoding="utf-8")
    assert list(sentence_rows(path, None, conllu=False)) == [
        {"words": ["mara", "left"], "tags": ["B-PER", "O"]}
    ]


@pytest.mark.parametrize("name", ["train.txt", "a.tsv", "eng.testa", "emerging.annotated", "words"])
def test_a_file_with_another_suffix_is_read_by_its_content(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(CONLL_2003, encoding="utf-8")
    splits, decisions, _ = read_files(path)
    (split,) = splits.values()
    assert split.column_names[0] == "words"
    assert list(split.column("tags")) == [["B-PER", "O", "B-LOC"], ["O"]]
    (choice,) = (d.choice for d in decisions if d.notable and d.subject == "format")
    assert choice.startswith("one word per line with its tags, by the content of the ")


def test_options_of_tables_and_texts_come_first(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("mara\tB-PER\nleft\tO\n\nrain\tO\n", encoding="utf-8")
    assert read_files(path).splits["train"].column_names == ["words", "tags"]
    table = read_files(path, DataSettings(header=False)).splits["train"]
    assert table.column_names == ["column1", "column2"]
    text = tmp_path / "a.txt"
    text.write_text(CONLL_2003, encoding="utf-8")
    assert read_files(text, DataSettings(whole=True)).splits["train"].column_names == ["text"]


def test_other_files_with_other_suffixes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.train"
    path.write_text("It was late.\n\nThe boats had left.\n", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be read as data"):
        read_files(path)
    path.write_bytes(bytes(range(256)) * 9)
    with pytest.raises(UserError, match="cannot be read as data"):
        read_files(path)


def test_a_shared_task_as_it_is_shipped(tmp_path: Path) -> None:
    """Three .txt files, in the last of which no word is part of an entity."""
    no_entity = CONLL_2003.replace("B-PER", "O").replace("B-LOC", "O")
    for name, text in (("train", CONLL_2003), ("valid", CONLL_2003), ("test", no_entity)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    splits, decisions, _ = read_files(tmp_path)
    assert [split.column_names for split in splits.values()] == [
        ["words", "column2", "column3", "column4", "tags", "pos"]
    ] * 3
    assert list(splits["test"].column("tags")) == [["O", "O", "O"], ["O"]]
    assert len([d for d in decisions if d.notable]) == 2  # the format, and the columns


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.text("abAB#.,-%", min_size=1, max_size=4),
                st.sampled_from(["NN", "VB", "DT"]),
                st.sampled_from(["O", "B-X", "I-X"]),
            ),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["\t", " "]),
)
def test_three_columns_are_read_back(rows: list[list[tuple[str, str, str]]], gap: str) -> None:
    """Words, also those that begin with #, keep their tags, whatever sentences hold."""
    lines = ["".join(gap.join(word) + "\n" for word in words) for words in rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.conll"
        path.write_text("\n".join(lines), encoding="utf-8")
        columns, _ = read_sentences([path])
    for index, name in ((0, "words"), (1, "column2"), (2, "column3")):
        assert columns[name] == [[word[index] for word in words] for words in rows]
    if any(tag != "O" for words in rows for *_, tag in words):
        assert columns["tags"] == columns["column3"]


def test_files_of_conll_2003_are_the_splits_of_their_folder(tmp_path: Path) -> None:
    for suffix in ("train", "testa", "testb"):
        text = CONLL_2003 + f"\n{suffix} NN B-NP O\n"
        (tmp_path / f"eng.{suffix}").write_text(text, encoding="utf-8")
    (tmp_path / "train.log").write_text("epoch 1\n\nepoch 2\n", encoding="utf-8")
    splits, decisions, _ = read_files(tmp_path)
    last = {name: list(split.column("words"))[-1] for name, split in splits.items()}
    assert last == {"train": ["train"], "validation": ["testa"], "test": ["testb"]}
    assert [d.choice for d in decisions if d.subject.startswith("left out")] == ["train.log"]


@pytest.mark.parametrize("name", ["a.tsv", "a.conll", "a.txt"])
def test_webanno_is_refused_with_the_export_that_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(WEBANNO, encoding="utf-8")
    with pytest.raises(UserError, match=r"WebAnno TSV 3\.3 cannot be read") as caught:
        read_files(path)
    assert caught.value.location == f"{path}, line 1"
    assert "as CoNLL 2002" in caught.value.remedy
    assert "each word with its tag after a tab" in caught.value.remedy
    conll_2002 = tmp_path / "exported.conll"
    conll_2002.write_text("Mara B-PER\nleft O\n\nRain O\n", encoding="utf-8")
    assert list(read_files(conll_2002).splits["train"].column("tags")) == [["B-PER", "O"], ["O"]]
    by_hand = tmp_path / "by_hand.conll"
    by_hand.write_text("Mara\tB-PER\nleft\tO\n\nRain\tO\n", encoding="utf-8")
    assert list(read_files(by_hand).splits["train"].column("words")) == [["Mara", "left"], ["Rain"]]


def test_tags_may_come_before_the_words(tmp_path: Path) -> None:
    path = tmp_path / "a.bio"
    path.write_text("B-PER\tMara\nO\tleft\n\nO\tRain\n", encoding="utf-8")
    splits, decisions, _ = read_files(path)
    assert list(splits["train"].column("words")) == [["Mara", "left"], ["Rain"]]
    assert list(splits["train"].column("tags")) == [["B-PER", "O"], ["O"]]
    assert "columns: words 2, tags 1 of 2" in map(str, filter(lambda d: d.notable, decisions))


@pytest.mark.parametrize("header", ["word tag", "Token\tNER", "words pos ner"])
def test_names_of_columns_are_no_word(tmp_path: Path, header: str) -> None:
    path = tmp_path / "a.conll"
    middle = ["NN"] * (len(header.split()) - 2)
    mark = "\t" if "\t" in header else " "
    lines = [mark.join([word, *middle, tag]) for word, tag in (("Mara", "B-PER"), ("left", "O"))]
    path.write_text("\n".join([header, *lines, "", *lines]), encoding="utf-8")
    splits, decisions, _ = read_files(path)
    assert list(splits["train"].column("words")) == [["Mara", "left"]] * 2
    assert list(splits["train"].column("tags")) == [["B-PER", "O"]] * 2
    assert "names of columns" in [d.subject for d in decisions if d.notable]


def test_a_file_without_blank_lines_is_said_to_be_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("Mara B-PER\nleft O\n" * 100, encoding="utf-8")
    choices = [
        d.choice for d in read_files(path).decisions if d.subject == "sentences" and d.notable
    ]
    assert choices == ["one of 200 words, for the file has no blank line after each sentence"]
    path.write_text("Mara B-PER\nleft O\n\n" * 100, encoding="utf-8")
    assert "sentences" not in [d.subject for d in read_files(path).decisions]
