from __future__ import annotations

import pytest

from seqlab import UserError
from seqlab.options import options_of, validate
from seqlab_chars.strings import String, Strings


@pytest.mark.parametrize(
    ("string", "row"),
    [
        ("hihell", {"text": "hihell", "target": "ihello"}),
        ("hello", {"text": "hello", "target": "ohlol"}),
        ("hello world", {"text": "hello world"}),
    ],
)
def test_every_split_is_the_string(string: String, row: dict[str, str]) -> None:
    splits = Strings(string).load()
    assert list(splits) == ["train", "validation", "test"]
    for name, split in splits.items():
        assert split.name == name
        assert [split[index] for index in range(len(split))] == [row]
    assert len(row.get("target", row["text"])) == len(row["text"])


def test_options() -> None:
    options = options_of(Strings)
    assert validate("data", {}, options) == {"string": "hihell"}
    with pytest.raises(UserError, match="did you mean 'hello'"):
        validate("data", {"string": "helo"}, options)
