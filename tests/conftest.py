"""Every test without network and without traces in the user's own folders."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("HF_HUB_OFFLINE", "1")

# how long a case takes is the machine's matter
settings.register_profile("seqlab", deadline=None)
settings.load_profile("seqlab")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What `datasets` prepares and what seqlab keeps goes to folders of the test session."""
    os.environ["HF_HOME"] = str(tmp_path_factory.mktemp("hf"))
    os.environ["SEQLAB_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data sets; a test that needs it skips where it is absent."""
    root = Path(__file__).parent.parent
    path = Path(os.environ.get("SEQLAB_TEST_DATA", root.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip("real data sets are absent: set SEQLAB_TEST_DATA")
    return path
