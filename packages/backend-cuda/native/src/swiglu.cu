// silu(gate) * up: the sums of both, and on as activations for the last product of a layer.
//
// Trade-off: its own kernel, because a tile's gate and up are in parts held by different blocks until all have ended. It reads
// what the product wrote a moment ago, from L2.
#include "kernels.hpp"
#include "ptx.cuh"
#include "sums.cuh"

namespace jc {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads) swiglu_kernel(const Parts parts, int up_offset, int width, int padded, int row_blocks, __nv_bfloat16* activations) {
  let_next_kernel_start();
  const int row = blockIdx.y, k = (blockIdx.x * kThreads + threadIdx.x) * 8;
  const int gates = k < width ? parts.counts[k / kTile] : 0, ups = k < width ? parts.counts[(up_offset + k) / kTile] : 0;
  wait_for_earlier_kernels();
  if (k >= padded) return;
  float y[8] = {};
  if (k < width) {
    float gate[8], up[8];
    sum_parts8(parts, gates, row, k, gate);
    sum_parts8(parts, ups, row, up_offset + k, up);
#pragma unroll
    for (int j = 0; j < 8; j++) y[j] = gate[j] / (1.f + expf(-gate[j])) * up[j];
  }
  const uint4 packed = {pack_bf16(y[0], y[1]), pack_bf16(y[2], y[3]), pack_bf16(y[4], y[5]), pack_bf16(y[6], y[7])};
  *reinterpret_cast<uint4*>(activations + activation_index(row_blocks, row, k)) = packed;
}

} // namespace

cudaError_t run_swiglu(const Parts& gate_up, int up_offset, int width, int padded, int rows, int row_blocks, __nv_bfloat16* activations, const Stream& stream) {
  return launch_kernel(stream, swiglu_kernel, dim3((padded / 8 + kThreads - 1) / kThreads, rows), dim3(kThreads), 0, gate_up, up_offset, width, padded, row_blocks, activations);
}

} // namespace jc
