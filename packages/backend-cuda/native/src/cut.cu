// Top-k, top-p and min-p: which tokens of a row are kept, and their probabilities over what is kept.
//
// Probabilities are looked at as their bits, which are ordered like they are; how far a token's bits lie below the largest's is its
// depth, 2^52 for each halving. Masses are whole numbers of 2^-62, so their sums do not depend on an order, and nor does what is cut.
//
// Trade-off: one block a row finds the cut, since each step needs the one before; what sees all tokens and needs nothing of the others
// is spread over slices: first a histogram of sixteen depths to a halving down to 2^-16 of the largest, at the end zeros and sums. A row is
// read twice by its one block as a rule: once to look closer at the histogram's bucket, once to collect what is left, which is sorted. (Before, one block
// counted all digits of all tokens: of an even distribution all of them fall into one count, one at a time: 8 ms of a vocabulary of 128k.)
#include "ptx.cuh"
#include "rounds.hpp"
#include "sums64.cuh"

namespace jc {
namespace {

using Key = unsigned long long;

constexpr int kThreads = 256;     // of a slice
constexpr int kCutThreads = 1024; // of a row
constexpr int kSorted = 1024;     // that few are sorted
constexpr int kBatch = 8;         // tokens of a thread that are read without waiting for one another
constexpr int kFirstShift = 48, kTailShift = 54; // a sixteenth of a halving; four halvings: 256 of them are deeper than any number

__device__ __forceinline__ Mass mass_of(double p) { return static_cast<Mass>(p * 4611686018427387904.0); }
__device__ __forceinline__ Key key_of(double p) { return static_cast<Key>(__double_as_longlong(p)); }

// Tokens of a stretch of depths: 256 buckets, the last of which holds all deeper ones, too, where `tailed`.
struct Stretch {
  Key top;   // key of depth 0: the largest of the row
  Key first; // depth at which it begins
  int shift; // a bucket is 2^shift
  bool tailed;
  Key end;   // depth before which it ends

