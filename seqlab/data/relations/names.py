"""Names by which columns of times, series and related rows are recognized."""

from __future__ import annotations

import re


def plain(name: str) -> str:
    """The name of a column as it is compared with these names: "userId" and "User ID" are one."""
    return re.sub(r"[\W_]+", "", name.lower())


def _plain(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(plain, names)))


TIME_NAMES = _plain(
    *("ds", "datetime", "timestamp", "date", "time", "date_time", "period", "day", "month"),
    *("quarter", "week", "year", "datum", "zeit", "zeitstempel", "t", "step", "index"),
    *("ts", "time_stamp", "unix", "unix_time", "unixtime", "epoch", "epoch_ms", "fecha", "jahr"),
)
"""Names of columns that give the time of a row, the likeliest first."""

GROUP_NAMES = _plain(
    *("unique_id", "series_id", "series", "item_id", "ts_id", "group_id", "group", "id", "item"),
    *("store", "store_id", "product", "product_id", "station", "sensor", "sensor_id", "ticker"),
    *("symbol", "country", "region", "city", "customer_id", "machine_id", "unit", "shop", "sku"),
    *("market", "location", "device", "device_id", "meter", "meter_id", "asset", "state", "zone"),
)
"""Names of columns that tell several series of one table apart."""

SURE_GROUP_NAMES = _plain("unique_id", "series_id", "series", "ts_id", "item_id", "id")
"""Names of columns that tell series apart even if no time is repeated."""

HOUR_NAMES = ("hour", "hr", "hours", "stunde")
"""Names of columns with the hour of the day, beside a column of dates."""

PARTS = ("year", "quarter", "month", "week", "day", "hour")
"""Names of columns that each hold a part of a time, from the largest on."""

RELATED_NAMES = _plain(
    *(
        "username",
        "reviewer",
        "reviewer_id",
        "user",
        "user_id",
        "author",
        "author_id",
        "document",
        "document_id",
        "doc",
        "doc_id",
    ),
    *("session", "session_id", "patient", "patient_id", "subject", "subject_id", "speaker"),
    *("speaker_id", "conversation", "conversation_id", "dialog_id", "dialogue_id", "thread"),
    *("thread_id", "group", "group_id", "customer", "customer_id", "account", "account_id"),
    *("article_id", "movie_id", "film_id", "book_id", "product_id", "video_id", "recording_id"),
    *("sent_id", "family", "family_id", "site", "hospital", "batch", "fold", "source_id", "url"),
)
"""Names of columns whose rows often resemble each other, so that a random split would leak."""
