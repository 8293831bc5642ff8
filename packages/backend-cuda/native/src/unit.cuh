// One unit of weights times the activations of its inputs: what a warp does between two waits.
#pragma once
#include "layout.cuh"
#include "ptx.cuh"

namespace jc {

// --- eight and four bits to pairs of bf16, exactly ---------------------------------------------------------------
//
// The smallest bf16 are steps of 2^-133, as far as 255 of them: a number of eight bits is one of these as it is, and one multiplication
// by 2^127 and addition make it what it stands for, in steps of 2^-6. Steps of 1 would need 2^133, which bf16 has not.
// So an instruction to pick two numbers and one to convert them, where making them up from their bits takes four.

// The inverse of what one step of a weight becomes: scales are multiplied by it, which changes no bit of a result.
template <Weights F> constexpr float kStepsOfOne = F == Weights::int8 || F == Weights::q8_0 ? 64.f : F == Weights::int4 || F == Weights::q4_0 ? 4.f : 1.f;

// 2^127 and -2: of `n` steps of 2^-133, n / 64 - 2.
__device__ __forceinline__ uint32_t from_smallest(uint32_t pair) { return fma_bf16x2(pair, 0x7f007f00, 0xc000c000); }

// Four bytes, each the value plus 128: (value) / 64.
__device__ __forceinline__ void from_int8(uint32_t word, uint32_t* a) {
  a[0] = from_smallest(__byte_perm(word, 0, 0x4140));
  a[1] = from_smallest(__byte_perm(word, 0, 0x4342));
}
// Eight nibbles, each the value plus 8: (value) / 4. Of each sixteen bits the lowest four as 128 + nibble, the next as sixteenfold smallest numbers.
__device__ __forceinline__ void from_int4(uint32_t word, uint32_t* a) {
#pragma unroll
  for (int i = 0; i < 4; i += 2, word >>= 8) {
    a[i] = fma_bf16x2(and_or(word, 0x000f000f, 0x43004300), 0x3e803e80, 0xc208c208); // / 4 - 34
    a[i + 1] = from_smallest(word & 0x00f000f0);
  }
}
// Four e4m3, two in each sixteen bits (layout.cuh): exponent and fraction in bf16's place, times 2^120 for the other bias.
__device__ __forceinline__ void from_fp8(uint32_t word, uint32_t* a) {
  a[0] = fma_bf16x2(word & 0x87f087f0, 0x7b807b80, 0x80008000);
  a[1] = fma_bf16x2(and_or(word << 4, 0x80f080f0, (word >> 4) & 0x07000700), 0x7b807b80, 0x80008000);
}

template <Weights F> __device__ __forceinline__ float scale_of(__half stored) { return __half2float(stored) * kStepsOfOne<F>; }

// Two fp16 as sums of two bf16 each: the nearest one, and what is left of eleven leading bits, which is at most four of them.
__device__ __forceinline__ void split_fp16(uint32_t pair, uint32_t& nearest, uint32_t& rest) {
  const float2 v = __half22float2(reinterpret_cast<const __half2&>(pair));
  nearest = pack_bf16(v.x, v.y);
  rest = pack_bf16(v.x - low_bf16(nearest), v.y - high_bf16(nearest));
}

// --- one unit: 16 M outputs a warp --------------------------------------------------------------------------------

template <int M, int NT> struct Sums {
  float c[M][NT][4]; // of 16 outputs and 8 rows
  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int m = 0; m < M; m++)
#pragma unroll
      for (int n = 0; n < NT; n++)
#pragma unroll
        for (int i = 0; i < 4; i++) c[m][n][i] = 0;
  }
};

// What a lane reads of the activations of NT eights of rows, of which `rows` are there. Lanes whose row is not need not load where they lie in
// shared memory. That is worth its instruction where it leaves out much of what a warp reads: the last half of up to 16 rows, the last eight of up
// to 32 (70B int8 at 26 rows, where the GPU's power is the limit, 2 % less time; four bits have no register for it and spilled).
template <Weights F, int NT, bool kShared> struct Activations {
  static constexpr int fewer_from = !kShared ? NT : NT <= 2 ? NT / 2 : NT == 4 && (F == Weights::bf16 || scaled_by_output(F)) ? 3 : NT;
  const uint4* lanes; // [vector][32 lanes], of this lane
  int rows, lane_row;
  __device__ __forceinline__ uint4 load(int eight, int vector) const {
    const uint4* at = lanes + vector * 32;
    if (eight >= fewer_from) return load_where(eight * 8 + lane_row < rows, at);
    return *at;
  }
};

