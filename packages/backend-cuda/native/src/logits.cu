// What is asked of the next-token scores, without the scores leaving the device: argmax, normaliser and entropy, the
// probability of a given token, the most likely tokens; the scores themselves only on request.
//
// Trade-off: slices of 2,048 tokens a block, then one block a row, so that the order of every sum is fixed and the
// vocabulary is spread over all multiprocessors. The most likely tokens are chosen by sorting each slice and
// merging the slices' heads: right for the dozens of tokens rules ask for (at most 64), wasteful beyond.
#include <math_constants.h>

#include "best.cuh"
#include "kernels.hpp"
#include "ptx.cuh"
#include "sums.cuh"

namespace jc {
namespace {

constexpr int kThreads = kLogitThreads;
constexpr int kEach = kLogitSlice / kThreads;

template <bool kTop> __global__ void __launch_bounds__(kThreads) slice_kernel(const LogitArgs p) {
  __shared__ float sums[kThreads / 32], weighted[kThreads / 32], best[kThreads / 32];
  __shared__ int where[kThreads / 32];
  let_next_kernel_start();
  const int row = blockIdx.y, token = blockIdx.x * kLogitSlice + threadIdx.x * kEach; // the first of eight
  const int count = token < p.tokens ? p.parts.counts[token / kTile] : 0;
  wait_for_earlier_kernels();
  float x[kEach];
  if (count) sum_parts8(p.parts, count, row, token, x);
  float m = -CUDART_INF_F;
  int at = 0x7fffffff;
#pragma unroll
  for (int i = 0; i < kEach; i++) {
    if (token + i >= p.tokens) x[i] = -CUDART_INF_F;
    else if (p.logits) p.logits[static_cast<size_t>(row) * p.tokens + token + i] = x[i];
    if (before(x[i], token + i, m, at)) m = x[i], at = token + i;
  }
  block_best(m, at, best, where);
  float sum = 0, weight = 0;
#pragma unroll
  for (int i = 0; i < kEach; i++)
    if (x[i] != -CUDART_INF_F) {
      const float e = expf(x[i] - m);
      sum += e, weight += e * x[i];
    }
  sum = block_sum<kThreads>(sum, sums);
  weight = block_sum<kThreads>(weight, weighted);
  if (threadIdx.x == 0) p.stats[row * p.slices + blockIdx.x] = {m, sum, weight, at};
  if constexpr (kTop) {
    __shared__ float2 sorted[kLogitSlice];
#pragma unroll
    for (int i = 0; i < kEach; i++) sorted[i * kThreads + threadIdx.x] = make_float2(x[i], __int_as_float(token + i));
    for (int size = 2; size <= kLogitSlice; size *= 2)
      for (int stride = size / 2; stride; stride /= 2) {
        __syncthreads();
        for (int i = threadIdx.x; i < kLogitSlice / 2; i += kThreads) {
          const int a = (i / stride) * 2 * stride + i % stride, b = a + stride;
          const float2 va = sorted[a], vb = sorted[b];
          const bool ordered = before(va.x, __float_as_int(va.y), vb.x, __float_as_int(vb.y));
          if (ordered == ((a & size) != 0)) sorted[a] = vb, sorted[b] = va;
        }
      }
    __syncthreads();
    for (int i = threadIdx.x; i < p.top; i += kThreads) p.slice_top[(static_cast<size_t>(row) * p.slices + blockIdx.x) * p.top + i] = sorted[i];
  }
}

// One thread a slice: at most 256 slices.
__global__ void __launch_bounds__(kThreads) row_kernel(const LogitArgs p) {
  __shared__ float best[kThreads / 32], sums[kThreads / 32], weights[kThreads / 32];
  __shared__ int where[kThreads / 32];
  let_next_kernel_start();
  wait_for_earlier_kernels();
  const int row = blockIdx.x, mine = threadIdx.x;
  SliceStats stats = {-CUDART_INF_F, 0, 0, 0x7fffffff};
  if (mine < p.slices) stats = p.stats[static_cast<size_t>(row) * p.slices + mine];
  float m = stats.maximum;
  int at = stats.argmax;
  block_best(m, at, best, where);
  if (mine == 0) {
    if (p.argmax) p.argmax[row] = at;
    if (p.draft && row == p.rows - 1) { // the table becomes the next step's: this token, one position on
      const int position = p.table->positions[row] + 1;
      if (at >= p.tokens) at = 0; // a row without any number: its token would be looked up
      p.draft->tokens[0] = at, p.draft->positions[0] = position, p.draft->next_tokens[0] = -1, p.draft->segment_of[0] = 0;
      p.draft->segments[0].first_row = 0, p.draft->segments[0].rows = 1, p.draft->segments[0].first_position = position;
      p.draft->drafted[p.draft->drafts++] = at;
    }
  }
  if (!p.log_sum_exp && !p.entropy && !p.chosen && !p.top) return;
  const float scale = mine < p.slices ? expf(stats.maximum - m) : 0.f;
  const float sum = block_sum<kThreads>(scale * stats.sum, sums);
  const float weight = block_sum<kThreads>(scale * stats.weighted, weights);
  const float normaliser = m + logf(sum);
  if (mine == 0) {
    if (p.log_sum_exp) p.log_sum_exp[row] = normaliser;
    if (p.entropy) p.entropy[row] = fmaxf(0.f, normaliser - weight / sum);
    const int next = p.table->next_tokens[row];
    if (p.chosen) p.chosen[row] = next >= 0 ? sum_parts(p.parts, p.parts.counts[next / kTile], row, next) - normaliser : 0.f;
  }
  // every thread heads the list of its slice; the best head of all goes out, `top` times
  const float2* list = p.slice_top + (static_cast<size_t>(row) * p.slices + mine) * p.top;
  int out = 0;
  for (int k = 0; k < p.top; k++) {
    float v = -CUDART_INF_F;
    int id = 0x7fffffff;
    if (mine < p.slices && out < p.top) v = list[out].x, id = __float_as_int(list[out].y);
    const int head = id;
    block_best(v, id, best, where);
    if (head == id) out++;
    if (mine == 0) p.top_ids[row * p.top + k] = id, p.top_log_probs[row * p.top + k] = v - normaliser;
  }
}

} // namespace

cudaError_t run_logits(const LogitArgs& p, const Stream& stream) {
  cudaError_t e = cudaSuccess;
  if (p.slices) e = launch_kernel(stream, p.top ? slice_kernel<true> : slice_kernel<false>, dim3(p.slices, p.rows), dim3(kThreads), 0, p);
  if (p.link.ranks > 1) return e ? e : run_ranks_row(p, stream);
  return e ? e : launch_kernel(stream, row_kernel, dim3(p.rows), dim3(kThreads), 0, p);
}

} // namespace jc
