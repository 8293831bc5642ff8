// Between the product of queries, keys and values and attention: sums, biases, norms a head (Qwen3), rotation; queries go on, keys and
// values go into the cache.
//
// Trade-off: one warp a row and head. It is a few hundred kilobytes of reading spread over all multiprocessors; kept apart
// from attention so that attention's blocks, of which many share a row, need not all do it again.
#include "kernels.hpp"
#include "ptx.cuh"
#include "sums.cuh"

namespace jc {
namespace {

__global__ void rope_table_kernel(const PassTable* table, const float* inverse_frequencies, float scale, int half, float2* out) {
  let_next_kernel_start();
  wait_for_earlier_kernels();
  const int row = blockIdx.x;
  for (int i = threadIdx.x; i < half; i += blockDim.x) {
    float sine, cosine;
    sincosf(table->positions[row] * inverse_frequencies[i], &sine, &cosine);
    out[row * half + i] = make_float2(cosine * scale, sine * scale);
  }
}

constexpr int kWarps = 4;
constexpr int kMostPairs = 4; // a lane: head sizes to 256

__global__ void __launch_bounds__(32 * kWarps) qkv_kernel(const QkvArgs p) {
  let_next_kernel_start();
  const int lane = threadIdx.x & 31, heads = p.heads + 2 * p.kv_heads;
  const int item = blockIdx.x * kWarps + (threadIdx.x >> 5);
  if (item >= p.rows * heads) return;
  const int row = item / heads, head = item % heads;
  const bool query = head < p.heads, key = !query && head < p.heads + p.kv_heads;
  const int own = query ? head : key ? head - p.heads : head - p.heads - p.kv_heads; // among its kind
  const int column = (query ? 0 : key ? p.k_offset : p.v_offset) + own * p.head_dim;
  const int half = p.head_dim / 2, padded = padded_head(p.head_dim);

  int counts[kMostPairs][2];
#pragma unroll
  for (int j = 0; j < kMostPairs; j++) {
    const int i = j * 32 + lane;
    if (i < half) counts[j][0] = p.parts.counts[(column + i) / kTile], counts[j][1] = p.parts.counts[(column + i + half) / kTile];
  }
  wait_for_earlier_kernels();

  const Segment segment = p.table->segments[p.table->segment_of[row]];
  const int position = p.table->positions[row];
  float a[kMostPairs], b[kMostPairs]; // element i, and the one it turns with, i + half
  float squares = 0;
#pragma unroll
  for (int j = 0; j < kMostPairs; j++) {
    const int i = j * 32 + lane;
    if (i >= half) break;
    a[j] = sum_parts(p.parts, counts[j][0], row, column + i);
    b[j] = sum_parts(p.parts, counts[j][1], row, column + i + half);
    if (p.bias) a[j] += p.bias[column + i], b[j] += p.bias[column + i + half];
    squares += a[j] * a[j] + b[j] * b[j];
  }
  const float* norm = query ? p.q_norm : key ? p.k_norm : nullptr;
  const float scale = norm ? rsqrtf(warp_sum(squares) / p.head_dim + p.epsilon) : 1.f;

  __nv_bfloat16* out;
  int stride = 1;
  if (query) {
    out = p.queries + (static_cast<size_t>(row) * p.heads + own) * padded;
  } else {
    const size_t slab = (static_cast<size_t>(p.layer) * p.kv_heads + own) * segment.capacity * padded;
    if (key) {
      out = static_cast<__nv_bfloat16*>(segment.keys) + slab + static_cast<size_t>(position) * padded;
    } else {
      out = static_cast<__nv_bfloat16*>(segment.values) + slab + static_cast<size_t>(position / kKeyBlock) * padded * kKeyBlock + value_slot(position % kKeyBlock);
      stride = kKeyBlock;
    }
  }
#pragma unroll
  for (int j = 0; j < kMostPairs; j++) {
    const int i = j * 32 + lane;
    if (i >= half) break;
    float x = a[j], y = b[j];
    if (norm) x *= scale * norm[i], y *= scale * norm[i + half];
    if (query || key) {
      const float2 turn = p.rotations[row * half + i];
      const float turned = x * turn.x - y * turn.y;
      y = y * turn.x + x * turn.y;
      x = turned;
    }
    out[static_cast<size_t>(i) * stride] = __float2bfloat16(x);
    out[static_cast<size_t>(i + half) * stride] = __float2bfloat16(y);
  }
  // dims that only pad a head: zero in queries and keys (the cache begins as zeros)
  if (query)
    for (int i = p.head_dim + lane; i < padded; i += 32) out[i] = __float2bfloat16(0.f);
}

} // namespace

cudaError_t run_rope_table(const PassTable* table, const float* inverse_frequencies, float scale, int half, int rows, float2* out, const Stream& stream) {
  return launch_kernel(stream, rope_table_kernel, dim3(rows), dim3(64), 0, table, inverse_frequencies, scale, half, out);
}

cudaError_t run_qkv(const QkvArgs& p, const Stream& stream) {
  const int items = p.rows * (p.heads + 2 * p.kv_heads);
  return launch_kernel(stream, qkv_kernel, dim3((items + kWarps - 1) / kWarps), dim3(32 * kWarps), 0, p);
}

} // namespace jc
