"""What a user does after each mistake of `mistakes.py` when the remedy is followed.

The command without its mistake, or first the files that are fixed. `M`, `P`, `C` and `R` stand for
the commands of the four tasks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TASKS = {
    "M": "run --task sentiment --model lstm",
    "P": "run --task pos --model lstm",
    "C": "run --task chars --model lstm --data strings",
    "R": "run --task regression --model lstm",
}


@dataclass(frozen=True)
class Followed:
    """What is done after a mistake.

    Args:
        command: The corrected command; None for the same command.
        files: Files that are written before, by name.
    """

    command: str | None = None
    files: dict[str, str] = field(default_factory=dict)


ROWS = "good,yes\nbad,no\n" * 20
TWO_CLASSES = f"text,label\n{ROWS}"
NUMBERS = "value\n" + "".join(f"{number % 7}\n" for number in range(200))
SPELLED = "import seqlab\n@seqlab.hookimpl\ndef register_layers(register):\n    pass\n"
GOOD = "M --data good.csv"
HELLO = "predict RUN hello"

FOLLOWED: dict[str, str | Followed] = {
    "run": "M",
    "run --task sentiment": "M",
    "run --task sentimnt --model lstm": "M",
    "run --task sentiment --model lstn": "M",
    "run --task sentiment --model xyzzy": "list models",
    "M --tokenizer wrod": "M --tokenizer word",
    "M --data revews": "M --data reviews",
    "M --data ./good.cvs": "M --data ./good.csv",
    "M --data ./nowhere/at-all.csv": GOOD,
    "M --data data.xyz": GOOD,
    "M --data empty.csv": Followed(files={"empty.csv": TWO_CLASSES}),
    "M --data header.csv": Followed(files={"header.csv": TWO_CLASSES}),
    "M --data few.csv": Followed(files={"few.csv": TWO_CLASSES}),
    "M --data broken.jsonl": Followed(
        files={"broken.jsonl": '{"text": "good", "label": 1}\n{"text": "bad", "label": 0}\n' * 9}
    ),
    "M --data numbers.jsonl": Followed(
        files={"numbers.jsonl": '{"text": "1", "label": 1}\n{"text": "2", "label": 0}\n' * 20}
    ),
    "M --data one.csv": Followed(files={"one.csv": TWO_CLASSES}),
    "M --data odd.csv -o data.columns.text=wrds": "M --data odd.csv -o data.columns.text=words",
    "M --data good.csv -o data.columns.txt=text": "M --data good.csv -o data.columns.text=text",
    "M --data good.csv -o data.rows=500": "M --data reviews -o data.rows=500",
    "M -o model.hiden_size=3": "M -o model.hidden_size=3",
    "M -o train.lr=0.1": "M -o train.learning_rate=0.1",
    "M -o model.hidden=8": "M -o model.hidden_size=8",
    "M -o train.clip=1": "M -o train.max_grad_norm=1",
    "M -o data.split=0.2": "M -o data.validation_fraction=0.2",
    "M -o modle.hidden_size=3": "M -o model.hidden_size=3",
    "M -o evalute.batch_size=3": "M -o evaluate.batch_size=3",
    "M -o hidden_size=3": "M -o model.hidden_size=3",
    "M -o x=3": "show model lstm",
    "M -o model.hidden_size": "M -o model.hidden_size=8",
    "M -o model.hidden_size=big": "M -o model.hidden_size=8",
    "M -o model.hidden_size=0": "M -o model.hidden_size=8",
    "M -o model.hidden_size.x=3": "M -o model.hidden_size=3",
    "M -o model.pooling=maxx": "M -o model.pooling=max",
    "M -o train.learning_rate=-1": "M -o train.learning_rate=1e-3",
    "M -o train.learning_rate=nan": "M -o train.learning_rate=1e-3",
    "M -o task.keep=middle": "M -o task.keep=both",
    "M -o tokenizer.pattern=(": "M",
    "M --epochs 0": "M --epochs 1",
    "M --seed -1": "M --seed 0",
    "M --device cuda:77": "M --device cpu",
    "M --precision fp12": "M --precision fp32",
    "M --out full": "M --out new",
    "M --out good.csv": "M --out new",
    "M --out good.csv/run": "M --out new",
    "M --config brokn.toml": Followed("M --config broken.toml", {"broken.toml": ""}),
    "M --config full": Followed("M --config broken.toml", {"broken.toml": ""}),
    "M --config broken.toml": Followed(files={"broken.toml": "[model]\nname = 'lstm'"}),
    "run --config empty.csv": "M",
    "M --config section.toml": Followed(files={"section.toml": "[model]\nname = 'lstm'"}),
    "M --config option.toml": Followed(
        files={"option.toml": "[model]\nname = 'lstm'\nhidden_size = 3"}
    ),
    "M --plugin sintax.py": Followed("M --plugin syntax.py", {"syntax.py": ""}),
    "M --plugin syntax.py": Followed(files={"syntax.py": ""}),
    "M --plugin raises.py": Followed(files={"raises.py": ""}),
    "M --plugin exits.py": Followed(files={"exits.py": ""}),
    "M --plugin misspelled.py": Followed(files={"misspelled.py": SPELLED}),
    "M --plugin taken.py": Followed(
        files={
            "taken.py": "import seqlab\n@seqlab.hookimpl\ndef register_layers(register):\n"
            "    register('mine', 'a:B')\n"
        }
    ),
    "run --task sentiment --model gone --plugin gone.py": "M",
    "run --resume nowhere": "M --out nowhere",
    "run --resume full": "run --resume RUN",
    "run --resume RUN --out other": "run --resume RUN",
    "run --accept-changes --epochs 9": "run --resume RUN --accept-changes",
    "predict nowhere hello": HELLO,
    "predict UNFINISHED hello": "run --resume UNFINISHED",
    "predict DAMAGED hello": HELLO,
    "predict RUN hello --input good.csv": "predict RUN --input good.csv",
    "predict RUN --input god.csv": "predict RUN --input good.csv",
    "predict RUN --input data.xyz": "predict RUN --input good.csv",
    "predict RUN --input rows.csv": Followed(files={"rows.csv": "text\nhello\n"}),
    "predict RUN --input rows.jsonl": Followed(
        files={"rows.jsonl": '{"text": "hello"}\n{"text": "hello"}\n'}
    ),
    "predict RUN --input numbers.jsonl": Followed(files={"numbers.jsonl": '{"text": "1"}\n'}),
    "predict RUN hello --output gone/o.txt": "predict RUN hello --output o.txt",
    "predict RUN hello --output full": "predict RUN hello --output o.txt",
    "predict RUN hello --device cuda:77": "predict RUN hello --device cpu",
    "evaluate nowhere": "evaluate RUN",
    "evaluate UNFINISHED": "run --resume UNFINISHED",
    "evaluate RUN --data revews": "evaluate RUN --data reviews",
    "evaluate RUN --data rows.csv": Followed(files={"rows.csv": "text,label\nfine,positive\n"}),
    "list models --plugin misspelled.py": Followed(files={"misspelled.py": SPELLED}),
    "show model lstn": "show model lstm",
    "show model": "show model lstm",
    "show train epochs": "show train",
    "run --config list.toml": Followed(
        "M --config list.toml", {"list.toml": "[model]\nname = 'lstm'"}
    ),
    "M --data good.csv -o data.columns.text.x=3": "M --data good.csv -o data.columns.text=text",
    "M -o model.pooling.kind=max": "M -o model.pooling=max",
    "M --config nested.toml": Followed(files={"nested.toml": "[model]\npooling = 'max'"}),
    "M --device cuda": "M --device cpu",
    "M --data broken.json": Followed(
        files={
            "broken.json": "["
            + ",".join(['{"text": "a b", "label": 1}, {"text": "c d", "label": 0}'] * 9)
            + "]"
        }
    ),
    "M --data broken.csv.gz": GOOD,
    "M --data broken.parquet": GOOD,
    "M --data latin.csv": Followed(files={"latin.csv": TWO_CLASSES}),
    "M --data gap.csv": "M --data gap.csv -o data.faulty=drop",
    "M --data hollow": Followed(files={"hollow/train.csv": TWO_CLASSES}),
    "M --data mixed": "M --data good.csv",
    "M --tokenizer integer": "M --tokenizer word",
    "M -o evaluate.state=carried": "M -o evaluate.state=empty",
    "M -o model.head=none": "M -o model.head=linear",
    "M -o model.vectors=sme.vec": "M -o model.vectors=some.vec -o model.embedding_size=2",
    "M -o model.vectors=some.vec": "M -o model.vectors=some.vec -o model.embedding_size=2",
    "M -o model.freeze_vectors=true": "M -o model.freeze_vectors=true -o model.vectors=some.vec "
    "-o model.embedding_size=2",
    "M -o train.freeze=haed.*": "M -o train.freeze=head.*",
    "M -o train.freeze=*": "M -o train.freeze=head.*",
    "M --init-from waights.safetensors": "M --init-from RUN/model.safetensors",
    "M --init-from RUN": "M --init-from RUN/model.safetensors",
    "M --init-from good.csv": "M --init-from RUN/model.safetensors",
    "M --init-from TAGS/model.safetensors": "M --init-from RUN/model.safetensors",
    "P --tokenizer word": "P",
    "P --data good.csv": "P --data two-sentences",
    "P --data broken.conllu": "P --data two-sentences",
    "P --data uneven.jsonl": Followed(
        files={
            "uneven.jsonl": '{"words": ["a"], "tags": ["N"]}\n'
            '{"words": ["a", "b"], "tags": ["N", "V"]}\n' * 9
        }
    ),
    "P --data one.jsonl": Followed(
        files={"one.jsonl": '{"words": ["a", "b"], "tags": ["N", "V"]}\n' * 20}
    ),
    "C -o task.mode=last -o task.stride=0": "C -o task.mode=last -o task.stride=1",
    "C -o task.mode=stateful -o model.bidirectional=true": "C -o task.mode=stateful "
    "-o model.bidirectional=false",
    "C --data gap.txt -o task.mode=targets": Followed(
        "run --task chars --model lstm --data pairs.jsonl -o task.mode=targets "
        "-o data.columns.target=answer -o data.whole=false",
        {"pairs.jsonl": '{"text": "abc", "answer": "bcd"}\n' * 20},
    ),
    "C -o data.string=helo": "C -o data.string=hello",
    "C -o tokenizer.characters=aab": "C -o tokenizer.characters=ehlo",
    "C -o tokenizer.characters=ab -o tokenizer.unknown=error": "C -o tokenizer.characters=hielo "
    "-o tokenizer.unknown=id",
    "C --data letter.txt": Followed(files={"letter.txt": "to be or not to be\n" * 9}),
    "R --data waves -o task.per=step": "R --data waves",
    "R --data waves -o task.window=5000": "R --data waves -o task.window=50",
    "R --data waves --tokenizer word": "R --data waves",
    "R --data waves -o task.features=temp": "R --data waves",
    "R -o task.features=temp": "R",
    "R --data words.jsonl": Followed(
        files={"words.jsonl": '{"sequence": [1, 2], "target": 1}\n' * 20}
    ),
    "R --data gap.txt": "R --data waves",
    "run --recipe pos-tpy": "run --recipe pos-toy",
    "run --recipe pos-toy -o model.hiden_size=3": "run --recipe pos-toy -o model.hidden_size=3",
    "run --recipe pos-toy --task sentimnt": "M",
    "M --strict": "run --recipe pos-toy --strict --dry-run",
    "M --seeds 0;1": "M --seeds 0,1",
    "M --seeds 7": "M --seeds 0,1",
    "M --seeds 1,1": "M --seeds 0,1",
    "M --seeds 0,1 --seed 2": "M --seeds 0,1",
    "M --seeds 0,1 -o model.hidden_size=0": "M --seeds 0,1",
    "run --seeds 0,1 --resume RUN": "run --resume RUN",
    "run --resume RUM": "run --resume RUN",
    "predict VALUES 1 2 3 1 two 3": "predict VALUES '1 2 3' '[1, 2, 3]'",
    "predict SERIES --input rows.csv": "predict SERIES '1 2 3'",
    "predict TAGS --input rows.jsonl": Followed(
        files={"rows.jsonl": '{"words": ["a"]}\n{"words": ["b", "c"]}\n'}
    ),
    "predict TAGS --input latin.csv": "predict TAGS --input rows.csv",
    "evaluate VALUES --data waves": "evaluate SERIES --data waves",
    "evaluate RUN --data odd.csv": "evaluate RUN --data reviews",
    "evaluate RUN --data odd.csv -o data.columns.txt=words": "evaluate RUN --data reviews "
    "-o data.columns.text=text",
    "evaluate RUN --data good.csv -o model.rows=3": "evaluate RUN --data reviews -o data.rows=300",
    "evaluate RUN -o data.rows=300": "evaluate RUN --data reviews -o data.rows=300",
    "evaluate SERIES --data few.jsonl": Followed(files={"few.jsonl": '{"value": 1}\n' * 90}),
    "inspect errors nowhere": "inspect errors RUN",
    "inspect errors UNFINISHED": "run --resume UNFINISHED",
    "inspect errors RUN --data revews": "inspect errors RUN --data reviews",
    "inspect errors VALUES --data waves": "inspect errors SERIES --data waves",
    "generate nowhere --prompt a": "generate TEXT --prompt h",
    "generate RUN --prompt a": "run --task chars --model lstm --data strings",
    "generate TEXT --prompt ": "generate TEXT --prompt h",
    "generate TEXT --prompt h --length 0": "generate TEXT --prompt h --length 1",
    "generate TEXT --prompt h --temperature nan": "generate TEXT --prompt h --temperature 0",
    "generate TEXT --prompt h --top-k 0": "generate TEXT --prompt h --top-k 1",
    "generate TEXT --prompt h --top-p 1.5": "generate TEXT --prompt h --top-p 1",
    "generate TEXT --prompt h --samples 0": "generate TEXT --prompt h --samples 1",
    "data show": "data show reviews",
    "data show revews": "data show reviews",
    "data show ./good.cvs": "data show ./good.csv",
    "data show empty.csv": Followed(files={"empty.csv": TWO_CLASSES}),
    "data show good.csv --task poss": "data show --task pos",
    "data show reviews -o data.row=3": "data show reviews -o data.rows=300",
    "list runs nowhere": "list runs .",
    "show recipe pos-tpy": "show recipe pos-toy",
    "show tokenizer wrod": "show tokenizer word",
    "doctor --plugin sintax.py": Followed("doctor --plugin syntax.py", {"syntax.py": ""}),
}
