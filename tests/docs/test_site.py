"""The site is built without a warning, and contains what is generated from the code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    completed = subprocess.run(
        [
            sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E",
            "-d", str(tmp_path / "doctrees"), "docs", str(tmp_path / "site"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    assert completed.returncode == 0, completed.stderr
    api = (tmp_path / "site" / "reference" / "api.html").read_text(encoding="utf-8")
    assert 'id="seqlab.Predictor.predict_stream"' in api
    assert "Its fields, as keywords" not in api
    models = (tmp_path / "site" / "reference" / "models.html").read_text(encoding="utf-8")
    assert "model.hidden_size" in models
