"""Data sets of the Hugging Face Hub, from its cache where there is no network."""

from __future__ import annotations

import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from seqlab.data.reading.naming import splits_of_tables
from seqlab.data.reading.tables import one_line, quiet
from seqlab.data.split import Split
from seqlab.errors import UserError

_PATIENCE = 3.0
"""Seconds to wait for the Hub's first answer; its client alone would try for 25 and more."""


def read_hub(spec: str) -> tuple[dict[str, Split], list[str]]:
    """The splits of a data set on the Hub.

    Args:
        spec: "owner/name" or "owner/name:config".

    Returns:
        The splits by name, and notices for the user.

    Raises:
        UserError: The data set cannot be had, or has no split that is known here.
    """
    name, _, config = spec.partition(":")
    return splits_of_tables(_load(name, config or None, spec), spec)


def _load(name: str, config: str | None, spec: str) -> dict[str, Any]:
    import datasets

    offline = bool(datasets.config.HF_HUB_OFFLINE)
    reachable = not offline and _answers(datasets.config.HF_ENDPOINT)
    try:
        with quiet(), nullcontext() if reachable or offline else _offline():
            return dict(datasets.load_dataset(name, config))
    except Exception as error:  # whatever the Hub's client and the builders raise
        raise _refused(spec, error, offline=offline, reachable=reachable) from error


def _answers(endpoint: str) -> bool:
    """Whether the Hub, or the proxy on the way to it, takes a connection at once."""
    url = urllib.parse.urlsplit(endpoint)
    proxies = {} if urllib.request.proxy_bypass(url.hostname or "") else urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy:
        url = urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        socket.create_connection((url.hostname or "", port), timeout=_PATIENCE).close()
    except OSError:
        return False
    return True


@contextmanager
def _offline() -> Iterator[None]:
    """As if HF_HUB_OFFLINE had been set: what is in the cache is used, nothing is tried."""
    import datasets
    from huggingface_hub import constants

    holders: tuple[Any, ...] = (datasets.config, constants)
    former = [holder.HF_HUB_OFFLINE for holder in holders]
    try:
        for holder in holders:
            holder.HF_HUB_OFFLINE = True
        yield
    finally:
        for holder, value in zip(holders, former, strict=True):
            holder.HF_HUB_OFFLINE = value


def _refused(spec: str, error: Exception, *, offline: bool, reachable: bool) -> UserError:
    remedy = "load it once with a network, after which HF_HUB_OFFLINE=1 takes it from the cache"
    if reachable or not isinstance(error, ConnectionError):
        # the error's own words name the choices that there are, its cause often only a status
        cause = next(iter(str(error).splitlines()), "") or one_line(error)
        remedy = "write it as owner/name or owner/name:config, as on the Hub"
    elif offline:
        cause = "HF_HUB_OFFLINE is set and it is not in the cache"
        remedy = f"unset HF_HUB_OFFLINE and {remedy}"
    else:
        cause = "the Hub cannot be reached and it is not in the cache"
    cause = f"'{spec}' cannot be had from the Hub: {cause}"
    return UserError(cause, location=spec, remedy=f"{remedy}; or give local files instead")
