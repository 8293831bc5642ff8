// Attention's arithmetic: 16 (row, query head) pairs against 32 positions by one warp, and how such results are put together.
// Every form of the kernel calls these, so that their bits agree.
#pragma once
#include <math_constants.h>

#include "layout.cuh"
#include "ptx.cuh"

namespace jc {

constexpr int kAttentionWarps = kKeyChunk / kKeyBlock;
constexpr int kPairs = 16; // of row and query head: mma's m side

// How a result and the next one after it are weighed. What saw nothing changes no bit: what is there times 1, plus -0 times its zeros.
struct FoldScales {
  float mine[2], other[2];
  __device__ __forceinline__ FoldScales(float* maximum, float* total, const float* other_max, const float* other_total) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const float most = fmaxf(maximum[i], other_max[i]);
      mine[i] = maximum[i] == -CUDART_INF_F ? 1.f : exp2f(maximum[i] - most);
      other[i] = other_max[i] == -CUDART_INF_F ? -0.f : exp2f(other_max[i] - most);
      maximum[i] = most;
      total[i] = fold(i, total[i], other_total[i]);
    }
  }
  __device__ __forceinline__ float fold(int pair, float a, float b) const { return __fmaf_rn(other[pair], b, __fmul_rn(mine[pair], a)); }
};

// One warp's result for 16 pairs: lane 4g + t holds pairs g and g + 8, of every eight dimensions 2t and 2t + 1.
template <int HD> struct Partial {
  float out[HD / 8][4];
  float maximum[2], total[2];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int n = 0; n < HD / 8; n++) out[n][0] = out[n][1] = out[n][2] = out[n][3] = 0;
    maximum[0] = maximum[1] = -CUDART_INF_F;
    total[0] = total[1] = 0;
  }
  // The next 32 positions join: the same steps as Folded::take's.
  __device__ __forceinline__ void take(const Partial& r) {
    const FoldScales by(maximum, total, r.maximum, r.total);
#pragma unroll
    for (int n = 0; n < HD / 8; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) out[n][i] = by.fold(i >> 1, out[n][i], r.out[n][i]);
  }
  __device__ __forceinline__ uint32_t word_of_each() const { // see ring.cuh
    uint32_t made = 0;
#pragma unroll
    for (int n = 0; n < HD / 8; n++) made |= __float_as_uint(out[n][0]);
    return made;
  }
  __device__ __forceinline__ void store(float4* to, int lane) const { // [HD / 8 + 1][lane]
#pragma unroll
    for (int n = 0; n < HD / 8; n++) to[n * 32 + lane] = make_float4(out[n][0], out[n][1], out[n][2], out[n][3]);
    to[HD / 8 * 32 + lane] = make_float4(maximum[0], maximum[1], total[0], total[1]);
  }
};

// Two pairs of a lane: whether there is one, where its query lies, and its own position.
struct LanePairs {
  bool is[2];
  const uint4* query[2]; // of lane t: [dimension / 32][4]
  int position[2];
};

// A warp's 32 keys, [dimension / 32][8 positions], as mma's second operand.
template <int HD> using Keys = uint4[HD / 32][4];

template <int HD> __device__ __forceinline__ void attend(Partial<HD>& r, const Keys<HD>& k, const uint4* values, const LanePairs& pairs, int first_key, float scale, int t) {
  const uint4 nothing = make_uint4(0, 0, 0, 0);
  float s[4][4]; // scores[16 pairs, 32 positions]
#pragma unroll
  for (int j = 0; j < 4; j++) s[j][0] = s[j][1] = s[j][2] = s[j][3] = 0;
#pragma unroll
  for (int d = 0; d < HD / 32; d++) {
    const uint4 a = pairs.is[0] ? pairs.query[0][d * 4] : nothing, b = pairs.is[1] ? pairs.query[1][d * 4] : nothing;
#pragma unroll
    for (int j = 0; j < 4; j++) {
      mma(s[j], a.x, b.x, a.y, b.y, k[d][j].x, k[d][j].y);
      mma(s[j], a.z, b.z, a.w, b.w, k[d][j].z, k[d][j].w);
    }
  }
#pragma unroll
  for (int j = 0; j < 4; j++)
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const bool seen = pairs.is[i >> 1] && first_key + j * 8 + t * 2 + (i & 1) <= pairs.position[i >> 1];
      s[j][i] = seen ? s[j][i] * scale : -CUDART_INF_F;
      r.maximum[i >> 1] = fmaxf(r.maximum[i >> 1], s[j][i]);
    }
#pragma unroll
  for (int i = 0; i < 2; i++) {
    r.maximum[i] = fmaxf(r.maximum[i], __shfl_xor_sync(~0u, r.maximum[i], 1));
    r.maximum[i] = fmaxf(r.maximum[i], __shfl_xor_sync(~0u, r.maximum[i], 2));
  }
