"""Write the tuned layers and heads of a training in half precision, as they are shipped.

python -m training.export runs/reader/state.pt rag/data/reader.safetensors
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

_BASE = "intfloat/multilingual-e5-small"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    state = torch.load(arguments.state, map_location="cpu", weights_only=True)
    weights = {
        name: weight.to(torch.bfloat16).contiguous() for name, weight in state["network"].items()
    }
    save_file(weights, arguments.target, metadata={"base": _BASE, "steps": str(state["step"])})


if __name__ == "__main__":
    main()
