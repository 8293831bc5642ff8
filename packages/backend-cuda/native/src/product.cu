// Weights times activations, for 1 to 128 rows: the kernel everything else is built around.
//
// Trade-off: at these widths a product is a reading of its weights, so nothing may come between two reads. One thread
// of each block streams the block's run of weights through a ring in shared memory (bulk copies, 16 KB each) and begins
// before the kernels before it have ended; it never waits for results, only for room and for what it asked for (kAhead). A second
// warp streams the activations (small, in L2) once they are there. Eight or sixteen warps multiply: weights as mma's m side, rows as its n side, so a
// row is computed by the same instructions whatever the width. Weights of eight and four bits become bf16 in registers.
// Sums of a tile that is shared by several blocks stay in parts (layout.cuh, Stripes): the next kernel adds them up in order.
// (Tried instead: the last block to arrive at a tile adds up and goes on with norm, rotation or SwiGLU at once. As fast at one row,
// a quarter slower at 26: few blocks end up with all the rows, each waiting for memory that the next product already keeps busy.)
//
// RMSNorm is taken apart: rows are (h * w) as bf16, and the row's 1 / rms multiplies the result, so that nobody waits for
// a whole row's sum of squares before handing it on.
#include "kernels.hpp"
#include "ptx.cuh"
#include "ring.cuh"
#include "sums.cuh"
#include "unit.cuh"

