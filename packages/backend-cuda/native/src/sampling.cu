// From raw logits to probabilities, as core does it: bias, penalties, temperature, top-k, top-p, min-p, in float64.
//
// Trade-off: float64 throughout, so that a number drawn against these is decided as core decides it; the H200 has enough of
// it, and what counts is reading rows of a megabyte once or twice. Sums are made in slices of 2,048 tokens and then over
// slices, always in the same order. Top-k and top-p are found by the digits of the probabilities (their bits as numbers, from the
// highest eight down), one block a row: three sweeps as a rule, and a sort of the few that are left.
#include <math_constants.h>

#include "ptx.cuh"
#include "rounds.hpp"

namespace jc {
namespace {

constexpr int kThreads = 256;

__device__ __forceinline__ double block_total(double v, double* scratch) {
#pragma unroll
  for (int d = 16; d; d >>= 1) v += __shfl_xor_sync(~0u, v, d);
  if ((threadIdx.x & 31) == 0) scratch[threadIdx.x >> 5] = v;
  __syncthreads();
  double total = 0;
  for (int w = 0; w < static_cast<int>(blockDim.x) / 32; w++) total += scratch[w];
  __syncthreads();
  return total;
}

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
    p.argmax[row] = at;
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
  sum = block_total(sum, sums);
  if (threadIdx.x == 0) p.slice_sum[row * p.slices + slice] = sum;
}

// Sums of a row's slices in their order, in every thread.
__device__ __forceinline__ double row_total(const double* slice_sum, int slices, double* scratch) {
  double v = 0;
  for (int i = threadIdx.x; i < slices; i += blockDim.x) v += slice_sum[i];
  return block_total(v, scratch);
}

// What exponentials become; `sums` are read by all and then written, so they go to a place of their own.
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
  }
  sum = block_total(sum, scratch);
  if (threadIdx.x == 0) sums[row * p.slices + slice] = sum;
}

// --- top-k, top-p, min-p ----------------------------------------------------------------------------------------------

constexpr int kCutThreads = 1024;
constexpr int kSorted = 1024; // that few are sorted
using Mass = unsigned long long; // probabilities in steps of 2^-62: their sums do not depend on an order

__device__ __forceinline__ Mass mass_of(double p) { return static_cast<Mass>(p * 4611686018427387904.0); }

// Which tokens are kept: those above `key`, and of those at it the first `ties` by id.
struct Cut {
  unsigned long long key;
  int ties;
};

struct CutScratch {
  unsigned long long keys[kSorted];
  int ids[kSorted];
  Mass masses[256];
  int counts[256];
  int bucket, found;
  int before;       // tokens above the bucket
  Mass mass_before; // and their mass
  Cut cut;
  Mass kept; // mass of all that the cut keeps
};

// The first tokens by probability, the lower id first among equals: `most` of them, or as few as reach `goal`.
__device__ void find_cut(const double* probs, int tokens, int most, Mass goal, CutScratch& s) {
  unsigned long long prefix = 0;
  if (threadIdx.x == 0) s.before = 0, s.mass_before = 0;
  for (int shift = 56;; shift -= 8) {
    for (int i = threadIdx.x; i < 256; i += kCutThreads) s.counts[i] = 0, s.masses[i] = 0;
    __syncthreads();
    for (int id = threadIdx.x; id < tokens; id += kCutThreads) {
      const double p = probs[id];
      if (!(p > 0)) continue;
      const unsigned long long key = __double_as_longlong(p);
      if (shift < 56 && (key >> (shift + 8)) != prefix) continue;
      const int digit = (key >> shift) & 255;
      atomicAdd(&s.counts[digit], 1);
      atomicAdd(&s.masses[digit], mass_of(p));
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      int digit = 255, last = -1;
      for (; digit >= 0; digit--) {
        if (!s.counts[digit]) continue;
        last = digit;
        if (s.before + s.counts[digit] >= most || s.mass_before + s.masses[digit] >= goal) break;
        s.before += s.counts[digit], s.mass_before += s.masses[digit];
      }
      if (digit < 0) { // rounding: all of them are needed
        digit = last;
        s.before -= s.counts[digit], s.mass_before -= s.masses[digit];
      }
      s.bucket = digit, s.found = 0;
    }
    __syncthreads();
    prefix = prefix << 8 | static_cast<unsigned>(s.bucket);
    const int left = s.counts[s.bucket];
    __syncthreads(); // before the counts are cleared
    if (left > kSorted && shift > 0) continue;
    if (left > kSorted) { // more equals than can be sorted: they differ in their ids alone
      if (threadIdx.x == 0) {
        const double p = __longlong_as_double(prefix);
        const Mass each = mass_of(p);
        int ties = most - s.before;
        if (goal > s.mass_before) {
          const Mass wanted = (goal - s.mass_before + (each ? each : 1) - 1) / (each ? each : 1);
          if (wanted < static_cast<Mass>(ties)) ties = static_cast<int>(wanted);
        } else {
          ties = 1;
        }
        ties = ties < 1 ? 1 : ties > left ? left : ties;
        s.cut = {prefix, ties};
        s.kept = s.mass_before + each * ties;
      }
      __syncthreads();
      return;
    }
    for (int i = threadIdx.x; i < kSorted; i += kCutThreads) s.keys[i] = 0, s.ids[i] = 0x7fffffff;
    __syncthreads();
    for (int id = threadIdx.x; id < tokens; id += kCutThreads) {
      const unsigned long long key = __double_as_longlong(probs[id]);
      if (probs[id] > 0 && (key >> shift) == prefix) {
        const int at = atomicAdd(&s.found, 1);
        s.keys[at] = key, s.ids[at] = id;
      }
    }
    for (int size = 2; size <= kSorted; size *= 2)
      for (int stride = size / 2; stride; stride /= 2) {
        __syncthreads();
        for (int i = threadIdx.x; i < kSorted / 2; i += kCutThreads) {
          const int a = (i / stride) * 2 * stride + i % stride, b = a + stride;
          const bool ordered = s.keys[a] > s.keys[b] || (s.keys[a] == s.keys[b] && s.ids[a] < s.ids[b]);
          if (ordered == ((a & size) != 0)) {
            const unsigned long long key = s.keys[a];
            s.keys[a] = s.keys[b], s.keys[b] = key;
            const int id = s.ids[a];
            s.ids[a] = s.ids[b], s.ids[b] = id;
          }
        }
      }
    __syncthreads();
    if (threadIdx.x == 0) {
      int n = 0;
      Mass mass = s.mass_before;
      while (n < left && s.before + n < most && mass < goal) mass += mass_of(__longlong_as_double(s.keys[n++]));
      if (n == 0) mass += mass_of(__longlong_as_double(s.keys[n++]));
      int ties = 0;
      for (int i = 0; i < n; i++) ties += s.keys[i] == s.keys[n - 1];
      s.cut = {s.keys[n - 1], ties};
      s.kept = mass;
    }
    __syncthreads();
    return;
  }
}

