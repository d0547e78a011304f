"""The formats of treebanks and shared tasks, a few sentences of each, and lines that are odd."""

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

NBSP = "\u00a0"


def read(folder: Path, text: str, name: str = "a.conll") -> dict[str, list[list[str | None]]]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_sentences([path], conllu=name.endswith(".conllu"))[0]


def notices(folder: Path, text: str) -> list[str]:
    path = folder / "a.conll"
    path.write_text(text, encoding="utf-8")
    return [str(decision) for decision in read_sentences([path])[1] if decision.notable]


CONLL_2000 = """Mara NNP B-NP
sells VBZ B-VP
red JJ B-NP
boats NNS I-NP
. . O

She PRP B-NP
left VBD B-VP
"""
CONLL_2003 = """-DOCSTART- -X- -X- O

Mara NNP B-NP B-PER
left VBD B-VP O
Oslo NNP B-NP B-LOC

-DOCSTART- -X- -X- O

Rain NN B-NP O
"""
CONLL_2002 = """Mara N B-PER
woont V O
in Prep O
Delft N B-LOC
. Punc O
"""
CONLL_2003_GERMAN = """Die die ART I-NC O
alte alt ADJA I-NC O
Stadt Stadt NN I-NC O
Ulm Ulm NE I-NC I-LOC
schläft schlafen VVFIN I-VC O
. . $. O O
"""
CONLL_X = """1\tBoote\tBoot\tN\tNN\t_\t2\tSB\t_\t_
2\tfahren\tfahren\tV\tVVFIN\t_\t0\tROOT\t_\t_

1\tIns\t_\t_\t_\t_\t2\tMO\t_\t_
2\tMeer\tMeer\tN\tNN\t_\t0\tROOT\t_\t_
"""
CONLL_2008 = """1\tBoats\tboat\tNNS\tNNS\tBoats\tboat\tNNS\t2\tSBJ\t_\tA1
2\tsail\tsail\tVBP\tVBP\tsail\tsail\tVBP\t0\tROOT\tsail.01\t_

1\tRain\train\t_\tNN\tRain\train\tNN\t0\tROOT\t_
"""
CONLL_2009 = """1\tBoats\tboat\tboat\tNNS\tNNS\t_\t_\t2\t2\tSBJ\tSBJ\t_\t_\tA1
2\tsail\tsail\tsail\tVBP\tVBP\t_\t_\t0\t0\tROOT\tROOT\tY\tsail.01\t_

1\tRain\train\train\tNN\t_\t_\t_\t0\t0\tROOT\tROOT\t_\t_
"""
CONLL_2012 = """#begin document (nw/port/00/port_0001); part 000
nw/port/00/port_0001   0   0    Mara    NNP  (TOP(S(NP*    -    -   -   -   (PERSON*    (ARG0*   (0
nw/port/00/port_0001   0   1    Lind    NNP          *)    -    -   -   -          *)        *)   0)
nw/port/00/port_0001   0   2     left   VBD      (VP*   leave   01   1   -           *     (V*)    -
nw/port/00/port_0001   0   3    Oslo    NNP    (NP*)))    -    -   -   -      (GPE*)   (ARG1*)    -

nw/port/00/port_0001   0   0    Rain    NN   (TOP(NP*))   -   -   -   -    *    -

#end document
"""
GERM_EVAL = """#\thttps://example.org/wiki/Ulm [2010-01-02]
1\tDas\tO\tO
2\tUlmer\tB-ORG\tB-LOCderiv
3\tTheater\tI-ORG\tO

#\thttps://example.org/wiki/Rain [2010-01-03]
1\tRegen\tO\tO
"""
MULTI_CONER = """# id 1f0e-77\tdomain=en

mara _ _ B-PER
lind _ _ I-PER
left _ _ O

# id 1f0e-78 domain=en
rain _ _ O
"""
WNUT = "@mara_l\tO\n#Oslo\tB-location\nrocks\tO\n\t\nso\tO\n#\tO\n1\tO\n"
U_PLUS = """# global.columns = ID FORM LEMMA UPOS PARSEME:MWE
# text = They gave up
1\tThey\tthey\tPRON\t*
2\tgave\tgive\tVERB\t1:VPC.full
3\tup\tup\tADP\t1

1-2\tdont\t_\t_\t_
1\tdo\tdo\tAUX\t_
2\tnt\tnot\tPART\t_
"""


