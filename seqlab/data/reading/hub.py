"""Data sets of the Hugging Face Hub, or of its local cache if there is no network."""

from __future__ import annotations

import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from seqlab.data.decisions import Decision
from seqlab.data.reading.library import one_line, quiet
from seqlab.data.reading.naming import splits_of_tables
from seqlab.data.split import Split
from seqlab.errors import UserError

if TYPE_CHECKING:
    import datasets

_TIMEOUT = 3.0
"""Seconds to wait for a connection to the Hub; its own client would try for 25 or more."""


def read_hub(spec: str) -> tuple[dict[str, Split], list[Decision]]:
    """Load the splits of a data set on the Hub.

    Args:
        spec: "owner/name" or "owner/name:config".

    Returns:
        The splits by name, and what was decided.

    Raises:
        UserError: The data set cannot be loaded, or no table has the name of a split.
    """
    name, _, config = spec.partition(":")
    return splits_of_tables(_load(name, config or None, spec), spec)


def _load(name: str, config: str | None, spec: str) -> dict[str, datasets.Dataset]:
    import datasets

    offline = bool(datasets.config.HF_HUB_OFFLINE)
    reachable = not offline and _is_reachable(datasets.config.HF_ENDPOINT)
    try:
        with quiet(), nullcontext() if reachable or offline else _offline():
            return dict(datasets.load_dataset(name, config))
    except Exception as error:  # the Hub's client and the builders raise many types of errors
        raise _load_error(spec, error, offline=offline, reachable=reachable) from error


def _is_reachable(endpoint: str) -> bool:
    """Whether the Hub, or the proxy in front of it, accepts a connection."""
    url = urllib.parse.urlsplit(endpoint)
    proxies = {} if urllib.request.proxy_bypass(url.hostname or "") else urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy:
        url = urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        socket.create_connection((url.hostname or "", port), timeout=_TIMEOUT).close()
    except OSError:
        return False
    return True


@contextmanager
def _offline() -> Iterator[None]:
    """Behave as if HF_HUB_OFFLINE were set: use the cache without any request."""
    import datasets
    from huggingface_hub import constants

    previous = datasets.config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE
    try:
        datasets.config.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE = True
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE = previous


def _load_error(spec: str, error: Exception, *, offline: bool, reachable: bool) -> UserError:
    remedy = "load it once with a network, after which HF_HUB_OFFLINE=1 takes it from the cache"
    if reachable or not isinstance(error, ConnectionError):
        # the error's message lists the available choices; its cause is often just a status
        cause = next(iter(str(error).splitlines()), "") or one_line(error)
        remedy = "write it as owner/name or owner/name:config, as on the Hub"
    elif offline:
        cause = "HF_HUB_OFFLINE is set and it is not in the cache"
        remedy = f"unset HF_HUB_OFFLINE and {remedy}"
    else:
        cause = "the Hub cannot be reached and it is not in the cache"
    cause = f"'{spec}' cannot be loaded from the Hub: {cause}"
    return UserError(cause, location=spec, remedy=f"{remedy}; or give local files instead")
