"""A file with random changes is either read completely or refused with a `SeqlabError`."""

from __future__ import annotations

import contextlib
import gc
import gzip
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import seqlab
from seqlab.cli.list import command as list_command
from seqlab.config.data_settings import DataSettings
from seqlab.config.document import read_config
from seqlab.config.run_config import RecipeRecord
from seqlab.data.reading.files import read_files
from seqlab.data.split import Split
from seqlab.errors import SeqlabError
from seqlab.runs.folder import RunFolder
from tests.mutations import (
    LINES,
    as_json,
    as_toml,
    changed,
    changed_bytes,
    changed_lines,
    changed_safetensors,
)

OPTIONS = {"data.rows": 200, "model.hidden_size": 4, "model.embedding_size": 4}
CONLLU = "# a\n" + "".join(
    "\t".join([n, f"w{n}", "l", "NOUN", "N", "_", "0", "root", "_", "_"]) + "\n"
    for n in ("1", "2-3", "2", "3", "3.1")
)
FILES = {
    "a.conllu": (CONLLU + "\n" + CONLLU).encode(),
    "a.tagged": b"a\tX\nb\tY\n\nc\tX\n",
    "a.txt": "one línea\nanother\r\n\n".encode() * 3,
    "a.csv": b'text,label\n"good, so",1\nbad,0\n',
    "a.tsv": b"text\tlabel\ngood\t1\nbad\t0\n",
    "a.jsonl": b'{"text": "good", "label": 1}\n{"text": "bad", "label": 0}\n',
}
SEPARATORS = {"a.txt": b" ", "a.csv": b",", "a.jsonl": b", "}
WHOLE = ("a.txt", "a.txt.gz")
CHEAP = ("a.conllu", "a.tagged", "a.conllu.gz", "a.tagged.gz", *WHOLE)
TABLES = ("a.csv", "a.tsv", "a.jsonl", "a.txt", "a.csv.gz")
CONFIGURATION = {
    "seed": 3,
    "device": "cpu",
    "smoke": False,
    "model": {"name": "lstm", "hidden_size": 8},
    "data": {"columns": {"a": "b"}, "source": "x"},
    "plugins": [{"name": "a.py", "sha256": "0" * 64}],
    "recipe": {"name": "r", "overridden": []},
}

LISTED = ("metrics", "baseline", "seconds", "finished")

many = settings(max_examples=120, deadline=30_000, suppress_health_check=list(HealthCheck))
some = settings(many, max_examples=60)
few = settings(many, max_examples=15)  # `datasets` needs 50 ms per file


@contextlib.contextmanager
def only_seqlab_errors() -> Iterator[None]:
    """Inside, errors have a cause, a location and a remedy."""
    try:
        yield
    except SeqlabError as error:
        assert error.cause
        assert error.location
        assert error.remedy


@st.composite
def data_files(draw: st.DrawFn, name: str) -> bytes:
    """A data file with changed lines, fields or bytes; a compressed one may be corrupt."""
    plain = name.removesuffix(".gz")
    content = draw(
        changed_lines(FILES[plain], SEPARATORS.get(plain, b"\t"))
        | changed_bytes(FILES[plain])
        | st.sampled_from(LINES)
    )
    if plain == name:
        return content
    return draw(st.just(gzip.compress(content)) | changed_bytes(gzip.compress(FILES[plain])))


def read(folder: Path, name: str, content: bytes, *, whole: bool = False) -> Split | None:
    """The only split of a file, read to its end; None if the file is refused."""
    path = folder / name
    path.write_bytes(content)
    with only_seqlab_errors():
        splits, _, _ = read_files(path, DataSettings(whole=whole))
        (split,) = splits.values()
        for batch in split.batches():
            json.dumps(batch, default=repr)
        return split
    return None


def content_of(path: Path) -> str:
    """The text of a file that was accepted; a compressed one may be unpacked under its name."""
    content = path.read_bytes()
    is_packed = content.startswith(b"\x1f\x8b")
    return (gzip.decompress(content) if is_packed else content).decode("utf-8-sig")


