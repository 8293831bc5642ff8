// Packed weights as a plain bf16 matrix, for cuBLASLt: the reverse of pack.cu, scales multiplied in.
//
// Trade-off: a product's weights are written out anew for every part of a prompt, a fifth of what the product itself takes at 2,048
// rows of an 8B model; a second copy of all weights would save that and take as much memory as the weights themselves.
//
// bf16 comes out as stored. A step times its scale has more bits than bf16: it is rounded once, by at most 2^-9 of itself.
#include "fast.hpp"
#include "unit.cuh"

namespace jc {
namespace {

constexpr int kThreads = 256;

// Which 32 inputs of a unit, of 16 outputs: mma's eight registers of a lane, output g in the even ones and g + 8 in the odd.
template <Weights F> __device__ __forceinline__ void load_run(const uint4* w, int run, uint32_t* a) {
  if constexpr (F == Weights::bf16) {
    const uint4 low = w[0], high = w[32];
    a[0] = low.x, a[1] = low.y, a[2] = low.z, a[3] = low.w, a[4] = high.x, a[5] = high.y, a[6] = high.z, a[7] = high.w;
  } else if constexpr (F == Weights::int4 || F == Weights::q4_0) {
    unpack_nibbles(reinterpret_cast<const uint2*>(w + (run >> 1) * 32)[run & 1], a);
  } else {
    unpack_bytes<F == Weights::fp8 ? Weights::fp8 : Weights::int8>(w[run * 32], a);
  }
}

template <Weights F> __device__ __forceinline__ float output_scale(const UnpackArgs& p, const uint8_t* unit, int run, int output) {
  if constexpr (scaled_by_output(F)) return p.scales[output] * kStepsOfOne<F>;
  else if constexpr (scaled_inputs(F) != 0) return scale_of<F>(reinterpret_cast<const __half*>(unit + kUnitBytes)[run * 32 / scaled_inputs(F) * kTile + output % kTile]);
  else return 1.f;
}

__device__ __forceinline__ uint32_t scaled(uint32_t pair, float scale) { return pack_bf16(low_bf16(pair) * scale, high_bf16(pair) * scale); }

// A warp 16 outputs and 32 inputs; warps of neighbouring inputs write the same lines of memory.
template <Weights F> __global__ void __launch_bounds__(kThreads) unpack_kernel(const UnpackArgs p) {
  constexpr int runs = Format<F>::depth / 32; // of a unit
  const int lane = threadIdx.x & 31, g = lane >> 2, t = lane & 3, all_runs = p.per_tile * runs;
  const int warp = blockIdx.x * (kThreads / 32) + (threadIdx.x >> 5), strip = warp / all_runs, run = warp % all_runs;
  if (strip >= p.tiles * (kTile / 16)) return;
  const uint8_t* unit = p.packed + (static_cast<size_t>(strip / (kTile / 16)) * p.per_tile + run / runs) * Format<F>::stage;
  uint32_t a[8];
  load_run<F>(reinterpret_cast<const uint4*>(unit) + strip % (kTile / 16) * 64 + lane, run % runs, a);
  wait_for_earlier_kernels(); // the product before may still read what is written next
#pragma unroll
  for (int i = 0; i < 2; i++) {
    const int output = strip * 16 + g + 8 * i;
    if constexpr (F != Weights::bf16) {
      const float scale = output_scale<F>(p, unit, run % runs, output);
#pragma unroll
      for (int j = 0; j < 4; j++) a[2 * j + i] = scaled(a[2 * j + i], scale);
    }
    *reinterpret_cast<uint4*>(p.out + static_cast<size_t>(output) * all_runs * 32 + run * 32 + t * 8) = make_uint4(a[i], a[2 + i], a[4 + i], a[6 + i]);
  }
}

template <Weights F> cudaError_t unpack(const UnpackArgs& p, cudaStream_t stream) {
  if constexpr (F == Weights::fp16) {
    return cudaErrorInvalidValue; // eleven bits do not fit bf16's eight
  } else {
    const size_t warps = static_cast<size_t>(p.tiles) * (kTile / 16) * p.per_tile * (Format<F>::depth / 32);
    return launch_kernel(following(stream), unpack_kernel<F>, dim3(static_cast<unsigned>((warps + kThreads / 32 - 1) / (kThreads / 32))), dim3(kThreads), 0, p);
  }
}

} // namespace

cudaError_t run_unpack(Weights format, const UnpackArgs& p, cudaStream_t stream) {
  return with_format(format, [&](auto of) { return unpack<of.value>(p, stream); });
}

} // namespace jc
