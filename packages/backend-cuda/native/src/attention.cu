// Attention over the cache, for 1 to 64 rows of one or several sessions.
//
// A block looks at 256 positions of one key-value head; each of its eight warps at 32 of them, for 16 (row, query head) pairs
// at a time: the heads that share a key-value head and the rows of the pass fold into mma's m side, so few readings of the
// cache serve all rows of a verification. Warps and then blocks merge their partial results (maximum, sum, weighted values) in
// a fixed order. Borders are fixed positions, never shares of a length, and a block or warp that sees only positions after a
// row adds exactly nothing to it: a row's bits depend on the text before it alone.
//
// Trade-off: keys and values go from memory straight into registers in mma's order (layout.cuh), with no ring: at short
// contexts latency counts. Pairs are spread over blocks while there are multiprocessors to fill; in long texts, where there
// are not, a block takes several sixteens of them and finds keys and values in L1 or L2.
#include <math_constants.h>

#include "kernels.hpp"
#include "ptx.cuh"

namespace jc {
namespace {

constexpr int kWarps = kKeyChunk / kKeyBlock;
constexpr int kPairs = 16; // of row and query head

// One warp's result for 16 pairs: lane 4g + t holds pairs g and g + 8.
template <int HD> struct Partial {
  float out[HD / 8][4];
  float maximum[2], total[2];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int n = 0; n < HD / 8; n++) out[n][0] = out[n][1] = out[n][2] = out[n][3] = 0;
    maximum[0] = maximum[1] = -CUDART_INF_F;
    total[0] = total[1] = 0;
  }
  __device__ __forceinline__ void store(float4* to, int lane) const { // [HD / 8 + 1][lane]
#pragma unroll
    for (int n = 0; n < HD / 8; n++) to[n * 32 + lane] = make_float4(out[n][0], out[n][1], out[n][2], out[n][3]);
    to[HD / 8 * 32 + lane] = make_float4(maximum[0], maximum[1], total[0], total[1]);
  }
  __device__ __forceinline__ void merge(const float4* from, int lane) {
    const float4 m = from[HD / 8 * 32 + lane];
    const float other_max[2] = {m.x, m.y}, other_total[2] = {m.z, m.w};
    float mine[2], other[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const float most = fmaxf(maximum[i], other_max[i]);
      mine[i] = maximum[i] == -CUDART_INF_F ? 0.f : exp2f(maximum[i] - most);
      other[i] = other_max[i] == -CUDART_INF_F ? 0.f : exp2f(other_max[i] - most);
      total[i] = mine[i] * total[i] + other[i] * other_total[i];
      maximum[i] = most;
    }
#pragma unroll
    for (int n = 0; n < HD / 8; n++) {
      const float4 v = from[n * 32 + lane];
      out[n][0] = mine[0] * out[n][0] + other[0] * v.x;
      out[n][1] = mine[0] * out[n][1] + other[0] * v.y;
      out[n][2] = mine[1] * out[n][2] + other[1] * v.z;
      out[n][3] = mine[1] * out[n][3] + other[1] * v.w;
    }
  }
};

template <int HD> constexpr int merge_bytes() { return kWarps / 2 * (HD / 8 + 1) * 32 * 16; }

