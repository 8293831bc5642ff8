// One head of one row on its way from the fused product to attention: parts added up, bias, norm (Qwen3), rotation. A warp a head.
#pragma once
#include "kernels.hpp"
#include "sums.cuh"

namespace jc {

// `P`: pairs of dimensions a lane has at most, four for heads of 256.

struct HeadPlace {
  int kind; // 0 query, 1 key, 2 value
  int own;  // among its kind
};

// What does not depend on the product, so that it is read before the product is there.
template <int P> struct HeadConstants {
  int column;
  const float* norm;
  int counts[P][2];
  float bias[P][2], weight[P][2];

  __device__ __forceinline__ void load(const QkvArgs& p, HeadPlace head, int lane) {
    column = (head.kind == 0 ? 0 : head.kind == 1 ? p.k_offset : p.v_offset) + head.own * p.head_dim;
    norm = head.kind == 0 ? p.q_norm : head.kind == 1 ? p.k_norm : nullptr;
    const int half = p.head_dim / 2;
#pragma unroll
    for (int j = 0; j < P; j++) {
      const int i = j * 32 + lane;
      if (i >= half) break;
      counts[j][0] = p.parts.counts[(column + i) / kTile], counts[j][1] = p.parts.counts[(column + i + half) / kTile];
      bias[j][0] = p.bias ? p.bias[column + i] : 0.f, bias[j][1] = p.bias ? p.bias[column + i + half] : 0.f;
      weight[j][0] = norm ? norm[i] : 1.f, weight[j][1] = norm ? norm[i + half] : 1.f;
    }
  }
};

// Calls `put(dimension, value)` for every dimension of the head.
template <int P, typename Put> __device__ __forceinline__ void turn_head(const QkvArgs& p, const HeadConstants<P>& c, HeadPlace head, int row, int lane, Put put) {
  const int half = p.head_dim / 2;
  float a[P], b[P]; // element i, and the one it turns with, i + half
  float2 turn[P];
  float squares = 0;
#pragma unroll
  for (int j = 0; j < P; j++) {
    const int i = j * 32 + lane;
    if (i >= half) break;
    turn[j] = p.rotations[row * half + i];
    a[j] = sum_parts(p.parts, c.counts[j][0], row, c.column + i) + c.bias[j][0];
    b[j] = sum_parts(p.parts, c.counts[j][1], row, c.column + i + half) + c.bias[j][1];
    squares += a[j] * a[j] + b[j] * b[j];
  }
  const float scale = c.norm ? rsqrtf(warp_sum(squares) / p.head_dim + p.epsilon) : 1.f;
#pragma unroll
  for (int j = 0; j < P; j++) {
    const int i = j * 32 + lane;
    if (i >= half) break;
    float x = a[j] * (scale * c.weight[j][0]), y = b[j] * (scale * c.weight[j][1]);
    if (head.kind != 2) {
      const float turned = __fmaf_rn(x, turn[j].x, -__fmul_rn(y, turn[j].y));
      y = __fmaf_rn(y, turn[j].x, __fmul_rn(x, turn[j].y));
      x = turned;
    }
    put(i, __float2bfloat16(x));
    put(i + half, __float2bfloat16(y));
  }
}

// Where a key or a value of one position goes in the cache.
struct CachePlace {
  __nv_bfloat16* block; // of 32 positions
  int position;         // in it
  bool key;
  __device__ __forceinline__ void put(int d, __nv_bfloat16 v) const { block[key ? key_slot(position, d) : value_slot(position, d)] = v; }
};
__device__ __forceinline__ CachePlace cache_place(const QkvArgs& p, const Segment& segment, HeadPlace head, int position) {
  const int padded = padded_head(p.head_dim);
  const size_t slab = (static_cast<size_t>(p.layer) * p.kv_heads + head.own) * segment.capacity * padded;
  void* side = head.kind == 1 ? segment.keys : segment.values;
  return {static_cast<__nv_bfloat16*>(side) + slab + static_cast<size_t>(position / kKeyBlock) * kKeyBlock * padded, position % kKeyBlock, head.kind == 1};
}

} // namespace jc
