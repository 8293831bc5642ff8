"""
One token of a 1.5B shape, over and over for some seconds: are all layers' residual streams the same bits each time?
If not, the first layer that differs, and which outputs of it. Needs numpy and the engine's library, nothing else.

    python3 same_bits.py ../../../packages/backend-cuda-linux-x64/libjudge_cuda.so [SECONDS]

Alone on a GPU it has always been one result. Under NVIDIA's MPS run it several times at once:

    for i in 1 2 3 4; do python3 same_bits.py LIBRARY 5 & done; wait
"""

import ctypes
import hashlib
import pathlib
import sys
import time
from ctypes import POINTER, byref, c_float, c_int32, c_void_p

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "packages/backend-cuda/native/example"))
import forward as engine  # noqa: E402: the ABI's structs, written once

HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD_DIM, FEED_FORWARD, TOKENS, CONTEXT = 1536, 28, 12, 2, 128, 8960, 32_000, 2048
BF16, TIED, BIASES = 0, 1, 2 | 4 | 8
TOKEN = 7932
SHOWN = 6


def make_model(library):
    half = HEAD_DIM // 2
    config = engine.ModelConfig(
        abi=engine.ABI, device=0, weights=BF16, flags=TIED | BIASES,
        hidden=HIDDEN, layers=LAYERS, heads=HEADS, kv_heads=KV_HEADS, head_dim=HEAD_DIM, feed_forward=FEED_FORWARD,
        vocab_rows=TOKENS, tokens=TOKENS, context=CONTEXT, norm_epsilon=1e-6, rope_scale=1.0,
        inverse_frequencies=(c_float * half)(*[1e6 ** (-2 * i / HEAD_DIM) for i in range(half)]),
    )
    model, session = c_void_p(), c_void_p()
    engine.checked(library.jc_model_create, byref(config), byref(model))
    engine.checked(library.jc_model_synthesize, model, 1)
    engine.checked(library.jc_model_finish, model)
    engine.checked(library.jc_session_create, model, CONTEXT, byref(session))
    return model, session


def main(path, seconds):
    library = engine.open_library(path)
    model, session = make_model(library)
    states = np.zeros((LAYERS - 1, HIDDEN), np.float32)
    last = np.zeros(HIDDEN, np.float32)
    floats = lambda array: array.ctypes.data_as(POINTER(c_float))
    wanted = engine.Outputs(
        pre_norm=floats(last), layer_states=floats(states), layer_count=LAYERS - 1,
        layers=(c_int32 * (LAYERS - 1))(*range(1, LAYERS)),
    )
    fed = engine.Pass(session=session, tokens=(c_int32 * 1)(TOKEN), start=0, count=1)
    found = {}  # of a result's digest: how often, and the states
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        engine.checked(library.jc_forward, model, byref(fed), 1, byref(wanted), None)
        result = np.concatenate([states, last[None]])
        entry = found.setdefault(hashlib.sha256(result.tobytes()).digest(), [0, result])
        entry[0] += 1
    library.jc_session_destroy(session)
    library.jc_model_destroy(model)
    usual, others = (lambda each: (each[0], each[1:]))(sorted(found.values(), key=lambda entry: -entry[0]))
    passes = sum(times for times, _ in found.values())
    print(f"{passes} passes, {passes - usual[0]} with another result", flush=True)
    for _, result in others[:SHOWN]:
        differs = result.view(np.uint32) != usual[1].view(np.uint32)
        layer = int(np.argmax(differs.any(1)))
        outputs = np.nonzero(differs[layer])[0]
        print(f"  first behind layer {layer + 1}: {len(outputs)} of {HIDDEN} outputs, {outputs[:8].tolist()}", flush=True)
    return 1 if others else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.strip())
    sys.exit(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) == 3 else 5))
