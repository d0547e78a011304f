"""A user's mistakes: each gets cause, place and remedy, status 2, and leaves nothing behind."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import MAIN, SMALL, call

FILES = {
    "broken.toml": "[model\nname = 'lstm'",
    "empty.csv": "",
    "one.csv": "text,label\n" + "good,yes\n" * 20,
    "odd.csv": "words,kind\n" + "good,yes\nbad,no\n" * 20,
    "few.csv": "text,label\ngood,yes\nbad,no\n",
    "header.csv": "text,label\n",
    "broken.jsonl": '{"text": "good", "label": 1}\n{"text": \n',
    "numbers.jsonl": '{"text": 1, "label": 1}\n{"text": 2, "label": 0}\n' * 20,
    "good.csv": "text,label\n" + "good,yes\nbad,no\n" * 20,
    "data.xyz": "what is this",
    "section.toml": "[modle]\nname = 'lstm'",
    "option.toml": "[model]\nname = 'lstm'\nhiden_size = 3",
    "plugins.toml": "plugins = 3\n[model]\nname = 'lstm'",
    "syntax.py": "def broken(:\n",
    "raises.py": "raise RuntimeError('odd')\n",
    "exits.py": "raise SystemExit(0)\n",
    "misspelled.py": ("import seqlab\n@seqlab.hookimpl\ndef register_layer(register):\n    pass\n"),
    "taken.py": (
        "import seqlab\n@seqlab.hookimpl\ndef register_layers(register):\n"
        "    register('lstm', 'a:B')\n"
    ),
    "gone.py": (
        "import seqlab\n@seqlab.hookimpl\ndef register_layers(register):\n"
        "    register('gone', 'no_such_package:Layer')\n"
    ),
    "rows.csv": "words\nhello\n",
    "rows.jsonl": '{"text": "hello"}\n{"other": "hello"}\n',
    "full/file": "",
}

RUNS = [
    (["run"], "no task is named", "sentiment"),
    (["run", "--task", "sentiment"], "no model is named", "lstm"),
    (["run", "--task", "sentimnt", "--model", "lstm"], "unknown task 'sentimnt'", "'sentiment'"),
    (["run", "--task", "sentiment", "--model", "lstn"], "unknown model 'lstn'", "'lstm'"),
    (["run", "--task", "sentiment", "--model", "xyzzy"], "unknown model 'xyzzy'", "list models"),
    ([*MAIN, "--tokenizer", "wrod"], "unknown tokenizer 'wrod'", "'word'"),
    ([*MAIN, "--data", "revews"], "unknown data 'revews'", "'reviews'"),
    ([*MAIN, "--data", "./good.cvs"], "good.cvs", "good.csv"),
    ([*MAIN, "--data", "./nowhere/at-all.csv"], "at-all.csv", "give the path"),
    ([*MAIN, "--data", "data.xyz"], ".xyz", ".csv"),
    ([*MAIN, "--data", "empty.csv"], "empty", "fill"),
    ([*MAIN, "--data", "header.csv"], "no rows", "add rows"),
    ([*MAIN, "--data", "few.csv"], "too few", "more rows"),
    ([*MAIN, "--data", "broken.jsonl"], "cannot be read", "mend"),
    ([*MAIN, "--data", "numbers.jsonl"], "not text", "data.columns.text"),
    ([*MAIN, "--data", "one.csv"], "1 kind of label", "two classes"),
    ([*MAIN, "--data", "odd.csv", "-o", "data.columns.text=wrds"], "no column 'wrds'", "'words'"),
    ([*MAIN, "--data", "good.csv", "-o", "data.columns.txt=text"], "unknown role 'txt'", "'text'"),
    ([*MAIN, "--data", "good.csv", "-o", "data.rows=500"], "unknown option 'data.rows'", "source"),
    ([*MAIN, "-o", "model.hiden_size=3"], "'model.hiden_size'", "'model.hidden_size'"),
    ([*MAIN, "-o", "modle.hidden_size=3"], "no section 'modle'", "'model'"),
    ([*MAIN, "-o", "hidden_size=3"], "'hidden_size' is not an option", "sections"),
    ([*MAIN, "-o", "model.hidden_size"], "has no value", "model.hidden_size=VALUE"),
    ([*MAIN, "-o", "model.hidden_size=big"], "not 'big'", "default is 128"),
    ([*MAIN, "-o", "model.hidden_size=0"], "not '0'", "default is 128"),
    ([*MAIN, "-o", "model.hidden_size.x=3"], "holds one value", "hidden_size=VALUE"),
    ([*MAIN, "-o", "model.pooling=maxx"], "not 'maxx'", "'max'"),
    ([*MAIN, "-o", "train.learning_rate=-1"], "not '-1'", "default"),
    ([*MAIN, "-o", "train.learning_rate=nan"], "not 'nan'", "default"),
    ([*MAIN, "-o", "task.keep=middle"], "not 'middle'", "default"),
    ([*MAIN, "-o", "tokenizer.pattern=("], "not a regular expression", "default"),
    ([*MAIN, "--epochs", "0"], "train.epochs takes int", "default"),
    ([*MAIN, "--seed", "-1"], "seed takes int", "default is 0"),
    ([*MAIN, "--device", "cuda:77"], "no device 'cuda:77'", "present"),
    ([*MAIN, "--precision", "fp12"], "unknown precision 'fp12'", "bf16"),
    ([*MAIN, "--out", "full"], "not empty", "--resume"),
    ([*MAIN, "--out", "good.csv"], "is a file", "new folder"),
    ([*MAIN, "--out", "good.csv/run"], "cannot write", "--out"),
    ([*MAIN, "--config", "brokn.toml"], "cannot read", "broken.toml"),
    ([*MAIN, "--config", "full"], "cannot read", "give a TOML file"),
    ([*MAIN, "--config", "broken.toml"], "not TOML", "mend"),
    (["run", "--config", "empty.csv"], "no task is named", "sentiment"),
    ([*MAIN, "--config", "section.toml"], "'modle'", "'model'"),
    ([*MAIN, "--config", "option.toml"], "'model.hiden_size'", "'model.hidden_size'"),
    ([*MAIN, "--plugin", "sintax.py"], "no plugin file", "syntax.py"),
    ([*MAIN, "--plugin", "syntax.py"], "SyntaxError", "mend"),
    ([*MAIN, "--plugin", "raises.py"], "RuntimeError: odd", "mend"),
    ([*MAIN, "--plugin", "exits.py"], "SystemExit", "mend"),
    ([*MAIN, "--plugin", "misspelled.py"], "'register_layers'?", "mend"),
    ([*MAIN, "--plugin", "taken.py"], "'lstm' is already registered", "mend"),
    (["run", "--task", "sentiment", "--model", "gone", "--plugin", "gone.py"], "cannot", "mend"),
    (["run", "--resume", "nowhere"], "no run 'nowhere'", "seqlab run"),
    (["run", "--resume", "full"], "'full' is no run", "seqlab run"),
    (["run", "--resume", "RUN", "--epochs", "9"], "own configuration", "alone"),
    (["run", "--resume", "RUN", "-o", "train.epochs=9"], "own configuration", "alone"),
    (["predict", "nowhere", "hello"], "no run 'nowhere'", "seqlab run"),
    (["predict", "UNFINISHED", "hello"], "not finished", "--resume"),
    (["predict", "DAMAGED", "hello"], "weights cannot be read", "version"),
    (["predict", "RUN", "hello", "--input", "good.csv"], "both given", "one of the two"),
    (["predict", "RUN", "--input", "god.csv"], "no file 'god.csv'", "good.csv"),
    (["predict", "RUN", "--input", "data.xyz"], "'.xyz'", ".jsonl"),
    (["predict", "RUN", "--input", "rows.csv"], "no column 'text'", "words"),
    (["predict", "RUN", "--input", "rows.jsonl"], "row 1", "same columns"),
    (["predict", "RUN", "--input", "numbers.jsonl"], "not text", "mend"),
    (["predict", "RUN", "hello", "--output", "gone/o.txt"], "no folder 'gone'", "name a file"),
    (["predict", "RUN", "hello", "--output", "full"], "is a folder", "name a file"),
    (["predict", "RUN", "hello", "--device", "cuda:77"], "no device", "present"),
    (["evaluate", "nowhere"], "no run 'nowhere'", "seqlab run"),
    (["evaluate", "UNFINISHED"], "not finished", "--resume"),
    (["evaluate", "RUN", "--data", "revews"], "unknown data 'revews'", "'reviews'"),
    (["evaluate", "RUN", "--data", "rows.csv"], "which column is the label", "data"),
    (["list", "models", "--plugin", "misspelled.py"], "'register_layers'?", "mend"),
    (["show", "model", "lstn"], "unknown model 'lstn'", "'lstm'"),
    (["show", "model"], "no model is named", "lstm"),
    (["show", "train", "epochs"], "has no names", "show train"),
]


@pytest.fixture(scope="module")
def place(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mistakes")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    for name in ("RUN", "UNFINISHED", "DAMAGED"):
        shutil.copytree(finished, folder / name)
    for name in ("model.safetensors", "result.json"):
        (folder / "UNFINISHED" / name).unlink()
    (folder / "DAMAGED" / "model.safetensors").write_bytes(b"no weights")
    return folder


@pytest.mark.parametrize(
    ("arguments", "cause", "remedy"), RUNS, ids=[" ".join(case[0]) for case in RUNS]
)
def test_mistake(
    arguments: list[str], cause: str, remedy: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    before = sorted(place.rglob("*"))
    if tuple(arguments[:5]) == MAIN and "--data" not in arguments:
        arguments = [*MAIN, *SMALL, *arguments[5:]]
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    said = result.stderr[result.stderr.index("error: ") :].splitlines()
    assert cause in said[0]
    assert any(line.startswith("  where: ") and line[9:].strip() for line in said)
    assert any(line.startswith("  try:   ") and remedy in line for line in said)
    assert sorted(p for p in place.rglob("*") if "__pycache__" not in p.parts) == before
