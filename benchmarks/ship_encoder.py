r"""Turn models that `fit_encoder.py` wrote into the encoder `accurate`: average, export, quantise.

    pip install -e '.[fit]'
    python benchmarks/ship_encoder.py tuned-1 tuned-2 --keep 0.75 [--output models/weights/accurate.onnx]

Weights are averaged over the models and with all-MiniLM-L6-v2 as published, which gets the share `--keep` (Wortsman et
al., "Robust fine-tuning of zero-shot models", 2022); without a model it is the published one alone. The graph takes
the tokens of texts of one length and gives unit rows. What to do with the digest that is printed: models/shipped.py.
"""

import hashlib
import tempfile
from pathlib import Path

import click
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch.nn import functional
from transformers import AutoModel, PreTrainedModel

from models import semantic

OPSET = 17


class Pooled(torch.nn.Module):
    """The mean of a text's token vectors, of unit length: what all-MiniLM-L6-v2 does with them."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(texts, tokens) ids, no padding → (texts, dimensions)."""
        return functional.normalize(self.model(input_ids=ids).last_hidden_state.mean(dim=1), dim=1)


def load(folder: Path) -> PreTrainedModel:
    """A model whose attention can be exported."""
    model: PreTrainedModel = AutoModel.from_pretrained(str(folder), attn_implementation="eager", local_files_only=True)
    return model.float().eval()


def averaged(tuned: tuple[Path, ...], keep: float) -> PreTrainedModel:
    """The published model, moved towards the mean of others."""
    model = load(semantic.bundled_folder())
    if tuned:
        weights = [load(folder).state_dict() for folder in tuned]
        mixed = {}
        for name, value in model.state_dict().items():
            mean = torch.stack([one[name].double() for one in weights]).mean(dim=0)
            mixed[name] = (keep * value.double() + (1.0 - keep) * mean).to(value.dtype)
        model.load_state_dict(mixed)
    return model


def export(model: PreTrainedModel, output: Path) -> None:
    """Write the graph in single precision."""
    example = torch.arange(1000, 1034).reshape(2, 17)
    torch.onnx.export(
        Pooled(model), (example,), str(output), input_names=["ids"], output_names=["vectors"], opset_version=OPSET,
        dynamic_axes={"ids": {0: "texts", 1: "tokens"}, "vectors": {0: "texts"}}, dynamo=False,
    )  # fmt: skip


def quantise(whole: Path, output: Path) -> None:
    """Write the graph in whole numbers: see models/quantised.py."""
    prepared = whole.with_suffix(".prepared")
    quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(prepared, output, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)


PATH = click.Path(path_type=Path)


@click.command()
@click.argument("tuned", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--keep", default=0.75, show_default=True, type=click.FloatRange(0, 1), help="Share of the published model."
)
@click.option("--output", type=PATH, default=Path("models/weights/accurate.onnx"), show_default=True)
def main(tuned: tuple[Path, ...], keep: float, output: Path) -> None:
    """Average, export, quantise, say what came out."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        export(averaged(tuned, keep), whole)
        quantise(whole, output)
    click.echo(f"{output}: {output.stat().st_size:,} bytes, sha256 {hashlib.sha256(output.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
