// Attention in long texts, and the joining of many chunks.
//
// Trade-off: here bytes count. A multiprocessor has one block; its ninth warp streams keys and values of one piece of work after the
// other (256 positions of one key-value head) into shared memory by bulk copies, so that memory never rests while eight warps
// compute. All rows of a verification share one reading. Few pairs: a warp has 32 of the positions, as in attention.cu; keys leave
// shared memory for registers at once, and their place is filled again while values are used. Many: a warp has 16 pairs and goes
// through all positions, so that warps need not meet. The sums are those of attention.cu, in the same order, in both.
#include <type_traits>

#include "attention.cuh"
#include "ring.cuh"

namespace jc {
namespace {

constexpr int kThreads = 32 * (kAttentionWarps + 1);

template <int HD> constexpr int kBlockBytes = kKeyBlock * HD * 2; // 32 positions of keys, or of values
template <int HD> constexpr int long_bytes() { return 2 * kAttentionWarps * kBlockBytes<HD> + fold_bytes<HD>(); }

#if JC_HOPPER
// One piece of work: 256 positions of one key-value head of one segment.
struct Piece {
  Segment segment;
  int chunk, kv_head, last_position;
  __device__ Piece(const AttentionArgs& p, int i) : segment(p.table->segments[i / (p.chunks * p.kv_heads)]), chunk(i % p.chunks), kv_head(i / p.chunks % p.kv_heads) {
    last_position = segment.first_position + segment.rows - 1;
  }
  __device__ bool empty() const { return chunk * kKeyChunk > last_position; }
  __device__ int first_key(int eighth) const { return chunk * kKeyChunk + eighth * kKeyBlock; }
  __device__ bool looks(int eighth) const { return first_key(eighth) <= last_position; }
  // All of the sixteen pairs come before this chunk.
  __device__ bool before_chunk(int first_pair, int group) const {
    return segment.first_position + (min(first_pair + kPairs, segment.rows * group) - 1) / group < chunk * kKeyChunk;
  }
};

template <int HD> __device__ __forceinline__ const uint4* place_of(const uint8_t* ring, int side, int eighth) {
  return reinterpret_cast<const uint4*>(ring + (side * kAttentionWarps + eighth) * kBlockBytes<HD>);
}

struct Places {
  uint64_t full, free;
};

// One thread: all keys of a piece, then all its values, each as soon as its place is free.
template <int HD> __device__ void stream_pieces(const AttentionArgs& p, uint8_t* ring, Places* keys, Places* values, int pieces) {
  uint32_t phases = (1u << kAttentionWarps) - 1; // of `free`, a bit a warp
  bool waited = false;
  const uint64_t policy = read_once_policy();
  for (int i = blockIdx.x; i < pieces; i += gridDim.x) {
    const Piece piece(p, i);
    if (piece.empty()) continue;
    for (int side = 0; side < 2; side++) {
      for (int w = 0; w < kAttentionWarps && piece.looks(w); w++) {
        if (!waited && piece.first_key(w) + kKeyBlock > piece.segment.first_position) wait_for_earlier_kernels(), waited = true; // written by this pass
        Places& place = (side ? values : keys)[w];
        const uint4* from = side ? cached_values<HD>(p, piece.segment, piece.kv_head, piece.first_key(w)) : cached_keys<HD>(p, piece.segment, piece.kv_head, piece.first_key(w));
        barrier_wait(&place.free, phases >> w & 1);
        barrier_expect(&place.full, kBlockBytes<HD>);
        bulk_copy_once(ring + (side * kAttentionWarps + w) * kBlockBytes<HD>, from, kBlockBytes<HD>, &place.full, policy);
      }
    }
    for (int w = 0; w < kAttentionWarps && piece.looks(w); w++) phases ^= 1u << w;
  }
}

// A warp an eighth of the positions.
template <int HD> struct PositionsApart {
  static constexpr int readers = 1; // of a place in the ring
  uint32_t phase = 0;

  __device__ void work(const AttentionArgs& p, const Piece& piece, const uint8_t* ring, float4* slots, Places* keys, Places* values, int warp, int lane) {
    const Segment& s = piece.segment;
    const bool looks = piece.looks(warp);
    const int group = p.heads / p.kv_heads, pairs = s.rows * group;
    Keys<HD> k;
    if (looks) {
      barrier_wait(&keys[warp].full, phase);
      load_keys<HD>(k, place_of<HD>(ring, 0, warp) + lane);
      release_place(&keys[warp].free, word_of_each<HD>(k), p.rows, lane);
      barrier_wait(&values[warp].full, phase);
    }
    for (int first_pair = 0; first_pair < pairs; first_pair += kPairs) {
      if (piece.before_chunk(first_pair, group)) continue;
      Partial<HD> r;
      r.clear();
      if (looks) attend<HD>(r, k, place_of<HD>(ring, 1, warp) + lane, lane_pairs<HD>(p, s, piece.kv_head, first_pair, lane), piece.first_key(warp), p.scale, lane & 3);
      Folded<HD> f;
      fold(f, r, slots, warp, lane, part_of_block_barrier<32 * kAttentionWarps>);
      store_chunk<HD>(p, f, s, piece.kv_head, first_pair, piece.chunk, warp, lane);
    }
    if (!looks) return;
    release_place(&values[warp].free, 0, p.rows, lane); // what was made of them has been stored and waited for, in `fold`
    phase ^= 1;
  }
};

// A warp every eighth sixteen of pairs.
template <int HD> struct PairsApart {
  static constexpr int readers = kAttentionWarps;
  uint32_t phases = 0; // a bit an eighth of the positions

  __device__ void work(const AttentionArgs& p, const Piece& piece, const uint8_t* ring, float4*, Places* keys, Places* values, int warp, int lane) {
    const Segment& s = piece.segment;
    const int group = p.heads / p.kv_heads, pairs = s.rows * group, rounds = (pairs + kPairs * kAttentionWarps - 1) / (kPairs * kAttentionWarps);
    for (int round = 0; round < rounds; round++) {
      const int first_pair = (round * kAttentionWarps + warp) * kPairs;
      const bool works = first_pair < pairs && !piece.before_chunk(first_pair, group);
      const auto release = [&](int w, uint32_t read) { release_place(&keys[w].free, read, p.rows, lane), release_place(&values[w].free, read, p.rows, lane); };
      const LanePairs own = lane_pairs<HD>(p, s, piece.kv_head, first_pair, lane);
      Partial<HD> sum;
      sum.clear();
#pragma unroll 1
      for (int w = 0; w < kAttentionWarps && piece.looks(w); w++) {
        if (round == 0) {
          barrier_wait(&keys[w].full, phases >> w & 1), barrier_wait(&values[w].full, phases >> w & 1);
          if (w && rounds == 1) release(w - 1, 0); // one place later, see ring.cuh
        }
        if (works) {
          Keys<HD> k;
          load_keys<HD>(k, place_of<HD>(ring, 0, w) + lane);
          Partial<HD> r;
          r.clear();
          attend<HD>(r, k, place_of<HD>(ring, 1, w) + lane, own, piece.first_key(w), p.scale, lane & 3);
          sum.take(r);
        }
        if (round < rounds - 1) continue;
        if (rounds > 1 || w + 1 == kAttentionWarps || !piece.looks(w + 1)) release(w, sum.word_of_each()); // made of keys and values
        phases ^= 1u << w;
      }
      if (works) store_chunk<HD>(p, sum, s, piece.kv_head, first_pair, piece.chunk, lane);
    }
  }
};
#endif

template <int HD, bool kPairsApart> __global__ void __launch_bounds__(kThreads, 1) long_attention_kernel(const AttentionArgs p, int pieces) {
#if JC_HOPPER
  using Way = std::conditional_t<kPairsApart, PairsApart<HD>, PositionsApart<HD>>;
  JC_DYNAMIC_SHARED(uint8_t, ring); // [keys, values][eighth], then four warps' results
  __shared__ Places keys[kAttentionWarps], values[kAttentionWarps];
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  if (threadIdx.x == 0) {
    for (int w = 0; w < kAttentionWarps; w++) {
      barrier_init(&keys[w].full, 1), barrier_init(&keys[w].free, Way::readers);
      barrier_init(&values[w].full, 1), barrier_init(&values[w].free, Way::readers);
    }
    barrier_init_visible();
  }
  __syncthreads();
  let_next_kernel_start();
  if (warp == kAttentionWarps) {
    if (lane == 0) stream_pieces<HD>(p, ring, keys, values, pieces);
    return;
  }
  wait_for_earlier_kernels();
  Way way;
  float4* slots = reinterpret_cast<float4*>(ring + 2 * kAttentionWarps * kBlockBytes<HD>);
  for (int i = blockIdx.x; i < pieces; i += gridDim.x) {
    const Piece piece(p, i);
    if (!piece.empty()) way.work(p, piece, ring, slots, keys, values, warp, lane);
  }
#else
  __trap();
#endif
}

// A block a row and head: its chunks' results become one and go on as activations. Sixteens of chunks side by side.
constexpr int kSixteens = 4;
template <int HD> __global__ void __launch_bounds__(HD * kSixteens) join_kernel(const AttentionArgs p) {
  JC_DYNAMIC_SHARED(float, scales); // [chunk], then [sixteen][dimension], then [sixteen]
  __shared__ float most;
  let_next_kernel_start();
  const int row = blockIdx.x, head = blockIdx.y, d = threadIdx.x % HD, first = threadIdx.x / HD;
  const int chunks = p.table->positions[row] / kKeyChunk + 1, sixteens = (chunks + kChunksAtOnce - 1) / kChunksAtOnce;
  float* sums = scales + p.chunks;
  float* totals = sums + sixteens * HD;
  const size_t place = (static_cast<size_t>(row) * p.heads + head) * p.chunks;
  wait_for_earlier_kernels();
  if (threadIdx.x < 32) {
    float m = -CUDART_INF_F;
    for (int c = threadIdx.x; c < chunks; c += 32) m = fmaxf(m, p.partial_max[place + c].x);
#pragma unroll
    for (int i = 16; i; i >>= 1) m = fmaxf(m, __shfl_xor_sync(~0u, m, i));
    most = m;
  }
  __syncthreads();
  for (int c = threadIdx.x; c < chunks; c += HD * kSixteens) scales[c] = exp2f(p.partial_max[place + c].x - most);
  __syncthreads();
  for (int s = first; s < sixteens; s += kSixteens) {
    const int from = s * kChunksAtOnce, end = min(from + kChunksAtOnce, chunks);
    sums[s * HD + d] = join_chunks(p.partial + place * HD + d, HD, from, end, [&](int c) { return scales[c]; });
    if (d == 0) totals[s] = join_chunks(&p.partial_max[place].y, 2, from, end, [&](int c) { return scales[c]; });
  }
  __syncthreads();
  if (first) return;
  float sum = sums[d], total = totals[0];
  for (int s = 1; s < sixteens; s++) sum = __fadd_rn(sum, sums[s * HD + d]), total = __fadd_rn(total, totals[s]);
  if (d < p.head_dim) p.activations[activation_index(p.row_blocks, row, head * p.head_dim + d)] = __float2bfloat16(sum / total);
  if (head == p.heads - 1) pad_row(p, row, d, HD);
}

template <int HD> int join_bytes(const AttentionArgs& p) { return (p.chunks + (p.chunks + kChunksAtOnce - 1) / kChunksAtOnce * (HD + 1)) * 4; }

// The same for at most sixteen chunks: a warp a row and head.
template <int HD> __global__ void __launch_bounds__(128) join_few_kernel(const AttentionArgs p) {
  let_next_kernel_start();
  const int item = blockIdx.x * 4 + (threadIdx.x >> 5), row = item / p.heads, head = item % p.heads, lane = threadIdx.x & 31;
  if (row >= p.rows) return;
  const int chunks = p.table->positions[row] / kKeyChunk + 1;
  wait_for_earlier_kernels();
  join_head<HD>(p, row, head, chunks, lane);
  if (head == p.heads - 1) pad_row(p, row, lane, 32);
}

constexpr int kFewSixteens = 2; // of pairs: more, and a warp has its own

template <int HD, bool kPairsApart> cudaError_t launch_way(const AttentionArgs& p, const Stream& stream) {
  const int pieces = p.chunks * p.kv_heads * p.segments;
  return launch_kernel(stream, long_attention_kernel<HD, kPairsApart>, dim3(pieces < stream.multiprocessors ? pieces : stream.multiprocessors), dim3(kThreads), long_bytes<HD>(), p, pieces);
}
template <int HD> cudaError_t launch_long(const AttentionArgs& p, const Stream& stream) {
  return p.rows * (p.heads / p.kv_heads) <= kFewSixteens * kPairs * p.segments ? launch_way<HD, false>(p, stream) : launch_way<HD, true>(p, stream);
}
template <int HD> cudaError_t launch_join(const AttentionArgs& p, const Stream& stream) {
  if (p.chunks <= kChunksAtOnce) return launch_kernel(stream, join_few_kernel<HD>, dim3((p.rows * p.heads + 3) / 4), dim3(128), 0, p);
  return launch_kernel(stream, join_kernel<HD>, dim3(p.rows, p.heads), dim3(HD * kSixteens), join_bytes<HD>(p), p);
}
template <int HD> cudaError_t allow() {
  const cudaError_t e = cudaFuncSetAttribute(long_attention_kernel<HD, false>, cudaFuncAttributeMaxDynamicSharedMemorySize, long_bytes<HD>());
  return e ? e : cudaFuncSetAttribute(long_attention_kernel<HD, true>, cudaFuncAttributeMaxDynamicSharedMemorySize, long_bytes<HD>());
}

} // namespace

bool long_attention_serves(int head, const Stream& stream) { return head <= 128 && !stream.portable; }

cudaError_t long_attention_setup() {
  cudaError_t e = allow<32>();
  if (!e) e = allow<64>();
  if (!e) e = allow<96>();
  return e ? e : allow<128>();
}

cudaError_t run_long_attention(const AttentionArgs& p, const Stream& stream) {
  switch (padded_head(p.head_dim)) {
    case 32: return launch_long<32>(p, stream);
    case 64: return launch_long<64>(p, stream);
    case 96: return launch_long<96>(p, stream);
    case 128: return launch_long<128>(p, stream);
    default: return cudaErrorInvalidValue;
  }
}

cudaError_t run_join(const AttentionArgs& p, const Stream& stream) {
  switch (padded_head(p.head_dim)) {
    case 32: return launch_join<32>(p, stream);
    case 64: return launch_join<64>(p, stream);
    case 96: return launch_join<96>(p, stream);
    case 128: return launch_join<128>(p, stream);
    case 256: return launch_join<256>(p, stream);
    default: return cudaErrorInvalidValue;
  }
}

} // namespace jc
