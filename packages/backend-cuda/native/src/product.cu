// Weights times activations, for 1 to 64 rows: the kernel everything else is built around.
//
// Trade-off: at these widths a product is a reading of its weights, so nothing may come between two reads. One thread
// of each block streams the block's run of weights through a ring in shared memory (bulk copies, 16 KB each) and begins
// before the kernels before it have ended; it never waits for results, only for room. A second thread streams the
// activations (small, in L2) once they are there. Eight warps multiply: weights as mma's m side, rows as its n side, so a
// row is computed by the same instructions whatever the width. Weights of eight and four bits become bf16 in registers.
// Sums of a tile that is shared by several blocks stay in parts (layout.cuh, Stripes): the next kernel adds them up in
// order, which costs less than an exchange here would.
#include "kernels.hpp"
#include "ptx.cuh"

namespace jc {
namespace {

constexpr int kWarps = 8; // that multiply: [half of a unit's inputs: 2][32 outputs: 4]
constexpr int kThreads = 32 * (kWarps + 2);
constexpr int kSharedBytes = 180 * 1024;

// How much of the ring is weights: as much as leaves room for the small kernels between two products, during which the next
// product's ring fills. More than half of a multiprocessor's 227 KB in any case: where two blocks fit one multiprocessor, some
// get two and others none (measured: a third of the bandwidth lost).
template <Weights F, int NT> struct Ring {
  static constexpr int weight_stage = Format<F>::stage;
  static constexpr int row_stage = Format<F>::depth * NT * 8 * 2;
  static constexpr int row_stages = row_stage * 6 <= 24576 ? 6 : row_stage * 4 <= 32768 ? 4 : row_stage * 3 <= 49152 ? 3 : 2;
  static constexpr int meeting = 4 * 2 * NT * 32 * 16; // the second half's sums
  static constexpr int weight_stages = (kSharedBytes - row_stages * row_stage - meeting) / weight_stage;
  static constexpr int bytes = weight_stages * weight_stage + row_stages * row_stage + meeting;
};

// --- eight and four bits to pairs of bf16, exactly ---------------------------------------------------------------

// Two signed bytes: 128 + low seven bits, minus 128 (not negative) or 256 (negative).
__device__ __forceinline__ uint32_t from_int8(uint32_t spread) {
  uint32_t low = and_or(spread, 0x007f007f, 0x43004300), sign = and_or(spread, 0x00800080, 0x43004300);
  return fma_bf16x2(sign, 0xbf80bf80, low);
}
// Two e4m3 in the upper bytes: exponent and mantissa moved into bf16's place, times 2^120 for the other bias.
__device__ __forceinline__ uint32_t from_fp8(uint32_t upper) {
  return fma_bf16x2(and_or(upper, 0x80008000, (upper >> 4) & 0x07f007f0), 0x7b807b80, 0x80008000);
}
// Two nibbles, each the value plus 8: 128 + nibble, minus 136.
__device__ __forceinline__ uint32_t from_int4(uint32_t word) {
  return fma_bf16x2(and_or(word, 0x000f000f, 0x43004300), 0x3f803f80, 0xc308c308);
}

// --- one unit: 32 outputs and half of the inputs a warp ----------------------------------------------------------

template <int NT> struct Sums {
  float c[2][NT][4]; // [16 outputs][8 rows]
  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int m = 0; m < 2; m++)
#pragma unroll
      for (int n = 0; n < NT; n++)
#pragma unroll
        for (int i = 0; i < 4; i++) c[m][n][i] = 0;
  }
};

template <int NT>
__device__ __forceinline__ void multiply_bf16(Sums<NT>& s, const uint4* w, const uint4* x, int half) {
  uint4 a[4];
#pragma unroll
  for (int v = 0; v < 4; v++) a[v] = w[v * 32];
  const uint4* b = x + half * NT * 32;
#pragma unroll
  for (int n = 0; n < NT; n++) {
    uint4 r = b[n * 32];
#pragma unroll
    for (int m = 0; m < 2; m++) {
      mma(s.c[m][n], a[2 * m].x, a[2 * m].y, a[2 * m].z, a[2 * m].w, r.x, r.y);
      mma(s.c[m][n], a[2 * m + 1].x, a[2 * m + 1].y, a[2 * m + 1].z, a[2 * m + 1].w, r.z, r.w);
    }
  }
}

