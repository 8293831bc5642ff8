// Reading what another kernel of the same chain has written.
#pragma once
#include <cstring>
#include <type_traits>

#include "ptx.cuh"

namespace jc {

// Past the multiprocessor's L1, from L2 (ld.global.cg): for everything that a kernel reads after wait_for_earlier_kernels and that an earlier
// one has written. L1 is emptied when a kernel starts, and nothing says that it is at that wait; kernels start early. Where a block of the reader
// before is late on the same multiprocessor, old values of a place that is written anew may come into L1 after this kernel has started, and an
// ordinary load might find them there (not seen to happen). Constants (weights, norms, counts) keep ordinary loads. So does the cache of
// keys and values: one kernel a pass reads a layer's, and none of a pass starts before begin_kernel has seen the end of the pass before.
// And so do kernels behind one that never says let_next_kernel_start (sampling, drawing, cutting, fast attention): they start after its end.
template <typename T> __device__ __forceinline__ T fresh(const T* at) {
  static_assert(std::is_trivially_copyable<T>::value && sizeof(T) % 4 == 0, "of whole words");
  using Word = std::conditional_t<alignof(T) % 16 == 0, uint4, std::conditional_t<alignof(T) % 8 == 0, uint2, unsigned>>;
  Word words[sizeof(T) / sizeof(Word)];
#pragma unroll
  for (size_t i = 0; i < sizeof(T) / sizeof(Word); i++) words[i] = __ldcg(reinterpret_cast<const Word*>(at) + i);
  T v;
  memcpy(&v, words, sizeof v);
  return v;
}

} // namespace jc
