"""A run's folder from a stranger: whatever is planted in it is refused, and no code of it runs."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import seqlab
from seqlab.errors import UserError
from seqlab.runs.listing import runs_in

ROOT = Path(__file__).parents[2]
OPTIONS = {"data.rows": 200, "model.hidden_size": 4, "model.embedding_size": 4}
NAMES = ("config.toml", "fitted.json", "tokenizers/text.json", "model.safetensors")
PLUGIN = """
import seqlab
from seqlab_recurrent.lstm import LSTM

class Mine(LSTM):
    '''Mine.'''

@seqlab.hookimpl
def register_layers(register):
    register("mine", Mine)
"""


class Evil:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return Path.touch, (Path(os.environ["PLANTED"]),)  # type: ignore[return-value]


@pytest.fixture(scope="module")
def benign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benign") / "run"
    seqlab.run(task="sentiment", model="lstm", options=OPTIONS, smoke=True, out=folder)
    return folder


@pytest.fixture
def run(benign: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(benign, tmp_path / "run"))


def refused(run: Path, *causes: str) -> None:
    with pytest.raises(UserError) as caught:
        seqlab.load(run)
    assert any(cause in caught.value.cause for cause in causes), str(caught.value)
    assert caught.value.location
    assert caught.value.remedy


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_under_any_name(
    run: Path, name: str, protocol: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLANTED", str(tmp_path / "planted"))
    (run / name).write_bytes(pickle.dumps(Evil(), protocol))
    refused(run, "not TOML", "cannot be read", "not UTF-8")
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize("name", ["result.json", "config.toml"])
def test_a_pickle_in_a_list_of_runs(run: Path, name: str) -> None:
    (run / name).write_bytes(pickle.dumps(Evil.__name__, 0))
    (record,) = runs_in(run.parent) if name != "config.toml" else runs_in(run)
    assert record["state"] == "broken"


def test_a_header_of_10_gb(run: Path) -> None:
    with (run / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", 10 << 30))
        file.truncate(20 << 30)  # takes no room
    refused(run, "cannot be read")


@pytest.mark.parametrize("depth", [100, 100_000])
def test_deep_files(run: Path, depth: int) -> None:
    good = (run / "config.toml").read_text()
    (run / "config.toml").write_text(good + "\nx = " + "[" * depth + "]" * depth)
    refused(run, "deep")
    (run / "config.toml").write_text(good)
    (run / "fitted.json").write_text('{"format": 1, "a": ' + "[" * depth + "]" * depth + "}")
    refused(run, "deep")


@pytest.mark.parametrize("name", [*NAMES, "tokenizers", "checkpoints", "metrics.jsonl", "odd"])
def test_a_link_out_of_the_folder(run: Path, tmp_path: Path, name: str) -> None:
    if (run / name).exists():
        (run / name).rename(tmp_path / "outside")
    (run / name).symlink_to(tmp_path / "outside")
    refused(run, "link out of the folder", "is no run")
    with pytest.raises(UserError):
        seqlab.run(resume=run)


@pytest.mark.parametrize("location", ["step-000000001", "step-000000001/state.json", "odd"])
def test_a_link_out_of_the_folder_among_its_checkpoints(
    run: Path, tmp_path: Path, location: str
) -> None:
    path = run / "checkpoints" / location
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "outside")
    refused(run, "link out of the folder")
    with pytest.raises(UserError, match="link out of the folder"):
        seqlab.run(resume=run)


@pytest.mark.parametrize(
    ("was", "now", "cause"),
    [
        ("hidden_size = 4", "hidden_size = 1000000000", "does not fit"),
        ("hidden_size = 4", "hidden_size = 50000", "weights cannot be read"),
        ("hidden_size = 4", "hidden_size = 99999999999999999999", "does not fit"),
        ("num_layers = 1", "num_layers = 1000000000", "num_layers takes int"),
        ("num_layers = 1", "num_layers = 3", "weights cannot be read"),
    ],
)
def test_absurd_sizes_take_no_memory(run: Path, was: str, now: str, cause: str) -> None:
    config = (run / "config.toml").read_text()
    assert was in config
    (run / "config.toml").write_text(config.replace(was, now))
    refused(run, cause)


@pytest.mark.parametrize(
    "name", ["../evil.py", "/tmp/evil.py", "a\\\\b.py", "evil", "evil.py\\n", "evil.so", ""]
)
def test_a_path_in_a_configuration(run: Path, name: str) -> None:
    with (run / "config.toml").open("a") as file:
        file.write(f'\n[[plugins]]\nname = "{name}"\nsha256 = "{"0" * 64}"\n')
    refused(run, "is not the file of a plugin")


@pytest.mark.parametrize("plugins", ["3", "'a.py'", "[1]", "[{name = 'a.py'}]", "[{name = 1}]"])
def test_plugins_that_are_none(run: Path, plugins: str) -> None:
    path = run / "config.toml"
    path.write_text(f"plugins = {plugins}\n" + path.read_text())
    refused(run, "'plugins' is not a list")


@pytest.mark.parametrize("section", ["model", "task", "tokenizer"])
@pytest.mark.parametrize("name", ["os:system", "evil", "../evil.py", "evil:Layer"])
def test_code_named_in_a_configuration(run: Path, section: str, name: str) -> None:
    (run / "evil.py").write_text("raise SystemExit('imported')")
    config = (run / "config.toml").read_text()
    start = config.index(f"[{section}]\nname = ")
    end = config.index("\n", start + len(section) + 4)
    planted = f"[{section}]\nname = '{name}'"
    (run / "config.toml").write_text(config[:start] + planted + config[end:])
    refused(run, f"unknown {section}")


@pytest.fixture(scope="module")
def with_plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "mylayer.py").write_text(PLUGIN)
    seqlab.run(
        task="sentiment",
        model="mine",
        options=OPTIONS,
        plugins=[folder / "mylayer.py"],
        smoke=True,
        out=folder / "run",
    )
    return folder


def test_a_run_says_which_plugin_it_needs(with_plugin: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(with_plugin / "run", tmp_path / "run"))
    digest = hashlib.sha256(PLUGIN.encode()).hexdigest()
    shutil.copy(with_plugin / "mylayer.py", run)  # beside it: not taken
    with pytest.raises(UserError, match=rf"needs mylayer.py \(sha256 {digest[:12]}") as caught:
        seqlab.load(run)
    assert caught.value.remedy == "add --plugin PATH/mylayer.py"
    assert seqlab.load(run, plugins=[with_plugin / "mylayer.py"]).predict(["good"])


def test_another_file_is_not_imported(with_plugin: Path, tmp_path: Path) -> None:
    (tmp_path / "mylayer.py").write_text(PLUGIN + f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(UserError, match="not the file"):
        seqlab.load(with_plugin / "run", plugins=[tmp_path / "mylayer.py"])
    assert not (tmp_path / "ran").exists()


def test_a_compiled_file_beside_it_is_not_taken(with_plugin: Path, tmp_path: Path) -> None:
    import importlib.util
    import py_compile

    path = tmp_path / "mylayer.py"
    ran = tmp_path / "ran"
    evil = PLUGIN + f"\nopen({str(ran)!r}, 'w')\n"
    path.write_text(evil)
    compiled = py_compile.compile(
        str(path), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    assert compiled == importlib.util.cache_from_source(str(path))
    path.write_text(PLUGIN)
    assert seqlab.load(with_plugin / "run", plugins=[path]).predict(["good"])
    assert not ran.exists()


def test_no_code_is_loaded_with_a_run(benign: Path, run: Path, tmp_path: Path) -> None:
    """Nothing is imported, compiled, executed, unpickled or opened outside of the folder."""
    evil = f"open({str(tmp_path / 'ran')!r}, 'w')"
    for name in ("evil.py", "seqlab.py", "torch.py", "sitecustomize.py", "conftest.py", "lstm.py"):
        (run / name).write_text(evil)
    (run / "model.pt").write_bytes(pickle.dumps(Evil.__name__))
    with (run / "config.toml").open("a") as file:
        file.write(
            "\n[recipe]\nname = 'evil'\noverridden = ['__import__(\"evil\")']\nexpected = []\n"
        )
    config = (run / "config.toml").read_text()
    config = config.replace('vectors = "none"', 'vectors = "/etc/passwd"')
    config = config.replace('init_from = "none"', 'init_from = "/etc/shadow"')
    assert "/etc/passwd" in config
    assert "/etc/shadow" in config
    (run / "config.toml").write_text(config)
    state = json.loads((run / "result.json").read_text())
    (run / "result.json").write_text(json.dumps({**state, "run": "__import__('evil')"}))
    done = subprocess.run(
        [sys.executable, "-m", "tests.audited", str(benign), str(run)],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "loaded\n"
    assert not (tmp_path / "ran").exists()


def test_the_working_folder_is_not_searched_for_modules(run: Path, tmp_path: Path) -> None:
    for name in ("torch.py", "click.py", "numpy.py", "json.py"):
        (run / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    done = subprocess.run(
        [sys.executable, "-m", "seqlab", "list", "models"],
        cwd=run,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()
