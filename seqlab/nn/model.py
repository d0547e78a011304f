"""A model: streams → features → head. Built by the core around a layer, or an author's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from torch import Tensor, nn

from seqlab.errors import PluginError, UserError
from seqlab.nn.dropout import LockedDropout
from seqlab.nn.embedding import Embedder, InputKind
from seqlab.nn.head import Head, IdentityHead, LinearHead, LogisticHead
from seqlab.nn.layer import Layer
from seqlab.nn.pooling import FinalStates, Pooling, PoolingKind
from seqlab.nn.stack import Stack
from seqlab.options import Option, Range, options_of
from seqlab.spec import Inputs, ModelSpec, Outputs, State

Share = Annotated[float, Range(0, 1)]
Size = Annotated[int, Range(1)]
HeadKind = Literal["linear", "logistic", "none"]

_HEADS: Mapping[HeadKind, Callable[[int, Outputs], Head]] = {
    "linear": LinearHead,
    "logistic": LogisticHead,
    "none": IdentityHead,
}


class Model(nn.Module, ABC):
    """What is trained. Its first parameter is the `ModelSpec` that it is built for.

    Attributes:
        head: From features to outputs.
        devices: Types of devices that it can compute on, such as ("cpu",); empty for any.
    """

    head: Head
    devices: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        """What the head reads: (B, T, D) a step, (B, D) a sequence."""

    def forward(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        """The outputs: (B, T, …) a step, (B, …) a sequence."""
        return self.head(self.features(inputs, lengths))  # type: ignore[no-any-return]

    def initial_state(self, batch_size: int) -> State:
        """The empty state of a batch; causal models only."""
        raise self._not_streaming()

    def advance(self, inputs: Inputs, state: State) -> tuple[Tensor, State]:
        """The features of the next T steps of every row, and the state after them."""
        raise self._not_streaming()

    def _not_streaming(self) -> PluginError:
        return PluginError(
            f"{type(self).__name__} cannot go on from a state",
            remedy="choose a model that is causal and has `initial_state` and `advance`",
        )


class SequenceModel(Model):
    """Embedding, layers, pooling, head, put together around a layer's class.

    Args:
        spec: What it is built for.
        layer: The layer's class.
        layer_options: The layer's own options.
        input: Symbols as learned vectors ("embedding") or as unit vectors ("one-hot").
        embedding_size: Width of a symbol's vector.
        embedding_init_std: Standard deviation of the embedding's start weights.
        embedding_dropout: Share of the embedding's numbers that training sets to 0, the same at
            every step.
        token_dropout: Share of symbols that training replaces by the unknown symbol.
        vectors: Text file of word vectors that the embedding starts from, "word v1 v2 …" a line.
        freeze_vectors: Whether these stay as they are.
        num_layers: How many layers above each other.
        bidirectional: A second direction, from each sequence's end to its start.
        dropout: Share of numbers that training sets to 0 between layers.
        pooling: How one vector comes from all steps, where one output a sequence is asked for:
            the last step of each direction, mean, maximum or attention; "states" joins the last
            steps of all layers, not of the last one alone.
        head_dropout: Share of numbers that training sets to 0 before the head.
        head: A linear map to the outputs; to one logit, for two classes (logistic); or none: the
            layer's output is the outputs.
        head_init_std: Standard deviation of the map's start weights, with biases 0; none for
            torch's uniform ones.
    """

    def __init__(
        self,
        spec: ModelSpec,
        layer: type[Layer],
        layer_options: Mapping[str, Any],
        *,
        input: InputKind = "embedding",  # noqa: A002
        embedding_size: Size = 128,
        embedding_init_std: Annotated[float, Range(0)] = 0.1,
        embedding_dropout: Share = 0.0,
        token_dropout: Share = 0.0,
        vectors: str | None = None,
        freeze_vectors: bool = False,
        num_layers: Annotated[int, Range(1, 1000)] = 1,
        bidirectional: bool = False,
        dropout: Share = 0.0,
        pooling: PoolingKind = "last",
        head_dropout: Share = 0.0,
        head: HeadKind = "linear",
        head_init_std: Annotated[float, Range(0)] | None = None,
    ) -> None:
        super().__init__()
        self.embedder = Embedder(
            spec.inputs, input, embedding_size, embedding_init_std, token_dropout
        )
        # read when training begins: a saved model has them among its weights
        self.vectors, self.freeze_vectors = vectors, freeze_vectors
        self.embedding_dropout = LockedDropout(embedding_dropout)
        kind = pooling if spec.outputs.per == "sequence" else None
        width, apart = self.embedder.output_size, kind == "states"
        self.stack = Stack(
            layer, width, layer_options, num_layers, bidirectional, dropout, apart=apart
        )
        _check_causal(spec, self.stack.causal, bidirectional)
        self.pooling = _pooling(kind, self.stack)
        width = (self.pooling or self.stack).output_size
        self.head_dropout = nn.Dropout(head_dropout)
        self.head = _head(head, width, spec.outputs, head_init_std)

    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        """What the head reads: (B, T, D) a step, (B, D) a sequence."""
        x = self.embedding_dropout(self.embedder(inputs, lengths))  # (B, T, D)
        if isinstance(self.pooling, FinalStates):
            x = self.pooling(self.stack.levels(x, lengths), lengths)  # (B, sum of D')
        else:
            x = self.stack(x, lengths)  # (B, T, D')
            if self.pooling is not None:
                x = self.pooling(x, lengths)  # (B, D')
        return self.head_dropout(x)  # type: ignore[no-any-return]

    def initial_state(self, batch_size: int) -> State:
        """The empty state of a batch."""
        if self.pooling is not None or not self.stack.causal:
            raise self._not_streaming()
        return self.stack.initial_state(batch_size)

    def advance(self, inputs: Inputs, state: State) -> tuple[Tensor, State]:
        """The features of the next T steps of every row, and the state after them."""
        if self.pooling is not None or not self.stack.causal:
            raise self._not_streaming()
        lengths = self.embedder.full_lengths(inputs)
        x = self.embedding_dropout(self.embedder(inputs, lengths))  # (B, T, D)
        x, after = self.stack.advance(x, state)
        return self.head_dropout(x), after


def model_options(builder: type[Layer] | type[Model]) -> dict[str, Option]:
    """All options of a model; those of a layer and of the core around it are one flat set.

    Raises:
        PluginError: A layer's option has the name of one of the core's.
    """
    if not issubclass(builder, Layer):
        return options_of(builder)
    own, around = options_of(builder), options_of(SequenceModel)
    shared = {"num_layers", "dropout"}  # a layer that stacks itself is given the core's
    clash = (set(own) & set(around)) - shared
    if clash:
        raise PluginError(
            f"layer {builder.__name__} has options that the core already has: {sorted(clash)}",
            location=f"{builder.__module__}.{builder.__qualname__}.__init__",
            remedy="rename them",
        )
    return {**around, **{name: option for name, option in own.items() if name not in shared}}


def build_model(
    builder: type[Layer] | type[Model], spec: ModelSpec, options: Mapping[str, Any]
) -> Model:
    """The model for a task.

    Args:
        builder: A layer's class, which the core completes, or a model's.
        spec: What it is built for.
        options: Complete and validated, as `model_options` describes them.
    """
    if not issubclass(builder, Layer):
        return builder(spec, **options)
    around = options_of(SequenceModel)
    own = {name: value for name, value in options.items() if name not in around}
    rest = {name: value for name, value in options.items() if name in around}
    return SequenceModel(spec, builder, own, **rest)


def _pooling(kind: PoolingKind | None, stack: Stack) -> Pooling | FinalStates | None:
    if kind is None:
        return None
    if kind == "states":
        return FinalStates(stack.sizes)
    return Pooling(kind, stack.output_size, stack.back_size)


def _head(kind: HeadKind, width: int, outputs: Outputs, deviation: float | None) -> Head:
    head = _HEADS[kind](width, outputs)
    if deviation is not None:
        for weight in head.parameters():
            nn.init.normal_(weight, 0.0, deviation if weight.dim() > 1 else 0.0)
    return head


def _check_causal(spec: ModelSpec, causal: bool, bidirectional: bool) -> None:
    if not spec.causal or causal:
        return
    if bidirectional:
        raise UserError(
            "this task predicts what comes next; a backward direction would see it",
            location="model.bidirectional",
            remedy="-o model.bidirectional=false",
        )
    raise UserError(
        "this task predicts what comes next, and this layer sees the whole sequence",
        location="model.name",
        remedy="choose a causal layer; `seqlab list models` shows all",
    )