namespace jc {
namespace {

// Warps that multiply, how many 16 outputs each has of a tile's 256, and over how many warps rows are divided. Eight warps, whose registers leave
// room for a block of attention beside them: the product behind it is on every multiprocessor while attention runs, and its ring is full. (Sixteen
// in passes of up to 16 rows, as all had: 8B bf16 0.6 %, int8 0.6 %, 16 rows of int4 5 % slower.) Four bits in one row wait for instructions, which
// sixteen warps hide (two at a time 2 % slower). At more than 64 rows (prompts), a warp's 64 outputs and 64 rows are what registers hold, and 16
// products for each vector read keep shared memory below the tensor cores' time.
// It changes no bit: an output of a row is summed over the same inputs in the same order by whichever warp.
template <Weights F, int NT> constexpr int kStrips = NT > 8 ? 4 : NT == 1 && (F == Weights::int4 || F == Weights::q4_0) ? 1 : 2;
template <int NT> constexpr int kRowParts = NT > 8 ? NT / 8 : 1;
template <int NT> constexpr int kOwn = NT / kRowParts<NT>; // eights of rows a warp has
template <Weights F, int NT> constexpr int kWarps = kTile / 16 / kStrips<F, NT> * kRowParts<NT>;
// Three warps besides: weights, activations, the rows' 1 / rms; a fourth where warps come in fours, to hand registers on.
template <Weights F, int NT> constexpr int kThreads = 32 * (kWarps<F, NT> + (NT > 8 ? 4 : 3));
// 168 for each of 384 threads; then 216 for those that multiply and 56 for the others: 2 * 128 * 216 + 128 * 56 = 62,464 of 65,536.
[[maybe_unused]] constexpr int kMultiplying = 216, kStreaming = 56;
constexpr int kSharedBytes = 186 * 1024;

// Copies of weights that a block has asked for and that have not come. Two to four keep the memory busy. With more, everything that is
// read between two products (parts, rows, the cache) stands behind them, and some multiprocessors get more of the memory than others: the kernel behind a
// large product of 1B began 6 us after the product's first block had ended, and 3 us so. Fewer while earlier kernels have not ended. Whole passes, 1 row,
// without these limits > with them: a token of 8B bf16 4.00 > 3.92 ms, of int8 2.61 > 2.54, 1B 0.95 > 0.85.
[[maybe_unused]] constexpr int kAhead = 2, kUnderWay = 4;

// A stage is a unit of weights and the activations of its inputs. Both come through one queue of bulk copies, in which
// activations stand behind all weights asked for before them: a ring of fewer activations than weights waits for them (measured:
// a third slower at 26 rows). More than half of a multiprocessor's 227 KB in any case: where two blocks fit one
// multiprocessor, some get two and others none (a third of the bandwidth lost); the rest is for the small kernels between two
// products, during which the next product's ring fills.
template <Weights F, int NT> struct Ring {
  static constexpr int weights = Format<F>::stage;
  static constexpr int rows = Format<F>::depth * NT * 16;
  static constexpr int stage = weights + rows;
  static constexpr int stages = kSharedBytes / stage;
  static constexpr int bytes = stages * stage;
  static_assert(stages >= kUnderWay, "a copy is waited for before its place's next one is asked for");
};

// Of the outputs a lane ends up with, 16 apart, where they have one scale each.
template <Weights F, int M> struct OutputScales {
  float2 s[M];
  __device__ __forceinline__ void load(const ProductArgs& p, int output) {
#pragma unroll
    for (int m = 0; m < M; m++) {
      if constexpr (!scaled_by_output(F)) s[m] = make_float2(1, 1);
      else s[m] = make_float2(__ldg(p.scales + output + m * 16) * kStepsOfOne<F>, __ldg(p.scales + output + m * 16 + 8) * kStepsOfOne<F>);
    }
  }
};

// A tile's part goes out. `inverse`: 1 / rms of the rows, or ones.
template <Weights F, int M, int NT>
__device__ __forceinline__ void store_part(const ProductArgs& p, const Sums<M, NT>& s, const OutputScales<F, M>& scales, const float* inverse, int first_row, int output, int part, int lane) {
  float* out = p.parts + part * p.part_stride + output;
#pragma unroll
  for (int n = 0; n < NT; n++)
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int row = first_row + n * 8 + (lane & 3) * 2 + i;
      if (row >= p.rows) continue;
      const float r = inverse[row];
#pragma unroll
      for (int m = 0; m < M; m++) {
        out[static_cast<size_t>(row) * p.width + m * 16] = s.c[m][n][i] * scales.s[m].x * r;
        out[static_cast<size_t>(row) * p.width + m * 16 + 8] = s.c[m][n][2 + i] * scales.s[m].y * r;
      }
    }
}

// 1 / rms of all rows, by one warp, a lane a row: a row's sum is added up in one fixed order.
__device__ __forceinline__ void row_scales(const ProductArgs& p, float* inverse, int lane) {
  for (int row = lane; row < p.rows; row += 32) {
    float sum = 0;
#pragma unroll 16
    for (int i = 0; i < p.square_tiles; i++) sum += p.squares[i * kMostRows + row];
    inverse[row] = p.squares ? rsqrtf(sum / p.hidden + p.epsilon) : 1.f;
  }
}

#if JC_HOPPER
// Position in a ring: which stage, and how often the ring has gone round.
struct Turn {
  int stage = 0;
  uint32_t phase;
  __device__ explicit Turn(uint32_t first) : phase(first) {}
  __device__ void next(int stages) {
    if (++stage == stages) stage = 0, phase ^= 1;
  }
};
#endif

// Up to 32 rows a thread gets at most 128 registers, so that the next kernel's blocks find room and start early.
template <Weights F, int NT> __global__ void __launch_bounds__(NT == 4 ? 512 : kThreads<F, NT>, 1) product_kernel(const ProductArgs p) {
#if JC_HOPPER
  using R = Ring<F, NT>;
  JC_DYNAMIC_SHARED(uint8_t, ring);
  // A place's weights are there, its activations, it has been read: one array, so that one address finds all three.
  __shared__ uint64_t landed[3 * R::stages], scaled;
  uint64_t *const full = landed + R::stages, *const free = full + R::stages;
  __shared__ float inverse[kMostRows];
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const int first = p.stripes.begin(blockIdx.x), last = p.stripes.begin(blockIdx.x + 1), per_tile = p.stripes.per_tile;
  if (threadIdx.x == 0) {
    for (int i = 0; i < R::stages; i++) barrier_init(landed + i, 1), barrier_init(full + i, 32), barrier_init(free + i, kWarps<F, NT>);
    barrier_init(&scaled, 32); // every lane arrives with what it has written
    barrier_init_visible();
  }
  __syncthreads();
  let_next_kernel_start();
  if (warp < kWarps<F, NT>) {
    if constexpr (NT > 8) take_registers<kMultiplying>();
    Turn turn(0);
    constexpr int M = kStrips<F, NT>;
    const int strip = warp % (kTile / 16 / M), first_block = warp / (kTile / 16 / M) * kOwn<NT>; // of outputs, of eights of rows
    const UnitPlace<F, M, kOwn<NT>, NT, true> place(ring, ring + R::weights, p.rows, first_block * 8, strip, lane);
    uint64_t *const barriers = kept(landed), *before = nullptr;
    const bool one_lane = kept(lane) == 0;
    Sums<M, kOwn<NT>> s;
    for (int u = first; u < last;) {
      const int tile = u / per_tile, end = min(last, (tile + 1) * per_tile);
      const int part = static_cast<int>(blockIdx.x) - p.stripes.block_of(tile * per_tile);
      s.clear();
      const int output = tile * kTile + strip * M * 16 + (lane >> 2);
      OutputScales<F, M> scales;
      scales.load(p, output);
      for (; u < end; u++) {
        uint64_t* const own = barriers + turn.stage;
        barrier_wait(own, turn.phase);
        barrier_wait(own + R::stages, turn.phase);
        if (u != first) release_before(before, one_lane);
        before = own + 2 * R::stages;
        place.multiply(s, turn.stage * R::stage, turn.stage * R::stage);
        turn.next(R::stages);
      }
      barrier_wait(&scaled, 0);
      store_part<F, M, kOwn<NT>>(p, s, scales, inverse, first_block * 8, output, part, lane);
    }
    return;
  }
  if constexpr (NT > 8) {
    static_assert(kWarps<F, NT> == 8 && kThreads<F, NT> == 384, "whole groups of four warps");
    leave_registers<kStreaming>();
  }
  if (warp == kWarps<F, NT>) {
    if (lane == 0) {
      const uint64_t policy = read_once_policy();
      Turn turn(1), awaited(0);
      int under_way = 0, most = kAhead;
      const uint8_t* from = p.weights + static_cast<size_t>(first) * R::weights;
      for (int u = first; u < last; u++, from += R::weights, turn.next(R::stages)) {
        barrier_wait(free + turn.stage, turn.phase);
        if (most == kAhead && barrier_passed(full, 0)) most = kUnderWay; // activations come, so earlier kernels have ended
        for (; under_way >= most; under_way--, awaited.next(R::stages)) barrier_wait(landed + awaited.stage, awaited.phase);
        barrier_expect(landed + turn.stage, R::weights);
        bulk_copy_once(ring + turn.stage * R::stage, from, R::weights, landed + turn.stage, policy);
        under_way++;
      }
    }
  } else if (warp == kWarps<F, NT> + 1) {
    wait_for_earlier_kernels();
    Turn turn(1);
    int k = first % per_tile;
    for (int u = first; u < last; u++, turn.next(R::stages)) {
      barrier_wait(free + turn.stage, turn.phase);
      uint8_t* to = ring + turn.stage * R::stage + R::weights + lane * 16;
      const uint8_t* from = p.activations + static_cast<size_t>(k) * R::rows + lane * 16;
#pragma unroll
      for (int i = 0; i < R::rows; i += 512) async_copy16(to + i, from + i);
      async_arrive(full + turn.stage);
      if (++k == per_tile) k = 0;
    }
  } else if (warp == kWarps<F, NT> + 2) {
    wait_for_earlier_kernels();
    row_scales(p, inverse, lane);
    barrier_arrive(&scaled);
  }
#else
  __trap();
#endif
}

// The portable form: the same sums in the same order, read straight from memory. For GPUs before Hopper.
template <Weights F, int NT> __global__ void __launch_bounds__(32 * kWarps<F, NT>) portable_product_kernel(const ProductArgs p) {
  __shared__ float inverse[kMostRows];
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const int first = p.stripes.begin(blockIdx.x), last = p.stripes.begin(blockIdx.x + 1), per_tile = p.stripes.per_tile;
  if (warp == 0) row_scales(p, inverse, lane);
  __syncthreads();
  constexpr int M = kStrips<F, NT>;
  const int strip = warp % (kTile / 16 / M), first_block = warp / (kTile / 16 / M) * kOwn<NT>;
  const UnitPlace<F, M, kOwn<NT>, NT, false> place(p.weights, p.activations, p.rows, first_block * 8, strip, lane);
  Sums<M, kOwn<NT>> s;
  for (int u = first; u < last;) {
    const int tile = u / per_tile, end = min(last, (tile + 1) * per_tile);
    const int part = static_cast<int>(blockIdx.x) - p.stripes.block_of(tile * per_tile);
    s.clear();
    const int output = tile * kTile + strip * M * 16 + (lane >> 2);
    OutputScales<F, M> scales;
    scales.load(p, output);
    for (; u < end; u++) place.multiply(s, static_cast<size_t>(u) * Format<F>::stage, static_cast<size_t>(u % per_tile) * Ring<F, NT>::rows);
    store_part<F, M, kOwn<NT>>(p, s, scales, inverse, first_block * 8, output, part, lane);
  }
}

template <Weights F, int NT> cudaError_t launch(const ProductArgs& p, const Stream& stream) {
  if (stream.portable) return launch_kernel(stream, portable_product_kernel<F, NT>, dim3(p.stripes.blocks), dim3(32 * kWarps<F, NT>), 0, p);
  return launch_kernel(stream, product_kernel<F, NT>, dim3(p.stripes.blocks), dim3(kThreads<F, NT>), Ring<F, NT>::bytes, p);
}

template <Weights F> cudaError_t launch_width(const ProductArgs& p, const Stream& stream) {
  switch (row_blocks_for(p.rows)) {
    case 1: return launch<F, 1>(p, stream);
    case 2: return launch<F, 2>(p, stream);
    case 4: return launch<F, 4>(p, stream);
    case 8: return launch<F, 8>(p, stream);
    default: break;
  }
  if constexpr (most_rows_of(F) > 64) return launch<F, 16>(p, stream);
  return cudaErrorInvalidValue;
}

template <Weights F, int NT> cudaError_t allow() {
  return cudaFuncSetAttribute(product_kernel<F, NT>, cudaFuncAttributeMaxDynamicSharedMemorySize, Ring<F, NT>::bytes);
}
template <Weights F> cudaError_t allow_format() {
  cudaError_t e = allow<F, 1>();
  if (!e) e = allow<F, 2>();
  if (!e) e = allow<F, 4>();
  if (!e) e = allow<F, 8>();
  if constexpr (most_rows_of(F) > 64)
    if (!e) e = allow<F, 16>();
  return e;
}

} // namespace

cudaError_t product_setup() {
  for (const Weights f : kFormats)
    if (const cudaError_t e = with_format(f, [](auto of) { return allow_format<of.value>(); })) return e;
  return cudaSuccess;
}

cudaError_t run_product(Weights format, const ProductArgs& p, const Stream& stream) {
  return with_format(format, [&](auto of) { return launch_width<of.value>(p, stream); });
}

} // namespace jc
