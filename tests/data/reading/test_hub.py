from __future__ import annotations

import time
from pathlib import Path

import datasets
import pytest
from huggingface_hub import constants

from seqlab.data.decisions import notices_of
from seqlab.data.reading import hub
from seqlab.data.reading.hub import read_hub
from seqlab.errors import UserError


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path))
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def table(rows: int = 1) -> datasets.Dataset:
    return datasets.Dataset.from_dict({"text": ["a"] * rows})


def replace_load(monkeypatch: pytest.MonkeyPatch, result: object) -> list[tuple[object, ...]]:
    """Let `load_dataset` return or raise the result; returns its calls."""
    calls: list[tuple[object, ...]] = []

    def load(*arguments: object) -> object:
        calls.append((*arguments, datasets.config.HF_HUB_OFFLINE))
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(datasets, "load_dataset", load)
    return calls


def test_offline_mode_without_a_cached_data_set_fails_immediately() -> None:
    start = time.perf_counter()
    with pytest.raises(UserError, match="HF_HUB_OFFLINE is set") as caught:
        read_hub("owner/name")
    assert time.perf_counter() - start < 5
    assert "unset HF_HUB_OFFLINE" in caught.value.remedy
    assert "\n" not in caught.value.cause


def test_an_unreachable_hub_fails_immediately(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", "http://127.0.0.1:9")
    start = time.perf_counter()
    with pytest.raises(UserError, match="the Hub cannot be reached") as caught:
        read_hub("owner/name:config")
    assert time.perf_counter() - start < 5
    assert "local files" in caught.value.remedy
    assert datasets.config.HF_HUB_OFFLINE is False


def test_a_cached_data_set_is_used_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = replace_load(monkeypatch, {"train": table()})
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "_is_reachable", lambda endpoint: False)
    assert list(read_hub("owner/name")[0]) == ["train"]
    monkeypatch.setattr(hub, "_is_reachable", lambda endpoint: True)
    read_hub("owner/name:config")
    assert calls == [("owner/name", None, True), ("owner/name", "config", False)]


def test_tables_become_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {"test": table(), "unsupervised": table(), "train": table(3), "dev": table(2)}
    replace_load(monkeypatch, {**tables, "validation_mismatched": table(), "validation": table()})
    splits, decisions = read_hub("owner/name")
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 3,
        "validation": 2,
        "test": 1,
    }
    assert list(splits) == ["train", "validation", "test"]
    assert splits["train"].origin == "owner/name"
    (notice,) = notices_of(decisions)
    assert notice.endswith("unsupervised, validation_mismatched, validation")


def test_no_known_split_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_load(monkeypatch, {"extra": table()})
    with pytest.raises(UserError, match="only: extra"):
        read_hub("owner/name")


def test_the_message_of_the_hub_is_reduced_to_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_load(monkeypatch, ValueError("Config name is missing.\nPlease pick one"))
    with pytest.raises(UserError, match="Config name is missing") as caught:
        read_hub("owner/name")
    assert "\n" not in caught.value.cause
    assert "owner/name:config" in caught.value.remedy
