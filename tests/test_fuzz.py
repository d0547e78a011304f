"""Files that were changed anywhere give what they hold or an error of ours, and nothing else."""

from __future__ import annotations

import gc
import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import seqlab
from seqlab.config import read_toml
from seqlab.data.files import read_files
from seqlab.errors import SeqlabError
from seqlab.runs import runs_in

OPTIONS = {"data.rows": 200, "model.hidden_size": 4, "model.embedding_size": 4}
CONLLU = "# a\n" + "\n".join(
    "\t".join([str(n + 1), f"w{n}", "l", "NOUN", "N", "_", "0", "root", "_", "_"]) for n in range(3)
)
FILES = {
    "a.conllu": CONLLU.encode(),
    "a.tagged": b"a\tX\nb\tY\n\nc\tX\n",
    "a.txt.gz": gzip.compress(b"one line\nanother\n" * 3),
    "a.conllu.gz": gzip.compress(CONLLU.encode()),
    "a.csv": b'text,label\n"good, so",1\nbad,0\n',
    "a.jsonl": b'{"text": "good", "label": 1}\n{"text": "bad", "label": 0}\n',
}
CHEAP = [name for name in FILES if "conllu" in name or "tagged" in name]

Change = tuple[str, int, bytes]
CHANGES: st.SearchStrategy[list[Change]] = st.lists(
    st.tuples(
        st.sampled_from(["put", "insert", "cut", "end", "again"]),
        st.integers(0, 1 << 16),
        st.one_of(
            st.binary(min_size=1, max_size=4),
            st.sampled_from(
                [b"null", b"-1", b"[", b"{", b'"', b"\n", b"\t", b"1e999", b"NaN", b""]
            ),
        ),
    ),
    min_size=1,
    max_size=4,
)


def mutated(content: bytes, changes: list[Change]) -> bytes:
    for kind, where, what in changes:
        place = where % (len(content) + 1)
        if kind == "put":
            content = content[:place] + what + content[place + len(what) :]
        elif kind == "insert":
            content = content[:place] + what + content[place:]
        elif kind == "cut":
            content = content[:place] + content[place + 1 + len(what) :]
        elif kind == "end":
            content = content[:place]
        else:
            content += content[place:]
    return content


few = settings(max_examples=150, suppress_health_check=list(HealthCheck))
fewer = settings(few, max_examples=15)


def _read(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.write_bytes(content)
    try:
        parts, _ = read_files(path)
        for part in parts.values():
            list(part.batches())
    except SeqlabError as error:
        assert error.cause
        assert error.place
        assert error.remedy


@pytest.mark.parametrize("name", CHEAP)
@few
@given(CHANGES)
def test_sentences(
    tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[Change]
) -> None:
    _read(tmp_path_factory.getbasetemp(), name, mutated(FILES[name], changes))


@pytest.fixture
def collected() -> Iterator[None]:
    """Files that `datasets` leaves open are closed within the test that ignores it."""
    yield
    gc.collect()


@pytest.mark.parametrize("name", [name for name in FILES if name not in CHEAP])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("collected")
@fewer
@given(CHANGES)
def test_tables(tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[Change]) -> None:
    _read(tmp_path_factory.getbasetemp(), name, mutated(FILES[name], changes))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz") / "run"
    seqlab.run(task="sentiment", model="lstm", options=OPTIONS, smoke=True, out=folder)
    return folder


@pytest.mark.parametrize(
    "name", ["config.toml", "fitted.json", "tokenizers/text.json", "model.safetensors"]
)
@settings(few, max_examples=60)
@given(changes=CHANGES)
def test_a_run(run: Path, name: str, changes: list[Change]) -> None:
    good = (run / name).read_bytes()
    try:
        (run / name).write_bytes(mutated(good, changes))
        seqlab.load(run)
    except SeqlabError as error:
        assert error.cause
    finally:
        (run / name).write_bytes(good)


@pytest.mark.parametrize("name", ["config.toml", "result.json"])
@few
@given(changes=CHANGES)
def test_a_list_of_runs(run: Path, name: str, changes: list[Change]) -> None:
    other = run.parent / "listed"
    shutil.copytree(run, other, dirs_exist_ok=True)
    (other / name).write_bytes(mutated((run / name).read_bytes(), changes))
    (record,) = runs_in(other)
    json.dumps(record)


@few
@given(CHANGES)
def test_a_configuration(tmp_path_factory: pytest.TempPathFactory, changes: list[Change]) -> None:
    path = tmp_path_factory.getbasetemp() / "a.toml"
    path.write_bytes(
        mutated(b"seed = 3\n[model]\nname = 'lstm'\n[data.columns]\na = 'b'\n", changes)
    )
    try:
        read_toml(path)
    except SeqlabError as error:
        assert error.cause
