"""Regression on sequences and forecasting of time series."""

from seqlab import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """Register the task of this plugin."""
    register(
        "regression",
        "seqlab_regression.regression:Regression",
        summary="Regression: a value per sequence or step, or a forecast of a time series",
    )


@hookimpl
def register_recipes(register: Register) -> None:
    """Register the recipes of this plugin."""
    for name in ("birnn", "count-last", "count-split", "count-steps", "deep-birnn"):
        register(name, f"seqlab_regression:recipes/{name}.toml")


@hookimpl
def register_data(register: Register) -> None:
    """Register the data sets of this plugin."""
    counting = "seqlab_regression.counting"
    register("counting", f"{counting}:Counting", summary="Arithmetic sequences: the next number")
    register("count-last", f"{counting}:CountLast", summary="[1, 2, 3] → 4 and [2, 3, 4] → 5")
    register("count-steps", f"{counting}:CountSteps", summary="The same, with a number per step")
    register(
        "both-ends",
        "seqlab_regression.ends:BothEnds",
        summary="Tokens whose first and last add up to the value, or whose neighbours do",
    )
    register(
        "waves",
        "seqlab_regression.waves:Waves",
        summary="A noisy sum of sine waves to be forecast (offline)",
    )