def test_conll_2000(tmp_path: Path) -> None:
    columns = read(tmp_path, CONLL_2000)
    assert columns["words"] == [["Mara", "sells", "red", "boats", "."], ["She", "left"]]
    assert columns["tags"][1] == columns["column3"][1] == ["B-NP", "B-VP"]
    assert columns["pos"][0] == ["NNP", "VBZ", "JJ", "NNS", "."]
    assert notices(tmp_path, CONLL_2000) == ["columns: words 1, tags 3, pos 2 of 3"]


def test_conll_2003(tmp_path: Path) -> None:
    columns = read(tmp_path, CONLL_2003)
    assert columns["words"] == [["Mara", "left", "Oslo"], ["Rain"]]
    assert columns["tags"] == [["B-PER", "O", "B-LOC"], ["O"]]
    assert columns["pos"] == [["NNP", "VBD", "NNP"], ["NN"]]
    assert columns["column3"] == [["B-NP", "B-VP", "B-NP"], ["B-NP"]]


def test_sentences_without_an_entity(tmp_path: Path) -> None:
    """A test file in which no word is part of an entity has its tags where others have them."""
    text = CONLL_2003.replace("B-PER", "O").replace("B-LOC", "O")
    columns = read(tmp_path, text)
    assert columns["tags"] == columns["column4"] == [["O", "O", "O"], ["O"]]
    assert columns["pos"] == columns["column2"]
    columns = read(tmp_path, GERM_EVAL.replace("B-LOCderiv", "O"))
    assert columns["inner_tags"] == [["O", "O", "O"], ["O"]]


def test_a_document_begins_a_sentence(tmp_path: Path) -> None:
    text = "-DOCSTART-\tO\nMara\tB-PER\nleft\tO\n-DOCSTART-\tO\nRain\tO\n"
    assert read(tmp_path, text)["words"] == [["Mara", "left"], ["Rain"]]


def test_conll_2002_and_german(tmp_path: Path) -> None:
    columns = read(tmp_path, CONLL_2002)
    assert columns["tags"] == [["B-PER", "O", "O", "B-LOC", "O"]]
    german = read(tmp_path, CONLL_2003_GERMAN)
    assert german["pos"] == [["ART", "ADJA", "NN", "NE", "VVFIN", "$."]]
    assert german["tags"] == [["O", "O", "O", "I-LOC", "O", "O"]]


def test_conll_x(tmp_path: Path) -> None:
    columns = read(tmp_path, CONLL_X)
    assert columns["words"] == [["Boote", "fahren"], ["Ins", "Meer"]]
    assert columns["upos"] == [["N", "V"], [None, "N"]]
    assert columns["xpos"] == [["NN", "VVFIN"], [None, "NN"]]
    assert columns["lemmas"] == [["Boot", "fahren"], [None, "Meer"]]


def test_conll_x_with_spaces(tmp_path: Path) -> None:
    assert read(tmp_path, CONLL_X.replace("\t", "  ")) == read(tmp_path, CONLL_X)


def test_conll_2008_and_2009(tmp_path: Path) -> None:
    """The number of columns differs between sentences: one for each predicate."""
    columns = read(tmp_path, CONLL_2008)
    assert columns["words"] == [["Boats", "sail"], ["Rain"]]
    assert columns["pos"] == [["NNS", "VBP"], [None]]
    columns = read(tmp_path, CONLL_2009)
    assert columns["words"] == [["Boats", "sail"], ["Rain"]]
    assert columns["pos"] == [["NNS", "VBP"], ["NN"]]
    assert columns["ppos"] == [["NNS", "VBP"], [None]]