  // Of a token in it; 256 where it is not. `key` is at most `top`; 0 is in none.
  __device__ __forceinline__ int bucket(Key key) const {
    if (key == 0) return kCutBuckets;
    const Key depth = top - key;
    if (depth < first || depth >= end) return kCutBuckets;
    const Key b = (depth - first) >> shift;
    return b < kCutBuckets - 1 ? static_cast<int>(b) : tailed || b == kCutBuckets - 1 ? kCutBuckets - 1 : kCutBuckets;
  }
  // Its bucket `b`, looked at more closely. A bucket of one depth stays what it is.
  __device__ __forceinline__ Stretch of(int b) const {
    const Key from = first + (static_cast<Key>(b) << shift);
    if (tailed && b == kCutBuckets - 1) return {top, from, kTailShift, false, end};
    const Key to = from + (Key(1) << shift);
    return {top, from, shift > 8 ? shift - 8 : 0, false, to < end ? to : end};
  }
  __device__ __forceinline__ bool single() const { return end - first == 1; }
};

__device__ __forceinline__ Stretch whole_row(Key top) { return {top, 0, kFirstShift, true, ~Key(0)}; }

// Calls `see(id, key)` for every token of a row, all threads of the block for different ones and all of a warp at once; key 0: none, or
// no probability.
template <int kBlock, typename See> __device__ __forceinline__ void each_token(const double* probs, int first, int end, See see) {
  for (int start = first; start < end; start += kBlock * kBatch) {
    double p[kBatch];
#pragma unroll
    for (int i = 0; i < kBatch; i++) {
      const int id = start + i * kBlock + threadIdx.x;
      p[i] = id < end ? probs[id] : 0;
    }
#pragma unroll
    for (int i = 0; i < kBatch; i++)
      see(start + i * kBlock + static_cast<int>(threadIdx.x), p[i] > 0 ? key_of(p[i]) : 0);
  }
}

// Counts a token in its bucket, 256: none. Where a warp's are all in one, they are added up first: of equals, thousands come at once.
__device__ __forceinline__ void count(int b, Key key, int* counts, Mass* masses) {
  Mass mass = b == kCutBuckets ? 0 : mass_of(__longlong_as_double(static_cast<long long>(key)));
  const int first = __shfl_sync(~0u, b, 0);
  if (!__all_sync(~0u, b == first)) {
    if (b == kCutBuckets) return;
    atomicAdd(&counts[b], 1);
    atomicAdd(&masses[b], mass);
    return;
  }
  if (first == kCutBuckets) return;
#pragma unroll
  for (int d = 16; d; d >>= 1) mass += __shfl_xor_sync(~0u, mass, d);
  if ((threadIdx.x & 31) != 0) return;
  atomicAdd(&counts[b], 32);
  atomicAdd(&masses[b], mass);
}

// --- a first histogram, a block a slice -----------------------------------------------------------------------------

// Counts zeroed by normalise_kernel. The last bucket stays empty: it is what the others leave.
__global__ void __launch_bounds__(kThreads) histogram_kernel(const ShapeArgs p) {
  __shared__ int counts[kCutBuckets];
  __shared__ Mass masses[kCutBuckets];
  wait_for_earlier_kernels();
  const int row = blockIdx.y, first = blockIdx.x * kLogitSlice, end = min(first + kLogitSlice, p.tokens);
  const double* probs = p.probs + static_cast<size_t>(row) * p.tokens;
  const Stretch all = whole_row(key_of(p.cuts[row].largest));
  for (int i = threadIdx.x; i < kCutBuckets; i += kThreads) counts[i] = 0, masses[i] = 0;
  __syncthreads();
  each_token<kThreads>(probs, first, end, [&](int, Key key) {
    const int b = all.bucket(key);
    count(b == kCutBuckets - 1 ? kCutBuckets : b, key, counts, masses);
  });
  __syncthreads();
  for (int i = threadIdx.x; i < kCutBuckets; i += kThreads)
    if (counts[i]) {
      atomicAdd(&p.cuts[row].counts[i], counts[i]);
      atomicAdd(&p.cuts[row].masses[i], masses[i]);
    }
}

// --- the cut, a block a row -----------------------------------------------------------------------------------------

struct Scratch {
  Key keys[kSorted];
  int ids[kSorted];
  Mass masses[kCutBuckets];
  int counts[kCutBuckets];
  int found, bucket;
  int before;       // tokens above the stretch
  Mass mass_before; // and their mass
  Key key;          // the cut: tokens above it are kept,
  int last;         // and those at it up to this id
  Mass kept;        // mass of all that the cut keeps
  int shares[kCutThreads / 32];
};

// Which bucket the first `most` tokens, or as few as reach `goal`, end in; what lies above it is added to what is before.
__device__ void choose_bucket(int most, Mass goal, Scratch& s) {
  __syncthreads();
  if (threadIdx.x == 0) {
    int b = 0, last = 0; // one of them is not empty
    for (; b < kCutBuckets; b++) {
      if (!s.counts[b]) continue;
      last = b;
      if (s.before + s.counts[b] >= most || s.mass_before + s.masses[b] >= goal) break;
      s.before += s.counts[b], s.mass_before += s.masses[b];
    }
    if (b == kCutBuckets) { // rounding: all of them are needed
      b = last;
      s.before -= s.counts[b], s.mass_before -= s.masses[b];
    }
    s.bucket = b;
  }
  __syncthreads();
}

// The largest key first, and of equals the lower id.
__device__ void sort(Scratch& s) {
  for (int size = 2; size <= kSorted; size *= 2)
    for (int stride = size / 2; stride; stride /= 2) {
      __syncthreads();
      for (int i = threadIdx.x; i < kSorted / 2; i += kCutThreads) {
        const int a = (i / stride) * 2 * stride + i % stride, b = a + stride;
        const bool ordered = s.keys[a] > s.keys[b] || (s.keys[a] == s.keys[b] && s.ids[a] < s.ids[b]);
        if (ordered == ((a & size) != 0)) {
          const Key key = s.keys[a];
          s.keys[a] = s.keys[b], s.keys[b] = key;
          const int id = s.ids[a];
          s.ids[a] = s.ids[b], s.ids[b] = id;
        }
      }
    }
  __syncthreads();
}

// Few tokens, at most `left`: sorted, and taken until there are enough. Where there are not, keys are 0, and all are kept.
__device__ void cut_sorted(const double* probs, int tokens, const Stretch& stretch, int left, int most, Mass goal, Scratch& s) {
  for (int i = threadIdx.x; i < kSorted; i += kCutThreads) s.keys[i] = 0, s.ids[i] = 0x7fffffff;
  if (threadIdx.x == 0) s.found = 0;
  __syncthreads();
  each_token<kCutThreads>(probs, 0, tokens, [&](int id, Key key) {
    if (stretch.bucket(key) == kCutBuckets) return;
    const int at = atomicAdd(&s.found, 1); // at most `left`, which is at most kSorted: they were counted by the same test
    s.keys[at] = key, s.ids[at] = id;
  });
  sort(s);
  if (threadIdx.x == 0) {
    int n = 0;
    Mass mass = s.mass_before;
    while (n < left && s.before + n < most && mass < goal) mass += mass_of(__longlong_as_double(static_cast<long long>(s.keys[n++])));
    if (n == 0) mass += mass_of(__longlong_as_double(static_cast<long long>(s.keys[n++])));
    s.key = s.keys[n - 1], s.last = s.ids[n - 1], s.kept = mass;
  }
  __syncthreads();
}

// More equals than can be sorted: they differ in their ids alone. Each thread counts those of a run of ids.
__device__ void cut_equals(const double* probs, int tokens, Key key, int left, int most, Mass goal, Scratch& s) {
  const Mass each = mass_of(__longlong_as_double(static_cast<long long>(key)));
  int ties = most - s.before;
  if (goal > s.mass_before) {
    const Mass one = each ? each : 1, wanted = (goal - s.mass_before + one - 1) / one;
    if (wanted < static_cast<Mass>(ties)) ties = static_cast<int>(wanted);
  } else {
    ties = 1;
  }
  ties = min(max(ties, 1), left);
  const int run = (tokens + kCutThreads - 1) / kCutThreads, from = static_cast<int>(threadIdx.x) * run, to = min(from + run, tokens);
  int mine = 0;
  for (int id = from; id < to; id++) mine += key_of(probs[id]) == key;
  int before = mine; // an inclusive sum over the warp, then over warps
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
#pragma unroll
  for (int d = 1; d < 32; d *= 2) {
    const int other = __shfl_up_sync(~0u, before, d);
    if (lane >= d) before += other;
  }
  if (lane == 31) s.shares[warp] = before;
  __syncthreads();
  before -= mine;
  for (int w = 0; w < warp; w++) before += s.shares[w];
  for (int id = from; id < to && before < ties; id++)
    if (key_of(probs[id]) == key && ++before == ties) s.key = key, s.last = id, s.kept = s.mass_before + each * ties; // one thread
  __syncthreads();
}

// The first tokens by probability, the lower id first among equals: `most` of them, or as few as reach `goal`.
__device__ void find_cut(const ShapeArgs& p, const double* probs, int row, int most, Mass goal, Scratch& s) {
  Stretch stretch = whole_row(key_of(p.cuts[row].largest));
  __syncthreads();
  if (threadIdx.x == 0) s.before = 0, s.mass_before = 0;
  for (int i = threadIdx.x; i < kCutBuckets; i += kCutThreads) s.counts[i] = p.cuts[row].counts[i], s.masses[i] = p.cuts[row].masses[i];
  __syncthreads();
  // the deepest tokens, which the histogram leaves out: no more than there are, and of any mass
  if (threadIdx.x == 0) s.counts[kCutBuckets - 1] = p.tokens, s.masses[kCutBuckets - 1] = kAllMass;
  for (;;) {
    choose_bucket(most, goal, s);
    int left = s.counts[s.bucket];
    stretch = stretch.of(s.bucket);
    if (left <= kSorted) return cut_sorted(probs, p.tokens, stretch, left, most, goal, s);
    if (stretch.single()) return cut_equals(probs, p.tokens, stretch.top - stretch.first, left, most, goal, s);
    __syncthreads(); // all have read the counts
    for (int i = threadIdx.x; i < kCutBuckets; i += kCutThreads) s.counts[i] = 0, s.masses[i] = 0;
    __syncthreads();
    each_token<kCutThreads>(probs, 0, p.tokens, [&](int, Key key) { count(stretch.bucket(key), key, s.counts, s.masses); });
  }
}

__global__ void __launch_bounds__(kCutThreads) cut_kernel(const ShapeArgs p) {
  __shared__ Scratch s;
  wait_for_earlier_kernels();
  const int row = blockIdx.x, most = p.shaping.top_k > 0 && p.shaping.top_k < p.tokens ? p.shaping.top_k : p.tokens;
  const double* probs = p.probs + static_cast<size_t>(row) * p.tokens;
  double left = 4611686018427387904.0; // of all, if top-k leaves them
  if (most < p.tokens) {
    find_cut(p, probs, row, most, kAllMass, s);
    left = static_cast<double>(s.kept);
  }
  if (p.shaping.top_p < 1) find_cut(p, probs, row, most, static_cast<Mass>(p.shaping.top_p * left), s);
  if (threadIdx.x == 0) p.cuts[row].key = s.key, p.cuts[row].last = s.last;
}

// --- what is kept, a block a slice ----------------------------------------------------------------------------------

__global__ void __launch_bounds__(kThreads) keep_kernel(const ShapeArgs p, bool limited) {
  __shared__ double scratch[kThreads / 32];
  wait_for_earlier_kernels();
  const int row = blockIdx.y, first = blockIdx.x * kLogitSlice;
  double* probs = p.probs + static_cast<size_t>(row) * p.tokens;
  // min-p: of the largest, which nobody cuts
  const double least = p.shaping.min_p * p.cuts[row].largest;
  const Key key = limited ? p.cuts[row].key : 0;
  const int last = limited ? p.cuts[row].last : 0x7fffffff;
  double kept = 0;
  for (int i = threadIdx.x; i < kLogitSlice; i += kThreads) {
    const int id = first + i;
    if (id >= p.tokens) break;
    const double v = probs[id];
    const Key own = key_of(v);
    if (v > 0 && v >= least && (own > key || (own == key && id <= last))) kept += v;
    else probs[id] = 0;
  }
  kept = block_total<kThreads>(kept, scratch);
  if (threadIdx.x == 0) p.slice_sum[row * p.slices + blockIdx.x] = kept;
}

} // namespace

cudaError_t run_cut(const ShapeArgs& p, const Stream& stream) {
  const bool limited = (p.shaping.top_k > 0 && p.shaping.top_k < p.tokens) || p.shaping.top_p < 1;
  const dim3 slices(p.slices, p.rows);
  cudaError_t e = cudaSuccess;
  if (limited) e = launch_kernel(stream, histogram_kernel, slices, dim3(kThreads), 0, p);
  if (!e && limited) e = launch_kernel(stream, cut_kernel, dim3(p.rows), dim3(kCutThreads), 0, p);
  return e ? e : launch_kernel(stream, keep_kernel, slices, dim3(kThreads), 0, p, limited);
}

} // namespace jc
