from pathlib import Path

import pytest

from seqlab.data.reading.files import read_files
from seqlab.errors import UserError

ROWS = '{"text": "good", "label": 1}\n{"text": "bad", "label": 0}\n'


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize(
    ("content", "line"), [("null\n" + ROWS, 1), (" \n null" + ROWS, 2), (ROWS + "null\n", 3)]
)
def test_a_row_that_is_null_is_an_error(tmp_path: Path, name: str, content: str, line: int) -> None:
    """The library that reads the file would crash the process."""
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match="a row is null") as caught:
        read_files(tmp_path / name)
    assert caught.value.location == f"{tmp_path / name}, line {line}"


def test_null_in_a_document_is_a_value(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[\n{"text": "good",\n"label":\nnull}\n]')
    splits, _, _ = read_files(tmp_path / "a.json")
    assert splits["train"][0] == {"text": "good", "label": None}