def test_conll_2012(tmp_path: Path) -> None:
    columns = read(tmp_path, CONLL_2012)
    assert columns["words"] == [["Mara", "Lind", "left", "Oslo"], ["Rain"]]
    assert columns["tags"] == [["B-PERSON", "I-PERSON", "O", "B-GPE"], ["O"]]
    assert columns["pos"] == [["NNP", "NNP", "VBD", "NNP"], ["NN"]]


def test_germ_eval(tmp_path: Path) -> None:
    columns = read(tmp_path, GERM_EVAL)
    assert columns["words"] == [["Das", "Ulmer", "Theater"], ["Regen"]]
    assert columns["tags"] == [["O", "B-ORG", "I-ORG"], ["O"]]
    assert columns["inner_tags"] == [["O", "B-LOCderiv", "O"], ["O"]]


def test_multi_coner(tmp_path: Path) -> None:
    columns = read(tmp_path, MULTI_CONER)
    assert columns["words"] == [["mara", "lind", "left"], ["rain"]]
    assert columns["tags"] == [["B-PER", "I-PER", "O"], ["O"]]
    assert "pos" not in columns
    assert "comments: 2 lines that begin with #" in notices(tmp_path, MULTI_CONER)


def test_wnut(tmp_path: Path) -> None:
    """Hashtags are words, and a line with a lone tab ends a sentence."""
    columns = read(tmp_path, WNUT)
    assert columns["words"] == [["@mara_l", "#Oslo", "rocks"], ["so", "#", "1"]]
    assert columns["tags"] == [["O", "B-location", "O"], ["O", "O", "O"]]
    assert notices(tmp_path, WNUT) == []


def test_conllu_plus(tmp_path: Path) -> None:
    for name in ("a.conll", "a.conllu", "a.cupt"):
        columns = read(tmp_path, U_PLUS, name)
        assert columns["words"] == [["They", "gave", "up"], ["do", "nt"]]
        assert columns["upos"] == [["PRON", "VERB", "ADP"], ["AUX", "PART"]]
        # "*" is a tag, "_" is none
        assert columns["parseme:mwe"] == [["*", "1:VPC.full", "1"], [None, None]]


def test_conllu_plus_without_words_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no column of the file holds the words") as caught:
        read(tmp_path, U_PLUS.replace("FORM", "WORD"))
    assert "FORM" in caught.value.remedy


def test_an_underscore_in_conllu(tmp_path: Path) -> None:
    """It means that nothing is annotated, except as a word and its lemma."""
    rest = "_\t0\troot\t_\t_"
    columns = read(tmp_path, f"1\t_\t_\tPUNCT\t_\t{rest}\n2\ta\t_\t_\tX\t{rest}\n", "a.conllu")
    assert columns["words"] == [["_", "a"]]
    assert columns["lemmas"] == [["_", None]]
    assert columns["upos"] == [["PUNCT", None]]
    assert columns["xpos"] == [[None, "X"]]


def test_an_underscore_in_other_files(tmp_path: Path) -> None:
    entities = "mara B-PER\nleft _\nnow O\n"
    assert read(tmp_path, entities)["tags"] == [["B-PER", None, "O"]]
    phones = "k _\nn N\no OW\n"  # silent letters
    assert read(tmp_path, phones)["tags"] == [["_", "N", "OW"]]


def test_numbers_before_words_and_one_tag(tmp_path: Path) -> None:
    text = "0 mara X\n1 left Y\n\n0 rain X\n"
    assert read(tmp_path, text) == {
        "words": [["mara", "left"], ["rain"]],
        "tags": [["X", "Y"], ["X"]],
    }
    # words that are numbers are no ids
    numbers = "1 CD B-NP\n2 CD I-NP\n\n2 CD B-NP\n7 CD I-NP\n"
    assert read(tmp_path, numbers)["words"] == [["1", "2"], ["2", "7"]]


def test_several_columns_of_which_none_is_clear(tmp_path: Path) -> None:
    columns = read(tmp_path, "boats NNS boat\nsail VBP sail\n")
    assert list(columns) == ["words", "column2", "column3"]


