"""Values for sequences of symbols or numbers."""

from seqlab import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """The task of this plugin."""
    register(
        "regression",
        "seqlab_regression.regression:Regression",
        summary="A value for each sequence or step, or a series' next value",
    )


@hookimpl
def register_recipes(register: Register) -> None:
    """The recipes of this plugin."""
    for name in ("birnn", "count-last", "count-split", "count-steps", "deep-birnn"):
        register(name, f"seqlab_regression:recipes/{name}.toml")


@hookimpl
def register_data(register: Register) -> None:
    """The data sets of this plugin."""
    place = "seqlab_regression.counting"
    register("counting", f"{place}:Counting", summary="Counting up in steps: the next number")
    register("count-last", f"{place}:CountLast", summary="[1, 2, 3] → 4 and [2, 3, 4] → 5")
    register("count-steps", f"{place}:CountSteps", summary="The same, a number after each step")
    register(
        "both-ends",
        "seqlab_regression.ends:BothEnds",
        summary="Symbols whose first and last add up to the value, or neighbours at every step",
    )
    register(
        "waves",
        "seqlab_regression.waves:Waves",
        summary="One noisy sum of sines, for windows and their next value (offline)",
    )
