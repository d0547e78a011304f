"""Models: input streams → features → head. Built around a layer, or written by an author."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, Literal

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
from seqlab.types import Options

Probability = Annotated[float, Range(0, 1)]
Size = Annotated[int, Range(1)]
HeadKind = Literal["linear", "logistic", "none"]

_HEADS: Mapping[HeadKind, Callable[[int, Outputs], Head]] = {
    "linear": LinearHead,
    "logistic": LogisticHead,
    "none": IdentityHead,
}


class Model(nn.Module, ABC):
    """Base class of models. The first parameter of `__init__` is the `ModelSpec`.

    Attributes:
        head: Module from features to outputs.
        devices: Device types that the model can run on, such as ("cpu",); empty for all.
    """

    head: Head
    devices: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        """The input of the head: (B, T, D) per step, (B, D) per sequence."""

    def forward(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        """The outputs: (B, T, …) per step, (B, …) per sequence."""
        return self.head(self.features(inputs, lengths))  # type: ignore[no-any-return]

    def initial_state(self, batch_size: int) -> State:
        """The state before the first step; causal models only."""
        raise self._not_stateful()

    def advance(self, inputs: Inputs, state: State) -> tuple[Tensor, State]:
        """The features of the next T steps of every row, and the state after them."""
        raise self._not_stateful()

    def _not_stateful(self) -> PluginError:
        return PluginError(
            f"{type(self).__name__} cannot continue from a carried state",
            remedy="choose a causal model that has `initial_state` and `advance`",
        )


class SequenceModel(Model):
    """Embedding, layers, pooling and head, built around a layer's class.

    Args:
        spec: The inputs and outputs of the task.
        layer: The layer's class.
        layer_options: Options of the layer.
        input: Tokens as learned vectors ("embedding") or as one-hot vectors ("one-hot").
        embedding_size: Width of a token's vector.
        embedding_init_std: Standard deviation of the embedding's initial weights.
        embedding_dropout: Dropout probability of the embedding's features, with the same mask at
            every step.
        token_dropout: Fraction of the tokens that training replaces by the unknown token.
        vectors: Text file of word vectors that initialize the embedding, "word v1 v2 …" per line.
        freeze_vectors: Whether training leaves these vectors unchanged.
        num_layers: Number of layers stacked on top of each other.
        bidirectional: Whether a second direction reads each sequence from its end to its start.
        dropout: Dropout probability between layers.
        pooling: How the steps become one vector, if the task has one output per sequence: the
            last step of each direction, mean, maximum or attention; "states" concatenates the
            last steps of all layers, not only of the last one.
        head_dropout: Dropout probability before the head.
        head: A linear map to the outputs; a linear map to one logit, for two classes (logistic);
            or none: the output of the last layer is used as it is.
        head_init_std: Standard deviation of the head's initial weights, with biases 0; none for
            torch's uniform ones.
    """

    def __init__(
        self,
        spec: ModelSpec,
        layer: type[Layer],
        layer_options: Options,
        *,
        input: InputKind = "embedding",  # noqa: A002
        embedding_size: Size = 128,
        embedding_init_std: Annotated[float, Range(0)] = 0.1,
        embedding_dropout: Probability = 0.0,
        token_dropout: Probability = 0.0,
        vectors: str | None = None,
        freeze_vectors: bool = False,
        num_layers: Annotated[int, Range(1, 1000)] = 1,
        bidirectional: bool = False,
        dropout: Probability = 0.0,
        pooling: PoolingKind = "last",
        head_dropout: Probability = 0.0,
        head: HeadKind = "linear",
        head_init_std: Annotated[float, Range(0)] | None = None,
    ) -> None:
        super().__init__()
        self.embedder = Embedder(
            spec.inputs, input, embedding_size, embedding_init_std, token_dropout
        )
        # the file is read when training starts; a saved model has the vectors in its weights
        self.vectors, self.freeze_vectors = vectors, freeze_vectors
        self.embedding_dropout = LockedDropout(embedding_dropout)
        pooling_kind = pooling if spec.outputs.per == "sequence" else None
        size, separate = self.embedder.output_size, pooling_kind == "states"
        self.stack = Stack(
            layer, size, layer_options, num_layers, bidirectional, dropout, separate_levels=separate
        )
        _check_causal(spec, self.stack.causal, bidirectional)
        self.pooling = _build_pooling(pooling_kind, self.stack)
        size = (self.pooling or self.stack).output_size
        self.head_dropout = nn.Dropout(head_dropout)
        self.head = _build_head(head, size, spec.outputs, head_init_std)

    def features(self, inputs: Inputs, lengths: Tensor) -> Tensor:
        """The input of the head: (B, T, D) per step, (B, D) per sequence."""
        x = self.embedding_dropout(self.embedder(inputs, lengths))  # (B, T, D)
        if isinstance(self.pooling, FinalStates):
            x = self.pooling(self.stack.levels(x, lengths), lengths)  # (B, sum of D')
        else:
            x = self.stack(x, lengths)  # (B, T, D')
            if self.pooling is not None:
                x = self.pooling(x, lengths)  # (B, D')
        return self.head_dropout(x)  # type: ignore[no-any-return]

    def initial_state(self, batch_size: int) -> State:
        """The state before the first step."""
        if self.pooling is not None or not self.stack.causal:
            raise self._not_stateful()
        return self.stack.initial_state(batch_size)

    def advance(self, inputs: Inputs, state: State) -> tuple[Tensor, State]:
        """The features of the next T steps of every row, and the state after them."""
        if self.pooling is not None or not self.stack.causal:
            raise self._not_stateful()
        lengths = self.embedder.full_lengths(inputs)
        x = self.embedding_dropout(self.embedder(inputs, lengths))  # (B, T, D)
        x, next_state = self.stack.advance(x, state)
        return self.head_dropout(x), next_state


def model_options(builder: type[Layer] | type[Model]) -> dict[str, Option]:
    """All options of a model; those of a layer and of the model around it are one flat set.

    Raises:
        PluginError: An option of the layer has the name of an option of `SequenceModel`.
    """
    if not issubclass(builder, Layer):
        return options_of(builder)
    layer_options, core_options = options_of(builder), options_of(SequenceModel)
    shared = {"num_layers", "dropout"}  # `Stack` passes these to a layer that stacks itself
    clashes = (set(layer_options) & set(core_options)) - shared
    if clashes:
        raise PluginError(
            f"layer {builder.__name__} has options that the core already has: {sorted(clashes)}",
            location=f"{builder.__module__}.{builder.__qualname__}.__init__",
            remedy="rename them",
        )
    extra = {name: option for name, option in layer_options.items() if name not in shared}
    return {**core_options, **extra}


def build_model(builder: type[Layer] | type[Model], spec: ModelSpec, options: Options) -> Model:
    """Build the model for a task.

    Args:
        builder: A layer's class, around which a `SequenceModel` is built, or a model's class.
        spec: The inputs and outputs of the task.
        options: All options of `model_options`, validated.
    """
    if not issubclass(builder, Layer):
        return builder(spec, **options)
    known = options_of(SequenceModel)
    core_options = {name: value for name, value in options.items() if name in known}
    layer_options = {name: value for name, value in options.items() if name not in known}
    return SequenceModel(spec, builder, layer_options, **core_options)


def _build_pooling(kind: PoolingKind | None, stack: Stack) -> Pooling | FinalStates | None:
    if kind is None:
        return None
    if kind == "states":
        return FinalStates(stack.level_sizes)
    return Pooling(kind, stack.output_size, stack.backward_size)


def _build_head(kind: HeadKind, input_size: int, outputs: Outputs, init_std: float | None) -> Head:
    head = _HEADS[kind](input_size, outputs)
    if init_std is not None:
        for parameter in head.parameters():
            nn.init.normal_(parameter, 0.0, init_std if parameter.dim() > 1 else 0.0)
    return head


def _check_causal(spec: ModelSpec, causal: bool, bidirectional: bool) -> None:
    if not spec.causal or causal:
        return
    if bidirectional:
        raise UserError(
            "this task predicts the next step, but a backward direction would see it",
            location="model.bidirectional",
            remedy="-o model.bidirectional=false",
        )
    raise UserError(
        "this task predicts the next step, but this layer sees the whole sequence",
        location="model.name",
        remedy="choose a causal layer; `seqlab list models` shows all",
    )
