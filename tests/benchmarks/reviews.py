"""The sentiment task's defaults on the built-in reviews, beside a bag of words."""

import tempfile
from pathlib import Path

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import seqlab
from seqlab_sentiment.reviews import Reviews


def main() -> None:
    splits = Reviews().load()
    train, test = (
        {name: list(splits[split].column(name)) for name in ("text", "label")}
        for split in ("train", "test")
    )
    bag = make_pipeline(
        CountVectorizer(token_pattern=r"\w+|[^\w\s]"), LogisticRegression(max_iter=1000)
    )
    bag.fit(train["text"], train["label"])
    print(f"bag of words: test accuracy {bag.score(test['text'], test['label']):.4f}")
    with tempfile.TemporaryDirectory() as folder:
        result = seqlab.run(task="sentiment", model="lstm", out=Path(folder) / "run")
    accuracy = result["metrics"]["test"]["accuracy"]["value"]
    print(f"lstm: test accuracy {accuracy:.4f}, seconds {result['seconds']}")


if __name__ == "__main__":
    main()
