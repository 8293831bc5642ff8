// A kernel that only reads: the ceiling for everything that streams weights.
#include "kernels.hpp"

namespace jc {
namespace {

__global__ void __launch_bounds__(512) read_kernel(const uint4* data, size_t count, uint32_t* sink) {
  uint32_t x = 0;
  const size_t step = static_cast<size_t>(gridDim.x) * blockDim.x;
  size_t i = blockIdx.x * static_cast<size_t>(blockDim.x) + threadIdx.x;
  for (; i + 7 * step < count; i += 8 * step) {
#pragma unroll
    for (int j = 0; j < 8; j++) {
      const uint4 v = __ldcs(data + i + j * step);
      x ^= v.x ^ v.y ^ v.z ^ v.w;
    }
  }
  if (x == 0x12345678u) *sink = x; // never known to the compiler
}

} // namespace

cudaError_t run_read(const void* data, size_t bytes, uint32_t* sink, int blocks, cudaStream_t stream) {
  return launch_kernel(plain(stream), read_kernel, dim3(blocks), dim3(512), 0, static_cast<const uint4*>(data), bytes / 16, sink);
}

} // namespace jc
