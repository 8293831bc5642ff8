// From raw logits to probabilities, as core does it: bias, penalties, temperature, then what cut.cu keeps, in float64.
//
// Trade-off: float64 throughout, so that a number drawn against these is decided as core decides it; the H200 has enough of
// it, and what counts is reading rows of a megabyte once or twice. Sums are made in slices of 2,048 tokens and then over
// slices, always in the same order.
#include <math_constants.h>

#include "ptx.cuh"
#include "rounds.hpp"
#include "sums64.cuh"

namespace jc {
namespace {

constexpr int kThreads = 256;

// The largest of a block's scores (the lowest id on a tie), in every thread.
__device__ __forceinline__ void block_best(double& v, int& id, double* best, int* where) {
#pragma unroll
  for (int d = 16; d; d >>= 1) {
    const double other = __shfl_xor_sync(~0u, v, d);
    const int there = __shfl_xor_sync(~0u, id, d);
    if (other > v || (other == v && there < id)) v = other, id = there;
  }
  if ((threadIdx.x & 31) == 0) best[threadIdx.x >> 5] = v, where[threadIdx.x >> 5] = id;
  __syncthreads();
  v = best[0], id = where[0];
  for (int w = 1; w < static_cast<int>(blockDim.x) / 32; w++)
    if (best[w] > v || (best[w] == v && where[w] < id)) v = best[w], id = where[w];
  __syncthreads();
}

__global__ void change_kernel(Change* table, const SentChange* sent, int count) {
  wait_for_earlier_kernels();
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) table[sent[i].token] = sent[i].change;
}

// --- scores: bias and penalties -------------------------------------------------------------------------------------

__global__ void __launch_bounds__(kThreads) score_kernel(const ShapeArgs p) {
  __shared__ double best[kThreads / 32];
  __shared__ int where[kThreads / 32];
  __shared__ int drafted[kLogitSlice]; // how often a token of this slice stands in the draft before this row
  wait_for_earlier_kernels();
  const int row = blockIdx.y, slice = blockIdx.x, first = slice * kLogitSlice;
  const bool prefix = p.fed && p.shaping.penalises();
  if (prefix) {
    for (int i = threadIdx.x; i < kLogitSlice; i += kThreads) drafted[i] = 0;
    __syncthreads();
    if (threadIdx.x < row) {
      const int token = p.fed[threadIdx.x + 1];
      if (token >= first && token < first + kLogitSlice) atomicAdd(&drafted[token - first], 1);
    }
    __syncthreads();
  }
  double m = -CUDART_INF;
  int at = 0x7fffffff;
  for (int i = threadIdx.x; i < kLogitSlice; i += kThreads) {
    const int token = first + i;
    if (token >= p.tokens) break;
    double x = p.logits[static_cast<size_t>(row) * p.tokens + token];
    if (p.shaping.changes || prefix) {
      const Change c = p.changes[token];
      const int more = prefix ? drafted[i] : 0, count = c.count + more;
      x += c.bias;
      if (c.repeated || more) x = x > 0 ? x / p.shaping.repetition : x * p.shaping.repetition;
      if (count) x -= p.shaping.presence + p.shaping.frequency * count;
    }
    p.probs[static_cast<size_t>(row) * p.tokens + token] = x;
    if (x > m) m = x, at = token;
  }
  block_best(m, at, best, where);
  if (threadIdx.x == 0) p.slice_max[row * p.slices + slice] = m, p.slice_argmax[row * p.slices + slice] = at;
}

// --- exponentials, then probabilities ---------------------------------------------------------------------------------

__global__ void __launch_bounds__(kThreads) exponential_kernel(const ShapeArgs p, double temperature, bool normalised) {
  __shared__ double best[kThreads / 32], sums[kThreads / 32];
  __shared__ int where[kThreads / 32];
  wait_for_earlier_kernels();
  const int row = blockIdx.y, slice = blockIdx.x, first = slice * kLogitSlice;
  double m = -CUDART_INF;
  int at = 0x7fffffff;
  for (int i = threadIdx.x; i < p.slices; i += kThreads) {
    const double v = p.slice_max[row * p.slices + i];
    const int id = p.slice_argmax[row * p.slices + i];
    if (v > m || (v == m && id < at)) m = v, at = id;
  }
  block_best(m, at, best, where);
  if (slice == 0 && threadIdx.x == 0) {
    p.argmax[row] = at < p.tokens ? at : 0; // of a row without any number: reported, and never looked up
    if (!(m > -CUDART_INF && m < CUDART_INF)) atomicExch(p.faults, 1);
  }
  if (!normalised) return;
  double sum = 0;
  for (int i = threadIdx.x; i < kLogitSlice; i += kThreads) {
    const int token = first + i;
    if (token >= p.tokens) break;
    double* place = p.probs + static_cast<size_t>(row) * p.tokens + token;
    const double e = exp((*place - m) / temperature);
    *place = e;
    sum += e;
  }
  sum = block_total<kThreads>(sum, sums);
  if (threadIdx.x == 0) p.slice_sum[row * p.slices + slice] = sum;
}

// Sums of a row's slices in their order, in every thread.
__device__ __forceinline__ double row_total(const double* slice_sum, int slices, double* scratch) {
  double v = 0;
  for (int i = threadIdx.x; i < slices; i += blockDim.x) v += slice_sum[i];
  return block_total<kThreads>(v, scratch);
}

// Divides by the row's sum; `sums` are read by all and then written, so they go to a place of their own. What finds a cut begins from
// here: the largest probability, and nothing counted.
__global__ void __launch_bounds__(kThreads) normalise_kernel(const ShapeArgs p, double* sums) {
  __shared__ double scratch[kThreads / 32];
  wait_for_earlier_kernels();
  const int row = blockIdx.y, slice = blockIdx.x, first = slice * kLogitSlice;
  const double total = row_total(p.slice_sum + row * p.slices, p.slices, scratch);
  double sum = 0;
  for (int i = threadIdx.x; i < kLogitSlice; i += kThreads) {
    const int token = first + i;
    if (token >= p.tokens) break;
    double* place = p.probs + static_cast<size_t>(row) * p.tokens + token;
    *place /= total;
    sum += *place;
    if (p.cuts && token == p.argmax[row]) p.cuts[row].largest = *place;
  }
  if (p.cuts && slice == 0)
    for (int i = threadIdx.x; i < kCutBuckets; i += kThreads) p.cuts[row].counts[i] = 0, p.cuts[row].masses[i] = 0;
  sum = block_total<kThreads>(sum, scratch);
  if (threadIdx.x == 0) sums[row * p.slices + slice] = sum;
}

} // namespace

