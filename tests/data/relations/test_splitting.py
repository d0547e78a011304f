from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from seqlab.data.decisions import notices_of
from seqlab.data.relations.splitting import complete_splits, cut_text, take
from seqlab.data.split import Split
from seqlab.errors import UserError


def split(labels: Sequence[object], name: str = "train") -> Split:
    return Split(name, {"row": list(range(len(labels))), "label": labels}, "here")


def rows(data: Split) -> list[int]:
    return list(data.column("row"))


def test_existing_splits_are_kept() -> None:
    splits = {name: split([0], name) for name in ("train", "validation", "test")}
    assert complete_splits(splits, stratify=None, seed=0) == (splits, [])


def test_a_single_row_is_counted_in_the_singular() -> None:
    _, decisions = complete_splits({"train": split([0] * 10)}, stratify=None, seed=0)
    assert str(decisions[0]) == "validation: 1 row split off the training split"


def test_missing_splits_are_created() -> None:
    splits, decisions = complete_splits({"train": split([0] * 100)}, stratify=None, seed=0)
    assert {name: len(data) for name, data in splits.items()} == {
        "train": 80,
        "validation": 10,
        "test": 10,
    }
    assert sorted(row for data in splits.values() for row in rows(data)) == list(range(100))
    assert splits["test"].name == "test"
    assert notices_of(decisions) == [
        "validation: 10 rows split off the training split",
        "test: 10 rows split off the training split",
        "train: 80 of 100 rows left",
    ]


def test_only_needed_splits_are_created() -> None:
    existing = {"train": split([0] * 100), "test": split([0] * 5, "test")}
    splits, _ = complete_splits(existing, stratify=None, seed=0, fraction=0.2)
    assert {name: len(data) for name, data in splits.items()} == {
        "train": 80,
        "test": 5,
        "validation": 20,
    }
    splits, _ = complete_splits({"train": split([0] * 100)}, stratify=None, seed=0, need_test=False)
    assert set(splits) == {"train", "validation"}


def test_proportions_of_labels_are_preserved() -> None:
    labels = ["a"] * 500 + ["b"] * 300 + ["c"] * 35 + ["d"]
    splits, _ = complete_splits({"train": split(labels)}, stratify="label", seed=3)
    for name in ("validation", "test"):
        counts = Counter(splits[name].column("label"))
        assert abs(counts["a"] - 50) <= 1
        assert abs(counts["b"] - 30) <= 1
        assert abs(counts["c"] - 3.5) <= 1
        assert "d" not in counts
    assert Counter(splits["train"].column("label"))["d"] == 1


def test_rare_labels_do_not_distort_the_last_label() -> None:
    labels = [f"rare {number}" for number in range(90)] + ["z"] * 50
    splits, _ = complete_splits({"train": split(labels)}, stratify="label", seed=0)
    assert len(splits["validation"]) == len(splits["test"]) == 5


def test_the_seed_determines_the_rows() -> None:
    existing = {"train": split([0, 1] * 50)}

    def drawn(seed: int) -> list[int]:
        return rows(complete_splits(existing, stratify="label", seed=seed)[0]["test"])

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_each_split_of_small_data_has_a_row() -> None:
    splits, _ = complete_splits({"train": split([0, 1] * 3)}, stratify="label", seed=0)
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [4, 1, 1]


def test_too_few_rows_are_an_error() -> None:
    with pytest.raises(UserError, match="5 training rows are too few") as caught:
        complete_splits({"train": split([0] * 5)}, stratify=None, seed=0)
    assert "6 at least" in caught.value.remedy
    with pytest.raises(UserError, match="almost every value of 'label' occurs only once"):
        complete_splits({"train": split(list(range(50)))}, stratify="label", seed=0)


def test_data_that_cannot_be_split() -> None:
    with pytest.raises(UserError, match="unknown column 'lable'"):
        complete_splits({"train": split([0] * 50)}, stratify="lable", seed=0)
    with pytest.raises(UserError, match="no training split"):
        complete_splits({"test": split([0] * 50)}, stratify=None, seed=0)
    with pytest.raises(UserError, match=r"fraction of 0\.5 for each of 2"):
        complete_splits({"train": split([0] * 50)}, stratify=None, seed=0, fraction=0.5)


def test_take_shuffles_and_truncates() -> None:
    splits = take({"train": split([0] * 100), "test": split([0] * 3, "test")}, 10)
    assert len(set(rows(splits["train"]))) == 10
    assert rows(splits["train"]) != list(range(10))
    assert rows(splits["test"]) == [0, 1, 2]
    assert rows(take({"train": split([0] * 100)}, 10)["train"]) == rows(splits["train"])
    with pytest.raises(UserError, match="limit of 0"):
        take({}, 0)


