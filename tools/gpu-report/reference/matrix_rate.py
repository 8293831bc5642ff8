"""How fast cuBLASLt multiplies two bf16 matrices of 8,192 x 8,192: called by `gpu-report prefill`. Prints JSON."""

import json

import torch

SIZE = 8192
WARM_UPS, REPEATS = 5, 20


def main():
    torch.backends.cuda.preferred_blas_library("cublaslt")
    # random data: a product of zeros draws less power and is faster
    a, b = (torch.randn(SIZE, SIZE, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    out = torch.empty_like(a)
    for _ in range(WARM_UPS):
        torch.matmul(a, b, out=out)
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(REPEATS + 1)]
    marks[0].record()
    for mark in marks[1:]:
        torch.matmul(a, b, out=out)
        mark.record()
    torch.cuda.synchronize()
    times = sorted(begin.elapsed_time(end) for begin, end in zip(marks, marks[1:]))
    said = f"torch {torch.__version__}, CUDA {torch.version.cuda}"
    print(json.dumps({"rate": 2 * SIZE**3 / (times[REPEATS // 2] / 1000), "said": said}))


main()