cudaError_t run_changes(Change* table, const SentChange* sent, int count, const Stream& stream) {
  return launch_kernel(stream, change_kernel, dim3((count + kThreads - 1) / kThreads), dim3(kThreads), 0, table, sent, count);
}

cudaError_t run_shape(const ShapeArgs& p, bool normalised, const Stream& stream) {
  const dim3 grid(p.slices, p.rows), threads(kThreads);
  const double temperature = p.shaping.temperature > 0 ? p.shaping.temperature : 1;
  cudaError_t e = launch_kernel(stream, score_kernel, grid, threads, 0, p);
  if (!e) e = launch_kernel(stream, exponential_kernel, grid, threads, 0, p, temperature, normalised);
  if (e || !normalised) return e;
  // new sums go to slice_max's place, which nobody reads any more
  const auto normalise = [&] {
    const cudaError_t failed = launch_kernel(stream, normalise_kernel, grid, threads, 0, p, p.slice_max);
    return failed ? failed : cudaMemcpyAsync(p.slice_sum, p.slice_max, sizeof(double) * p.rows * p.slices, cudaMemcpyDeviceToDevice, stream.stream);
  };
  e = normalise();
  if (e || p.shaping.temperature == 0 || !p.shaping.truncates(p.tokens)) return e;
  e = run_cut(p, stream);
  return e ? e : normalise();
}

} // namespace jc
