// From row-major tensors to what the product reads: quantise, and put every value where its lane will look for it.
//
// Trade-off: one thread a vector of 16 bytes gathers its 8 to 32 values from the source; scattered reads, but once a model.
// The same kernel makes up weights from a seed, for sizes nobody has at hand.
#include <cuda_fp8.h>

#include "kernels.hpp"
#include "ptx.cuh"
#include "source.cuh"

namespace jc {
namespace {

// Evenly spread over -1 .. 1, from the place alone.
__device__ __forceinline__ float made_up(uint64_t seed, uint64_t place) {
  uint64_t z = (place + 1) * 0x9e3779b97f4a7c15ull + seed;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return static_cast<float>(static_cast<int32_t>((z >> 32) & 0xffffff) - 0x800000) * (1.f / 0x800000);
}

__device__ __forceinline__ size_t place_in_source(const PackArgs& p, int row, int col) { return static_cast<size_t>(row + p.first_row) * p.all_cols + col + p.first_col; }

__device__ __forceinline__ float value_at(const PackArgs& p, int row, int col) {
  if (row >= p.rows || col >= p.cols) return 0;
  const size_t i = place_in_source(p, row, col);
  return p.source ? source_value(p.source, p.source_type, i) : made_up(p.seed, i) * p.magnitude;
}

// Row of the packed matrix.
__device__ __forceinline__ int packed_row(const PackArgs& p, int row) { return p.row_offset + row / p.run * p.stride + row % p.run; }

// A whole row's, also where only some of its columns are packed: a shard's scales are those of the whole matrix.
inline PackArgs whole_rows(PackArgs p) {
  p.cols = p.all_cols, p.first_col = 0;
  return p;
}

// What the largest magnitude is in steps. In four bits the value of that magnitude is minus eight of them, whatever its sign, as GGUF's Q4_0 has it:
// so all sixteen steps are used, and the largest weights, which matter most, are the least wrong.
template <Weights F> constexpr float kMostSteps = F == Weights::int8 || F == Weights::q8_0 ? 127.f : F == Weights::fp8 ? 448.f : -8.f;
template <Weights F> constexpr float kFewestSteps = kMostSteps<F> < 0 ? kMostSteps<F> : -kMostSteps<F>;
template <Weights F> constexpr float kTopStep = kMostSteps<F> < 0 ? -1 - kMostSteps<F> : kMostSteps<F>;

// Where the scale of an output and its `run`-th inputs that share one lies.
template <Weights F> __device__ __forceinline__ __half* scale_place(const PackArgs& p, int output, int run) {
  constexpr int runs = Format<F>::depth / scaled_inputs(F);
  uint8_t* stage = p.packed + (static_cast<size_t>(output / kTile) * p.per_tile + run / runs) * Format<F>::stage;
  return reinterpret_cast<__half*>(stage + kUnitBytes) + run % runs * kTile + output % kTile;
}

// One warp a row and run of `run` inputs: the largest magnitude over what the format can hold, or the block's own.
template <Weights F> __global__ void scale_kernel(const PackArgs p, int runs, int run) {
  const int item = (blockIdx.x * blockDim.x + threadIdx.x) >> 5, lane = threadIdx.x & 31;
  if (item >= p.rows * runs) return;
  const int row = item / runs, r = item % runs, output = packed_row(p, row);
  if constexpr (scaled_inputs(F) == kBlock)
    if (p.source && carries(F, p.source_type)) {
      if (lane == 0 && r * kBlock < p.cols) *scale_place<F>(p, output, r) = block_half(p.source, p.source_type, place_in_source(p, row, r * kBlock));
      return;
    }
  float high = 0, low = 0;
  for (int k = r * run + lane; k < min(p.cols, (r + 1) * run); k += 32) {
    const float v = value_at(p, row, k);
    high = fmaxf(high, v), low = fminf(low, v);
  }
#pragma unroll
  for (int d = 16; d; d >>= 1) high = fmaxf(high, __shfl_xor_sync(~0u, high, d)), low = fminf(low, __shfl_xor_sync(~0u, low, d));
  if (lane) return;
  const float largest = kMostSteps<F> > 0 ? fmaxf(high, -low) : high >= -low ? high : low;
  if constexpr (scaled_inputs(F) != 0) *scale_place<F>(p, output, r) = __float2half(largest / kMostSteps<F>);
  else p.scales[output] = largest / kMostSteps<F>;
}

template <Weights F> __device__ __forceinline__ int quantised(float v, float scale) {
  if (scale == 0.f) return 0;
  if constexpr (F == Weights::fp8) return __nv_cvt_float_to_fp8(v / scale, __NV_SATFINITE, __NV_E4M3);
  return static_cast<int>(fminf(kTopStep<F>, fmaxf(kFewestSteps<F>, rintf(v / scale))));
}

// In steps: a block's own, or the nearest.
template <Weights F> __device__ __forceinline__ int steps_at(const PackArgs& p, int row, int col, float scale) {
  if constexpr (scaled_inputs(F) == kBlock)
    if (p.source && carries(F, p.source_type)) return row < p.rows && col < p.cols ? block_step(p.source, p.source_type, place_in_source(p, row, col)) : 0;
  return quantised<F>(value_at(p, row, col), scale);
}

// The `b`-th of four eight-bit weights in its word (layout.cuh).
template <Weights F> __device__ __forceinline__ uint32_t placed(int step, int b) {
  if constexpr (F != Weights::fp8) return static_cast<uint32_t>(step + 128) << (8 * b);
  const uint32_t bits = step, half = b < 2 ? (bits & 0x80) << 8 | (bits & 0x7f) << 4 : (bits & 0x80) << 4 | (bits & 0x70) << 8 | (bits & 0x0f);
  return half << (b & 1) * 16;
}

__device__ __forceinline__ uint32_t pack_fp16(float low, float high) {
  const __half2 v = __halves2half2(__float2half(low), __float2half(high));
  return reinterpret_cast<const uint32_t&>(v);
}

template <Weights F> __global__ void pack_kernel(const PackArgs p, int row_groups) {
  const size_t item = blockIdx.x * static_cast<size_t>(blockDim.x) + threadIdx.x;
  const int lane = item & 31, sub = (item >> 5) & 1;
  const size_t place = item >> 6;
  if (place >= static_cast<size_t>(row_groups) * p.per_tile) return;
  const int unit = static_cast<int>(place % p.per_tile), first = static_cast<int>(place / p.per_tile) * 16; // row of the source
  const int output = packed_row(p, first), g = lane >> 2, t = lane & 3;
  uint8_t* stage = p.packed + (static_cast<size_t>(output / kTile) * p.per_tile + unit) * Format<F>::stage;
  uint4* to = reinterpret_cast<uint4*>(stage) + (output % kTile / 16 * 2 + sub) * 32 + lane;
  uint32_t words[4] = {};
  if constexpr (F == Weights::bf16 || F == Weights::fp16) {
#pragma unroll
    for (int reg = 0; reg < 4; reg++) {
      const int k = unit * 32 + t * 8 + sub * 4 + (reg >> 1) * 2, row = first + g + (reg & 1) * 8;
      const float low = value_at(p, row, k), high = value_at(p, row, k + 1);
      words[reg] = F == Weights::bf16 ? pack_bf16(low, high) : pack_fp16(low, high);
    }
  } else if constexpr (F == Weights::int4 || F == Weights::q4_0) {
    for (int w = 0; w < 4; w++) {
      const int run = (unit * 128 + sub * 64 + (w >> 1) * 32) / scaled_inputs(F);
      const float s[2] = {__half2float(*scale_place<F>(p, output + g, run)), __half2float(*scale_place<F>(p, output + g + 8, run))};
      for (int n = 0; n < 8; n++) {
        const int reg = n & 3;
        const int k = unit * 128 + sub * 64 + (w >> 1) * 32 + t * 8 + (w & 1) * 4 + (reg >> 1) * 2 + (n >> 2), row = g + (reg & 1) * 8;
        words[w] |= static_cast<uint32_t>(steps_at<F>(p, first + row, k, s[reg & 1]) + 8) << (4 * n);
      }
    }
  } else {
    float s[2];
    for (int i = 0; i < 2; i++) {
      if constexpr (F == Weights::q8_0) s[i] = __half2float(*scale_place<F>(p, output + g + 8 * i, unit * 2 + sub));
      else s[i] = first + g + 8 * i < p.rows ? p.scales[output + g + 8 * i] : 0.f;
    }
    for (int w = 0; w < 4; w++)
      for (int b = 0; b < 4; b++) {
        const int reg = 2 * w + (b >> 1), r = reg & 3;
        const int k = unit * 64 + sub * 32 + t * 8 + (reg >> 2) * 4 + (r >> 1) * 2 + (b & 1), row = g + (r & 1) * 8;
        words[w] |= placed<F>(steps_at<F>(p, first + row, k, s[r & 1]), b);
      }
  }
  *to = make_uint4(words[0], words[1], words[2], words[3]);
}

template <Weights F> cudaError_t pack(const PackArgs& p, cudaStream_t stream) {
  if constexpr (F != Weights::bf16 && F != Weights::fp16) {
    constexpr int shared = scaled_inputs(F);
    const int run = shared ? shared : p.all_cols, runs = shared ? p.per_tile * (Format<F>::depth / run) : 1;
    const int64_t warps = static_cast<int64_t>(p.rows) * runs;
    const cudaError_t e = launch_kernel(plain(stream), scale_kernel<F>, dim3(static_cast<unsigned>((warps + 7) / 8)), dim3(256), 0, shared ? p : whole_rows(p), runs, run);
    if (e) return e;
  }
  const int groups = (p.rows + 15) / 16;
  const size_t items = static_cast<size_t>(groups) * p.per_tile * 64;
  return launch_kernel(plain(stream), pack_kernel<F>, dim3(static_cast<unsigned>((items + 255) / 256)), dim3(256), 0, p, groups);
}

__global__ void convert_kernel(const void* source, int type, uint64_t seed, float magnitude, float around, size_t first, size_t count, float* out32, __nv_bfloat16* out16) {
  for (size_t i = blockIdx.x * static_cast<size_t>(blockDim.x) + threadIdx.x; i < count; i += static_cast<size_t>(gridDim.x) * blockDim.x) {
    const float v = source ? source_value(source, type, first + i) : around + made_up(seed, first + i) * magnitude;
    if (out32) out32[i] = v;
    else out16[i] = __float2bfloat16(v);
  }
}

} // namespace

cudaError_t run_pack(Weights format, const PackArgs& p, cudaStream_t stream) {
  return with_format(format, [&](auto of) { return pack<of.value>(p, stream); });
}

cudaError_t run_convert(const void* source, int type, uint64_t seed, float magnitude, float around, size_t first, size_t count, void* out, bool bf16, cudaStream_t stream) {
  const unsigned blocks = static_cast<unsigned>(count / 256 + 1 < 4096 ? count / 256 + 1 : 4096);
  return launch_kernel(plain(stream), convert_kernel, dim3(blocks), dim3(256), 0, source, type, seed, magnitude, around, first, count, bf16 ? nullptr : static_cast<float*>(out),
                                            bf16 ? static_cast<__nv_bfloat16*>(out) : nullptr);
}

} // namespace jc
