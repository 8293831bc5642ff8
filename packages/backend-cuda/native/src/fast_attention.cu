// Attention of prompts that are read fast: every row of a part at once, no results of chunks in memory.
//
// A block has 128 pairs of row and query head of one key-value head, a warp sixteen of them, whose queries and results stay in registers
// while keys and values of 64 positions at a time come through a ring in shared memory. Rows' borders are those of the part, sums are in
// another order than decoding's (partial.cuh): as exact, not the same bits.
#include "attention.cuh"
#include "fast.hpp"
#include "ring.cuh"

namespace jc {
namespace {

constexpr int kWarps = 8;
constexpr int kBlockPairs = kWarps * kPairs;
constexpr int kStagePositions = 2 * kKeyBlock;
constexpr int kStages = 3;
template <int HD> constexpr int kSideBytes = kStagePositions * HD * 2; // keys of a stage, or values
template <int HD> constexpr int kRingBytes = kStages * 2 * kSideBytes<HD>;

#if JC_HOPPER
// A warp's sixteen pairs, laid out as mma's results are (partial.cuh).
template <int HD> struct Attended {
  static constexpr bool kHeld = HD <= 128; // queries in registers
  LanePairs pairs;
  uint4 query[kHeld ? HD / 32 : 1][2];
  float out[HD / 8][4], maximum[2], total[2]; // totals are of the lane's own positions

  __device__ __forceinline__ explicit Attended(const LanePairs& own) : pairs(own) {
#pragma unroll
    for (int n = 0; n < HD / 8; n++) out[n][0] = out[n][1] = out[n][2] = out[n][3] = 0;
    maximum[0] = maximum[1] = -CUDART_INF_F, total[0] = total[1] = 0;
    if constexpr (kHeld)
#pragma unroll
      for (int d = 0; d < HD / 32; d++) query[d][0] = read(0, d), query[d][1] = read(1, d);
  }
  __device__ __forceinline__ uint4 read(int i, int d) const { return pairs.is[i] ? pairs.query[i][d * 4] : make_uint4(0, 0, 0, 0); }

  // The next 32 positions: keys [dimension / 32][8 positions], values [dimension / 8], both of the lane.
  // Returns a word of each vector it read, see ring.cuh.
  __device__ __forceinline__ uint32_t take(const uint4* keys, const uint4* values, int first_key, float scale, int t) {
    uint32_t words = 0;
    float s[4][4]; // scores[16 pairs, 32 positions]
#pragma unroll
    for (int j = 0; j < 4; j++) s[j][0] = s[j][1] = s[j][2] = s[j][3] = 0;
#pragma unroll
    for (int d = 0; d < HD / 32; d++) {
      const uint4 a = kHeld ? query[kHeld ? d : 0][0] : read(0, d), b = kHeld ? query[kHeld ? d : 0][1] : read(1, d);
#pragma unroll
      for (int j = 0; j < 4; j++) {
        const uint4 k = keys[(d * 4 + j) * 32];
        words |= k.x;
        mma(s[j], a.x, b.x, a.y, b.y, k.x, k.y);
        mma(s[j], a.z, b.z, a.w, b.w, k.z, k.w);
      }
    }
    float most[2] = {maximum[0], maximum[1]};
#pragma unroll
    for (int j = 0; j < 4; j++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        s[j][i] = first_key + j * 8 + t * 2 + (i & 1) <= pairs.position[i >> 1] ? s[j][i] * scale : -CUDART_INF_F;
        most[i >> 1] = fmaxf(most[i >> 1], s[j][i]);
      }
    float keep[2];
#pragma unroll
    for (int i = 0; i < 2; i++) { // the first position is seen by every row, so no maximum is infinite
      most[i] = fmaxf(most[i], __shfl_xor_sync(~0u, most[i], 1));
      most[i] = fmaxf(most[i], __shfl_xor_sync(~0u, most[i], 2));
      keep[i] = exp2f(maximum[i] - most[i]);
      maximum[i] = most[i], total[i] *= keep[i];
    }
#pragma unroll
    for (int j = 0; j < 4; j++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        s[j][i] = exp2f(s[j][i] - most[i >> 1]);
        total[i >> 1] += s[j][i];
      }
    uint32_t a[2][4];
#pragma unroll
    for (int h = 0; h < 2; h++) {
      a[h][0] = pack_bf16(s[2 * h][0], s[2 * h][1]), a[h][1] = pack_bf16(s[2 * h][2], s[2 * h][3]);
      a[h][2] = pack_bf16(s[2 * h + 1][0], s[2 * h + 1][1]), a[h][3] = pack_bf16(s[2 * h + 1][2], s[2 * h + 1][3]);
    }
#pragma unroll
    for (int n = 0; n < HD / 8; n++) {
      out[n][0] *= keep[0], out[n][1] *= keep[0], out[n][2] *= keep[1], out[n][3] *= keep[1];
      const uint4 v = values[n * 32];
      words |= v.x;
      mma(out[n], a[0][0], a[0][1], a[0][2], a[0][3], v.x, v.y);
      mma(out[n], a[1][0], a[1][1], a[1][2], a[1][3], v.z, v.w);
    }
    return words;
  }

  __device__ __forceinline__ void store(const AttentionArgs& p, int kv_head, int first_pair, int lane) {
    const int group = p.heads / p.kv_heads, t = lane & 3;
#pragma unroll
    for (int i = 0; i < 2; i++) {
      total[i] += __shfl_xor_sync(~0u, total[i], 1);
      total[i] += __shfl_xor_sync(~0u, total[i], 2);
      if (!pairs.is[i]) continue;
      const int pair = first_pair + (lane >> 2) + 8 * i;
      __nv_bfloat16* to = p.activations + static_cast<size_t>(pair / group) * p.padded_out + (kv_head * group + pair % group) * p.head_dim;
      const float inverse = 1.f / total[i];
#pragma unroll
      for (int n = 0; n < HD / 8; n++) // heads are of an even size
        if (const int d = n * 8 + t * 2; d < p.head_dim) *reinterpret_cast<uint32_t*>(to + d) = pack_bf16(out[n][2 * i] * inverse, out[n][2 * i + 1] * inverse);
    }
  }
};
#endif

template <int HD> __global__ void __launch_bounds__(32 * (kWarps + 1), 1) fast_attention_kernel(const AttentionArgs p, const Segment segment) {
#if JC_HOPPER
  JC_DYNAMIC_SHARED(uint8_t, ring); // [stage][keys, values]
  __shared__ uint64_t full[kStages], free[kStages];
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, kv_head = blockIdx.y, group = p.heads / p.kv_heads, pairs = segment.rows * group;
  // those that look at most positions begin first
  const int block_pair = (gridDim.x - 1 - blockIdx.x) * kBlockPairs, last_row = (min(block_pair + kBlockPairs, pairs) - 1) / group;
  const int stages = (segment.first_position + last_row) / kStagePositions + 1;
  if (threadIdx.x == 0) {
    for (int i = 0; i < kStages; i++) barrier_init(full + i, 1), barrier_init(free + i, kWarps * 32); // every lane says that it has read, so that racecheck can follow
    barrier_init_visible();
  }
  wait_for_earlier_kernels();
  __syncthreads();
  if (warp == kWarps) {
    if (lane) return;
    for (int i = 0; i < stages; i++) {
      const int place = i % kStages;
      uint8_t* to = ring + place * 2 * kSideBytes<HD>;
      if (i >= kStages) barrier_wait(free + place, (i / kStages + 1) & 1);
      barrier_expect(full + place, 2 * kSideBytes<HD>);
      bulk_copy(to, cached_keys<HD>(p, segment, kv_head, i * kStagePositions), kSideBytes<HD>, full + place);
      bulk_copy(to + kSideBytes<HD>, cached_values<HD>(p, segment, kv_head, i * kStagePositions), kSideBytes<HD>, full + place);
    }
    return;
  }
  const int first_pair = block_pair + warp * kPairs;
  const int last_position = first_pair < pairs ? segment.first_position + (min(first_pair + kPairs, pairs) - 1) / group : -1;
  Attended<HD> sums(lane_pairs<HD>(p, segment, kv_head, first_pair, lane));
  for (int i = 0; i < stages; i++) {
    const int place = i % kStages;
    const uint4* keys = reinterpret_cast<const uint4*>(ring + place * 2 * kSideBytes<HD>) + lane;
    barrier_wait(full + place, i / kStages & 1);
    uint32_t read = 0;
#pragma unroll 1
    for (int half = 0; half < 2; half++)
      if (const int first_key = i * kStagePositions + half * kKeyBlock; first_key <= last_position)
        read |= sums.take(keys + half * kKeyBlock * HD / 8, keys + (kSideBytes<HD> + half * kKeyBlock * HD * 2) / 16, first_key, p.scale, lane & 3);
    barrier_arrive(once_read(free + place, read, p.rows));
  }
  if (last_position >= 0) sums.store(p, kv_head, first_pair, lane);
#else
  __trap();
#endif
}

template <typename Visit> cudaError_t with_head(int head_dim, Visit visit) {
  switch (padded_head(head_dim)) {
    case 32: return visit(std::integral_constant<int, 32>());
    case 64: return visit(std::integral_constant<int, 64>());
    case 96: return visit(std::integral_constant<int, 96>());
    case 128: return visit(std::integral_constant<int, 128>());
    case 256: return visit(std::integral_constant<int, 256>());
    default: return cudaErrorInvalidValue;
  }
}

} // namespace

cudaError_t fast_attention_setup(int head_dim) {
  return with_head(head_dim, [](auto hd) { return cudaFuncSetAttribute(fast_attention_kernel<hd.value>, cudaFuncAttributeMaxDynamicSharedMemorySize, kRingBytes<hd.value>); });
}

cudaError_t run_fast_attention(const AttentionArgs& p, const Segment& segment, cudaStream_t stream) {
  const unsigned blocks = static_cast<unsigned>((segment.rows * (p.heads / p.kv_heads) + kBlockPairs - 1) / kBlockPairs);
  return with_head(p.head_dim, [&](auto hd) {
    return launch_kernel(following(stream), fast_attention_kernel<hd.value>, dim3(blocks, p.kv_heads), dim3(32 * (kWarps + 1)), kRingBytes<hd.value>, p, segment);
  });
}

} // namespace jc
