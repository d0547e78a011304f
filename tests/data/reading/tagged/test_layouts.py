from __future__ import annotations

from pathlib import Path

import pytest

from seqlab.errors import UserError
from tests.data.reading.tagged.files import (
    CONLL_2000,
    CONLL_2002,
    CONLL_2003,
    CONLL_2003_GERMAN,
    CONLL_2008,
    CONLL_2009,
    CONLL_2012,
    CONLL_X,
    GERM_EVAL,
    MULTI_CONER,
    NBSP,
    U_PLUS,
    WNUT,
    notices,
    read,
)


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
