// One unit of weights times the activations of its inputs: what a warp does between two waits.
#pragma once
#include "layout.cuh"
#include "ptx.cuh"

namespace jc {

// --- eight and four bits to pairs of bf16, exactly ---------------------------------------------------------------

// Two signed bytes: 128 + low seven bits, minus 128 (not negative) or 256 (negative).
__device__ __forceinline__ uint32_t from_int8(uint32_t spread) {
  uint32_t low = and_or(spread, 0x007f007f, 0x43004300), sign = and_or(spread, 0x00800080, 0x43004300);
  return fma_bf16x2(sign, 0xbf80bf80, low);
}
// Two e4m3 in the upper bytes: exponent and mantissa moved into bf16's place, times 2^120 for the other bias.
__device__ __forceinline__ uint32_t from_fp8(uint32_t upper) {
  return fma_bf16x2(and_or(upper, 0x80008000, (upper >> 4) & 0x07f007f0), 0x7b807b80, 0x80008000);
}
// Two nibbles, each the value plus 8: 128 + nibble, minus 136.
__device__ __forceinline__ uint32_t from_int4(uint32_t word) {
  return fma_bf16x2(and_or(word, 0x000f000f, 0x43004300), 0x3f803f80, 0xc308c308);
}

// --- one unit: 32 outputs and half of the inputs a warp ----------------------------------------------------------

template <int NT> struct Sums {
  float c[2][NT][4]; // [16 outputs][8 rows]
  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int m = 0; m < 2; m++)
#pragma unroll
      for (int n = 0; n < NT; n++)
#pragma unroll
        for (int i = 0; i < 4; i++) c[m][n][i] = 0;
  }
};

template <int NT>
__device__ __forceinline__ void multiply_bf16(Sums<NT>& s, const uint4* w, const uint4* x, int half) {
  uint4 a[4];
#pragma unroll
  for (int v = 0; v < 4; v++) a[v] = w[v * 32];
  const uint4* b = x + half * NT * 32;
#pragma unroll
  for (int n = 0; n < NT; n++) {
    uint4 r = b[n * 32];
#pragma unroll
    for (int m = 0; m < 2; m++) {
      mma(s.c[m][n], a[2 * m].x, a[2 * m].y, a[2 * m].z, a[2 * m].w, r.x, r.y);
      mma(s.c[m][n], a[2 * m + 1].x, a[2 * m + 1].y, a[2 * m + 1].z, a[2 * m + 1].w, r.z, r.w);
    }
  }
}

template <Weights F, int NT>
__device__ __forceinline__ void multiply_bytes(Sums<NT>& s, const uint4* w, const uint4* x, int half) {
#pragma unroll
  for (int v = 0; v < 4; v++) {
    const int m = v >> 1;
    uint4 q = w[v * 32];
    uint32_t a[8];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      uint32_t word = i == 0 ? q.x : i == 1 ? q.y : i == 2 ? q.z : q.w;
      if constexpr (F == Weights::int8) {
        a[2 * i] = from_int8(__byte_perm(word, 0, 0x4140));
        a[2 * i + 1] = from_int8(__byte_perm(word, 0, 0x4342));
      } else {
        a[2 * i] = from_fp8(__byte_perm(word, 0, 0x1404));
        a[2 * i + 1] = from_fp8(__byte_perm(word, 0, 0x3424));
      }
    }
    const uint4* b = x + (half * 2 + (v & 1)) * NT * 32;
#pragma unroll
    for (int n = 0; n < NT; n++) {
      uint4 r = b[n * 32];
      mma(s.c[m][n], a[0], a[1], a[2], a[3], r.x, r.y);
      mma(s.c[m][n], a[4], a[5], a[6], a[7], r.z, r.w);
    }
  }
}

// A group's sum is made in two chains (of 64 inputs each) for either 16 outputs, so that four run beside one another: one chain
// of eight dependent instructions would take longer than its bytes.
template <int NT>
__device__ __forceinline__ void multiply_int4(Sums<NT>& s, const uint4* w, const uint4* x, int half, const __half* scales, int group) {
  uint4 q[4];
#pragma unroll
  for (int v = 0; v < 4; v++) q[v] = w[v * 32];
  float scale[2][2];
#pragma unroll
  for (int m = 0; m < 2; m++) scale[m][0] = __half2float(scales[m * 16 + group]), scale[m][1] = __half2float(scales[m * 16 + group + 8]);
  constexpr int kAtOnce = NT <= 4 ? 2 : 1; // of the two 16 outputs; as many as registers hold
#pragma unroll
  for (int m0 = 0; m0 < 2; m0 += kAtOnce) {
    float p[2][kAtOnce][NT][4] = {};
#pragma unroll
    for (int v = 0; v < 2; v++)
#pragma unroll
      for (int h = 0; h < 2; h++) {
        uint4 r[NT];
#pragma unroll
        for (int n = 0; n < NT; n++) r[n] = x[((half * 4 + v * 2 + h) * NT + n) * 32];
#pragma unroll
        for (int i = 0; i < kAtOnce; i++) {
          const uint4& w4 = q[2 * (m0 + i) + v];
          const uint32_t low = h ? w4.z : w4.x, high = h ? w4.w : w4.y;
          uint32_t a[8];
#pragma unroll
          for (int j = 0; j < 4; j++) a[j] = from_int4(low >> (4 * j)), a[4 + j] = from_int4(high >> (4 * j));
#pragma unroll
          for (int n = 0; n < NT; n++) mma(p[v][i][n], a[0], a[1], a[2], a[3], r[n].x, r[n].y);
#pragma unroll
          for (int n = 0; n < NT; n++) mma(p[v][i][n], a[4], a[5], a[6], a[7], r[n].z, r[n].w);
        }
      }
#pragma unroll
    for (int i = 0; i < kAtOnce; i++)
#pragma unroll
      for (int n = 0; n < NT; n++)
#pragma unroll
        for (int j = 0; j < 4; j++) s.c[m0 + i][n][j] += scale[m0 + i][j >> 1] * (p[0][i][n][j] + p[1][i][n][j]);
  }
}

// `unit`: a weight unit; `rows`: the activations of its inputs.
template <Weights F, int NT>
__device__ __forceinline__ void multiply_unit(Sums<NT>& s, const uint8_t* unit, const uint8_t* rows, int half, int strip, int lane) {
  const uint4* w = reinterpret_cast<const uint4*>(unit) + (half * 4 + strip) * 4 * 32 + lane;
  const uint4* x = reinterpret_cast<const uint4*>(rows) + lane;
  if constexpr (F == Weights::bf16) multiply_bf16<NT>(s, w, x, half);
  else if constexpr (F == Weights::int4)
    multiply_int4<NT>(s, w, x, half, reinterpret_cast<const __half*>(unit + kUnitBytes) + half * kTile + strip * 32, lane >> 2);
  else multiply_bytes<F, NT>(s, w, x, half);
}

} // namespace jc
