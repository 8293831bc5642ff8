// The best of many scores, the lowest id on a tie.
#pragma once
#include "kernels.hpp"

namespace jc {

constexpr int kLogitThreads = 256; // of a block that looks at scores

__device__ __forceinline__ bool before(float a, int ia, float b, int ib) { return a > b || (a == b && ia < ib); }

// The best of a block's candidates (the lowest id on a tie), in every thread.
__device__ __forceinline__ void block_best(float& v, int& id, float* best, int* where) {
#pragma unroll
  for (int d = 16; d; d >>= 1) {
    const float other = __shfl_xor_sync(~0u, v, d);
    const int there = __shfl_xor_sync(~0u, id, d);
    if (before(other, there, v, id)) v = other, id = there;
  }
  if ((threadIdx.x & 31) == 0) best[threadIdx.x >> 5] = v, where[threadIdx.x >> 5] = id;
  __syncthreads();
  v = best[0], id = where[0];
#pragma unroll
  for (int w = 1; w < kLogitThreads / 32; w++)
    if (before(best[w], where[w], v, id)) v = best[w], id = where[w];
  __syncthreads();
}

} // namespace jc
