// Attention over the cache, for 1 to 128 rows of one or several sessions, in short and middling texts.
//
// A block looks at 256 positions of one key-value head; each of its eight warps at 32 of them, for 16 (row, query head) pairs
// at a time: the heads that share a key-value head and the rows of the pass fold into mma's m side, so few readings of the
// cache serve all rows of a verification. Warps and then blocks join their partial results (maximum, sum, weighted values) in
// a fixed order (partial.cuh). Borders are fixed positions, never shares of a length, and a block or warp that sees only positions
// after a row adds exactly nothing to it: a row's bits depend on the text before it alone.
//
// Trade-off: here latency counts, so keys go from memory straight into registers, what earlier passes left of them before this
// pass's queries are there. Queries are turned and chunks joined by kernels of their own (rows.cu, attention_long.cu): with both in this one, whose
// blocks are few, a row of 8B int4 took 1.85 ms instead of 1.81. Long texts have a kernel of their own (attention_long.cu).
#include "attention.cuh"

namespace jc {
namespace {

template <int HD> __global__ void __launch_bounds__(32 * kAttentionWarps, HD <= 128 ? 2 : 1) attention_kernel(const AttentionArgs p) {
  JC_DYNAMIC_SHARED(float4, slots); // four warps' results
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
  wait_for_earlier_kernels();
  if (looks && !old) load_keys<HD>(k, keys);

  for (int tile = first_tile; tile < first_tile + p.tiles_a_block; tile++) {
    const int first_pair = tile * kPairs;
    if (first_pair >= pairs) break;
    if (segment.first_position + (min(first_pair + kPairs, pairs) - 1) / group < chunk * kKeyChunk) continue; // all of them come before this chunk
    Partial<HD> r;
    r.clear();
    if (looks) attend<HD>(r, k, values, lane_pairs<HD>(p, segment, kv_head, first_pair, lane), first_key, p.scale, lane & 3);
    Folded<HD> f;
    fold(f, r, slots, warp, lane, [] { __syncthreads(); });
    store_chunk<HD>(p, f, segment, kv_head, first_pair, chunk, warp, lane);
  }
}

template <int HD> cudaError_t attend_rows(AttentionArgs p, const Stream& stream) {
  const int group = p.heads / p.kv_heads, tiles = (p.rows * group + kPairs - 1) / kPairs; // at most, of any segment
  const int spread = p.chunks * p.kv_heads * p.segments;
  if (spread >= stream.multiprocessors && long_attention_serves(HD, stream)) return run_long_attention(p, stream);
  p.tiles_a_block = spread * tiles <= 4 * stream.multiprocessors ? 1 : spread * 2 >= 4 * stream.multiprocessors ? tiles : 2;
  const int groups = (tiles + p.tiles_a_block - 1) / p.tiles_a_block;
  return launch_kernel(stream, attention_kernel<HD>, dim3(p.chunks * groups, p.kv_heads, p.segments), dim3(32 * kAttentionWarps), fold_bytes<HD>(), p);
}

} // namespace

cudaError_t attention_setup() {
  const cudaError_t e = cudaFuncSetAttribute(attention_kernel<256>, cudaFuncAttributeMaxDynamicSharedMemorySize, fold_bytes<256>());
  return e ? e : long_attention_setup();
}

cudaError_t run_attention(const AttentionArgs& p, const Stream& stream) {
  switch (padded_head(p.head_dim)) {
    case 32: return attend_rows<32>(p, stream);
    case 64: return attend_rows<64>(p, stream);
    case 96: return attend_rows<96>(p, stream);
    case 128: return attend_rows<128>(p, stream);
    case 256: return attend_rows<256>(p, stream);
    default: return cudaErrorInvalidValue;
  }
}

} // namespace jc