// `NT`: eights of rows that are multiplied, of `NR` whose activations lie there.
template <int M, int NT, typename X> __device__ __forceinline__ void multiply_bf16(Sums<M, NT>& s, const uint4* w, const X& x) {
  uint4 a[M][2];
#pragma unroll
  for (int m = 0; m < M; m++) a[m][0] = w[m * 64], a[m][1] = w[m * 64 + 32];
#pragma unroll
  for (int n = 0; n < NT; n++) {
    const uint4 r = x.load(n, n);
#pragma unroll
    for (int m = 0; m < M; m++) {
      mma(s.c[m][n], a[m][0].x, a[m][0].y, a[m][0].z, a[m][0].w, r.x, r.y);
      mma(s.c[m][n], a[m][1].x, a[m][1].y, a[m][1].z, a[m][1].w, r.z, r.w);
    }
  }
}

// Activations are bf16 in every format, so a weight of eleven bits is multiplied in two parts: nothing of it is lost, and activations
// keep bf16's range (h * w before its 1 / rms does not fit fp16). Twice the instructions; at few rows it is the bytes that count.
template <int M, int NT, typename X> __device__ __forceinline__ void multiply_fp16(Sums<M, NT>& s, const uint4* w, const X& x) {
#pragma unroll
  for (int v = 0; v < 2; v++) {
    uint32_t a[M][4], rest[M][4];
#pragma unroll
    for (int m = 0; m < M; m++) {
      const uint4 q = w[m * 64 + v * 32];
      split_fp16(q.x, a[m][0], rest[m][0]), split_fp16(q.y, a[m][1], rest[m][1]);
      split_fp16(q.z, a[m][2], rest[m][2]), split_fp16(q.w, a[m][3], rest[m][3]);
    }
#pragma unroll
    for (int n = 0; n < NT; n++) {
      const uint2 r = reinterpret_cast<const uint2*>(x.lanes + n * 32)[v];
#pragma unroll
      for (int m = 0; m < M; m++) {
        mma(s.c[m][n], a[m][0], a[m][1], a[m][2], a[m][3], r.x, r.y);
        mma(s.c[m][n], rest[m][0], rest[m][1], rest[m][2], rest[m][3], r.x, r.y);
      }
    }
  }
}

template <Weights F> __device__ __forceinline__ void unpack_bytes(const uint4& q, uint32_t* a) {
  const uint32_t words[4] = {q.x, q.y, q.z, q.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    if constexpr (F == Weights::int8) from_int8(words[i], a + 2 * i);
    else from_fp8(words[i], a + 2 * i);
  }
}

template <Weights F, int M, int NT, int NR, typename X> __device__ __forceinline__ void multiply_bytes(Sums<M, NT>& s, const uint4* w, const X& x) {
#pragma unroll
  for (int v = 0; v < 2; v++) {
    uint32_t a[M][8];
#pragma unroll
    for (int m = 0; m < M; m++) unpack_bytes<F>(w[m * 64 + v * 32], a[m]);
#pragma unroll
    for (int n = 0; n < NT; n++) {
      const uint4 r = x.load(n, v * NR + n);
#pragma unroll
      for (int m = 0; m < M; m++) {
        mma(s.c[m][n], a[m][0], a[m][1], a[m][2], a[m][3], r.x, r.y);
        mma(s.c[m][n], a[m][4], a[m][5], a[m][6], a[m][7], r.z, r.w);
      }
    }
  }
}

__device__ __forceinline__ void unpack_nibbles(const uint2& q, uint32_t* a) { from_int4(q.x, a), from_int4(q.y, a + 4); }

// A group's sum is made in two chains of 64 inputs each: one chain of eight dependent instructions would take longer than its
// bytes. Rows go by fours of eights, which is what registers hold.
template <int M, int NT, typename X>
__device__ __forceinline__ void multiply_int4(Sums<M, NT>& s, const uint4* w, const X& x, const __half* scales) {
  constexpr int kAtOnce = NT < 4 ? NT : 4;
#pragma unroll
  for (int n0 = 0; n0 < NT; n0 += kAtOnce) {
    float p[2][M][kAtOnce][4] = {};
#pragma unroll
    for (int v = 0; v < 2; v++)
#pragma unroll
      for (int h = 0; h < 2; h++) {
        uint32_t a[M][8];
#pragma unroll
        for (int m = 0; m < M; m++) unpack_nibbles(reinterpret_cast<const uint2*>(w + m * 64 + v * 32)[h], a[m]);
#pragma unroll
        for (int n = 0; n < kAtOnce; n++) {
          const uint4 r = x.load(n0 + n, (v * 2 + h) * NT + n0 + n);
#pragma unroll
          for (int m = 0; m < M; m++) {
            mma(p[v][m][n], a[m][0], a[m][1], a[m][2], a[m][3], r.x, r.y);
            mma(p[v][m][n], a[m][4], a[m][5], a[m][6], a[m][7], r.z, r.w);
          }
        }
      }
#pragma unroll
    for (int m = 0; m < M; m++) {
      const float scale[2] = {scale_of<Weights::int4>(scales[m * 16]), scale_of<Weights::int4>(scales[m * 16 + 8])};
#pragma unroll
      for (int n = 0; n < kAtOnce; n++)
#pragma unroll
        for (int i = 0; i < 4; i++) s.c[m][n0 + n][i] += scale[i >> 1] * (p[0][m][n][i] + p[1][m][n][i]);
    }
  }
}

