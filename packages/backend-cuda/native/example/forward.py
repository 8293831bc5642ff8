"""
The engine from Python, by nothing but ctypes: random weights, a text fed at once and token by token, and both
must be the same bits.

    python3 forward.py ../../../backend-cuda-linux-x64/libjudge_cuda.so

Structs are written as in judge_cuda.h, field by field; that header says what everything means.
"""

import ctypes
import sys
from ctypes import POINTER, byref, c_char, c_char_p, c_float, c_int32, c_uint64, c_void_p

ABI = 4
HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD_DIM, FEED_FORWARD, VOCABULARY, CONTEXT = 64, 2, 2, 1, 32, 96, 256, 128
BF16, TIED = 0, 1


class Error(ctypes.Structure):
    _fields_ = [("code", c_int32), ("message", c_char * 508)]


class ModelConfig(ctypes.Structure):
    _fields_ = [
        *[(name, c_int32) for name in ("abi", "device", "weights", "flags")],
        *[(name, c_int32) for name in ("hidden", "layers", "heads", "kv_heads", "head_dim", "feed_forward")],
        *[(name, c_int32) for name in ("vocab_rows", "tokens", "context")],
        *[("norm_epsilon", c_float), ("rope_scale", c_float), ("fast_rows", c_int32)],
        ("inverse_frequencies", POINTER(c_float)),
    ]


class Pass(ctypes.Structure):
    _fields_ = [("session", c_void_p), ("tokens", POINTER(c_int32)), ("start", c_int32), ("count", c_int32)]


class Outputs(ctypes.Structure):
    """A null pointer asks for nothing, and everything is null where it is not set."""

    _fields_ = [
        *[("argmax", POINTER(c_int32)), ("chosen", POINTER(c_float)), ("top_ids", POINTER(c_int32))],
        *[(name, POINTER(c_float)) for name in ("top_log_probs", "log_sum_exp", "entropy", "judge")],
        *[(name, POINTER(c_float)) for name in ("pre_norm", "post_norm", "logits")],
        *[("terms", c_void_p), ("term_count", c_int32), ("top", c_int32)],
        *[("layer_states", POINTER(c_float)), ("layers", POINTER(c_int32))],
        *[("layer_count", c_int32), ("reserved", c_int32)],
    ]


def open_library(path):
    library = ctypes.CDLL(path)
    library.jc_build.restype = c_char_p
    if library.jc_abi_version() != ABI:
        sys.exit(f"Expected a library with ABI {ABI}, {path} has {library.jc_abi_version()}.")
    library.jc_model_synthesize.argtypes = [c_void_p, c_uint64, POINTER(Error)]
    library.jc_model_finish.argtypes = [c_void_p, POINTER(Error)]
    library.jc_model_destroy.argtypes = [c_void_p]
    library.jc_session_create.argtypes = [c_void_p, c_int32, POINTER(c_void_p), POINTER(Error)]
    library.jc_session_destroy.argtypes = [c_void_p]
    library.jc_forward.argtypes = [c_void_p, POINTER(Pass), c_int32, POINTER(Outputs), c_void_p, POINTER(Error)]
    return library


def checked(function, *given):
    """Every function that can fail takes an error last, and returns its code."""
    error = Error()
    if function(*given, byref(error)) != 0:
        sys.exit(error.message.decode())


def make_model(library):
    frequencies = (c_float * (HEAD_DIM // 2))(*[10_000 ** (-2 * i / HEAD_DIM) for i in range(HEAD_DIM // 2)])
    config = ModelConfig(
        abi=ABI, device=0, weights=BF16, flags=TIED,
        hidden=HIDDEN, layers=LAYERS, heads=HEADS, kv_heads=KV_HEADS, head_dim=HEAD_DIM, feed_forward=FEED_FORWARD,
        vocab_rows=VOCABULARY, tokens=VOCABULARY, context=CONTEXT,
        norm_epsilon=1e-5, rope_scale=1.0, inverse_frequencies=frequencies,
    )
    model = c_void_p()
    checked(library.jc_model_create, byref(config), byref(model))
    # real weights come in by jc_model_put, tensor by tensor
    checked(library.jc_model_synthesize, model, 1)
    checked(library.jc_model_finish, model)
    return model


def forward(library, model, session, tokens, start):
    """Feeds tokens; the logits of each, [rows, tokens]. An earlier `start` than what was fed is a roll back."""
    logits = (c_float * (len(tokens) * VOCABULARY))()
    ids = (c_int32 * len(tokens))(*tokens)
    fed = Pass(session=session, tokens=ids, start=start, count=len(tokens))
    checked(library.jc_forward, model, byref(fed), 1, byref(Outputs(logits=logits)), None)
    return bytes(logits)


def main(path):
    library = open_library(path)
    count = c_int32()
    checked(library.jc_device_count, byref(count))
    print(f"{library.jc_build().decode()}, {count.value} GPU(s)")
    model = make_model(library)
    session = c_void_p()
    checked(library.jc_session_create, model, CONTEXT, byref(session))
    text = [token * 7 % VOCABULARY for token in range(1, 41)]
    at_once = forward(library, model, session, text, 0)
    one_by_one = b"".join(forward(library, model, session, [token], at) for at, token in enumerate(text))
    library.jc_session_destroy(session)
    library.jc_model_destroy(model)
    if at_once != one_by_one:
        sys.exit("The same text gave other bits token by token than at once.")
    print(f"{len(text)} tokens at once and one by one: the same {len(at_once):,} bytes of logits")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    main(sys.argv[1])
