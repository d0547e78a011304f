"""Predictions for rows, as records that the presenter of the task makes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import torch

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather
from seqlab.data.split import Conversion, Split
from seqlab.device import Device
from seqlab.errors import UserError, listed
from seqlab.evaluation.evaluate import bounded_batches
from seqlab.evaluation.records import Record, record_of
from seqlab.nn import Objective
from seqlab.spec import Batch
from seqlab.task import Fitted
from seqlab.types import Array, Row


class RowPredictor:
    """Predicts rows and presents the predictions as records.

    Args:
        fitted: The fitted task.
        columns: The column of each role.
        objective: Model and criterion; the model is used as it is and has to be in evaluation mode.
        device: Where the model is.
        batch_size: Rows per batch.
        conversions: Column → function of its values, as in `Split.converted`.
    """

    def __init__(
        self,
        fitted: Fitted,
        columns: Mapping[str, str],
        objective: Objective,
        *,
        device: Device,
        batch_size: int,
        conversions: Mapping[str, Conversion] = {},
    ) -> None:
        self.fitted, self.columns = fitted, dict(columns)
        self.objective, self.device, self.batch_size = objective, device, batch_size
        self.conversions = dict(conversions)

    def records(self, rows: Sequence[Row]) -> Iterator[Record]:
        """One record per row, in the order of the rows.

        A record keeps the columns of its row. A typed row has the names of the roles instead.

        Args:
            rows: Rows with the columns of training; target columns may be missing.

        Raises:
            UserError: A column of the inputs is missing.
        """
        split = Split.from_rows("predict", rows, "the rows to predict")
        split = split.converted(self.conversions)
        examples = self._encode(split)
        roles = {name: role for role, name in self._input_columns(split).items()}
        records: dict[int, Record] = {}
        outputs = math.prod(self.objective.model.head.outputs.shape)
        for indices in bounded_batches(examples, self.batch_size, outputs):
            batch = gather(examples, indices).to(self.device.torch_device)
            predictions = self._predict(batch, per_step=examples.per == "step")
            for row, arrays in zip(examples.rows[indices].tolist(), predictions, strict=True):
                by_role = {roles[name]: value for name, value in rows[row].items() if name in roles}
                presented = self.fitted.presenter.present(by_role, *arrays)
                records[row] = record_of(rows[row], by_role, presented)
        for row in range(len(rows)):
            yield records[row]

    def _predict(self, batch: Batch, *, per_step: bool) -> Iterator[tuple[Array, Array]]:
        """Outputs and predictions of each row of a batch, without padding."""
        with torch.no_grad(), self.device.autocast():
            model = self.objective.model
            outputs = model(batch.inputs, batch.lengths)
            predictions = model.head.decode(outputs, batch.lengths)
        for index, length in enumerate(batch.lengths.tolist()):
            steps = slice(length) if per_step else ...
            row_outputs, row_predictions = outputs[index][steps], predictions[index][steps]
            yield row_outputs.float().cpu().numpy(), row_predictions.float().cpu().numpy()

    def _encode(self, split: Split) -> Examples:
        columns = self._input_columns(split)
        try:
            return self.fitted.encode(split, columns, targets=False)
        except KeyError as error:
            missing = [role for role, name in columns.items() if name == error.args[0]]
            if not missing:
                raise
            names = dict.fromkeys([self.columns[missing[0]], missing[0]])
            raise UserError(
                "the rows have no column " + " or ".join(f"'{name}'" for name in names),
                location=split.origin,
                remedy=f"they have: {listed(split.column_names) or 'none'}; choose one with "
                f"-o data.columns.{missing[0]}=NAME, or rename it",
            ) from None

    def _input_columns(self, split: Split) -> dict[str, str]:
        """The column of each role; the role itself where the rows lack the column of training."""
        return {
            role: name if name in split.column_names else role
            for role, name in self.columns.items()
        }
