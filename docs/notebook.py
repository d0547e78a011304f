"""The notebook of the documentation: executed, and shown as a page.

`python -m docs.notebook` executes it again and saves the outputs of its cells.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from seqlab.types import JsonObject

NOTEBOOK = Path(__file__).parent / "examples" / "first_steps.ipynb"
TIMEOUT = 300
"""Seconds that the kernel may take to start, and each cell to run."""


def execute(source: Path, target: Path) -> None:
    """Run a notebook with this Python, in an empty folder, and write it with its outputs.

    Args:
        source: The notebook.
        target: Where the executed notebook is written to.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed.
    """
    import nbformat
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class ThisPython(KernelSpecManager):
        """Always the kernel of this interpreter, whatever kernels are installed."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=command, language="python", display_name=kernel_name)

    notebook = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(dict.fromkeys(("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"), folder))
        os.environ["SEQLAB_CACHE"] = "off"  # the outputs are those of a first run
        manager = AsyncKernelManager(
            kernel_spec_manager=ThisPython(), transport="ipc", ip=f"{folder}/kernel"
        )
        NotebookClient(
            notebook,
            km=manager,
            timeout=TIMEOUT,
            startup_timeout=TIMEOUT,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        ).execute()
    notebook.metadata.pop("language_info", None)
    nbformat.write(notebook, target)  # type: ignore[no-untyped-call]


def as_markdown(source: Path = NOTEBOOK) -> str:
    """The text, the code and the outputs of a notebook."""
    return "\n".join(_cells(json.loads(source.read_text(encoding="utf-8"))))


def _cells(notebook: JsonObject) -> Iterator[str]:
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield f"{source}\n"
            continue
        yield f"```python\n{source}\n```\n"
        if text := "".join(map(_text, cell["outputs"])).rstrip():
            yield f"```text\n{text}\n```\n"


def _text(output: JsonObject) -> str:
    lines = output["text"] if "text" in output else output["data"]["text/plain"]
    return "".join(lines)


if __name__ == "__main__":
    execute(NOTEBOOK, Path(sys.argv[1]) if sys.argv[1:] else NOTEBOOK)
