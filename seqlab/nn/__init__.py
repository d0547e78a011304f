"""Building blocks of models. Plugins import them from here.

Letters in shape comments:

    B  batch size       T  time steps         D  width of a step         H  hidden size
    F  input features   V  vocabulary size    O  outputs                 L  number of layers
    K  ids per step     N  targets            U  distinct tokens of a batch
    C  characters of a token

Tensors are batch first. Steps after a row's length are padding and may hold any value.
"""

from seqlab.nn.criterion import (
    AbsoluteError,
    Criterion,
    CrossEntropy,
    HuberError,
    SquaredError,
    balanced_weights,
)
from seqlab.nn.dropout import LockedDropout
from seqlab.nn.embedding import CharacterEmbedding, Embedder, OneHot, TokenEmbedding
from seqlab.nn.head import Head, IdentityHead, LinearHead, LogisticHead
from seqlab.nn.init import Init, init_recurrent
from seqlab.nn.initial_state import InitialState, InitialStateKind
from seqlab.nn.layer import Layer
from seqlab.nn.masking import reverse, step_mask
from seqlab.nn.model import Model, SequenceModel, build_model, model_options
from seqlab.nn.objective import Objective, Prediction
from seqlab.nn.pooling import FinalStates, Pooling
from seqlab.nn.stack import Stack
from seqlab.nn.torch_weights import weights_from_torch, weights_to_torch

__all__ = [
    "AbsoluteError",
    "CharacterEmbedding",
    "Criterion",
    "CrossEntropy",
    "Embedder",
    "FinalStates",
    "Head",
    "HuberError",
    "IdentityHead",
    "Init",
    "InitialState",
    "InitialStateKind",
    "Layer",
    "LinearHead",
    "LockedDropout",
    "LogisticHead",
    "Model",
    "Objective",
    "OneHot",
    "Pooling",
    "Prediction",
    "SequenceModel",
    "SquaredError",
    "Stack",
    "TokenEmbedding",
    "balanced_weights",
    "build_model",
    "init_recurrent",
    "model_options",
    "reverse",
    "step_mask",
    "weights_from_torch",
    "weights_to_torch",
]
