// The small kernels between products: they add up a product's parts and make the next one's rows.
//
// Trade-off: each is a microsecond of work and two of waiting, so they are spread over as many multiprocessors as there is work,
// touch everything that is not a result (counts, norms, biases) before they wait, and read all parts at once.
#include "exchange.cuh"
#include "heads.cuh"
#include "source.cuh"

namespace jc {
namespace {

constexpr int kThreads = 128;

// --- the residual stream: a warp a row and tile ---------------------------------------------------------------------

// h, eight of a tile, is on its way: kept, handed on as h * w, and its squares summed.
__device__ __forceinline__ void hand_on(const ResidualArgs& p, const float* h, const float* w, int row, int k, int tile) {
  float squares = 0, y[8] = {};
  if (k < p.hidden) {
    store8(p.residual + static_cast<size_t>(row) * p.hidden + k, h);
#pragma unroll
    for (int j = 0; j < 8; j++) squares += h[j] * h[j], y[j] = w[j] * h[j];
  }
  if (k < p.padded) *reinterpret_cast<uint4*>(p.activations + activation_index(p.row_blocks, row, k)) = pack8(y); // zeros where inputs are padded
  squares = warp_sum(squares);
  if ((threadIdx.x & 31) == 0 && tile < p.tiles) p.squares[tile * kMostRows + row] = squares;
}

// Over several ranks (`kRanks` at most) a rank's parts are first added up with those of the others: the row's piece goes out as
// soon as it is known, and the next product fills its ring while it is on its way.
template <int kRanks> __global__ void __launch_bounds__(kThreads) residual_kernel(const ResidualArgs p, int rows) {
  let_next_kernel_start();
  const int item = blockIdx.x * (kThreads / 32) + (threadIdx.x >> 5), row = item / p.cover, tile = item % p.cover, k = tile * kTile + (threadIdx.x & 31) * 8;
  if (row >= rows) return;
  const int count = tile < p.tiles ? p.added.counts[tile] : 0;
  float h[8] = {}, v[8], w[8] = {}, bias[8] = {};
  if (k < p.hidden) {
    load8(p.next_norm + k, w);
    if (p.bias) load8(p.bias + k, bias);
  }
  wait_for_earlier_kernels();
  if (k < p.hidden) {
    load8(p.residual + static_cast<size_t>(row) * p.hidden + k, h);
    if (kRanks > 1 && p.link.gathered) {
      gathered8<kRanks>(p.link, p.turn, row, k, v);
    } else {
      sum_parts8(p.added, count, row, k, v);
      if constexpr (kRanks > 1) all_reduce8<kRanks>(p.link, p.turn, row, k, v);
    }
#pragma unroll
    for (int j = 0; j < 8; j++) h[j] += v[j] + bias[j];
  }
  hand_on(p, h, w, row, k, tile);
}

// This rank's parts into its own inbox, from where NCCL takes them to the others.
__global__ void __launch_bounds__(kThreads) own_part_kernel(const ResidualArgs p, int rows) {
  let_next_kernel_start();
  const int item = blockIdx.x * (kThreads / 32) + (threadIdx.x >> 5), row = item / p.tiles, tile = item % p.tiles, k = tile * kTile + (threadIdx.x & 31) * 8;
  if (row >= rows || k >= p.hidden) return;
  const int count = p.added.counts[tile];
  wait_for_earlier_kernels();
  float v[8];
  sum_parts8(p.added, count, row, k, v);
  p.link.inbox[p.link.rank][p.link.sum_slot(p.turn, p.link.rank, row) + k / 8] = pack8(v);
}

// The beginning of a pass: the residual from the embedding, and the rows' rotations.
__global__ void __launch_bounds__(kThreads) begin_kernel(const BeginArgs b) {
  const ResidualArgs& p = b.to;
  wait_for_earlier_kernels();
  let_next_kernel_start(); // not before: what earlier passes left, table and cache, is then there for every kernel of this one
  const int row = blockIdx.x;
  const size_t from = static_cast<size_t>(b.table->tokens[row]) * p.hidden;
  for (int i = threadIdx.x; i < p.cover * 32; i += kThreads) {
    const int k = i * 8;
    float h[8] = {}, w[8] = {};
    if (k < p.hidden) {
#pragma unroll
      for (int j = 0; j < 8; j++) h[j] = source_value(b.embedding, b.embedding_source, from + k + j);
      load8(p.next_norm + k, w);
    }
    hand_on(p, h, w, row, k, i >> 5);
  }
  for (int i = threadIdx.x; i < b.half; i += kThreads) {
    float sine, cosine;
    sincosf(static_cast<float>(b.table->positions[row]) * b.inverse_frequencies[i], &sine, &cosine);
    b.rotations[row * b.half + i] = make_float2(cosine * b.rope_scale, sine * b.rope_scale);
  }
}

// --- silu(gate) * up: half a warp a row and tile ------------------------------------------------------------------

__global__ void __launch_bounds__(kThreads) swiglu_kernel(const Parts parts, __nv_bfloat16* activations, int width, int padded, int rows, int row_blocks) {
  let_next_kernel_start();
  const int cover = (padded + kTile / 2 - 1) / (kTile / 2), item = blockIdx.x * (kThreads / 16) + (threadIdx.x >> 4), row = item / cover, tile = item % cover;
  if (row >= rows) return;
  const int column = (threadIdx.x & 15) * 8, k = tile * (kTile / 2) + column, count = k < width ? parts.counts[tile] : 0;
  wait_for_earlier_kernels();
  float gate[8] = {}, up[8]; // zeros where inputs are padded
  if (k < width) {
    sum_parts8(parts, count, row, tile * kTile + column, gate);
    sum_parts8(parts, count, row, tile * kTile + kTile / 2 + column, up);
#pragma unroll
    for (int j = 0; j < 8; j++) gate[j] = gate[j] / (1.f + expf(-gate[j])) * up[j];
  }
  if (k < padded) *reinterpret_cast<uint4*>(activations + activation_index(row_blocks, row, k)) = pack8(gate);
}

// --- queries, keys and values: one warp a row and head --------------------------------------------------------------

__global__ void __launch_bounds__(kThreads) qkv_kernel(const QkvArgs p) {
  let_next_kernel_start();
  const int lane = threadIdx.x & 31, heads = p.heads + 2 * p.kv_heads, item = blockIdx.x * (kThreads / 32) + (threadIdx.x >> 5);
  if (item >= p.rows * heads) return;
  const int row = item / heads, which = item % heads;
  const HeadPlace head = which < p.heads ? HeadPlace{0, which} : which < p.heads + p.kv_heads ? HeadPlace{1, which - p.heads} : HeadPlace{2, which - p.heads - p.kv_heads};
  HeadConstants<4> constants; // heads of any size to 256
  constants.load(p, head, lane);
  const Segment segment = p.table->segments[p.table->segment_of[row]];
  __nv_bfloat16* query = p.queries + (static_cast<size_t>(row) * p.heads + head.own) * padded_head(p.head_dim);
  const CachePlace place = cache_place(p, segment, head, p.table->positions[row]);
  wait_for_earlier_kernels();
  turn_head(p, constants, head, row, lane, [&](int d, __nv_bfloat16 v) {
    if (head.kind == 0) query[d] = v;
    else place.put(d, v);
  });
}

unsigned blocks_for(int items, int a_block) { return static_cast<unsigned>((items + a_block - 1) / a_block); }

} // namespace

cudaError_t run_begin(const BeginArgs& p, const Stream& stream) { return launch_kernel(stream, begin_kernel, dim3(p.rows), dim3(kThreads), 0, p); }

cudaError_t run_residual(const ResidualArgs& p, int rows, const Stream& stream) {
  const auto kernel = p.link.ranks <= 1 ? residual_kernel<1> : p.link.ranks == 2 ? residual_kernel<2> : p.link.ranks <= 4 ? residual_kernel<4> : residual_kernel<kMostRanks>;
  return launch_kernel(stream, kernel, dim3(blocks_for(rows * p.cover, kThreads / 32)), dim3(kThreads), 0, p, rows);
}

cudaError_t run_own_part(const ResidualArgs& p, int rows, const Stream& stream) {
  return launch_kernel(stream, own_part_kernel, dim3(blocks_for(rows * p.tiles, kThreads / 32)), dim3(kThreads), 0, p, rows);
}

cudaError_t run_swiglu(const Parts& parts, __nv_bfloat16* activations, int width, int padded, int rows, const Stream& stream) {
  return launch_kernel(stream, swiglu_kernel, dim3(blocks_for(rows * ((padded + kTile / 2 - 1) / (kTile / 2)), kThreads / 16)), dim3(kThreads), 0, parts, activations, width, padded, rows,
                       row_blocks_for(rows));
}

cudaError_t run_qkv(const QkvArgs& p, const Stream& stream) {
  return launch_kernel(stream, qkv_kernel, dim3(blocks_for(p.rows * (p.heads + 2 * p.kv_heads), kThreads / 32)), dim3(kThreads), 0, p);
}

} // namespace jc
