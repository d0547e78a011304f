"""Names of classes that the library `datasets` keeps in the metadata of its files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow


def class_names_in(schema: pyarrow.Schema) -> dict[str, Sequence[str]]:
    """The names of the classes in each column of classes, or of lists of classes."""
    content = (schema.metadata or {}).get(b"huggingface", b"{}")
    try:
        features = json.loads(content)["info"]["features"]
        names = {column: _names(feature) for column, feature in features.items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}
    return {column: classes for column, classes in names.items() if classes}


def _names(feature: object) -> list[str]:
    if isinstance(feature, list) and feature:
        return _names(feature[0])
    if not isinstance(feature, Mapping):
        return []
    if feature.get("_type") == "ClassLabel":
        return [str(name) for name in feature.get("names") or ()]
    return _names(feature["feature"]) if isinstance(feature.get("feature"), Mapping) else []