template <int HD> __global__ void __launch_bounds__(32 * kWarps, HD <= 128 ? 2 : 1) attention_kernel(const AttentionArgs p) {
  extern __shared__ __align__(16) float4 merged[]; // four warps' results
  let_next_kernel_start();
  const Segment segment = p.table->segments[blockIdx.z];
  const int chunk = blockIdx.x % p.chunks, first_tile = blockIdx.x / p.chunks * p.tiles_a_block;
  const int kv_head = blockIdx.y, group = p.heads / p.kv_heads;
  const int pairs = segment.rows * group, last_position = segment.first_position + segment.rows - 1;
  if (chunk * kKeyChunk > last_position) return;
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, g = lane >> 2, t = lane & 3;
  const int first_key = chunk * kKeyChunk + warp * kKeyBlock;
  const size_t slab = (static_cast<size_t>(p.layer) * p.kv_heads + kv_head) * segment.capacity * HD;
  const uint4* keys = reinterpret_cast<const uint4*>(static_cast<const __nv_bfloat16*>(segment.keys) + slab + static_cast<size_t>(first_key + g) * HD) + t;
  const uint4* values = reinterpret_cast<const uint4*>(static_cast<const __nv_bfloat16*>(segment.values) + slab + static_cast<size_t>(first_key) * HD) + g * 4 + t;
  const bool looks = first_key <= last_position, old = first_key + kKeyBlock <= segment.first_position;
  const uint4 nothing = make_uint4(0, 0, 0, 0);
  uint4 k[HD / 32][4];
  const auto load_keys = [&] {
#pragma unroll
    for (int d = 0; d < HD / 32; d++)
#pragma unroll
      for (int j = 0; j < 4; j++) k[d][j] = keys[j * 8 * (HD / 8) + d * 4];
  };
  // What earlier passes left in the cache is read before this pass's queries are there.
  if (looks && old) {
    load_keys();
    if ((lane & 7) == 0)
#pragma unroll
      for (int n = 0; n < HD / 8; n++) asm volatile("prefetch.global.L2 [%0];" ::"l"(values + n * 32));
  }
  wait_for_earlier_kernels();
  if (looks && !old) load_keys();

  for (int tile = first_tile; tile < first_tile + p.tiles_a_block; tile++) {
    const int first_pair = tile * kPairs;
    if (first_pair >= pairs) break;
    if (segment.first_position + (min(first_pair + kPairs, pairs) - 1) / group < chunk * kKeyChunk) continue; // all of them come before this chunk
    Partial<HD> r;
    r.clear();
    if (looks) {
      float s[4][4]; // scores[16 pairs, 32 positions]
#pragma unroll
      for (int j = 0; j < 4; j++) s[j][0] = s[j][1] = s[j][2] = s[j][3] = 0;
      const int pair0 = first_pair + g, pair1 = pair0 + 8;
      const bool is0 = pair0 < pairs, is1 = pair1 < pairs;
      const uint4* q0 = reinterpret_cast<const uint4*>(p.queries + (static_cast<size_t>(segment.first_row + pair0 / group) * p.heads + kv_head * group + pair0 % group) * HD) + t;
      const uint4* q1 = reinterpret_cast<const uint4*>(p.queries + (static_cast<size_t>(segment.first_row + pair1 / group) * p.heads + kv_head * group + pair1 % group) * HD) + t;
#pragma unroll
      for (int d = 0; d < HD / 32; d++) {
        const uint4 a = is0 ? q0[d * 4] : nothing, b = is1 ? q1[d * 4] : nothing;
#pragma unroll
        for (int j = 0; j < 4; j++) {
          mma(s[j], a.x, b.x, a.y, b.y, k[d][j].x, k[d][j].y);
          mma(s[j], a.z, b.z, a.w, b.w, k[d][j].z, k[d][j].w);
        }
      }
      const int position0 = segment.first_position + pair0 / group, position1 = segment.first_position + pair1 / group;
#pragma unroll
      for (int j = 0; j < 4; j++)
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const int position = first_key + j * 8 + t * 2 + (i & 1);
          const bool seen = i < 2 ? is0 && position <= position0 : is1 && position <= position1;
          s[j][i] = seen ? s[j][i] * p.scale : -CUDART_INF_F;
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
    // eight warps' results become one in three rounds: w takes w + 4, then w + 2, then w + 1
#pragma unroll
    for (int half = kWarps / 2; half; half >>= 1) {
      if (warp >= half && warp < 2 * half) r.store(merged + (warp - half) * (HD / 8 + 1) * 32, lane);
      __syncthreads();
      if (warp < half) r.merge(merged + warp * (HD / 8 + 1) * 32, lane);
      __syncthreads();
    }
    if (warp) continue;
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int pair = first_pair + g + 8 * i;
      if (pair >= pairs) continue;
      const int row = segment.first_row + pair / group, head = kv_head * group + pair % group;
      const size_t place = (static_cast<size_t>(row) * p.heads + head) * p.chunks + chunk;
#pragma unroll
      for (int n = 0; n < HD / 8; n++) *reinterpret_cast<float2*>(p.partial + place * HD + n * 8 + t * 2) = make_float2(r.out[n][2 * i], r.out[n][2 * i + 1]);
      if (t == 0) p.partial_max[place] = make_float2(r.maximum[i], r.total[i]);
    }
  }
}

// One block a row and head: its chunks' results become one, in order, and go on as activations.
template <int HD> __global__ void __launch_bounds__(HD) merge_kernel(const AttentionArgs p) {
  let_next_kernel_start();
  const int row = blockIdx.x, head = blockIdx.y, d = threadIdx.x;
  const int chunks = p.table->positions[row] / kKeyChunk + 1;
  wait_for_earlier_kernels();
  const size_t place = (static_cast<size_t>(row) * p.heads + head) * p.chunks;
  float m = -CUDART_INF_F;
#pragma unroll 4
  for (int c = 0; c < chunks; c++) m = fmaxf(m, p.partial_max[place + c].x);
  float sum = 0, o = 0;
#pragma unroll 4
  for (int c = 0; c < chunks; c++) {
    const float2 part = p.partial_max[place + c];
    const float scale = exp2f(part.x - m);
    sum += scale * part.y;
    o += scale * p.partial[(place + c) * HD + d];
  }
  if (d < p.head_dim) p.activations[activation_index(p.row_blocks, row, head * p.head_dim + d)] = __float2bfloat16(o / sum);
  if (head == p.heads - 1) // zeros where inputs are padded
    for (int k = p.heads * p.head_dim + d; k < p.padded_out; k += HD) p.activations[activation_index(p.row_blocks, row, k)] = __float2bfloat16(0.f);
}

template <int HD> cudaError_t launch(AttentionArgs p, const Stream& stream) {
  const int tiles = (p.rows * (p.heads / p.kv_heads) + kPairs - 1) / kPairs; // at most, of any segment
  const int spread = p.chunks * p.kv_heads * p.segments;
  p.tiles_a_block = spread * tiles <= 4 * stream.multiprocessors ? 1 : spread * 2 >= 4 * stream.multiprocessors ? tiles : 2;
  const int groups = (tiles + p.tiles_a_block - 1) / p.tiles_a_block;
  cudaError_t e = launch_kernel(stream, attention_kernel<HD>, dim3(p.chunks * groups, p.kv_heads, p.segments), dim3(32 * kWarps), merge_bytes<HD>(), p);
  return e ? e : launch_kernel(stream, merge_kernel<HD>, dim3(p.rows, p.heads), dim3(HD), 0, p);
}

template <int HD> cudaError_t allow() { return cudaFuncSetAttribute(attention_kernel<HD>, cudaFuncAttributeMaxDynamicSharedMemorySize, merge_bytes<HD>()); }

} // namespace

cudaError_t attention_setup() { return allow<256>(); }

cudaError_t run_attention(const AttentionArgs& p, const Stream& stream) {
  switch (padded_head(p.head_dim)) {
    case 32: return launch<32>(p, stream);
    case 64: return launch<64>(p, stream);
    case 96: return launch<96>(p, stream);
    case 128: return launch<128>(p, stream);
    case 256: return launch<256>(p, stream);
    default: return cudaErrorInvalidValue;
  }
}

} // namespace jc