@pytest.mark.parametrize("name", CHEAP)
@many
@given(data=st.data())
def test_texts(tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject) -> None:
    """No line of an accepted file is lost."""
    folder = tmp_path_factory.getbasetemp()
    split = read(folder, name, data.draw(data_files(name)), whole=name in WHOLE)
    if split is None:
        return
    if name in WHOLE:
        (text,) = split.column("text")
        assert text == content_of(folder / name)
        return
    counts = [len(words) for words in split.column("words")]
    assert counts
    assert all(counts)
    assert len(split.column_names) > 1
    content = content_of(folder / name)
    lines = [line for line in re.split(r"\r\n|\r|\n", content) if line.strip()]
    if "conllu" in name:
        ids = [re.split("[\t ]", line)[0] for line in lines if line[0] != "#"]
        assert sum(counts) == sum("-" not in word_id and "." not in word_id for word_id in ids)
    else:
        words = sum(not line.startswith(("#", "-DOCSTART-")) for line in lines)
        comments = sum(line.startswith("#") for line in lines)  # or words, such as hashtags
        assert words <= sum(counts) <= words + comments


@pytest.fixture
def collected() -> Iterator[None]:
    """Close the files that `datasets` leaves open within the test that ignores the warning."""
    yield
    gc.collect()


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("collected")
@few
@given(data=st.data())
def test_tables(tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject) -> None:
    split = read(tmp_path_factory.getbasetemp(), name, data.draw(data_files(name)))
    assert split is None or not any(column.startswith("__") for column in split.column_names)


def train(folder: Path, tokenizer: str) -> Path:
    seqlab.run(
        task="sentiment",
        model="lstm",
        tokenizer=tokenizer,
        options={**OPTIONS, "train.save_steps": 1},
        smoke=True,
        out=folder,
    )
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("fuzz") / "run", "word")


@contextlib.contextmanager
def replaced(path: Path, content: bytes) -> Iterator[None]:
    """Inside, a file has different content."""
    original = path.read_bytes()
    try:
        path.write_bytes(content)
        yield
    finally:
        path.write_bytes(original)


def variants(path: Path) -> st.SearchStrategy[bytes]:
    """A file of a run with changed values or bytes."""
    content = path.read_bytes()
    if path.suffix == ".json":
        return changed(json.loads(content), as_json)
    if path.suffix == ".toml":
        return changed(tomllib.loads(content.decode()), as_toml)
    return changed_safetensors(content)


@pytest.mark.parametrize(
    "name", ["config.toml", "fitted.json", "tokenizers/text.json", "model.safetensors"]
)
@some
@given(data=st.data())
def test_a_run(run: Path, name: str, data: st.DataObject) -> None:
    with replaced(run / name, data.draw(variants(run / name))), only_seqlab_errors():
        loaded = seqlab.load(run, device="cpu")
        if name != "fitted.json":  # its changed columns do not fit these rows
            loaded.predict(["good", ""])


@pytest.mark.parametrize("tokenizer", ["char", "bpe"])
def test_tokenizers(tokenizer: str, tmp_path: Path) -> None:
    run = train(tmp_path / "run", tokenizer)

    @some
    @given(content=variants(run / "tokenizers" / "text.json"))
    def check(content: bytes) -> None:
        with replaced(run / "tokenizers" / "text.json", content), only_seqlab_errors():
            seqlab.load(run, device="cpu").predict(["good", ""])

    check()


@some
@given(data=st.data())
def test_the_provenance_of_a_run(run: Path, data: st.DataObject) -> None:
    expected = RunFolder(run).read_provenance()
    with (
        replaced(run / "provenance.json", data.draw(variants(run / "provenance.json"))),
        only_seqlab_errors(),
    ):
        json.dumps(RunFolder(run).read_provenance().differences(expected))


@pytest.mark.parametrize("name", ["config.toml", "result.json"])
@some
@given(data=st.data())
def test_a_list_of_runs(run: Path, name: str, data: st.DataObject) -> None:
    content = variants(run / name)
    if name == "result.json":  # most of it is not listed
        result = json.loads((run / name).read_bytes())
        content |= changed({key: result[key] for key in LISTED}, as_json)
    with replaced(run / name, data.draw(content)):
        for options in ([], ["--json"]):
            shown = CliRunner().invoke(list_command, ["runs", str(run), *options])
            assert shown.exit_code == 0, shown.exception


@settings(many, max_examples=400)
@given(content=changed(CONFIGURATION, as_toml))
def test_a_configuration(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "a.toml"
    path.write_bytes(content)
    with only_seqlab_errors():
        config = read_config(path)
        assert isinstance(config.seed, int)
        assert isinstance(config.device, str)
        assert isinstance(config.recipe, RecipeRecord | None)
        assert tomllib.loads(config.to_toml())
