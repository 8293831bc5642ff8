// Handing a place of a ring in shared memory back to whoever fills it.
#pragma once
#include "ptx.cuh"

namespace jc {

#if JC_HOPPER
// The arrival hangs on the values that were read: `read` has a word of each load in it, and `rows`, which is less than 2^16 (the compiler
// does not know), makes nothing of them. Without that, ptxas 13.0 lets the arrival go out while the warp's loads are on their way. Alone on a
// GPU that was never seen to matter; where programs shared it through MPS, copies were there before some loads, and two to nine of a hundred
// passes were wrong in a few outputs.
__device__ __forceinline__ uint64_t* once_read(uint64_t* free, uint32_t read, int rows) { return free + (read & (static_cast<uint32_t>(rows) >> 16)); }

// A warp has read its share of the place. One lane says so for all.
__device__ __forceinline__ void release_place(uint64_t* free, uint32_t read, int rows, int lane) {
  __syncwarp();
  if (lane == 0) barrier_arrive(once_read(free, read, rows));
}
#endif

} // namespace jc
