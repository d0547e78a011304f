from __future__ import annotations

import math
from pathlib import Path

import pytest

from seqlab.data.reading.records.arff import arff_rows
from seqlab.data.reading.records.series_files import SeriesNotes, ts_rows
from seqlab.errors import UserError
from seqlab.types import Row


def ts(text: str, notes: SeriesNotes | None = None) -> list[Row]:
    return list(ts_rows(enumerate(text.split("\n"), 1), "a.ts", notes or SeriesNotes()))


def arff(text: str, notes: SeriesNotes | None = None) -> list[Row]:
    return list(arff_rows(enumerate(text.split("\n"), 1), "a.arff", notes or SeriesNotes()))


def test_series_with_one_channel() -> None:
    text = "# note\n@problemName A\n@classLabel true 1 2\n@data\n1,2.5,-3e1:1\n\n# x\n4,5:2\n"
    assert ts(text) == [
        {"series": [1, 2.5, -30], "label": "1"},
        {"series": [4, 5], "label": "2"},
    ]


def test_series_with_several_channels_are_lists_of_steps() -> None:
    text = "@dimensions 2\n@classLabel true a\n@DATA\n1,2,3:4,5,6:a"
    assert ts(text) == [{"series": [[1, 4], [2, 5], [3, 6]], "label": "a"}]


def test_series_without_classes_and_with_target_values() -> None:
    assert ts("@classLabel false\n@data\n1,2") == [{"series": [1, 2]}]
    assert ts("@targetLabel true\n@data\n1,2:0.5\n3:?")[0] == {"series": [1, 2], "label": 0.5}


def test_series_with_times() -> None:
    text = "@timestamps true\n@classLabel true x\n@data\n(2020-01-01 00:10:00,1),(2,2.5):x"
    assert ts(text) == [{"series": [1, 2.5], "label": "x"}]


def test_padding_is_taken_off_and_counted_and_gaps_stay() -> None:
    notes = SeriesNotes()
    rows = ts("@classLabel true a\n@data\n1,?,3,NaN,?:a\n1,2,3,4,5:a", notes)
    assert notes.padded == 1
    first = rows[0]["series"]
    assert (first[0], first[2], len(first)) == (1, 3, 3)
    assert math.isnan(first[1])
    both = ts("@classLabel true a\n@data\n1,2,?:4,5,?:a")
    assert both == [{"series": [[1, 4], [2, 5]], "label": "a"}]


@pytest.mark.parametrize(
    ("text", "cause", "line"),
    [
        ("@classLabel true a\n1,2:a\n", "before '@data'", 2),
        ("@classLabel true a\n", "no line '@data'", 0),
        ("@classLabel\n@data\n1:a", "true or false", 1),
        ("@classLabel true a\n@data\n1,x:a", "not a number: 'x'", 3),
        ("@classLabel true a b\n@data\n1,2:a\n1,2:c", "the class 'c' is not among", 4),
        ("@classLabel true a\n@data\n1,2:a\n1:2:a", "2 channels instead of 1", 4),
        ("@classLabel true a\n@data\n1,2,3", "no class", 3),
        ("@classLabel true a\n@data\n1,2:3:a", "unequal lengths: 2, 1", 3),
        ("@timeStamps true\n@classLabel true a\n@data\n1,2:a", "pairs", 4),
    ],
)
def test_a_line_that_is_not_a_series_is_named(text: str, cause: str, line: int) -> None:
    with pytest.raises(UserError) as caught:
        ts(text)
    assert cause in caught.value.cause
    assert caught.value.location == ("a.ts" + f", line {line}" * bool(line))


UCR = """% comment
@relation Example
@attribute att1 numeric
@attribute 'att2' REAL
@attribute target {1,2}
@data
0.5, 1,1
? ,2,2
1,?,1
"""


def test_numbered_attributes_are_a_series() -> None:
    notes = SeriesNotes()
    rows = arff(UCR, notes)
    assert rows[0] == {"series": [0.5, 1], "label": "1"}
    assert math.isnan(rows[1]["series"][0])
    assert rows[2] == {"series": [1], "label": "1"}
    assert notes.padded == 1


def test_a_relation_is_a_series_of_channels() -> None:
    text = (
        "@relation Motions\n@attribute rel relational\n@attribute t0 numeric\n"
        "@attribute t1 numeric\n@end rel\n@attribute class {a,b}\n@data\n'1,2\\n3,4',a\n"
        '"5,6\\n7,8",b\n'
    )
    assert arff(text) == [
        {"series": [[1, 3], [2, 4]], "label": "a"},
        {"series": [[5, 7], [6, 8]], "label": "b"},
    ]


def test_other_attributes_are_columns() -> None:
    text = (
        "@RELATION x\n@ATTRIBUTE 'a text' string\n@ATTRIBUTE age numeric\n"
        "@ATTRIBUTE class {'very good', bad}\n@DATA\n'it\\'s, so',3,'very good'\n"
        '"he said ""no""",?,bad\n'.replace('""', '\\"')
    )
    rows = arff(text)
    assert rows[0] == {"a text": "it's, so", "age": 3, "class": "very good"}
    assert rows[1]["a text"] == 'he said "no"'


def test_attributes_that_are_not_numbered_stay_columns() -> None:
    text = (
        "@relation iris\n@attribute sepallength real\n@attribute sepalwidth real\n"
        "@attribute class {a}\n@data\n5.1,3.5,a\n"
    )
    assert arff(text) == [{"sepallength": 5.1, "sepalwidth": 3.5, "class": "a"}]


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("1,2", "2 values instead of 3"),
        ("1,x,1", "not a number: 'x'"),
        ("1,2,3", "'3' is not a class of attribute 'target'"),
        ("'1,2,1", "a quote is not closed"),
        ("{0 1, 2 2}", "sparse"),
    ],
)
def test_a_line_that_does_not_fit_is_named(line: str, cause: str) -> None:
    with pytest.raises(UserError) as caught:
        arff(UCR + line)
    assert cause in caught.value.cause
    assert caught.value.location == "a.arff, line 10"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("@relation x\n@attribute a\n@data\n", "a name and a type"),
        ("@relation x\n@attribute a complex\n@data\n", "unknown type"),
        ("@relation x\n@attribute a real\n@attribute a real\n@data\n", "the name 'a'"),
        ("@relation x\n@data\n", "no '@attribute'"),
        ("@relation x\n@attribute a real\n", "no line '@data'"),
        ("so\n", "is not an attribute"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(text: str, cause: str) -> None:
    with pytest.raises(UserError, match=cause):
        arff(text)


@pytest.mark.parametrize(
    ("name", "count", "classes", "lengths"),
    [
        ("ArrowHead_TRAIN.ts", 36, 3, {251}),
        ("BasicMotions_TRAIN.ts", 40, 4, {100}),
        ("ItalyPowerDemand_TEST.ts", 1029, 2, {24}),
        ("PickupGestureWiimoteZ_TEST.ts", 50, 10, None),
    ],
)
def test_real_series(
    shared_data: Path, name: str, count: int, classes: int, lengths: set[int] | None
) -> None:
    rows = ts((shared_data / "series" / name).read_text(encoding="utf-8"))
    assert len(rows) == count
    assert len({row["label"] for row in rows}) == classes
    if lengths:
        assert {len(row["series"]) for row in rows} == lengths
    if name.startswith("Basic"):
        assert {len(step) for row in rows for step in row["series"]} == {6}
