"""The notebook of the docs: executed, and shown as a page.

`python -m docs.notebook` executes it anew and keeps what its cells print.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parent / "examples" / "first_steps.ipynb"
SECONDS = 300
"""After which the kernel or a cell is given up."""


def execute(source: Path, target: Path) -> None:
    """Run a notebook with this Python, in an empty folder, and write it with its outputs.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed.
    """
    import nbformat
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class ThisPython(KernelSpecManager):
        """Whatever kernels a machine has, the one of this interpreter."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=command, language="python", display_name=kernel_name)

    notebook = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(dict.fromkeys(("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"), folder))
        os.environ["SEQLAB_CACHE"] = "off"  # nothing is printed but what a first run prints
        manager = AsyncKernelManager(
            kernel_spec_manager=ThisPython(), transport="ipc", ip=f"{folder}/kernel"
        )
        NotebookClient(
            notebook,
            km=manager,
            timeout=SECONDS,
            startup_timeout=SECONDS,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        ).execute()
    notebook.metadata.pop("language_info", None)
    nbformat.write(notebook, target)  # type: ignore[no-untyped-call]


def as_markdown(source: Path = NOTEBOOK) -> str:
    """Text, code and what it printed."""
    return "\n".join(_cells(json.loads(source.read_text(encoding="utf-8"))))


def _cells(notebook: dict[str, Any]) -> Iterator[str]:
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield f"{source}\n"
            continue
        yield f"```python\n{source}\n```\n"
        if shown := "".join(map(_shown, cell["outputs"])).rstrip():
            yield f"```text\n{shown}\n```\n"


def _shown(output: dict[str, Any]) -> str:
    text = output["text"] if "text" in output else output["data"]["text/plain"]
    return "".join(text)


if __name__ == "__main__":
    execute(NOTEBOOK, Path(sys.argv[1]) if sys.argv[1:] else NOTEBOOK)