template <Weights F, int NT>
__device__ __forceinline__ void multiply_bytes(Sums<NT>& s, const uint4* w, const uint4* x, int half) {
#pragma unroll
  for (int v = 0; v < 4; v++) {
    const int m = v >> 1;
    uint4 q = w[v * 32];
    uint32_t a[8];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      uint32_t word = i == 0 ? q.x : i == 1 ? q.y : i == 2 ? q.z : q.w;
      if constexpr (F == Weights::int8) {
        a[2 * i] = from_int8(__byte_perm(word, 0, 0x4140));
        a[2 * i + 1] = from_int8(__byte_perm(word, 0, 0x4342));
      } else {
        a[2 * i] = from_fp8(__byte_perm(word, 0, 0x1404));
        a[2 * i + 1] = from_fp8(__byte_perm(word, 0, 0x3424));
      }
    }
    const uint4* b = x + (half * 2 + (v & 1)) * NT * 32;
#pragma unroll
    for (int n = 0; n < NT; n++) {
      uint4 r = b[n * 32];
      mma(s.c[m][n], a[0], a[1], a[2], a[3], r.x, r.y);
      mma(s.c[m][n], a[4], a[5], a[6], a[7], r.z, r.w);
    }
  }
}

// A group's sum is made in two chains (of 64 inputs each) for either 16 outputs, so that four run beside one another: one chain
// of eight dependent instructions would take longer than its bytes.
template <int NT>
__device__ __forceinline__ void multiply_int4(Sums<NT>& s, const uint4* w, const uint4* x, int half, const __half* scales, int group) {
  uint4 q[4];
#pragma unroll
  for (int v = 0; v < 4; v++) q[v] = w[v * 32];
  float scale[2][2];
#pragma unroll
  for (int m = 0; m < 2; m++) scale[m][0] = __half2float(scales[m * 16 + group]), scale[m][1] = __half2float(scales[m * 16 + group + 8]);
#pragma unroll
  for (int n = 0; n < NT; n++) {
    float p[2][2][4] = {};
#pragma unroll
    for (int h = 0; h < 2; h++)
#pragma unroll
      for (int v = 0; v < 2; v++) {
        const uint4 r = x[((half * 4 + v * 2 + h) * NT + n) * 32];
#pragma unroll
        for (int m = 0; m < 2; m++) {
          const uint32_t low = h ? q[2 * m + v].z : q[2 * m + v].x, high = h ? q[2 * m + v].w : q[2 * m + v].y;
          mma(p[m][v], from_int4(low), from_int4(low >> 4), from_int4(low >> 8), from_int4(low >> 12), r.x, r.y);
          mma(p[m][v], from_int4(high), from_int4(high >> 4), from_int4(high >> 8), from_int4(high >> 12), r.z, r.w);
        }
      }
#pragma unroll
    for (int m = 0; m < 2; m++)
#pragma unroll
      for (int i = 0; i < 4; i++) s.c[m][n][i] += scale[m][i >> 1] * (p[m][0][i] + p[m][1][i]);
  }
}

// `unit`: a weight unit; `rows`: the activations of its inputs.
template <Weights F, int NT>
__device__ __forceinline__ void multiply_unit(Sums<NT>& s, const uint8_t* unit, const uint8_t* rows, int half, int strip, int lane) {
  const uint4* w = reinterpret_cast<const uint4*>(unit) + (half * 4 + strip) * 4 * 32 + lane;
  const uint4* x = reinterpret_cast<const uint4*>(rows) + lane;
  if constexpr (F == Weights::bf16) multiply_bf16<NT>(s, w, x, half);
  else if constexpr (F == Weights::int4)
    multiply_int4<NT>(s, w, x, half, reinterpret_cast<const __half*>(unit + kUnitBytes) + half * kTile + strip * 32, lane >> 2);
  else multiply_bytes<F, NT>(s, w, x, half);
}

