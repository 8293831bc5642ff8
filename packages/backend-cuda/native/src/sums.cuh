// Sums whose order is fixed: of a product's parts, and over a block.
#pragma once
#include "layout.cuh"
#include "ptx.cuh"

namespace jc {

constexpr int kPartsAtOnce = 10; // read without waiting for one another; seldom are there more

// Eight neighbouring outputs of one row, added up over their parts in order. `count`: p.counts[output / kTile]; the eight are of one tile.
__device__ __forceinline__ void sum_parts8(const Parts& p, int count, int row, int output, float* v) {
  const float* from = p.data + static_cast<size_t>(row) * p.width + output;
  float4 a[kPartsAtOnce], b[kPartsAtOnce];
#pragma unroll
  for (int i = 0; i < kPartsAtOnce; i++)
    if (i < count) {
      a[i] = *reinterpret_cast<const float4*>(from + i * p.part_stride);
      b[i] = *reinterpret_cast<const float4*>(from + i * p.part_stride + 4);
    }
  v[0] = a[0].x, v[1] = a[0].y, v[2] = a[0].z, v[3] = a[0].w, v[4] = b[0].x, v[5] = b[0].y, v[6] = b[0].z, v[7] = b[0].w;
#pragma unroll
  for (int i = 1; i < kPartsAtOnce; i++)
    if (i < count) v[0] += a[i].x, v[1] += a[i].y, v[2] += a[i].z, v[3] += a[i].w, v[4] += b[i].x, v[5] += b[i].y, v[6] += b[i].z, v[7] += b[i].w;
  for (int i = kPartsAtOnce; i < count; i++) {
    const float4 c = *reinterpret_cast<const float4*>(from + i * p.part_stride), d = *reinterpret_cast<const float4*>(from + i * p.part_stride + 4);
    v[0] += c.x, v[1] += c.y, v[2] += c.z, v[3] += c.w, v[4] += d.x, v[5] += d.y, v[6] += d.z, v[7] += d.w;
  }
}

__device__ __forceinline__ float sum_parts(const Parts& p, int count, int row, int output) {
  const float* from = p.data + static_cast<size_t>(row) * p.width + output;
  float a[kPartsAtOnce];
#pragma unroll
  for (int i = 0; i < kPartsAtOnce; i++)
    if (i < count) a[i] = from[i * p.part_stride];
  float v = a[0];
#pragma unroll
  for (int i = 1; i < kPartsAtOnce; i++)
    if (i < count) v += a[i];
  for (int i = kPartsAtOnce; i < count; i++) v += from[i * p.part_stride];
  return v;
}

__device__ __forceinline__ float warp_sum(float v) {
#pragma unroll
  for (int d = 16; d; d >>= 1) v += __shfl_xor_sync(~0u, v, d);
  return v;
}

__device__ __forceinline__ uint4 pack8(const float* y) {
  return {pack_bf16(y[0], y[1]), pack_bf16(y[2], y[3]), pack_bf16(y[4], y[5]), pack_bf16(y[6], y[7])};
}
__device__ __forceinline__ void load8(const float* from, float* v) {
  const float4 a = *reinterpret_cast<const float4*>(from), b = *reinterpret_cast<const float4*>(from + 4);
  v[0] = a.x, v[1] = a.y, v[2] = a.z, v[3] = a.w, v[4] = b.x, v[5] = b.y, v[6] = b.z, v[7] = b.w;
}
__device__ __forceinline__ void store8(float* to, const float* v) {
  *reinterpret_cast<float4*>(to) = make_float4(v[0], v[1], v[2], v[3]);
  *reinterpret_cast<float4*>(to + 4) = make_float4(v[4], v[5], v[6], v[7]);
}

// The same in every thread; `scratch` has a place a warp and may be used again after the next __syncthreads.
template <int kThreads> __device__ __forceinline__ float block_sum(float v, float* scratch) {
  v = warp_sum(v);
  if ((threadIdx.x & 31) == 0) scratch[threadIdx.x >> 5] = v;
  __syncthreads();
  float total = 0;
#pragma unroll
  for (int w = 0; w < kThreads / 32; w++) total += scratch[w];
  return total;
}

} // namespace jc