#pragma unroll
  for (int j = 0; j < 4; j++)
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const float m = r.maximum[i >> 1];
      s[j][i] = m == -CUDART_INF_F ? 0.f : exp2f(s[j][i] - m);
      r.total[i >> 1] += s[j][i];
    }
#pragma unroll
  for (int i = 0; i < 2; i++) {
    r.total[i] += __shfl_xor_sync(~0u, r.total[i], 1);
    r.total[i] += __shfl_xor_sync(~0u, r.total[i], 2);
  }
  uint32_t a[2][4];
#pragma unroll
  for (int h = 0; h < 2; h++) {
    a[h][0] = pack_bf16(s[2 * h][0], s[2 * h][1]), a[h][1] = pack_bf16(s[2 * h][2], s[2 * h][3]);
    a[h][2] = pack_bf16(s[2 * h + 1][0], s[2 * h + 1][1]), a[h][3] = pack_bf16(s[2 * h + 1][2], s[2 * h + 1][3]);
  }
#pragma unroll
  for (int n = 0; n < HD / 8; n++) {
    const uint4 v = values[n * 32];
    mma(r.out[n], a[0][0], a[0][1], a[0][2], a[0][3], v.x, v.y);
    mma(r.out[n], a[1][0], a[1][1], a[1][2], a[1][3], v.z, v.w);
  }
}

// A chunk's result: its eight warps' one after the other. Every thread holds a share of the dimensions: of eights warp, warp + 8, ….
template <int HD> struct Folded {
  static constexpr int shares = (HD / 8 + kAttentionWarps - 1) / kAttentionWarps;
  float out[shares][4];
  float maximum[2], total[2];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int n = 0; n < shares; n++) out[n][0] = out[n][1] = out[n][2] = out[n][3] = 0;
    maximum[0] = maximum[1] = -CUDART_INF_F;
    total[0] = total[1] = 0;
  }
  __device__ __forceinline__ void take(const float4* from, int warp, int lane) {
    const float4 m = from[HD / 8 * 32 + lane];
    const float other_max[2] = {m.x, m.y}, other_total[2] = {m.z, m.w};
    const FoldScales by(maximum, total, other_max, other_total);
#pragma unroll
    for (int n = 0; n < shares; n++) {
      if ((HD / 8) % kAttentionWarps && n * kAttentionWarps + warp >= HD / 8) break;
      const float4 v = from[(n * kAttentionWarps + warp) * 32 + lane];
      out[n][0] = by.fold(0, out[n][0], v.x), out[n][1] = by.fold(0, out[n][1], v.y);
      out[n][2] = by.fold(1, out[n][2], v.z), out[n][3] = by.fold(1, out[n][3], v.w);
    }
  }
};

// Results of four warps at a time: what a ring of the next product leaves of shared memory.
constexpr int kFoldSlots = 4;
template <int HD> constexpr int fold_bytes() { return kFoldSlots * (HD / 8 + 1) * 32 * 16; }

// All eight warps call it; `sync` is their barrier.
template <int HD, typename Sync> __device__ __forceinline__ void fold(Folded<HD>& f, const Partial<HD>& r, float4* slots, int warp, int lane, Sync sync) {
  f.clear();
#pragma unroll
  for (int half = 0; half < kAttentionWarps / kFoldSlots; half++) {
    if (warp / kFoldSlots == half) r.store(slots + warp % kFoldSlots * (HD / 8 + 1) * 32, lane);
    sync();
#pragma unroll
    for (int w = 0; w < kFoldSlots; w++) f.take(slots + w * (HD / 8 + 1) * 32, warp, lane);
    sync();
  }
}

// --- chunks ---------------------------------------------------------------------------------------------------------

// Chunks meet in the order of their positions, sixteen at a time; the sixteens meet in order, too.
constexpr int kChunksAtOnce = 16;

// One element of one sixteen: the sum of scaled chunks from `first` to before `end`. `scale(c)`: exp2(maximum of c - maximum of all).
template <typename Scale> __device__ __forceinline__ float join_chunks(const float* partial, int stride, int first, int end, Scale scale) {
  float v[kChunksAtOnce], sum = 0;
#pragma unroll
  for (int i = 0; i < kChunksAtOnce; i++)
    if (first + i < end) v[i] = partial[static_cast<size_t>(first + i) * stride];
#pragma unroll
  for (int i = 0; i < kChunksAtOnce; i++)
    if (first + i < end) sum = i ? __fmaf_rn(scale(first + i), v[i], sum) : __fmul_rn(scale(first), v[0]);
  return sum;
}

} // namespace jc