__global__ void __launch_bounds__(kCutThreads) cut_kernel(const ShapeArgs p) {
  __shared__ CutScratch s;
  __shared__ double scratch[kCutThreads / 32];
  __shared__ int tied[kCutThreads / 32];
  wait_for_earlier_kernels();
  const int row = blockIdx.x;
  double* probs = p.probs + static_cast<size_t>(row) * p.tokens;
  const double largest = probs[p.argmax[row]];
  const Mass all = ~0ull >> 1;
  Cut cut = {0, 0};
  bool limited = false;
  const int most = p.shaping.top_k > 0 && p.shaping.top_k < p.tokens ? p.shaping.top_k : p.tokens;
  if (most < p.tokens || p.shaping.top_p < 1) {
    limited = true;
    double left = 4611686018427387904.0; // of all, if top-k leaves them
    if (most < p.tokens) {
      find_cut(probs, p.tokens, most, all, s);
      cut = s.cut, left = static_cast<double>(s.kept);
      __syncthreads();
    }
    if (p.shaping.top_p < 1) {
      find_cut(probs, p.tokens, most, static_cast<Mass>(p.shaping.top_p * left), s);
      cut = s.cut;
    }
  }
  // min-p: of what is left, at least one
  const double least = p.shaping.min_p * largest;
  __syncthreads();
  // the ids at the cut's own probability are few as a rule: counted in the order of ids, a stretch of ids a turn
  double kept = 0;
  int seen = 0; // at the cut, in turns before this one
  for (int start = 0; start < p.tokens; start += kCutThreads) {
    const int id = start + threadIdx.x;
    const double v = id < p.tokens ? probs[id] : 0;
    const unsigned long long key = __double_as_longlong(v);
    bool keep = v > 0 && v >= least;
    if (limited) {
      const bool at_cut = v > 0 && key == cut.key;
      const unsigned votes = __ballot_sync(~0u, at_cut);
      const int any = __syncthreads_or(votes != 0);
      if (any) {
        if ((threadIdx.x & 31) == 0) tied[threadIdx.x >> 5] = __popc(votes);
        __syncthreads();
        int rank = seen + __popc(votes & ((1u << (threadIdx.x & 31)) - 1)), in_turn = 0;
        for (int w = 0; w < kCutThreads / 32; w++) {
          if (w < static_cast<int>(threadIdx.x >> 5)) rank += tied[w];
          in_turn += tied[w];
        }
        __syncthreads();
        keep = keep && (key > cut.key || (at_cut && rank < cut.ties));
        seen += in_turn;
      } else {
        keep = keep && key > cut.key;
      }
    }
    if (id < p.tokens && !keep) probs[id] = 0;
    if (keep) kept += v;
  }
  kept = block_total(kept, scratch);
  // a slice a warp: its sum in one order
  const int lane = threadIdx.x & 31;
  for (int slice = threadIdx.x >> 5; slice < p.slices; slice += kCutThreads / 32) {
    double sum = 0;
    for (int i = lane; i < kLogitSlice; i += 32) {
      const int id = slice * kLogitSlice + i;
      if (id >= p.tokens) break;
      const double v = probs[id];
      if (v > 0) probs[id] = v / kept, sum += v / kept;
    }
    for (int d = 16; d; d >>= 1) sum += __shfl_xor_sync(~0u, sum, d);
    if (lane == 0) p.slice_sum[row * p.slices + slice] = sum;
  }
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
  // sums of exponentials go to slice_max's place, which nobody reads any more
  ShapeArgs sums = p;
  e = launch_kernel(stream, normalise_kernel, grid, threads, 0, sums, p.slice_max);
  if (!e) e = cudaMemcpyAsync(p.slice_sum, p.slice_max, sizeof(double) * p.rows * p.slices, cudaMemcpyDeviceToDevice, stream.stream);
  if (e || p.shaping.temperature == 0 || !p.shaping.truncates(p.tokens)) return e;
  return launch_kernel(stream, cut_kernel, dim3(p.rows), dim3(kCutThreads), 0, p);
}

} // namespace jc
