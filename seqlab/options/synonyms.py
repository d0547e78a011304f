"""Names that other libraries and earlier versions of seqlab use for an option.

The nearest spelling does not lead from `lr` to `learning_rate`: a table does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

TOP = ("seed", "device", "precision", "smoke")
"""Options without a section."""

SYNONYMS: Mapping[str, str] = {
    "task.max_length": "max_len maxlen max_seq_len max_seq_length max_sequence_length truncate",
    "task.keep": "truncation truncation_side truncating",
    "task.label_smoothing": "smoothing label_smoothing_factor",
    "task.class_weights": "class_weight weight weights balanced",
    "task.length": "seq_len seq_length sequence_length block_size chunk_size context_length bptt",
    "task.evaluate_length": "eval_length eval_len test_length",
    "task.stride": "step hop",
    "task.window": "window_size lookback history lags context input_length",
    "task.horizon": "forecast forecast_horizon prediction_length steps_ahead",
    "task.features": "columns feature_columns variables",
    "task.loss": "criterion objective loss_function loss_fn",
    "task.min_count": "min_freq min_frequency",
    "task.lowercase": "lower do_lower_case uncased",
    "data.source": "path file dataset name",
    "data.columns": "column fields roles",
    "data.whole": "whole_text full_text sample_by",
    "data.validation_fraction": "split val_split val_fraction val_size validation_split "
    "validation_size dev_split dev_fraction valid_size",
    "data.test_fraction": "test_split test_size",
    "data.faulty": "missing invalid nan on_error",
    "data.cache": "caching use_cache",
    "data.workers": "num_workers num_proc n_jobs jobs processes",
    "data.rows": "num_rows n_rows max_rows num_samples n_samples samples size limit",
    "data.seed": "random_state random_seed",
    "tokenizer.max_size": "vocab vocab_size vocabulary_size max_vocab max_vocab_size max_words "
    "num_words max_features max_tokens size",
    "tokenizer.vocab_size": "vocab vocabulary_size max_vocab max_vocab_size max_size max_tokens "
    "size",
    "tokenizer.min_count": "min_freq min_frequency cutoff threshold",
    "tokenizer.lowercase": "lower do_lower_case uncased",
    "tokenizer.pattern": "regex regexp split token_pattern",
    "tokenizer.unknown": "unk unk_token unknown_token oov oov_token",
    "tokenizer.normalize": "normalization normalizer normal_form unicode_form nfc nfkc",
    "tokenizer.characters": "symbols alphabet chars charset",
    "model.input": "encoding one_hot",
    "model.embedding_size": "embedding embedding_dim embed_dim embed_size emb_dim emb_size emb "
    "d_embed word_dim input_size ninp",
    "model.embedding_init_std": "embedding_deviation embedding_std init_std",
    "model.embedding_dropout": "emb_dropout embed_dropout embd_pdrop input_dropout",
    "model.token_dropout": "symbol_dropout word_dropout",
    "model.vectors": "word_vectors pretrained_vectors pretrained_embeddings embeddings glove",
    "model.freeze_vectors": "freeze_embedding freeze_embeddings",
    "model.hidden_size": "hidden hidden_dim hidden_units hid_dim n_hidden num_hidden nhid units "
    "num_units d_model width state_size rnn_size",
    "model.num_layers": "layers n_layers n_layer nlayers num_hidden_layers depth",
    "model.bidirectional": "bidir bidirection birnn bi two_way",
    "model.dropout": "dropout_rate dropout_prob dropout_p p_dropout drop hidden_dropout "
    "layer_dropout rnn_dropout",
    "model.pooling": "pool pooler pooling_mode aggregation readout",
    "model.head": "output output_layer classifier decoder",
    "model.head_dropout": "output_dropout classifier_dropout",
    "model.head_init_std": "head_deviation head_std",
    "model.nonlinearity": "activation activation_function act non_linearity",
    "model.bias": "use_bias",
    "model.init": "initializer initialization weight_init kernel_initializer",
    "model.initial_state": "start_state init_state learn_initial_state h0",
    "model.forget_bias": "unit_forget_bias forget_gate_bias",
    "model.chrono_init": "memory chrono",
    "train.epochs": "epoch num_epochs n_epochs num_train_epochs max_epochs passes n_iter",
    "train.max_steps": "steps num_steps total_steps iterations max_iter max_iters",
    "train.batch_size": "bs batch batchsize minibatch_size train_batch_size "
    "per_device_train_batch_size",
    "train.max_tokens": "tokens_per_batch batch_tokens token_budget",
    "train.gradient_accumulation_steps": "accumulate accumulation accumulation_steps grad_accum "
    "grad_accumulation accumulate_grad_batches",
    "train.reduction": "loss_reduction",
    "train.optimizer": "optim optimiser solver algorithm",
    "train.learning_rate": "lr eta step_size learn_rate base_lr max_lr peak_lr init_lr "
    "initial_learning_rate learning_rate_init",
    "train.momentum": "mu",
    "train.beta1": "betas adam_beta1 b1",
    "train.beta2": "adam_beta2 b2",
    "train.weight_decay": "wd decay l2 l2_penalty",
    "train.lr_schedule": "schedule scheduler lr_scheduler lr_scheduler_type lr_decay annealing",
    "train.warmup_ratio": "warmup warm_up warmup_steps num_warmup_steps warmup_fraction",
    "train.max_grad_norm": "clip clipping clip_norm clip_grad clip_grad_norm grad_clip "
    "grad_norm gradient_clip gradient_clipping gradient_clip_val max_norm",
    "train.ema_decay": "ema ema_rate average averaging moving_average polyak",
    "train.max_loss_ratio": "explosion divergence",
    "train.reset_state": "reset reset_probability state_reset",
    "train.patience": "early_stop early_stopping early_stopping_patience",
    "train.init_from": "pretrained weights checkpoint load load_from warm_start",
    "train.freeze": "frozen freeze_layers freeze_parameters",
    "train.monitor": "metric metric_for_best_model watch",
    "train.keep": "save_best restore_best_weights load_best_model_at_end",
    "train.save_seconds": "checkpoint_seconds",
    "train.save_steps": "save_every save_interval checkpoint_steps checkpoint_every",
    "evaluate.batch_size": "bs batch batchsize eval_batch_size per_device_eval_batch_size",
    "evaluate.state": "stateful carry carry_state",
    "evaluate.resamples": "bootstrap n_bootstrap n_resamples bootstrap_samples",
    "evaluate.show": "examples samples num_examples",
}
"""Full name of an option → its synonyms, separated by spaces."""


ROLES: Mapping[str, str] = {
    "text": "texts sentence review content body",
    "series": "signal",
    "label": "labels class category sentiment",
    "words": "tokens",
    "tags": "tag",
    "sequence": "input inputs",
    "target": "targets value y",
    "split": "subset partition",
    "time": "date timestamp",
    "group": "groups id series_id",
}
"""Role of a column → its synonyms: `--target` means `data.columns.target`."""


def role_option(name: str) -> str | None:
    """The full name of the option that chooses the column of a role, by the role or a synonym."""
    synonym = name.lower().replace("-", "_")
    roles = (role for role in ROLES if synonym in (role, *ROLES[role].split()))
    role = next(roles, None)
    return role and f"data.columns.{role}"


def option_elsewhere(name: str, section: str = "") -> str | None:
    """The full name of an option of a different section that a name is, or is a synonym of.

    Args:
        name: The name, without a section.
        section: The section to leave out; none if empty.
    """
    synonym = name.lower().replace("-", "_")
    if synonym in TOP:
        return synonym
    others = [option for option in SYNONYMS if option.partition(".")[0] != section]
    exact = (option for option in others if option.partition(".")[2] == synonym)
    similar = (option for option in others if synonym in SYNONYMS[option].split())
    return next(exact, None) or next(similar, None)


def synonymous_option(section: str, name: str, known: Iterable[str]) -> str | None:
    """The option that a name is a synonym of; None if there is none among the known ones.

    Args:
        section: The section of the options, such as "train".
        name: The name that is not an option.
        known: The options of the section.
    """
    synonym = name.lower().replace("-", "_")
    options = (name for name in known if synonym in SYNONYMS.get(f"{section}.{name}", "").split())
    return next(options, None)
