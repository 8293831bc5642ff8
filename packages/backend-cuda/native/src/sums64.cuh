// Sums over a block in float64, in a fixed order, for what draws and decides.
#pragma once
#include "ptx.cuh"

namespace jc {

// The same in every thread; `scratch` has a place a warp and may be used again at once.
template <int kThreads> __device__ __forceinline__ double block_total(double v, double* scratch) {
#pragma unroll
  for (int d = 16; d; d >>= 1) v += __shfl_xor_sync(~0u, v, d);
  if ((threadIdx.x & 31) == 0) scratch[threadIdx.x >> 5] = v;
  __syncthreads();
  double total = 0;
#pragma unroll
  for (int w = 0; w < kThreads / 32; w++) total += scratch[w];
  __syncthreads();
  return total;
}

} // namespace jc
