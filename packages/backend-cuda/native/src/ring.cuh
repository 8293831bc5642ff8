// Handing a place of a ring in shared memory back to whoever fills it.
//
// An arrival must not go out before the values read from the place are there. ptxas 13.0 lets it go out right behind the issue of the loads, in spite of
// the __syncwarp and the release between them. Alone on a GPU that was never seen to matter; where programs shared it through MPS, copies were
// there before some loads, and up to fourteen of a hundred passes were wrong in a few outputs. Two ways around it.
#pragma once
#include "ptx.cuh"

namespace jc {

#if JC_HOPPER
// One place later, for a warp that goes round a ring: behind the wait for a place, `before`, the one before it, is handed back. That wait is a loop,
// so nothing is moved over it, and all that was read before has been multiplied by instructions that begin in order, once what they multiply is
// there. It costs nothing: an arrival that hangs on sums or values makes the warp wait for them, or keeps them in registers (int4: 52 % at 64 rows).
__device__ __forceinline__ void release_before(uint64_t* before, bool one_lane) {
  __syncwarp();
  if (one_lane) barrier_arrive(before);
}

// At once, for a place that is not followed by another: the arrival hangs on the values that were read. `read` has a word of each load in it, and
// `rows`, which is less than 2^16 (the compiler does not know), makes nothing of them.
__device__ __forceinline__ uint64_t* once_read(uint64_t* free, uint32_t read, int rows) { return free + (read & (static_cast<uint32_t>(rows) >> 16)); }

// A warp has read its share of the place. One lane says so for all.
__device__ __forceinline__ void release_place(uint64_t* free, uint32_t read, int rows, int lane) {
  __syncwarp();
  if (lane == 0) barrier_arrive(once_read(free, read, rows));
}
#endif

} // namespace jc