// GGUF's blocks: each 32 inputs' sum on its own, then times its scale.
template <Weights F, int M, int NT, typename X>
__device__ __forceinline__ void multiply_blocks(Sums<M, NT>& s, const uint4* w, const X& x, const __half* scales) {
#pragma unroll
  for (int q = 0; q < Format<F>::depth / kBlock; q++) {
    uint32_t a[M][8];
    float scale[M][2];
#pragma unroll
    for (int m = 0; m < M; m++) {
      if constexpr (F == Weights::q4_0) unpack_nibbles(reinterpret_cast<const uint2*>(w + m * 64 + (q >> 1) * 32)[q & 1], a[m]);
      else unpack_bytes<Weights::int8>(w[m * 64 + q * 32], a[m]);
      scale[m][0] = scale_of<F>(scales[q * kTile + m * 16]), scale[m][1] = scale_of<F>(scales[q * kTile + m * 16 + 8]);
    }
#pragma unroll
    for (int n = 0; n < NT; n++) {
      const uint4 r = x.load(n, q * NT + n);
#pragma unroll
      for (int m = 0; m < M; m++) {
        float p[4] = {};
        mma(p, a[m][0], a[m][1], a[m][2], a[m][3], r.x, r.y);
        mma(p, a[m][4], a[m][5], a[m][6], a[m][7], r.z, r.w);
#pragma unroll
        for (int i = 0; i < 4; i++) s.c[m][n][i] = __fmaf_rn(scale[m][i >> 1], p[i], s.c[m][n][i]);
      }
    }
  }
}

// A lane's place in units that lie one after another, or in a ring: where its vectors, the activations it multiplies them with and its scales begin.
// `strip`: which 16 M of the tile's outputs; `rows` of `first_row` and up are there.
template <Weights F, int M, int NT, int NR, bool kShared> struct UnitPlace {
  static_assert(NT == NR || most_rows_of(F) == kMostRows, "rows are divided in passes of formats that serve wide ones");
  const uint8_t *weights, *activations, *scales;
  int rows, lane_row;

  __device__ __forceinline__ UnitPlace(const uint8_t* units, const uint8_t* all_activations, int all_rows, int first_row, int strip, int lane)
      : weights(units + (strip * M * 64 + lane) * 16),
        activations(all_activations + first_row * 64 + lane * 16),
        scales(units + kUnitBytes + (strip * M * 16 + (lane >> 2)) * 2),
        rows(all_rows - first_row),
        lane_row(lane >> 2) {
    // Of 163 instructions a unit, 23 made these up anew (four bits, one row: 5 % of a pass). Four bits in many rows have no register for them.
    if constexpr (kShared && !(F == Weights::int4 && NT >= 4)) {
      weights = kept(weights), activations = kept(activations), rows = kept(rows), lane_row = kept(lane_row);
      if constexpr (scaled_inputs(F) != 0) scales = kept(scales);
    }
  }
  // `unit`, `rows_at`: how far on the unit and its activations lie.
  __device__ __forceinline__ void multiply(Sums<M, NT>& s, size_t unit, size_t rows_at) const {
    const uint4* w = reinterpret_cast<const uint4*>(weights + unit);
    const Activations<F, NT, kShared> x{reinterpret_cast<const uint4*>(activations + rows_at), rows, lane_row};
    [[maybe_unused]] const __half* own_scales = reinterpret_cast<const __half*>(scales + unit);
    if constexpr (F == Weights::bf16) multiply_bf16<M, NT>(s, w, x);
    else if constexpr (F == Weights::fp16) multiply_fp16<M, NT>(s, w, x);
    else if constexpr (F == Weights::int4) multiply_int4<M, NT>(s, w, x, own_scales);
    else if constexpr (F == Weights::q8_0 || F == Weights::q4_0) multiply_blocks<F, M, NT>(s, w, x, own_scales);
    else multiply_bytes<F, M, NT, NR>(s, w, x);
  }
};

} // namespace jc
