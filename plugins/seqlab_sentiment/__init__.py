"""Classification of texts or series of numbers."""

from seqlab import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """Register the tasks of this plugin."""
    register(
        "classify",
        "seqlab_sentiment.classify:Classify",
        summary="Classification of texts or series of numbers",
    )
    register("sentiment", "seqlab_sentiment.classify:Sentiment", summary="Sentiment classification")


@hookimpl
def register_recipes(register: Register) -> None:
    """Register the recipes of this plugin."""
    for name in ("sentiment-lstm", "vanishing"):
        register(name, f"seqlab_sentiment:recipes/{name}.toml")


@hookimpl
def register_data(register: Register) -> None:
    """Register the data sets of this plugin."""
    register(
        "reviews",
        "seqlab_sentiment.reviews:Reviews",
        summary="Short synthetic reviews in which negation and word order decide (offline)",
    )
    register(
        "first-token",
        "seqlab_sentiment.first_token:FirstToken",
        summary="The label is the first token, noise follows: a test of long memory (offline)",
    )