def test_a_table_on_disk_is_split() -> None:
    import datasets

    table = datasets.Dataset.from_dict({"row": list(range(40)), "label": [0, 1] * 20})
    splits, _ = complete_splits({"train": Split("train", table, "hub")}, stratify="label", seed=0)
    assert sorted(row for data in splits.values() for row in rows(data)) == list(range(40))
    assert len(take(splits, 5)["train"]) == 5


def test_the_test_split_may_have_a_different_size() -> None:
    splits, _ = complete_splits(
        {"train": split([0, 1] * 50)}, stratify="label", seed=0, fraction=0.1, test_fraction=0.2
    )
    assert [len(splits[name]) for name in ("train", "validation", "test")] == [70, 10, 20]
    assert set(Counter(splits["test"].column("label")).values()) == {10}


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_series_is_split_in_order(on_disk: bool) -> None:
    series = split([0] * 20)
    if on_disk:
        import datasets

        series = Split("train", datasets.Dataset.from_dict({"row": list(range(20))}), "hub")
    splits, decisions = complete_splits(
        {"train": series}, stratify=None, seed=0, test_fraction=0.2, ordered=True
    )
    assert rows(splits["train"]) == list(range(14))
    assert rows(splits["validation"]) == [14, 15]
    assert rows(splits["test"]) == [16, 17, 18, 19]
    assert splits["test"].before is splits["validation"]
    assert splits["validation"].before is splits["train"]
    assert splits["train"].before is None
    assert [split.name for split in splits.values()] == ["train", "validation", "test"]
    assert notices_of(decisions) == [
        "validation: rows 15 to 16 of 20, in order",
        "test: rows 17 to 20 of 20, in order",
        "train: the 14 rows before",
    ]


def test_a_series_with_an_existing_test_split() -> None:
    existing = {"train": split([0] * 20), "test": split([0] * 5, "test")}
    splits, _ = complete_splits(existing, stratify=None, seed=0, ordered=True)
    assert rows(splits["validation"]) == [18, 19]
    assert rows(splits["train"]) == list(range(18))
    assert splits["test"] is existing["test"]  # its distance from the training split is not known
    assert splits["test"].before is None
    with pytest.raises(UserError, match="too few"):
        complete_splits({"train": split([0] * 5)}, stratify=None, seed=0, ordered=True)


def text_split(*texts: str, name: str = "train") -> Split:
    return Split(name, {"text": list(texts)}, "here")


def texts_of(splits: dict[str, Split]) -> dict[str, list[str]]:
    return {name: list(split.column("text")) for name, split in splits.items()}


def test_a_single_text_is_split_by_position() -> None:
    splits, decisions = cut_text({"train": text_split("0123456789")}, "text")
    assert texts_of(splits) == {"train": ["012345678"], "validation": ["9"], "test": ["9"]}
    assert [split.name for split in splits.values()] == list(splits)
    assert notices_of(decisions[:2]) == [
        "train: characters 1 to 9 of 10",
        "validation: characters 10 to 10 of 10",
    ]
    assert "data.test_fraction" in str(decisions[2])


def test_a_single_text_with_a_separate_test_split() -> None:
    splits, decisions = cut_text({"train": text_split("0123456789")}, "text", 0.2, 0.1)
    assert texts_of(splits) == {"train": ["0123456"], "validation": ["78"], "test": ["9"]}
    assert len(decisions) == 3


def test_only_missing_splits_are_cut_off_a_text() -> None:
    test = text_split("end", name="test")
    splits, _ = cut_text({"train": text_split("0123456789"), "test": test}, "text")
    assert texts_of(splits) == {"train": ["012345678"], "validation": ["9"], "test": ["end"]}
    whole = {"train": text_split("0123456789"), "validation": test}
    assert texts_of(cut_text(whole, "text")[0])["test"] == ["end"]


def test_several_texts_are_not_split() -> None:
    splits = {"train": text_split("01", "23")}
    assert cut_text(splits, "text") == (splits, [])


def test_a_test_split_that_equals_the_validation_split_has_the_same_rows() -> None:
    train = Split("train", {"text": ["abcdefghij" * 9]}, "here")
    splits, _ = cut_text({"train": train}, "text")
    assert splits["test"].name == "test"
    assert splits["test"].is_same(splits["validation"])
    assert not splits["test"].is_same(splits["train"])
