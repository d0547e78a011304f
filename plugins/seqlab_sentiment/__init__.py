"""A class for a text: sentiment, and classification in general."""

from seqlab import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """The tasks of this plugin."""
    register("classify", "seqlab_sentiment.classify:Classify", summary="A class for each text")
    register("sentiment", "seqlab_sentiment.classify:Sentiment", summary="What a text thinks")


@hookimpl
def register_recipes(register: Register) -> None:
    """The recipes of this plugin."""
    for name in ("sentiment-lstm", "vanishing"):
        register(name, f"seqlab_sentiment:recipes/{name}.toml")


@hookimpl
def register_data(register: Register) -> None:
    """The data sets of this plugin."""
    register(
        "reviews",
        "seqlab_sentiment.reviews:Reviews",
        summary="Short made-up reviews where negation and order decide (offline)",
    )
    register(
        "first-token",
        "seqlab_sentiment.first_token:FirstToken",
        summary="The first symbol decides, noise follows: how far back is it remembered? (offline)",
    )
