"""Random blocks of every GGUF type that packages/checkpoint reads, with their values by the gguf package.

    pip install numpy gguf
    python make_block_goldens.py ../../packages/checkpoint/test/fixtures/gguf-blocks.json

Bytes and float32 values are base64, little-endian. Seen with gguf 0.19.0.
"""

import base64
import json
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize

rng = np.random.default_rng(20250725)

# where the float16 numbers of a block are; all other bytes may be anything
SCALES = {
    "F32": [], "F16": [0], "BF16": [],
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}  # fmt: skip


def random_scale() -> np.float16:
    """As in real files, and now and then zero, subnormal, negative or large."""
    kind = rng.integers(8)
    if kind == 0:
        return np.float16(rng.choice([0.0, -0.0]))
    if kind == 1:
        return np.float16(rng.integers(1, 1024) * 2.0**-24)
    if kind == 2:
        return np.float16(rng.normal() * 1000)
    return np.float16(rng.normal() * 0.01)


rows = []
for name, scales in SCALES.items():
    kind = GGMLQuantizationType[name]
    elements, size = GGML_QUANT_SIZES[kind]
    count = 64 if elements == 1 else 8 if elements == 32 else 4
    data = rng.integers(0, 256, (count, size), dtype=np.uint8)
    for block in data:
        for at in scales:
            block[at : at + 2] = np.frombuffer(random_scale().tobytes(), np.uint8)
    if name == "F32":
        data = rng.normal(size=(count, 1)).astype(np.float32).view(np.uint8)
    if name == "BF16":
        data[:, 1] &= 0xBF  # no infinities, no NaN
    values = dequantize(data.reshape(1, -1), kind).astype("<f4").reshape(-1)
    assert values.size == count * elements and np.isfinite(values).all(), name
    rows.append(
        {
            "type": name,
            "bytes": base64.b64encode(data.tobytes()).decode(),
            "values": base64.b64encode(values.tobytes()).decode(),
        }
    )

with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