@pytest.mark.parametrize("separator", [" ", "\t", "  ", " \t "])
@pytest.mark.parametrize(
    "word", ["10\u00a0000", "a\u2009b", "x\u3000y", "\u200bz", "e\ufeff", "\u2028"]
)
def test_white_space_of_unicode_is_a_part_of_words(
    tmp_path: Path, word: str, separator: str
) -> None:
    columns = read(tmp_path, f"sold{separator}VERB\n{word}{separator}NUM\n")
    assert columns == {"words": [["sold", word]], "tags": [["VERB", "NUM"]]}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"sold{NBSP}VERB", "1 column instead of 2; the line holds U+00A0 (no-break space) at"),
        ("\u200b", "U+200B (zero width space) at character 1"),
        (f"a b{NBSP}c d", "3 columns instead of 2; the line holds U+00A0"),
        ("\x1fa b c", "U+001F at character 1"),
    ],
)
def test_a_message_shows_characters_that_nobody_sees(tmp_path: Path, line: str, shown: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, f"all DET\n{line}\n")
    assert shown in caught.value.cause
    assert "tabs between the columns" in caught.value.remedy
    assert caught.value.location.endswith("line 2")
    # the remedy is followed: tabs between the columns
    cells = line.replace(" ", "\t").split("\t")
    fixed = f"{''.join(cells[:-1]) or 'x'}\t{cells[-1]}"
    assert len(read(tmp_path, f"all DET\n{fixed}\n")["words"][0]) == 2


def test_a_word_with_a_space_needs_tabs(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="3 columns instead of 2") as caught:
        read(tmp_path, "so RB\nNew York NNP\n")
    assert "tabs between the columns where a word holds a space" in caught.value.remedy
    columns = read(tmp_path, "so\tRB\nNew York\tNNP\n")
    assert columns["words"] == [["so", "New York"]]


def test_spaces_at_the_ends_of_fields_are_not_read(tmp_path: Path) -> None:
    text = "so \tRB\nfar\t RB \n \t \nso\tRB\n"
    assert read(tmp_path, text) == {
        "words": [["so", "far"], ["so"]],
        "tags": [["RB", "RB"], ["RB"]],
    }


def test_an_empty_tag_is_none_and_an_empty_word_an_error(tmp_path: Path) -> None:
    assert read(tmp_path, "so\tx\tRB\nfar\tx\t\n")["tags"] == [["RB", None]]
    with pytest.raises(UserError, match="the word in column 1 is empty"):
        read(tmp_path, "so\tx\tRB\n\tx\tRB\n")


@pytest.mark.parametrize(
    "comment", ["# a comment", "#comment", "# newdoc", "# sent_id = 3", "# text = mara left town"]
)
@pytest.mark.parametrize("separator", [" ", "\t"])
def test_comments(tmp_path: Path, comment: str, separator: str) -> None:
    text = f"{comment}\nmara_X\nleft_Y\n\n{comment}\nrain_X\n".replace("_", separator)
    assert read(tmp_path, text)["words"] == [["mara", "left"], ["rain"]]


@pytest.mark.parametrize("word", ["#", "#rain", "#1"])
@pytest.mark.parametrize("separator", [" ", "\t"])
@pytest.mark.parametrize("tag", ["X", "O", "B-LOC"])
def test_hashtags(tmp_path: Path, word: str, separator: str, tag: str) -> None:
    lines = [f"{word}_{tag}", "left_O", "", "so_O", f"{word}_{tag}", "now_X"]
    columns = read(tmp_path, "\n".join(lines).replace("_", separator))
    assert columns["words"] == [[word, "left"], ["so", word, "now"]]


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


WEBANNO = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value


#Text=Mara left
1-1\t0-4\tMara\t*\tPER\t
1-2\t5-9\tleft\t_\t_\t

#Text=Rain
2-1\t10-14\tRain\t_\t_\t
"""


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
