// The small kernels between the products of prompts that are read fast: whole rows at a time, so that a row is normed before it goes on.
#include "fast.hpp"
#include "heads.cuh"
#include "source.cuh"

namespace jc {
namespace {

constexpr int kThreads = 256;

// A block a row.
__global__ void __launch_bounds__(kThreads) fast_norm_kernel(const FastNormArgs p) {
  wait_for_earlier_kernels();
  __shared__ float scratch[kThreads / 32];
  const int row = blockIdx.x;
  float* residual = p.residual + static_cast<size_t>(row) * p.hidden;
  float squares = 0;
  for (int k = threadIdx.x * 8; k < p.hidden; k += kThreads * 8) {
    float h[8], v[8], bias[8] = {};
    if (p.added) {
      load8(residual + k, h);
      load8(p.added + static_cast<size_t>(row) * p.added_width + k, v);
      if (p.bias) load8(p.bias + k, bias);
#pragma unroll
      for (int j = 0; j < 8; j++) h[j] += v[j] + bias[j];
    } else {
      const size_t from = static_cast<size_t>(p.tokens[row]) * p.hidden + k;
#pragma unroll
      for (int j = 0; j < 8; j++) h[j] = source_value(p.embedding, p.embedding_source, from + j);
    }
    store8(residual + k, h);
#pragma unroll
    for (int j = 0; j < 8; j++) squares += h[j] * h[j];
  }
  const float inverse = rsqrtf(block_sum<kThreads>(squares, scratch) / p.hidden + p.epsilon);
  for (int k = threadIdx.x * 8; k < p.padded; k += kThreads * 8) {
    float h[8] = {}, w[8] = {}; // zeros where inputs are padded
    if (k < p.hidden) load8(residual + k, h), load8(p.norm + k, w);
#pragma unroll
    for (int j = 0; j < 8; j++) h[j] *= w[j] * inverse;
    *reinterpret_cast<uint4*>(p.normed + static_cast<size_t>(row) * p.padded + k) = pack8(h);
  }
}

__global__ void __launch_bounds__(kThreads) rotations_kernel(const RotationArgs p, int rows) {
  wait_for_earlier_kernels();
  const int item = blockIdx.x * kThreads + threadIdx.x, row = item / p.half, i = item % p.half;
  if (row >= rows) return;
  float sine, cosine;
  sincosf(static_cast<float>(p.first_position + row) * p.inverse_frequencies[i], &sine, &cosine);
  p.rotations[item] = make_float2(cosine * p.rope_scale, sine * p.rope_scale);
}

// Queries and keys: a warp a row and head.
__global__ void __launch_bounds__(kThreads) fast_heads_kernel(const QkvArgs p, const Segment segment) {
  wait_for_earlier_kernels();
  const int lane = threadIdx.x & 31, heads = p.heads + p.kv_heads, item = blockIdx.x * (kThreads / 32) + (threadIdx.x >> 5);
  if (item >= p.rows * heads) return;
  const int row = item / heads, which = item % heads;
  const HeadPlace head = which < p.heads ? HeadPlace{0, which} : HeadPlace{1, which - p.heads};
  HeadConstants<4> constants; // heads of any size to 256
  constants.load(p, head, lane);
  __nv_bfloat16* query = p.queries + (static_cast<size_t>(row) * p.heads + head.own) * padded_head(p.head_dim);
  const CachePlace place = cache_place(p, segment, head, segment.first_position + row);
  turn_head(p, constants, head, row, lane, [&](int d, __nv_bfloat16 v) {
    if (head.kind == 0) query[d] = v;
    else place.put(d, v);
  });
}

// Values: a thread a dimension of 32 positions, which lie together in the cache. (A warp a row wrote them two bytes at a time, 64 apart:
// with queries and keys 140 us a layer for 2,048 rows of 8B.)
__global__ void __launch_bounds__(kThreads) fast_values_kernel(const QkvArgs p, const Segment segment) {
  wait_for_earlier_kernels();
  const int item = blockIdx.x * kThreads + threadIdx.x, d = item % p.head_dim, block = segment.first_position / kKeyBlock + item / p.head_dim, head = blockIdx.y;
  const int first_row = block * kKeyBlock - segment.first_position; // of the 32; some may not be of this part
  if (first_row >= p.rows) return;
  const int column = p.v_offset + head * p.head_dim + d, padded = padded_head(p.head_dim);
  const float* from = p.parts.data + column;
  const float bias = p.bias ? p.bias[column] : 0.f;
  __nv_bfloat16* to = static_cast<__nv_bfloat16*>(segment.values) + (static_cast<size_t>(p.layer) * p.kv_heads + head) * segment.capacity * padded + static_cast<size_t>(block) * kKeyBlock * padded;
  if (first_row >= 0 && first_row + kKeyBlock <= p.rows) {
    float v[kKeyBlock]; // as they lie there
#pragma unroll
    for (int i = 0; i < kKeyBlock; i++) v[value_slot(i, 0)] = from[static_cast<size_t>(first_row + i) * p.parts.width] + bias;
#pragma unroll
    for (int i = 0; i < kKeyBlock; i += 8) *reinterpret_cast<uint4*>(to + d * kKeyBlock + i) = pack8(v + i);
  } else {
    for (int i = max(0, -first_row); i < kKeyBlock && first_row + i < p.rows; i++)
      to[value_slot(i, d)] = __float2bfloat16(from[static_cast<size_t>(first_row + i) * p.parts.width] + bias);
  }
}

// A thread eight values of a row.
__global__ void __launch_bounds__(kThreads) fast_swiglu_kernel(const float* gate_up, int gate_up_width, __nv_bfloat16* gated, int width, int padded, int rows) {
  wait_for_earlier_kernels();
  const int eights = padded / 8, item = blockIdx.x * kThreads + threadIdx.x, row = item / eights, k = item % eights * 8;
  if (row >= rows) return;
  float gate[8] = {}, up[8]; // zeros where inputs are padded
  if (k < width) {
    const float* from = gate_up + static_cast<size_t>(row) * gate_up_width + k / (kTile / 2) * kTile + k % (kTile / 2);
    load8(from, gate), load8(from + kTile / 2, up);
#pragma unroll
    for (int j = 0; j < 8; j++) gate[j] = gate[j] / (1.f + expf(-gate[j])) * up[j];
  }
  *reinterpret_cast<uint4*>(gated + static_cast<size_t>(row) * padded + k) = pack8(gate);
}

dim3 blocks_for(size_t items, size_t a_block) { return dim3(static_cast<unsigned>((items + a_block - 1) / a_block)); }

} // namespace

cudaError_t run_fast_norm(const FastNormArgs& p, int rows, cudaStream_t stream) { return launch_kernel(following(stream), fast_norm_kernel, dim3(rows), dim3(kThreads), 0, p); }

cudaError_t run_rotations(const RotationArgs& p, int rows, cudaStream_t stream) {
  return launch_kernel(following(stream), rotations_kernel, blocks_for(static_cast<size_t>(rows) * p.half, kThreads), dim3(kThreads), 0, p, rows);
}

cudaError_t run_fast_heads(const QkvArgs& p, const Segment& segment, cudaStream_t stream) {
  if (const cudaError_t e = launch_kernel(following(stream), fast_heads_kernel, blocks_for(static_cast<size_t>(p.rows) * (p.heads + p.kv_heads), kThreads / 32), dim3(kThreads), 0, p, segment)) return e;
  const int blocks = (segment.first_position + p.rows - 1) / kKeyBlock - segment.first_position / kKeyBlock + 1;
  return launch_kernel(following(stream), fast_values_kernel, dim3(blocks_for(static_cast<size_t>(blocks) * p.head_dim, kThreads).x, p.kv_heads), dim3(kThreads), 0, p, segment);
}

cudaError_t run_fast_swiglu(const float* gate_up, int gate_up_width, __nv_bfloat16* gated, int width, int padded, int rows, cudaStream_t stream) {
  return launch_kernel(following(stream), fast_swiglu_kernel, blocks_for(static_cast<size_t>(rows) * (padded / 8), kThreads), dim3(kThreads), 0, gate_up, gate_up_width, gated, width, padded, rows);
}

} // namespace jc
