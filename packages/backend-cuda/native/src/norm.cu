// The residual stream: add what a product left in parts, normalise (RMSNorm), and hand the row on as activations.
//
// Trade-off: one block a row. The row's sum of squares needs all of it, and at most a few hundred kilobytes are read, so
// latency counts and not bandwidth: every load of a thread is issued before the first is used. The residual stays float32.
// After the last layer the same kernel also leaves what a judge looks at: hidden rows and their dot products.
#include "kernels.hpp"
#include "ptx.cuh"
#include "sums.cuh"

namespace jc {
namespace {

constexpr int kThreads = 512;
constexpr int kMostVectors = 8; // of eight values, a thread: hidden sizes to 32,768

__device__ __forceinline__ void load8(const float* from, float* v) {
  float4 a = *reinterpret_cast<const float4*>(from), b = *reinterpret_cast<const float4*>(from + 4);
  v[0] = a.x, v[1] = a.y, v[2] = a.z, v[3] = a.w, v[4] = b.x, v[5] = b.y, v[6] = b.z, v[7] = b.w;
}
__device__ __forceinline__ void store8(float* to, const float* v) {
  *reinterpret_cast<float4*>(to) = make_float4(v[0], v[1], v[2], v[3]);
  *reinterpret_cast<float4*>(to + 4) = make_float4(v[4], v[5], v[6], v[7]);
}

template <int kVectors> __global__ void __launch_bounds__(kThreads) norm_kernel(const NormArgs p) {
  __shared__ float scratch[kThreads / 32];
  const int row = blockIdx.x;
  let_next_kernel_start();
  int counts[kVectors];
  float weight[kVectors][8];
#pragma unroll
  for (int i = 0; i < kVectors; i++) {
    const int k = (i * kThreads + threadIdx.x) * 8;
    if (k < p.hidden) load8(p.weight + k, weight[i]);
    counts[i] = p.added.data && k < p.hidden ? p.added.counts[k / kTile] : 0;
  }
  wait_for_earlier_kernels();
  float h[kVectors][8];
  float squares = 0;
  const int token = p.embedding ? p.table->tokens[row] : 0;
#pragma unroll
  for (int i = 0; i < kVectors; i++) {
    const int k = (i * kThreads + threadIdx.x) * 8;
    if (k >= p.hidden) {
#pragma unroll
      for (int j = 0; j < 8; j++) h[i][j] = 0;
      continue;
    }
    float* residual = p.residual + static_cast<size_t>(row) * p.hidden + k;
    if (p.embedding) {
      const uint4 e = *reinterpret_cast<const uint4*>(p.embedding + static_cast<size_t>(token) * p.hidden + k);
      const uint32_t words[4] = {e.x, e.y, e.z, e.w};
#pragma unroll
      for (int j = 0; j < 4; j++) h[i][2 * j] = __uint_as_float(words[j] << 16), h[i][2 * j + 1] = __uint_as_float(words[j] & 0xffff0000u);
    } else {
      load8(residual, h[i]);
    }
    if (p.added.data) {
      float v[8];
      sum_parts8(p.added, counts[i], row, k, v);
#pragma unroll
      for (int j = 0; j < 8; j++) h[i][j] += p.bias ? v[j] + p.bias[k + j] : v[j];
    }
    store8(residual, h[i]);
#pragma unroll
    for (int j = 0; j < 8; j++) squares += h[i][j] * h[i][j];
  }
  const float scale = rsqrtf(block_sum<kThreads>(squares, scratch) / p.hidden + p.epsilon);
  float y[kVectors][8];
#pragma unroll
  for (int i = 0; i < kVectors; i++) {
    const int k = (i * kThreads + threadIdx.x) * 8;
    if (k >= p.padded) continue;
    if (k < p.hidden) {
#pragma unroll
      for (int j = 0; j < 8; j++) y[i][j] = h[i][j] * scale * weight[i][j];
      if (p.pre_norm) store8(p.pre_norm + static_cast<size_t>(row) * p.hidden + k, h[i]);
      if (p.post_norm) store8(p.post_norm + static_cast<size_t>(row) * p.hidden + k, y[i]);
    } else {
#pragma unroll
      for (int j = 0; j < 8; j++) y[i][j] = 0;
    }
    if (p.activations) {
      uint4 packed = {pack_bf16(y[i][0], y[i][1]), pack_bf16(y[i][2], y[i][3]), pack_bf16(y[i][4], y[i][5]), pack_bf16(y[i][6], y[i][7])};
      *reinterpret_cast<uint4*>(p.activations + activation_index(p.row_blocks, row, k)) = packed;
    }
  }
  for (int t = 0; t < p.term_count; t++) {
    const float* weights = p.terms[t];
    const bool post = p.term_states[t] != 0;
    float dot = 0;
#pragma unroll
    for (int i = 0; i < kVectors; i++) {
      const int k = (i * kThreads + threadIdx.x) * 8;
      if (k >= p.hidden) continue;
      float w[8];
      load8(weights + k, w);
#pragma unroll
      for (int j = 0; j < 8; j++) dot += w[j] * (post ? y[i][j] : h[i][j]);
    }
    __syncthreads();
    dot = block_sum<kThreads>(dot, scratch);
    if (threadIdx.x == 0) p.judge[row * p.term_count + t] = dot;
  }
}

} // namespace

cudaError_t run_norm(const NormArgs& p, const Stream& stream) {
  const dim3 grid(p.rows), block(kThreads);
  if (p.padded <= kThreads * 8) return launch_kernel(stream, norm_kernel<1>, grid, block, 0, p);
  if (p.padded <= kThreads * 16) return launch_kernel(stream, norm_kernel<2>, grid, block, 0, p);
  if (p.padded <= kThreads * 32) return launch_kernel(stream, norm_kernel<4>, grid, block, 0, p);
  return launch_kernel(stream, norm_kernel<kMostVectors>, grid, block, 0, p);
}

} // namespace jc
