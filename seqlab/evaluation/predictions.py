"""Predictions for rows, as records for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from seqlab.data.encoding.examples import Examples
from seqlab.data.sampling.batching import gather
from seqlab.data.sampling.bucket import in_order_of_length
from seqlab.data.split import Split
from seqlab.device import Device
from seqlab.errors import UserError
from seqlab.nn import Objective
from seqlab.task import Fitted


class Presenter:
    """Predicts rows and presents what comes out.

    Args:
        fitted: Encodes and presents.
        columns: Which column fills each role.
        objective: Model and criterion; the model is used as it stands, for evaluation.
        device: Where.
        batch_size: Rows side by side.
    """

    def __init__(
        self,
        fitted: Fitted,
        columns: Mapping[str, str],
        objective: Objective,
        *,
        device: Device,
        batch_size: int,
    ) -> None:
        self.fitted, self.columns = fitted, dict(columns)
        self.objective, self.device, self.batch_size = objective, device, batch_size

    def records(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """A record for each row, in their order.

        Args:
            rows: With the columns of training; they may lack the targets.

        Raises:
            UserError: A column of the inputs is missing.
        """
        split = Split.from_rows("predict", rows, "the rows to predict")
        examples = self._encode(split)
        records: dict[int, dict[str, Any]] = {}
        for chosen in in_order_of_length(examples.lengths, self.batch_size):
            batch = gather(examples, chosen).to(self.device.torch_device)
            with torch.no_grad(), self.device.autocast():
                model = self.objective.model
                scores = model(batch.inputs, batch.lengths)
                decoded = model.head.decode(scores, batch.lengths)
            for place, row in enumerate(examples.rows[chosen]):
                length = int(batch.lengths[place])
                one = (scores[place], decoded[place])
                if examples.per == "step":
                    one = (one[0][:length], one[1][:length])
                arrays = [each.float().cpu().numpy() for each in one]
                records[int(row)] = self.fitted.presenter.present(self._said(rows[row]), *arrays)
        for place in range(len(rows)):
            yield records[place]

    def _encode(self, split: Split) -> Examples:
        columns = self._inputs(split)
        try:
            return self.fitted.encode(split, columns, targets=False)
        except KeyError as error:
            lacking = [role for role, name in columns.items() if name == error.args[0]]
            if not lacking:
                raise
            names = dict.fromkeys([self.columns[lacking[0]], lacking[0]])
            raise UserError(
                "the rows have no column " + " or ".join(f"'{name}'" for name in names),
                location=split.origin,
                remedy=f"they have: {', '.join(split.column_names) or 'none'}",
            ) from None

    def _inputs(self, split: Split) -> dict[str, str]:
        """The columns, for rows that may lack the targets; a text may come under its role."""
        return {
            role: name if name in split.column_names else role
            for role, name in self.columns.items()
        }

    def _said(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row with the task's own names for its inputs."""
        roles = {name: role for role, name in self.columns.items()}
        return {roles.get(name, name): value for name, value in row.items()}
