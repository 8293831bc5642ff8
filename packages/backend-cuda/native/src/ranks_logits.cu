// What is asked of a row's scores where each of several ranks has scores of its own tokens: a rank says what it knows of them in
// one message, and every rank puts the messages together in the same order, so that all of them draw the same token.
#include <math_constants.h>

#include "best.cuh"
#include "exchange.cuh"
#include "kernels.hpp"
#include "ptx.cuh"
#include "sums.cuh"

namespace jc {
namespace {

constexpr int kThreads = kLogitThreads;
static_assert(kMessageVectors == 2 + kMostTop / 2 && kMessageVectors <= kThreads && kMostRanks <= 32, "a message is as long as the longest list");

struct Message {
  SliceStats stats; // over the rank's tokens; argmax: of all ids
  float chosen;     // score of the next token where it is the rank's, else nothing
  int unused[3];
  float2 top[kMostTop]; // score and id, best first
};
static_assert(sizeof(Message) == kMessageVectors * 16, "a message is whole vectors");

// One block a row.
template <int kRanks> __global__ void __launch_bounds__(kThreads) ranks_row_kernel(const LogitArgs p) {
  __shared__ float best[kThreads / 32], sums[kThreads / 32], weights[kThreads / 32];
  __shared__ int where[kThreads / 32];
  __shared__ __align__(16) Message own, all[kRanks];
  let_next_kernel_start();
  wait_for_earlier_kernels();
  const int row = blockIdx.x, mine = threadIdx.x;
  const int next = p.table->next_tokens[row];

  // what this rank knows: one thread a slice
  SliceStats stats = {-CUDART_INF_F, 0, 0, 0x7fffffff};
  if (mine < p.slices) stats = p.stats[static_cast<size_t>(row) * p.slices + mine];
  float m = stats.maximum;
  int at = stats.argmax;
  block_best(m, at, best, where);
  const float scale = mine < p.slices ? expf(stats.maximum - m) : 0.f;
  const float sum = block_sum<kThreads>(scale * stats.sum, sums);
  const float weighted = block_sum<kThreads>(scale * stats.weighted, weights);
  if (mine == 0) {
    const int here = next - p.first_token;
    own.stats = {m, sum, weighted, p.slices ? at + p.first_token : 0x7fffffff};
    own.chosen = next >= 0 && here >= 0 && here < p.tokens ? sum_parts(p.parts, p.parts.counts[here / kTile], row, here) : -CUDART_INF_F;
    own.unused[0] = own.unused[1] = own.unused[2] = 0;
  }
  const float2* list = p.slice_top + (static_cast<size_t>(row) * p.slices + mine) * p.top;
  int out = 0;
  for (int k = 0; k < p.top + (p.top & 1); k++) {
    float v = -CUDART_INF_F;
    int id = 0x7fffffff;
    if (mine < p.slices && out < p.top) v = list[out].x, id = __float_as_int(list[out].y);
    const int head = id;
    block_best(v, id, best, where);
    if (head == id && id != 0x7fffffff) out++;
    if (mine == 0) own.top[k] = make_float2(v, __int_as_float(id == 0x7fffffff ? id : id + p.first_token));
  }
  __syncthreads();

  // what all of them know: one thread a vector
  if (mine < 2 + (p.top + 1) / 2) {
    uint4 v = reinterpret_cast<const uint4*>(&own)[mine], from[kRanks];
    v = make_uint4(sendable(v.x), sendable(v.y), sendable(v.z), sendable(v.w));
    const size_t slot = p.link.message_slot(0, row) + mine, stride = p.link.message_slot(1, 0) - p.link.message_slot(0, 0);
    uint4* const inbox = p.link.inbox[p.link.rank] + slot;
    if (p.gathers) {
      inbox[p.link.rank * stride] = v;
    } else {
      if (!p.link.gathered) exchange<kRanks>(p.link, slot, stride, v, from);
#pragma unroll
      for (int q = 0; q < kRanks; q++)
        if (q < p.link.ranks) reinterpret_cast<uint4*>(all + q)[mine] = p.link.gathered ? inbox[q * stride] : from[q];
    }
  }
  __syncthreads();
  if (mine >= 32 || p.gathers) return;
  const bool is = mine < p.link.ranks;
  float most = -CUDART_INF_F, total = 0, weight = 0, chosen = -CUDART_INF_F;
  int argmax = 0x7fffffff;
  for (int q = 0; q < p.link.ranks; q++) {
    if (before(all[q].stats.maximum, all[q].stats.argmax, most, argmax)) most = all[q].stats.maximum, argmax = all[q].stats.argmax;
    chosen = fmaxf(chosen, all[q].chosen);
  }
  for (int q = 0; q < p.link.ranks; q++) {
    const float e = all[q].stats.maximum == -CUDART_INF_F ? 0.f : expf(all[q].stats.maximum - most);
    total += e * all[q].stats.sum, weight += e * all[q].stats.weighted;
  }
  const float normaliser = most + logf(total);
  if (mine == 0) {
    if (p.argmax) p.argmax[row] = argmax;
    if (p.log_sum_exp) p.log_sum_exp[row] = normaliser;
    if (p.entropy) p.entropy[row] = fmaxf(0.f, normaliser - weight / total);
    if (p.chosen) p.chosen[row] = next >= 0 ? chosen - normaliser : 0.f;
    if (p.draft && row == p.rows - 1) { // the table becomes the next step's: this token, one position on
      const int position = p.table->positions[row] + 1;
      if (argmax == 0x7fffffff) argmax = 0; // a row without any number: its token would be looked up
      p.draft->tokens[0] = argmax, p.draft->positions[0] = position, p.draft->next_tokens[0] = -1, p.draft->segment_of[0] = 0;
      p.draft->segments[0].first_row = 0, p.draft->segments[0].rows = 1, p.draft->segments[0].first_position = position;
      p.draft->drafted[p.draft->drafts++] = argmax;
    }
  }
  // a lane heads the list of its rank
  int taken = 0;
  for (int k = 0; k < p.top; k++) {
    float v = is && taken < p.top ? all[mine].top[taken].x : -CUDART_INF_F;
    int id = is && taken < p.top ? __float_as_int(all[mine].top[taken].y) : 0x7fffffff;
    const int head = id;
#pragma unroll
    for (int d = 16; d; d >>= 1) {
      const float other = __shfl_xor_sync(~0u, v, d);
      const int there = __shfl_xor_sync(~0u, id, d);
      if (before(other, there, v, id)) v = other, id = there;
    }
    if (head == id && id != 0x7fffffff) taken++;
    if (mine == 0) p.top_ids[row * p.top + k] = id, p.top_log_probs[row * p.top + k] = v - normaliser;
  }
}

} // namespace

cudaError_t run_ranks_row(const LogitArgs& p, const Stream& stream) {
  const auto kernel = p.link.ranks == 2 ? ranks_row_kernel<2> : p.link.ranks <= 4 ? ranks_row_kernel<4> : ranks_row_kernel<kMostRanks>;
  return launch_kernel(stream, kernel, dim3(p.rows), dim3(kThreads), 0, p);
}

} // namespace jc
