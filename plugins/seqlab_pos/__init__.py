"""Sequence labelling: a tag for each word of a sentence."""

from seqlab import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """Register the tasks of this plugin."""
    register("pos", "seqlab_pos.tag:Pos", summary="Part-of-speech tagging")
    register("tag", "seqlab_pos.tag:Tag", summary="Sequence labelling: a tag per word")


@hookimpl
def register_recipes(register: Register) -> None:
    """Register the recipe of this plugin."""
    register("pos-toy", "seqlab_pos:recipes/pos-toy.toml")


@hookimpl
def register_data(register: Register) -> None:
    """Register the data sets of this plugin."""
    register(
        "tagged",
        "seqlab_pos.tagged:Tagged",
        summary="Synthetic sentences in which the tag of a word depends on its context (offline)",
    )
    register(
        "two-sentences",
        "seqlab_pos.two_sentences:TwoSentences",
        summary="The two tagged sentences of a well-known tutorial (offline)",
    )