// The two halves of the inputs meet, and what is a whole tile's part goes out.
template <Weights F, int NT>
__device__ __forceinline__ void store_part(const ProductArgs& p, Sums<NT>& s, float4* meeting, int tile, int part, int half, int strip, int lane) {
  float4* mine = meeting + strip * 2 * NT * 32 + lane;
  if (half == 1) {
#pragma unroll
    for (int m = 0; m < 2; m++)
#pragma unroll
      for (int n = 0; n < NT; n++) mine[(m * NT + n) * 32] = make_float4(s.c[m][n][0], s.c[m][n][1], s.c[m][n][2], s.c[m][n][3]);
  }
  asm volatile("bar.sync 1, 256;" ::: "memory");
  if (half == 0) {
    const int g = lane >> 2, t = lane & 3;
    float* out = p.out + part * p.part_stride;
#pragma unroll
    for (int m = 0; m < 2; m++) {
      const int output = tile * kTile + strip * 32 + m * 16 + g;
      float s0 = 1, s1 = 1;
      if constexpr (F == Weights::int8 || F == Weights::fp8) s0 = p.scales[output], s1 = p.scales[output + 8];
#pragma unroll
      for (int n = 0; n < NT; n++) {
        const float4 other = mine[(m * NT + n) * 32];
        const int row = n * 8 + t * 2;
        if (row < p.rows) {
          out[static_cast<size_t>(row) * p.width + output] = (s.c[m][n][0] + other.x) * s0;
          out[static_cast<size_t>(row) * p.width + output + 8] = (s.c[m][n][2] + other.z) * s1;
        }
        if (row + 1 < p.rows) {
          out[static_cast<size_t>(row + 1) * p.width + output] = (s.c[m][n][1] + other.y) * s0;
          out[static_cast<size_t>(row + 1) * p.width + output + 8] = (s.c[m][n][3] + other.w) * s1;
        }
      }
    }
  }
  asm volatile("bar.sync 1, 256;" ::: "memory");
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
  extern __shared__ __align__(128) uint8_t shared[];
  uint8_t* weights = shared;
  uint8_t* rows = shared + R::weight_stages * R::weight_stage;
  float4* meeting = reinterpret_cast<float4*>(rows + R::row_stages * R::row_stage);
  __shared__ uint64_t weights_full[R::weight_stages], weights_free[R::weight_stages], rows_full[R::row_stages], rows_free[R::row_stages];
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
  const int first = p.stripes.begin(blockIdx.x), last = p.stripes.begin(blockIdx.x + 1), per_tile = p.stripes.per_tile;
  if (threadIdx.x == 0) {
    for (int i = 0; i < R::weight_stages; i++) barrier_init(weights_full + i, 1), barrier_init(weights_free + i, kWarps);
    for (int i = 0; i < R::row_stages; i++) barrier_init(rows_full + i, 1), barrier_init(rows_free + i, kWarps);
    barrier_init_visible();
  }
  __syncthreads();
  let_next_kernel_start();
  if (warp == kWarps) {
    if (lane == 0) {
      const uint64_t policy = read_once_policy();
      Turn turn(1);
      const uint8_t* from = p.weights + static_cast<size_t>(first) * R::weight_stage;
      for (int u = first; u < last; u++, from += R::weight_stage, turn.next(R::weight_stages)) {
#ifdef JC_EARLY_STAGES
        if (u - first == JC_EARLY_STAGES) wait_for_earlier_kernels();
#endif
        barrier_wait(weights_free + turn.stage, turn.phase);
        barrier_expect(weights_full + turn.stage, R::weight_stage);
        bulk_copy_once(weights + turn.stage * R::weight_stage, from, R::weight_stage, weights_full + turn.stage, policy);
      }
    }
  } else if (warp == kWarps + 1) {
    if (lane == 0) {
      wait_for_earlier_kernels();
      Turn turn(1);
      int k = first % per_tile;
      for (int u = first; u < last; u++, turn.next(R::row_stages)) {
        barrier_wait(rows_free + turn.stage, turn.phase);
        barrier_expect(rows_full + turn.stage, R::row_stage);
        bulk_copy(rows + turn.stage * R::row_stage, p.activations + static_cast<size_t>(k) * R::row_stage, R::row_stage, rows_full + turn.stage);
        if (++k == per_tile) k = 0;
      }
    }
  } else {
    const int strip = warp & 3, half = warp >> 2;
    Turn turn(0), row_turn(0);
    Sums<NT> s;
    for (int u = first; u < last;) {
      const int tile = u / per_tile, end = min(last, (tile + 1) * per_tile);
      const int part = static_cast<int>(blockIdx.x) - p.stripes.block_of(tile * per_tile);
      s.clear();
      for (; u < end; u++) {
        barrier_wait(weights_full + turn.stage, turn.phase);
        barrier_wait(rows_full + row_turn.stage, row_turn.phase);
        multiply_unit<F, NT>(s, weights + turn.stage * R::weight_stage, rows + row_turn.stage * R::row_stage, half, strip, lane);
        __syncwarp();
        if (lane == 0) barrier_arrive(weights_free + turn.stage), barrier_arrive(rows_free + row_turn.stage);
        turn.next(R::weight_stages);
        row_turn.next(R::row_stages);
      }
      store_part<F, NT>(p, s, meeting, tile, part, half, strip, lane);
    }
  }
#else
  __trap();
#endif
}

