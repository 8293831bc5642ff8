// Weights times activations, for 1 to 64 rows: the kernel everything else is built around.
//
// Trade-off: at these widths a product is a reading of its weights, so nothing may come between two reads. One thread
// of each block streams the block's run of weights through a ring in shared memory (bulk copies, 16 KB each) and begins
// before the kernels before it have ended; it never waits for results, only for room. A second thread streams the
// activations (small, in L2) once they are there. Eight warps multiply: weights as mma's m side, rows as its n side, so a
// row is computed by the same instructions whatever the width. Weights of eight and four bits become bf16 in registers.
// Sums of a tile that is shared by several blocks stay in parts (layout.cuh, Stripes): the next kernel adds them up in order.
// (Tried instead: the last block to arrive at a tile adds up and goes on with norm, rotation or SwiGLU at once. As fast at one row,
// a quarter slower at 26: few blocks end up with all the rows, each waiting for memory that the next product already keeps busy.)
//
// RMSNorm is taken apart: rows are (h * w) as bf16, and the row's 1 / rms multiplies the result, so that nobody waits for
// a whole row's sum of squares before handing it on.
#include "kernels.hpp"
#include "ptx.cuh"
#include "sums.cuh"
#include "unit.cuh"

namespace jc {
namespace {

constexpr int kWarps = 8; // that multiply: [half of a unit's inputs: 2][32 outputs: 4]
constexpr int kThreads = 32 * (kWarps + 3);
constexpr int kSharedBytes = 186 * 1024;

// A stage is a unit of weights and the activations of its inputs. Both come through one queue of bulk copies, in which
// activations stand behind all weights asked for before them: a ring of fewer activations than weights waits for them (measured:
// a third slower at 26 rows). More than half of a multiprocessor's 227 KB in any case: where two blocks fit one
// multiprocessor, some get two and others none (a third of the bandwidth lost); the rest is for the small kernels between two
// products, during which the next product's ring fills.
template <Weights F, int NT> struct Ring {
  static constexpr int weights = Format<F>::stage;
  static constexpr int rows = Format<F>::depth * NT * 16;
  static constexpr int stage = weights + rows;
  static constexpr int meeting = NT * 8 * kTile * 4; // the second half's sums
  static constexpr int stages = (kSharedBytes - meeting) / stage;
  static constexpr int bytes = stages * stage + meeting;
};

__device__ __forceinline__ void meet() { asm volatile("bar.sync 1, 256;" ::: "memory"); } // of the warps that multiply

// What a block knows of its place.
struct Place {
  int half, strip, lane;
  float4* meeting;      // [strip][m][n][lane]
  const float* inverse; // [row], 1 / rms of the rows, or ones
};

// Of the outputs a lane ends up with: int8 and fp8 have one scale an output.
struct OutputScales {
  float s[2][2] = {{1, 1}, {1, 1}};
  template <Weights F> __device__ __forceinline__ void load(const ProductArgs& p, const Place& at, int tile) {
    if constexpr (F == Weights::int8 || F == Weights::fp8) {
      const float* from = p.scales + tile * kTile + at.strip * 32 + (at.lane >> 2);
#pragma unroll
      for (int m = 0; m < 2; m++) s[m][0] = __ldg(from + m * 16), s[m][1] = __ldg(from + m * 16 + 8);
    }
  }
};

// The two halves of the inputs meet, and the tile's part goes out.
template <int NT> __device__ __forceinline__ void store_part(const ProductArgs& p, Sums<NT>& s, const OutputScales& scales, const Place& at, int tile, int part) {
  float4* mine = at.meeting + at.strip * 2 * NT * 32 + at.lane;
  if (at.half == 1) {
#pragma unroll
    for (int m = 0; m < 2; m++)
#pragma unroll
      for (int n = 0; n < NT; n++) mine[(m * NT + n) * 32] = make_float4(s.c[m][n][0], s.c[m][n][1], s.c[m][n][2], s.c[m][n][3]);
  }
  meet();
  if (at.half == 0) {
    const int g = at.lane >> 2, t = at.lane & 3;
    float* out = p.parts + part * p.part_stride + tile * kTile + at.strip * 32 + g;
#pragma unroll
    for (int m = 0; m < 2; m++)
#pragma unroll
      for (int n = 0; n < NT; n++) {
        const float4 other = mine[(m * NT + n) * 32];
        const int row = n * 8 + t * 2;
        if (row < p.rows) {
          const float r = at.inverse[row];
          out[static_cast<size_t>(row) * p.width + m * 16] = (s.c[m][n][0] + other.x) * scales.s[m][0] * r;
          out[static_cast<size_t>(row) * p.width + m * 16 + 8] = (s.c[m][n][2] + other.z) * scales.s[m][1] * r;
        }
        if (row + 1 < p.rows) {
          const float r = at.inverse[row + 1];
          out[static_cast<size_t>(row + 1) * p.width + m * 16] = (s.c[m][n][1] + other.y) * scales.s[m][0] * r;
          out[static_cast<size_t>(row + 1) * p.width + m * 16 + 8] = (s.c[m][n][3] + other.w) * scales.s[m][1] * r;
        }
      }
  }
  meet();
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

template <Weights F, int NT> __global__ void __launch_bounds__(kThreads, 1) product_kernel(const ProductArgs p) {
#if JC_HOPPER
  using R = Ring<F, NT>;
  extern __shared__ __align__(128) uint8_t ring[];
  __shared__ uint64_t full[R::stages], free[R::stages], scaled;
  __shared__ float inverse[kMostRows];
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const int first = p.stripes.begin(blockIdx.x), last = p.stripes.begin(blockIdx.x + 1), per_tile = p.stripes.per_tile;
  if (threadIdx.x == 0) {
    for (int i = 0; i < R::stages; i++) barrier_init(full + i, 2), barrier_init(free + i, kWarps);
    barrier_init(&scaled, 1);
    barrier_init_visible();
  }
  __syncthreads();
  let_next_kernel_start();
  if (warp == kWarps) {
    if (lane == 0) {
      const uint64_t policy = read_once_policy();
      Turn turn(1);
      const uint8_t* from = p.weights + static_cast<size_t>(first) * R::weights;
      for (int u = first; u < last; u++, from += R::weights, turn.next(R::stages)) {
        if (u - first == p.early) wait_for_earlier_kernels();
        barrier_wait(free + turn.stage, turn.phase);
        barrier_expect(full + turn.stage, R::weights);
        bulk_copy_once(ring + turn.stage * R::stage, from, R::weights, full + turn.stage, policy);
      }
    }
  } else if (warp == kWarps + 1) {
    if (lane == 0) {
      wait_for_earlier_kernels();
      Turn turn(1);
      int k = first % per_tile;
      for (int u = first; u < last; u++, turn.next(R::stages)) {
        barrier_wait(free + turn.stage, turn.phase);
        barrier_expect(full + turn.stage, R::rows);
        bulk_copy(ring + turn.stage * R::stage + R::weights, p.activations + static_cast<size_t>(k) * R::rows, R::rows, full + turn.stage);
        if (++k == per_tile) k = 0;
      }
    }
  } else if (warp == kWarps + 2) {
    wait_for_earlier_kernels();
    row_scales(p, inverse, lane);
    __syncwarp();
    if (lane == 0) barrier_arrive(&scaled);
  } else {
    const Place at = {warp >> 2, warp & 3, lane, reinterpret_cast<float4*>(ring + R::stages * R::stage), inverse};
    Turn turn(0);
    Sums<NT> s;
    for (int u = first; u < last;) {
      const int tile = u / per_tile, end = min(last, (tile + 1) * per_tile);
      const int part = static_cast<int>(blockIdx.x) - p.stripes.block_of(tile * per_tile);
      s.clear();
      OutputScales scales;
      scales.load<F>(p, at, tile);
      for (; u < end; u++) {
        barrier_wait(full + turn.stage, turn.phase);
        const uint8_t* stage = ring + turn.stage * R::stage;
        multiply_unit<F, NT>(s, stage, stage + R::weights, at.half, at.strip, lane);
        __syncwarp();
        if (lane == 0) barrier_arrive(free + turn.stage);
        turn.next(R::stages);
      }
      barrier_wait(&scaled, 0);
      store_part<NT>(p, s, scales, at, tile, part);
    }
  }
#else
  __trap();
#endif
}

// The portable form: the same sums in the same order, read straight from memory. For GPUs before Hopper.
template <Weights F, int NT> __global__ void __launch_bounds__(32 * kWarps) portable_product_kernel(const ProductArgs p) {
  extern __shared__ __align__(128) uint8_t shared[];
  __shared__ float inverse[kMostRows];
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const Place at = {warp >> 2, warp & 3, lane, reinterpret_cast<float4*>(shared), inverse};
  const int first = p.stripes.begin(blockIdx.x), last = p.stripes.begin(blockIdx.x + 1), per_tile = p.stripes.per_tile;
  if (warp == 0) row_scales(p, inverse, lane);
  __syncthreads();
  Sums<NT> s;
  for (int u = first; u < last;) {
    const int tile = u / per_tile, end = min(last, (tile + 1) * per_tile);
    const int part = static_cast<int>(blockIdx.x) - p.stripes.block_of(tile * per_tile);
    s.clear();
    OutputScales scales;
    scales.load<F>(p, at, tile);
    for (; u < end; u++)
      multiply_unit<F, NT>(s, p.weights + static_cast<size_t>(u) * Format<F>::stage, p.activations + static_cast<size_t>(u % per_tile) * (Format<F>::depth * 16),
                           per_tile * at.half, at.strip, lane);
    store_part<NT>(p, s, scales, at, tile, part);
  }
}

template <Weights F, int NT> cudaError_t launch(const ProductArgs& p, const Stream& stream) {
  if (stream.portable) return launch_kernel(stream, portable_product_kernel<F, NT>, dim3(p.stripes.blocks), dim3(32 * kWarps), Ring<F, NT>::meeting, p);
  return launch_kernel(stream, product_kernel<F, NT>, dim3(p.stripes.blocks), dim3(kThreads), Ring<F, NT>::bytes, p);
}

template <Weights F> cudaError_t launch_width(const ProductArgs& p, const Stream& stream) {
  switch (row_blocks_for(p.rows)) {
    case 1: return launch<F, 1>(p, stream);
    case 2: return launch<F, 2>(p, stream);
    case 4: return launch<F, 4>(p, stream);
    default: return launch<F, 8>(p, stream);
  }
}

template <Weights F, int NT> cudaError_t allow() {
  return cudaFuncSetAttribute(product_kernel<F, NT>, cudaFuncAttributeMaxDynamicSharedMemorySize, Ring<F, NT>::bytes);
}
template <Weights F> cudaError_t allow_format() {
  cudaError_t e = allow<F, 1>();
  if (!e) e = allow<F, 2>();
  if (!e) e = allow<F, 4>();
  return e ? e : allow<F, 8>();
}

} // namespace

cudaError_t product_setup() {
  cudaError_t e = allow_format<Weights::bf16>();
  if (!e) e = allow_format<Weights::int8>();
  if (!e) e = allow_format<Weights::int4>();
  return e ? e : allow_format<Weights::fp8>();
}

cudaError_t run_product(Weights format, const ProductArgs& p, const Stream& stream) {
  switch (format) {
    case Weights::bf16: return launch_width<Weights::bf16>(p, stream);
    case Weights::int8: return launch_width<Weights::int8>(p, stream);
    case Weights::int4: return launch_width<Weights::int4>(p, stream);
    case Weights::fp8: return launch_width<Weights::fp8>(p, stream);
  }
  return cudaErrorInvalidValue;
}

} // namespace jc
