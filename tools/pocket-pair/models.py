"""Trained models, as the steps after training take them."""
import torch

import folders
from llama import Llama


def device():
    return "cuda" if torch.cuda.is_available() else "cpu"


def load(folder, name):
    saved = torch.load(f"{folder}/{name}.pt", map_location="cpu")
    model = Llama(saved["size"], len(saved["weights"]["embed.weight"]))
    model.load_state_dict({name: weight.float() for name, weight in saved["weights"].items()})
    return folders.rounded(model).to(device()).eval()
