"""A tag for each word."""

from seqlab import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """The tasks of this plugin."""
    register("pos", "seqlab_pos.tag:Pos", summary="The part of speech of each word")
    register("tag", "seqlab_pos.tag:Tag", summary="A tag for each word")


@hookimpl
def register_recipes(register: Register) -> None:
    """The recipe of this plugin."""
    register("pos-toy", "seqlab_pos:recipes/pos-toy.toml")


@hookimpl
def register_data(register: Register) -> None:
    """The data sets of this plugin."""
    register(
        "tagged",
        "seqlab_pos.tagged:Tagged",
        summary="Made-up sentences whose words' tags depend on context (offline)",
    )
    register(
        "two-sentences",
        "seqlab_pos.two_sentences:TwoSentences",
        summary="The two tagged sentences of a well-known tutorial (offline)",
    )
