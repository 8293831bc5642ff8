// Attention over the cache, for 1 to 128 rows of one or several sessions, in short and middling texts.
//
// A block looks at 256 positions of one key-value head; each of its eight warps at 32 of them, for 16 (row, query head) pairs
// at a time: the heads that share a key-value head and the rows of the pass fold into mma's m side, so few readings of the
// cache serve all rows of a verification. Warps and then blocks join their partial results (maximum, sum, weighted values) in
// a fixed order (partial.cuh). Borders are fixed positions, never shares of a length, and a block or warp that sees only positions
// after a row adds exactly nothing to it: a row's bits depend on the text before it alone.
//
// Trade-off: here latency counts, so keys go from memory straight into registers, what earlier passes left of them before this
// pass's queries are there; where 16 pairs hold all rows, a block turns its own queries and keys (a kernel less); where a block has
// one sixteen of pairs, the last block of a sixteen to end joins its chunks (another one less). Long texts have a kernel of their own (attention_long.cu).
#include "attention.cuh"
#include "heads.cuh"

namespace jc {
namespace {

// Where all rows' pairs are one sixteen, a block makes them itself: queries into shared memory, keys and values that lie in its chunk
// into the cache, a head a warp. Every block of a key-value head makes the same queries.
template <int HD> struct OwnHeads {
  const AttentionArgs& p;
  const QkvArgs& q;
  const Segment& s;
  int kv_head, group;
  HeadConstants<(HD + 63) / 64> constants; // of the warp's first

  __device__ __forceinline__ OwnHeads(const AttentionArgs& p, const QkvArgs& q, const Segment& s, int kv_head) : p(p), q(q), s(s), kv_head(kv_head), group(p.heads / p.kv_heads) {}
  __device__ __forceinline__ int count() const { return s.rows * (group + 2); }
  __device__ __forceinline__ HeadPlace place(int item) const {
    const int which = item % (group + 2);
    return which < group ? HeadPlace{0, kv_head * group + which} : HeadPlace{which - group + 1, kv_head};
  }
  __device__ __forceinline__ void prepare(int warp, int lane) {
    if (warp < count()) constants.load(q, place(warp), lane);
  }
  __device__ __forceinline__ void make(int chunk, __nv_bfloat16* queries, int warp, int lane) {
    for (int item = warp; item < count(); item += kAttentionWarps) {
      const HeadPlace head = place(item);
      const int row = item / (group + 2), position = s.first_position + row;
      if (item != warp) constants.load(q, head, lane);
      const CachePlace place = cache_place(q, s, head, position);
      __nv_bfloat16* query = queries + (row * group + head.own - kv_head * group) * HD;
      if (head.kind == 0) for (int d = q.head_dim + lane; d < HD; d += 32) query[d] = __float2bfloat16(0.f);
      else if (position / kKeyChunk != chunk) continue;
      turn_head(q, constants, head, s.first_row + row, lane, [&](int d, __nv_bfloat16 v) {
        if (head.kind == 0) query[d] = v;
        else place.put(d, v);
      });
    }
  }
};

// The last of `blocks` to come here joins what all of them made. True in every thread of that block.
__device__ __forceinline__ bool comes_last(int* arrivals, int blocks) {
  __shared__ int before;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    before = atomicAdd(arrivals, 1);
    if (before == blocks - 1) *arrivals = 0;
  }
  __syncthreads();
  if (before != blocks - 1) return false;
  __threadfence();
  return true;
}

template <int HD, bool kOwnHeads> __global__ void __launch_bounds__(32 * kAttentionWarps, HD <= 128 ? 2 : 1) attention_kernel(const AttentionArgs p, const QkvArgs q) {
  JC_DYNAMIC_SHARED(float4, slots); // four warps' results
  __shared__ __align__(16) __nv_bfloat16 own_queries[kOwnHeads ? kPairs * HD : 8];
  let_next_kernel_start();
  const Segment segment = p.table->segments[blockIdx.z];
  const int chunk = blockIdx.x % p.chunks, first_tile = blockIdx.x / p.chunks * p.tiles_a_block;
  const int kv_head = blockIdx.y, group = p.heads / p.kv_heads;
  const int pairs = segment.rows * group, last_position = segment.first_position + segment.rows - 1;
  if (chunk * kKeyChunk > last_position || first_tile * kPairs >= pairs) return;
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const int first_key = chunk * kKeyChunk + warp * kKeyBlock;
  const uint4* keys = cached_keys<HD>(p, segment, kv_head, first_key) + lane;
  const uint4* values = cached_values<HD>(p, segment, kv_head, first_key) + lane;
  const bool looks = first_key <= last_position, old = first_key + kKeyBlock <= segment.first_position;
  Keys<HD> k;
  // What earlier passes left in the cache is read before this pass's queries are there.
  if (looks && old) {
    load_keys<HD>(k, keys);
    if ((lane & 7) == 0)
#pragma unroll
      for (int n = 0; n < HD / 8; n++) prefetch(values + n * 32);
  }
  if constexpr (kOwnHeads) {
    OwnHeads<HD> heads(p, q, segment, kv_head);
    heads.prepare(warp, lane);
    wait_for_earlier_kernels();
    heads.make(chunk, own_queries, warp, lane);
    __syncthreads();
  } else {
    wait_for_earlier_kernels();
  }
  if (looks && !old) load_keys<HD>(k, keys);

  for (int tile = first_tile; tile < first_tile + p.tiles_a_block; tile++) {
    const int first_pair = tile * kPairs;
    if (first_pair >= pairs) break;
    if (segment.first_position + (min(first_pair + kPairs, pairs) - 1) / group < chunk * kKeyChunk) continue; // all of them come before this chunk
    Partial<HD> r;
    r.clear();
    if (looks) attend<HD>(r, k, values, kOwnHeads ? own_pairs<HD>(segment, own_queries, group, pairs, lane) : lane_pairs<HD>(p, segment, kv_head, first_pair, lane), first_key, p.scale, lane & 3);
    Folded<HD> f;
    fold(f, r, slots, warp, lane, [] { __syncthreads(); });
    store_chunk<HD>(p, f, segment, kv_head, first_pair, chunk, warp, lane);
  }
  if (!p.joins) return;
  const int first_pair = first_tile * kPairs, end_pair = min(first_pair + kPairs, pairs), chunks = (segment.first_position + (end_pair - 1) / group) / kKeyChunk + 1;
  if (chunk >= chunks || !comes_last(p.arrivals + (segment.first_row + first_tile) * p.kv_heads + kv_head, chunks)) return;
  for (int pair = first_pair + warp; pair < end_pair; pair += kAttentionWarps)
    join_head<HD>(p, segment.first_row + pair / group, kv_head * group + pair % group, (segment.first_position + pair / group) / kKeyChunk + 1, lane);
  if (kv_head == p.kv_heads - 1) pad_rows(p, segment.first_row + first_pair / group, segment.first_row + (end_pair - 1) / group + 1, threadIdx.x, blockDim.x);
}

template <int HD, bool kOwnHeads> cudaError_t launch(const AttentionArgs& p, const QkvArgs& q, int tiles, const Stream& stream) {
  const int groups = (tiles + p.tiles_a_block - 1) / p.tiles_a_block;
  return launch_kernel(stream, attention_kernel<HD, kOwnHeads>, dim3(p.chunks * groups, p.kv_heads, p.segments), dim3(32 * kAttentionWarps), fold_bytes<HD>(), p, q);
}

template <int HD> cudaError_t attend_rows(AttentionArgs p, const QkvArgs& q, const Stream& stream) {
  const int group = p.heads / p.kv_heads, tiles = (p.rows * group + kPairs - 1) / kPairs; // at most, of any segment
  const int spread = p.chunks * p.kv_heads * p.segments;
  p.tiles_a_block = spread * tiles <= 4 * stream.multiprocessors ? 1 : spread * 2 >= 4 * stream.multiprocessors ? tiles : 2;
  const bool in_long_text = spread >= stream.multiprocessors && long_attention_serves(HD, stream);
  // a sixteen has a place among the arrivals (its first row's and those behind it) where a row has at most sixteen heads of a key-value head
  p.joins = p.tiles_a_block == 1 && p.chunks <= kChunksAtOnce && group <= kPairs;
  if (tiles == 1 && p.joins) return launch<HD, true>(p, q, tiles, stream);
  p.joins = p.joins && !in_long_text;
  cudaError_t e = run_qkv(q, stream);
  if (!e) e = in_long_text ? run_long_attention(p, stream) : launch<HD, false>(p, q, tiles, stream);
  return e || p.joins ? e : run_join(p, stream);
}

template <int HD> cudaError_t allow() {
  const cudaError_t e = cudaFuncSetAttribute(attention_kernel<HD, true>, cudaFuncAttributeMaxDynamicSharedMemorySize, fold_bytes<HD>());
  return e ? e : cudaFuncSetAttribute(attention_kernel<HD, false>, cudaFuncAttributeMaxDynamicSharedMemorySize, fold_bytes<HD>());
}

} // namespace

cudaError_t attention_setup() {
  const cudaError_t e = allow<256>();
  return e ? e : long_attention_setup();
}

cudaError_t run_attention(const QkvArgs& q, const AttentionArgs& p, const Stream& stream) {
  switch (padded_head(p.head_dim)) {
    case 32: return attend_rows<32>(p, q, stream);
    case 64: return attend_rows<64>(p, q, stream);
    case 96: return attend_rows<96>(p, q, stream);
    case 128: return attend_rows<128>(p, q, stream);
    case 256: return attend_rows<256>(p, q, stream);
    default: return cudaErrorInvalidValue;
  }
}

} // namespace jc