// The portable form: the same sums in the same order, read straight from memory. For GPUs before Hopper.
template <Weights F, int NT> __global__ void __launch_bounds__(32 * kWarps) portable_product_kernel(const ProductArgs p) {
  extern __shared__ __align__(128) uint8_t shared[];
  wait_for_earlier_kernels();
  const int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, strip = warp & 3, half = warp >> 2;
  const int first = p.stripes.begin(blockIdx.x), last = p.stripes.begin(blockIdx.x + 1), per_tile = p.stripes.per_tile;
  Sums<NT> s;
  for (int u = first; u < last;) {
    const int tile = u / per_tile, end = min(last, (tile + 1) * per_tile);
    const int part = static_cast<int>(blockIdx.x) - p.stripes.block_of(tile * per_tile);
    s.clear();
    for (; u < end; u++)
      multiply_unit<F, NT>(s, p.weights + static_cast<size_t>(u) * Format<F>::stage,
                           p.activations + static_cast<size_t>(u % per_tile) * (Format<F>::depth * NT * 16), half, strip, lane);
    store_part<F, NT>(p, s, reinterpret_cast<float4*>(shared), tile, part, half, strip, lane);
  }
}

template <Weights F, int NT> cudaError_t launch(const ProductArgs& p, const Stream& stream) {
  if (stream.portable) return launch_kernel(stream, portable_product_kernel<F, NT>, dim3(p.stripes.blocks), dim3(32 * kWarps), 4 * 2 * NT * 32 * 16, p);
  return launch_kernel(stream, product_kernel<F, NT>, dim3(p.stripes.blocks), dim3(kThreads), Ring<F, NT>::bytes, p);
}

template <Weights F> cudaError_t launch_width(const ProductArgs& p, int row_blocks, const Stream& stream) {
  switch (row_blocks) {
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

int row_blocks_for(int rows) { return rows <= 8 ? 1 : rows <= 16 ? 2 : rows <= 32 ? 4 : 8; }

cudaError_t product_setup() {
  cudaError_t e = allow_format<Weights::bf16>();
  if (!e) e = allow_format<Weights::int8>();
  if (!e) e = allow_format<Weights::int4>();
  return e ? e : allow_format<Weights::fp8>();
}

cudaError_t run_product(Weights format, const ProductArgs& p, int row_blocks, const Stream& stream) {
  switch (format) {
    case Weights::bf16: return launch_width<Weights::bf16>(p, row_blocks, stream);
    case Weights::int8: return launch_width<Weights::int8>(p, row_blocks, stream);
    case Weights::int4: return launch_width<Weights::int4>(p, row_blocks, stream);
    case Weights::fp8: return launch_width<Weights::fp8>(p, row_blocks, stream);
  }
  return cudaErrorInvalidValue;
}

} // namespace jc
