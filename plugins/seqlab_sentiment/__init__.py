"""A class for a text: sentiment, and classification in general."""

from seqlab import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """The tasks of this plugin."""
    register("classify", "seqlab_sentiment.classify:Classify", summary="A class for each text")
    register("sentiment", "seqlab_sentiment.classify:Sentiment", summary="What a text thinks")


@hookimpl
def register_recipes(register: Register) -> None:
    """The recipe of this plugin."""
    register("sentiment-lstm", "seqlab_sentiment:recipes/sentiment-lstm.toml")


@hookimpl
def register_data(register: Register) -> None:
    """The data sets of this plugin."""
    register(
        "reviews",
        "seqlab_sentiment.reviews:Reviews",
        summary="Short made-up reviews where negation and order decide (offline)",
    )
