// Where attention's operands and results lie, for the kernels of short and of long texts.
#pragma once
#include "kernels.hpp"
#include "partial.cuh"

namespace jc {

template <int HD> __device__ __forceinline__ size_t cache_slab(const AttentionArgs& p, const Segment& s, int kv_head) {
  return (static_cast<size_t>(p.layer) * p.kv_heads + kv_head) * s.capacity * HD;
}
template <int HD> __device__ __forceinline__ const uint4* cached_keys(const AttentionArgs& p, const Segment& s, int kv_head, int first_key) {
  return reinterpret_cast<const uint4*>(static_cast<const __nv_bfloat16*>(s.keys) + cache_slab<HD>(p, s, kv_head) + static_cast<size_t>(first_key) * HD);
}
template <int HD> __device__ __forceinline__ const uint4* cached_values(const AttentionArgs& p, const Segment& s, int kv_head, int first_key) {
  return reinterpret_cast<const uint4*>(static_cast<const __nv_bfloat16*>(s.values) + cache_slab<HD>(p, s, kv_head) + static_cast<size_t>(first_key) * HD);
}
// `keys`: of the lane.
template <int HD> __device__ __forceinline__ void load_keys(Keys<HD>& k, const uint4* keys) {
#pragma unroll
  for (int d = 0; d < HD / 32; d++)
#pragma unroll
    for (int j = 0; j < 4; j++) k[d][j] = keys[(d * 4 + j) * 32];
}

// See ring.cuh.
template <int HD> __device__ __forceinline__ uint32_t word_of_each(const Keys<HD>& k) {
  uint32_t read = 0;
#pragma unroll
  for (int d = 0; d < HD / 32; d++)
#pragma unroll
    for (int j = 0; j < 4; j++) read |= k[d][j].x;
  return read;
}

template <int HD> __device__ __forceinline__ LanePairs lane_pairs(const AttentionArgs& p, const Segment& s, int kv_head, int first_pair, int lane) {
  const int group = p.heads / p.kv_heads;
  LanePairs l;
#pragma unroll
  for (int i = 0; i < 2; i++) {
    const int pair = first_pair + (lane >> 2) + 8 * i, row = pair / group;
    l.is[i] = row < s.rows;
    l.query[i] = reinterpret_cast<const uint4*>(p.queries + (static_cast<size_t>(s.first_row + row) * p.heads + kv_head * group + pair % group) * HD) + (lane & 3);
    l.position[i] = s.first_position + row;
  }
  return l;
}
// 16 pairs' results of one chunk, from the threads that hold them.
template <int HD> __device__ __forceinline__ void store_chunk(const AttentionArgs& p, const Folded<HD>& f, const Segment& s, int kv_head, int first_pair, int chunk, int warp, int lane) {
  const int group = p.heads / p.kv_heads;
#pragma unroll
  for (int i = 0; i < 2; i++) {
    const int pair = first_pair + (lane >> 2) + 8 * i;
    if (pair >= s.rows * group) continue;
    const size_t place = (static_cast<size_t>(s.first_row + pair / group) * p.heads + kv_head * group + pair % group) * p.chunks + chunk;
#pragma unroll
    for (int n = 0; n < Folded<HD>::shares; n++) {
      const int eight = n * kAttentionWarps + warp;
      if (eight < HD / 8) *reinterpret_cast<float2*>(p.partial + place * HD + eight * 8 + (lane & 3) * 2) = make_float2(f.out[n][2 * i], f.out[n][2 * i + 1]);
    }
    if (warp == 0 && (lane & 3) == 0) p.partial_max[place] = make_float2(f.maximum[i], f.total[i]);
  }
}

// The same of one warp that holds all dimensions.
template <int HD> __device__ __forceinline__ void store_chunk(const AttentionArgs& p, const Partial<HD>& r, const Segment& s, int kv_head, int first_pair, int chunk, int lane) {
  const int group = p.heads / p.kv_heads;
#pragma unroll
  for (int i = 0; i < 2; i++) {
    const int pair = first_pair + (lane >> 2) + 8 * i;
    if (pair >= s.rows * group) continue;
    const size_t place = (static_cast<size_t>(s.first_row + pair / group) * p.heads + kv_head * group + pair % group) * p.chunks + chunk;
#pragma unroll
    for (int n = 0; n < HD / 8; n++) *reinterpret_cast<float2*>(p.partial + place * HD + n * 8 + (lane & 3) * 2) = make_float2(r.out[n][2 * i], r.out[n][2 * i + 1]);
    if ((lane & 3) == 0) p.partial_max[place] = make_float2(r.maximum[i], r.total[i]);
  }
}

// One row and head, of at most sixteen chunks, by a warp: the same arithmetic as join_kernel's. On it goes as activations.
template <int HD> __device__ __forceinline__ void join_head(const AttentionArgs& p, int row, int head, int chunks, int lane) {
  const size_t place = (static_cast<size_t>(row) * p.heads + head) * p.chunks;
  const float2 part = lane < chunks ? p.partial_max[place + lane] : make_float2(-CUDART_INF_F, 0);
  constexpr int each = HD / 32; // dimensions a lane
  float v[kChunksAtOnce][each];
#pragma unroll
  for (int c = 0; c < kChunksAtOnce; c++)
    if (c < chunks)
#pragma unroll
      for (int i = 0; i < each; i++) v[c][i] = p.partial[(place + c) * HD + i * 32 + lane];
  float m = part.x;
#pragma unroll
  for (int i = 8; i; i >>= 1) m = fmaxf(m, __shfl_xor_sync(~0u, m, i));
  m = __shfl_sync(~0u, m, 0);
  const float mine = exp2f(part.x - m);
  float total = 0, sum[each];
#pragma unroll
  for (int c = 0; c < kChunksAtOnce; c++)
    if (c < chunks) {
      const float scale = __shfl_sync(~0u, mine, c), of = __shfl_sync(~0u, part.y, c);
      total = c ? __fmaf_rn(scale, of, total) : __fmul_rn(scale, of);
#pragma unroll
      for (int i = 0; i < each; i++) sum[i] = c ? __fmaf_rn(scale, v[c][i], sum[i]) : __fmul_rn(scale, v[c][i]);
    }
#pragma unroll
  for (int i = 0; i < each; i++)
    if (const int d = i * 32 + lane; d < p.head_dim) p.activations[activation_index(p.row_blocks, row, head * p.head_dim + d)] = __float2bfloat16(sum[i] / total);
}

// Zeros where the inputs of the product that follows are padded.
__device__ __forceinline__ void pad_row(const AttentionArgs& p, int row, int thread, int threads) {
  for (int k = p.heads * p.head_dim + thread; k < p.padded_out; k += threads) p.activations[activation_index(p.row_blocks, row, k)] = __float2bfloat16(0.f);
}

bool long_attention_serves(int head, const Stream& stream);
cudaError_t long_attention_setup();
cudaError_t run_long_attention(const AttentionArgs& args, const Stream& stream);

} // namespace jc
