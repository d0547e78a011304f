"""Training speed on IMDB against a plain tutorial loop, with the same model and data.

The model is that of the tutorial: embedding 100, two LSTM layers of 256, dropout 0.5, batches of 64
in random order. The tutorial reads batches that are padded; it does not say to what, so both ways
are timed: to the longest text of the batch, and to a fixed length. Each loop runs in a process of
its own, in turn, with the same threads, on the same reviews, cut at the same length.

On many processors most of the tutorial's time goes into denormal numbers: the gradient of one last
step vanishes on its way through hundreds of steps. The third kind, "flushed", is the tutorial's
loop with the one line that avoids them.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

LENGTH, VOCABULARY, BATCH = 400, 10_000, 64
FIXED = 512
KINDS = ("ours", "flushed", "batch", "fixed")


def texts(count: int) -> tuple[list[str], list[int]]:
    import pyarrow.parquet as pq

    from tests.benchmarks.paths import DATA

    table = pq.read_table(DATA / "imdb" / "train.parquet").slice(0, count)
    return table["text"].to_pylist(), table["label"].to_pylist()


def tutorial(count: int, *, fixed: bool, flushed: bool = False) -> float:
    """Seconds of one epoch of the tutorial's loop."""
    import torch
    from torch import Tensor, nn

    torch.set_flush_denormal(flushed)

    class SentimentLSTM(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(VOCABULARY, 100)
            self.lstm = nn.LSTM(100, 256, num_layers=2, dropout=0.5, batch_first=True)
            self.dropout = nn.Dropout(0.5)
            self.fc = nn.Linear(256, 1)

        def forward(self, text: Tensor) -> Tensor:
            embedded = self.dropout(self.embedding(text))
            _, (hidden, _) = self.lstm(embedded)
            out: Tensor = self.fc(self.dropout(hidden[-1]))
            return out

    documents, labels = texts(count)
    words = [re.findall(r"\w+|[^\w\s]", text.lower())[:LENGTH] for text in documents]
    frequent = Counter(word for text in words for word in text).most_common(VOCABULARY - 2)
    ids = {word: place + 2 for place, (word, _) in enumerate(frequent)}
    encoded = [[ids.get(word, 1) for word in text] for text in words]
    model, criterion = SentimentLSTM(), nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters())
    order = torch.randperm(count).tolist()
    begun, total = time.perf_counter(), 0.0
    for start in range(0, count, BATCH):
        rows = order[start : start + BATCH]
        width = FIXED if fixed else max(len(encoded[row]) for row in rows)
        text = torch.tensor([encoded[row] + [0] * (width - len(encoded[row])) for row in rows])
        label = torch.tensor([float(labels[row]) for row in rows])
        optimizer.zero_grad()
        loss = criterion(model(text).squeeze(1), label)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return time.perf_counter() - begun


def ours(count: int) -> float:
    """Seconds of one epoch of seqlab's loop, its tiny validation included."""
    import seqlab

    documents, labels = texts(count)
    rows = [{"text": text, "label": label} for text, label in zip(documents, labels, strict=True)]
    options = {
        "task.max_length": LENGTH,
        "task.keep": "start",
        "tokenizer.max_size": VOCABULARY,
        "model.embedding_size": 100,
        "model.hidden_size": 256,
        "model.num_layers": 2,
        "model.bidirectional": False,
        "model.pooling": "last",
        "model.dropout": 0.5,
        "model.embedding_dropout": 0.5,
        "model.head_dropout": 0.5,
        "model.token_dropout": 0.0,
        "train.epochs": 1,
        "train.batch_size": BATCH,
        "evaluate.train_rows": 0,
    }
    few = rows[:BATCH]
    with tempfile.TemporaryDirectory() as folder:
        result = seqlab.run(
            task="sentiment",
            model="lstm",
            data={"train": rows, "validation": few, "test": few},
            options=options,
            out=Path(folder) / "run",
        )
    return float(result["seconds"]["train"])


def child(kind: str, count: int) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.tutorial_speed", "--kind", kind]
    done = subprocess.run(
        [*command, "--reviews", str(count)], check=True, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--reviews", type=int, default=3_200)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.kind == "ours":
        print(ours(arguments.reviews))
    elif arguments.kind:
        flushed = arguments.kind == "flushed"
        print(tutorial(arguments.reviews, fixed=arguments.kind == "fixed", flushed=flushed))
    else:
        rounds = [{k: child(k, arguments.reviews) for k in KINDS} for _ in range(arguments.rounds)]
        for kind in KINDS:
            middle = statistics.median(each[kind] for each in rounds)
            ratio = statistics.median(each[kind] / each["ours"] for each in rounds)
            print(
                f"{kind:8} {arguments.reviews / middle:7.0f} reviews/s, {ratio:.2f} × ours in time"
            )


if __name__ == "__main__":
    main()
