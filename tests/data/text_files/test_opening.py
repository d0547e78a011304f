from pathlib import Path

import pytest

from seqlab.data.text_files.opening import open_text
from seqlab.errors import UserError

TEXTS = {
    "cp1252": "pay £{i} now, it’s a café in Zürich",
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy, řekl {i}",
    "cp1251": "Это очень хороший фильм, номер {i}",
    "cp932": "これはとても面白い映画です、第{i}回",
    "gb18030": "这部电影非常好看，我看了{i}遍",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_the_encoding_that_the_error_names_reads_the_text(encoding: str, tmp_path: Path) -> None:
    text = "".join(TEXTS[encoding].format(i=number) + "\n" for number in range(60))
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(UserError, match="not UTF-8") as caught, open_text(path) as file:
        file.read()
    named = caught.value.remedy.partition("data.encoding=")[2].partition(";")[0]
    with open_text(path, named) as file:
        assert file.read() == text
    assert f"{path}, line 1" in caught.value.location


def test_real_bytes_of_windows(shared_data: Path) -> None:
    path = shared_data / "messy" / "sms_spam.csv"
    with pytest.raises(UserError, match="not UTF-8") as caught, open_text(path) as file:
        file.read()
    assert "data.encoding=cp1252" in caught.value.remedy
