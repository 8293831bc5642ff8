// The few machine instructions CUDA C++ has no word for. Everything here is one instruction, or two; nowhere else is any.
#pragma once
#ifdef JC_EMULATED
#include "ptx_emulated.hpp" // test/emulator: the same in C++, for running kernels without a GPU
#else
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
#define JC_HOPPER 1 // bulk copies, barriers in shared memory, programmatic dependent launch
#else
#define JC_HOPPER 0
#endif

// Shared memory whose size is told at launch.
#define JC_DYNAMIC_SHARED(type, name) extern __shared__ __align__(128) type name[]

namespace jc {

__device__ __forceinline__ uint32_t shared_address(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }

// --- dependent launch: a kernel may start before the one before it has ended ------------------------------------

// What follows waits until every earlier kernel of the stream is complete and its writes are visible.
__device__ __forceinline__ void wait_for_earlier_kernels() {
#if JC_HOPPER
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
// The next kernel may be put on multiprocessors that have room: it will fill its ring and then wait as above.
__device__ __forceinline__ void let_next_kernel_start() {
#if JC_HOPPER
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

// A place in shared memory, or a number, that stays in its register. Left to itself the compiler makes it up again where it is used, in every turn
// of a loop: for an address that is the block's place in its cluster, a move and two additions.
template <typename T> __device__ __forceinline__ T* kept(T* p) {
  uint32_t address = shared_address(p);
  asm volatile("" : "+r"(address));
  return static_cast<T*>(__cvta_shared_to_generic(address));
}
__device__ __forceinline__ int kept(int n) {
  asm volatile("" : "+r"(n));
  return n;
}

// --- barriers in shared memory and bulk copies ------------------------------------------------------------------

#if JC_HOPPER
__device__ __forceinline__ void barrier_init(uint64_t* b, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(b)), "r"(arrivals));
}
__device__ __forceinline__ void barrier_init_visible() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
__device__ __forceinline__ void barrier_expect(uint64_t* b, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(b)), "r"(bytes) : "memory");
}
__device__ __forceinline__ void barrier_arrive(uint64_t* b) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(b)) : "memory");
}
__device__ __forceinline__ void barrier_wait(uint64_t* b, uint32_t phase) {
  asm volatile(
      "{\n .reg .pred p;\n WAIT: mbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n @p bra DONE;\n bra WAIT;\n DONE:\n}" ::"r"(
          shared_address(b)),
      "r"(phase)
      : "memory");
}
// Whether `phase` is over, without waiting.
__device__ __forceinline__ bool barrier_passed(uint64_t* b, uint32_t phase) {
  uint32_t passed;
  asm volatile("{\n .reg .pred p;\n mbarrier.test_wait.parity.shared::cta.b64 p, [%1], %2;\n selp.u32 %0, 1, 0, p;\n}" : "=r"(passed) : "r"(shared_address(b)), "r"(phase) : "memory");
  return passed;
}
__device__ __forceinline__ uint64_t read_once_policy() {
  uint64_t policy;
  asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}
// Weights are read once a pass and would only push activations and cache out of L2.
__device__ __forceinline__ void bulk_copy_once(void* to, const void* from, int bytes, uint64_t* b, uint64_t policy) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1], %2, [%3], %4;" ::"r"(
                   shared_address(to)),
               "l"(from), "r"(bytes), "r"(shared_address(b)), "l"(policy)
               : "memory");
}
__device__ __forceinline__ void bulk_copy(void* to, const void* from, int bytes, uint64_t* b) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(shared_address(to)),
               "l"(from), "r"(bytes), "r"(shared_address(b))
               : "memory");
}
// 16 bytes a thread on the way of ordinary loads, which do not stand behind bulk copies; `b` counts this thread once they are there.
__device__ __forceinline__ void async_copy16(void* to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(from) : "memory");
}
__device__ __forceinline__ void async_arrive(uint64_t* b) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(shared_address(b)) : "memory");
}
#endif

// 16 bytes of shared memory, in lanes that want them; the others' are anything. A lane that does not load costs no share of the bandwidth. Volatile:
// at the same address lies something else the next time.
__device__ __forceinline__ uint4 load_where(bool wanted, const uint4* at) {
  uint4 v;
  asm volatile("{\n .reg .pred p;\n setp.ne.u32 p, %4, 0;\n @p ld.shared.v4.u32 {%0, %1, %2, %3}, [%5];\n}"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "r"(static_cast<uint32_t>(wanted)), "r"(shared_address(at)));
  return v;
}

// --- tensor cores -----------------------------------------------------------------------------------------------

// c[16, 8] += a[16, 16] b[16, 8]. With g = lane / 4 and t = lane % 4:
//   a0: row g, k 2t..2t+1   a1: row g + 8, same k   a2: row g, k 2t+8..2t+9   a3: row g + 8, same
//   b0: column g, k 2t..2t+1   b1: column g, k 2t+8..2t+9
//   c0, c1: row g, columns 2t, 2t+1   c2, c3: row g + 8
__device__ __forceinline__ void mma(float* c, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
               : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

// --- pairs of bf16 in one register ------------------------------------------------------------------------------

__device__ __forceinline__ uint32_t fma_bf16x2(uint32_t a, uint32_t b, uint32_t c) {
  uint32_t r;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  return r;
}
__device__ __forceinline__ uint32_t and_or(uint32_t a, uint32_t mask, uint32_t bits) {
  uint32_t r;
  asm("lop3.b32 %0, %1, %2, %3, 0xea;" : "=r"(r) : "r"(a), "r"(mask), "r"(bits));
  return r;
}
__device__ __forceinline__ uint32_t pack_bf16(float low, float high) {
  __nv_bfloat162 v = __floats2bfloat162_rn(low, high);
  return reinterpret_cast<uint32_t&>(v);
}
__device__ __forceinline__ float low_bf16(uint32_t pair) { return __uint_as_float(pair << 16); }
__device__ __forceinline__ float high_bf16(uint32_t pair) { return __uint_as_float(pair & 0xffff0000u); }

// --- memory, and the threads of a block ---------------------------------------------------------------------------

__device__ __forceinline__ void prefetch(const void* p) { asm volatile("prefetch.global.L2 [%0];" ::"l"(p)); }

// Volatile: for the whole system, and not kept in a cache that does not see the link.
__device__ __forceinline__ uint4 look(const uint4* at) {
  uint4 v;
  asm volatile("ld.volatile.global.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(at) : "memory");
  return v;
}
__device__ __forceinline__ void send(uint4* to, const uint4& v) {
  asm volatile("st.volatile.global.v4.u32 [%0], {%1,%2,%3,%4};" ::"l"(to), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w) : "memory");
}
__device__ __forceinline__ uint64_t nanoseconds() {
  uint64_t t;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(t));
  return t;
}

// Registers change hands between the block's groups of four warps; all warps of a group say it together. A block whose threads got 168
// each, by its launch bounds, may have more in some groups once others have fewer.
#if JC_HOPPER
template <int kRegisters> __device__ __forceinline__ void take_registers() { asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters)); }
template <int kRegisters> __device__ __forceinline__ void leave_registers() { asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters)); }
#endif

// A barrier of the first `kThreads` threads of a block alone.
template <int kThreads> __device__ __forceinline__ void part_of_block_barrier() { asm volatile("bar.sync 1, %0;" ::"n"(kThreads) : "memory"); }

} // namespace jc
#endif
