// Drawing by the inverse of the cumulative distribution over ascending ids, and the laws that decide a round: exact match,
// speculative sampling (with lenience), block verification. Core's bases of the same names are the reference.
//
// Trade-off: one thread walks over slices and then over threads' shares of one slice: a few hundred additions in a fixed order, where a
// scan of the whole row would need as many synchronisations.
#include <math_constants.h>

#include "ptx.cuh"
#include "sampling.hpp"
#include "sums64.cuh"

namespace jc {
namespace {

constexpr int kThreads = 256;
constexpr int kEach = kLogitSlice / kThreads;

struct DrawScratch {
  double shares[kThreads];
  double goal, reached; // in all; before the slice
  int slice, token;
};

// A token drawn from weights, whose sums by slices are given; in every thread. -1: no weight at all.
template <typename Weight> __device__ int draw(const Weight& weight, const double* slice_sums, int tokens, int slices, double uniform, DrawScratch& s) {
  if (threadIdx.x == 0) {
    double total = 0;
    for (int i = 0; i < slices; i++) total += slice_sums[i];
    const double goal = uniform * total;
    double reached = 0, before = 0;
    int slice = -1;
    for (int i = 0; i < slices; i++) {
      if (!(slice_sums[i] > 0)) continue;
      slice = i, before = reached;
      reached += slice_sums[i];
      if (reached > goal) break;
    }
    s.slice = slice, s.reached = before, s.goal = goal;
  }
  __syncthreads();
  const int slice = s.slice;
  if (slice < 0) {
    __syncthreads(); // the next draw writes s.slice, which not every thread may have read yet
    return -1;
  }
  const int first = slice * kLogitSlice + threadIdx.x * kEach;
  double share = 0;
#pragma unroll
  for (int i = 0; i < kEach; i++)
    if (first + i < tokens) share += weight(first + i);
  s.shares[threadIdx.x] = share;
  __syncthreads();
  if (threadIdx.x == 0) {
    double reached = s.reached, before = reached;
    int thread = 0;
    for (int t = 0; t < kThreads; t++) {
      if (!(s.shares[t] > 0)) continue;
      thread = t, before = reached;
      reached += s.shares[t];
      if (reached > s.goal) break;
    }
    // rounding can leave the goal a hair above the sum: then it is the last with any weight
    int token = -1;
    const int from = slice * kLogitSlice + thread * kEach;
    for (int i = 0; i < kEach && from + i < tokens; i++) {
      const double w = weight(from + i);
      if (!(w > 0)) continue;
      token = from + i;
      before += w;
      if (before > s.goal) break;
    }
    s.token = token;
  }
  __syncthreads();
  const int token = s.token;
  __syncthreads();
  return token;
}

struct OfRow {
  const double* p;
  __device__ double operator()(int id) const { return p[id]; }
};
// max(0, w p - q); `q` null: certain of `token`.
struct Rest {
  const double *p, *q;
  double w;
  int token;
  __device__ double operator()(int id) const { return fmax(0.0, w * p[id] - (q ? q[id] : id == token ? 1.0 : 0.0)); }
};

// --- drafting -----------------------------------------------------------------------------------------------------

__global__ void __launch_bounds__(kThreads) draw_kernel(const DrawArgs p) {
  __shared__ DrawScratch s;
  wait_for_earlier_kernels();
  PassTable& t = *p.table;
  int token;
  if (p.probs) token = draw(OfRow{p.probs}, p.slice_sum, p.tokens, p.slices, p.uniforms[t.drafts], s);
  else token = *p.argmax;
  if (token < 0) token = *p.argmax; // a row of garbage, which is reported
  if (p.one_hot)
    for (int id = threadIdx.x; id < p.tokens; id += kThreads) p.one_hot[id] = id == token ? 1.0 : 0.0;
  if (threadIdx.x == 0) { // the table becomes the next step's: this token, one position on
    const int position = t.positions[p.row] + 1;
    t.tokens[0] = token, t.positions[0] = position, t.next_tokens[0] = -1, t.segment_of[0] = 0;
    t.segments[0].first_row = 0, t.segments[0].rows = 1, t.segments[0].first_position = position;
    t.drafted[t.drafts++] = token;
    if (p.changes) p.changes[token].count++, p.changes[token].repeated = 1;
  }
}

// --- deciding -----------------------------------------------------------------------------------------------------

__device__ __forceinline__ double drafted_probability(const DecideArgs& p, int row) { return p.draft ? p.draft[static_cast<size_t>(row) * p.tokens + p.fed[row + 1]] : 1.0; }
__device__ __forceinline__ double target_probability(const DecideArgs& p, int row) { return p.probs[static_cast<size_t>(row) * p.tokens + p.fed[row + 1]]; }
__device__ __forceinline__ Rest rest_of(const DecideArgs& p, int row) {
  const size_t at = static_cast<size_t>(row) * p.tokens;
  return {p.probs + at, p.draft ? p.draft + at : nullptr, p.weights[row], p.fed[row + 1]};
}

// p_i of block verification, after i tokens; 1 for the other laws.
__global__ void weights_kernel(const DecideArgs p) {
  wait_for_earlier_kernels();
  double w = 1;
  for (int row = 0; row < p.rows; row++) {
    p.weights[row] = w;
    if (p.law == Law::block && row + 1 < p.rows) w = fmin(1.0, w * target_probability(p, row) / drafted_probability(p, row));
  }
}

__global__ void __launch_bounds__(kThreads) rest_kernel(const DecideArgs p) {
  __shared__ double scratch[kThreads / 32];
  wait_for_earlier_kernels();
  const int row = blockIdx.y, first = blockIdx.x * kLogitSlice;
  const Rest rest = rest_of(p, row);
  double sum = 0;
  for (int i = threadIdx.x; i < kLogitSlice && first + i < p.tokens; i += kThreads) sum += rest(first + i);
  sum = block_total<kThreads>(sum, scratch);
  if (threadIdx.x == 0) p.rest[row * p.slices + blockIdx.x] = sum;
}

__device__ __forceinline__ double sum_of(const double* values, int count) {
  double sum = 0;
  for (int i = 0; i < count; i++) sum += values[i];
  return sum;
}

// The token behind `row` kept ones: from what is left of p over q, from p where nothing is.
__device__ int recovered_at(const DecideArgs& p, int row, DrawScratch& s) {
  const double uniform = p.uniforms[p.rows + row];
  const int token = draw(rest_of(p, row), p.rest + row * p.slices, p.tokens, p.slices, uniform, s);
  if (token >= 0) return token;
  return draw(OfRow{p.probs + static_cast<size_t>(row) * p.tokens}, p.slice_sum + row * p.slices, p.tokens, p.slices, uniform, s);
}
__device__ int bonus_of(const DecideArgs& p, DrawScratch& s) {
  const int row = p.rows - 1;
  return draw(OfRow{p.probs + static_cast<size_t>(row) * p.tokens}, p.slice_sum + row * p.slices, p.tokens, p.slices, p.uniforms[2 * p.rows], s);
}

__device__ __forceinline__ void describe(const DecideArgs& p, int row) {
  p.out->argmax[row] = p.argmax[row];
  if (row + 1 < p.rows) p.out->chosen[row] = log(target_probability(p, row));
}

// A block a row.
__global__ void __launch_bounds__(kThreads) decide_kernel(const DecideArgs p) {
  __shared__ DrawScratch s;
  wait_for_earlier_kernels();
  const int row = blockIdx.x;
  const bool last = row == p.rows - 1, exact = p.law == Law::exact;
  const int token = exact ? p.argmax[row] : last ? bonus_of(p, s) : recovered_at(p, row, s);
  if (threadIdx.x != 0) return;
  describe(p, row);
  if (last) {
    p.out->bonus = token;
  } else {
    p.out->recovered[row] = token;
    p.out->accepted[row] = exact ? p.fed[row + 1] == token : p.uniforms[row] * p.lenience * drafted_probability(p, row) < target_probability(p, row);
  }
}

__global__ void __launch_bounds__(kThreads) block_kernel(const DecideArgs p) {
  __shared__ DrawScratch s;
  __shared__ int accepted;
  wait_for_earlier_kernels();
  const int drafted = p.rows - 1;
  if (threadIdx.x == 0) {
    int kept = 0;
    for (int i = 1; i <= drafted; i++) {
      // after all of them the weight is not among the rows' own, for the last row is the bonus's
      const double w = p.weights[i];
      double keep = w;
      if (i < drafted) {
        const double rest = sum_of(p.rest + i * p.slices, p.slices);
        keep = w == 1 && rest == 0 ? 1 : rest / (rest + 1 - w);
      }
      if (p.uniforms[i - 1] < keep) kept = i;
    }
    accepted = kept;
  }
  for (int row = threadIdx.x; row < p.rows; row += kThreads) describe(p, row);
  __syncthreads();
  const int kept = accepted;
  const int token = kept == drafted ? bonus_of(p, s) : recovered_at(p, kept, s);
  if (threadIdx.x != 0) return;
  for (int row = 0; row < drafted; row++) p.out->accepted[row] = row < kept, p.out->recovered[row] = row == kept ? token : 0;
  p.out->bonus = kept == drafted ? token : 0;
}

} // namespace

cudaError_t run_draw(const DrawArgs& p, const Stream& stream) { return launch_kernel(stream, draw_kernel, dim3(1), dim3(kThreads), 0, p); }

cudaError_t run_decide(const DecideArgs& p, const Stream& stream) {
  cudaError_t e = cudaSuccess;
  if (p.law != Law::exact) {
    e = launch_kernel(stream, weights_kernel, dim3(1), dim3(1), 0, p);
    if (!e && p.rows > 1) e = launch_kernel(stream, rest_kernel, dim3(p.slices, p.rows - 1), dim3(kThreads), 0, p);
  }
  if (e) return e;
  return p.law == Law::block ? launch_kernel(stream, block_kernel, dim3(1), dim3(kThreads), 0, p) : launch_kernel(stream, decide_kernel, dim3(p.rows), dim3(kThreads), 0, p);
}

} // namespace jc
