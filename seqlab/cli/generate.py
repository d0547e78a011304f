"""`seqlab generate`: text that a finished run writes."""

from __future__ import annotations

import click

from seqlab.cli.completion import complete_folder
from seqlab.cli.output import write_json
from seqlab.cli.parameters import device_option, json_option, plugin_option

EXAMPLES = """\b
seqlab generate runs/NAME --prompt "def " --length 500
seqlab generate runs/NAME --prompt "ROMEO:" --temperature 0.8 --samples 3
"""

RULE = "-" * 20
"""Between samples."""


@click.command("generate", epilog=EXAMPLES, short_help="Write text with a finished run.")
@click.argument("run", metavar="RUN", shell_complete=complete_folder)
@click.option("--prompt", metavar="TEXT", required=True, help="What the text starts with.")
@click.option("--length", metavar="N", type=int, default=200, show_default=True, help="Symbols.")
@click.option(
    "--temperature",
    metavar="X",
    type=float,
    default=1.0,
    show_default=True,
    help="Below 1 likelier text, above 1 odder; 0 always takes the likeliest symbol.",
)
@click.option("--top-k", metavar="N", type=int, help="Draw from the N likeliest symbols only.")
@click.option(
    "--top-p", metavar="X", type=float, help="Draw from the likeliest with this share together."
)
@click.option(
    "--seed", metavar="N", type=int, default=0, show_default=True, help="Another, other text."
)
@click.option("--samples", metavar="N", type=int, default=1, show_default=True, help="Texts.")
@plugin_option
@device_option
@json_option
def command(
    run: str,
    prompt: str,
    length: int,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    seed: int,
    samples: int,
    plugins: tuple[str, ...],
    device: str | None,
    as_json: bool,
) -> None:
    """Write text with RUN, a folder that `seqlab run` made: the prompt and what follows it."""
    from seqlab.inference.generation import Sampling
    from seqlab.inference.predictor import load

    sampling = Sampling(length, temperature, top_k, top_p, seed)  # checked before a model is loaded
    predictor = load(run, plugins=plugins, device=device)
    if samples == 1 and not as_json:
        pieces = predictor.generate_stream(prompt, **vars(sampling))
        first = next(pieces, "")
        click.echo(prompt + first, nl=False)
        for piece in pieces:
            click.echo(piece, nl=False)
        click.echo()
        return
    texts = predictor.generate(prompt, samples=samples, **vars(sampling))
    if as_json:
        write_json({"run": run, "prompt": prompt, **vars(sampling), "texts": texts})
    else:
        click.echo(f"\n{RULE}\n".join(texts))
