// What ptx.cuh says in machine instructions, in C++. Copies are there at once; barriers count all the same.
#pragma once
#include <chrono>

#include "cuda_bf16.h"
#include "cuda_fp16.h"
#include "simt.hpp"

#define JC_HOPPER 1
#define JC_DYNAMIC_SHARED(type, name) type* const name = static_cast<type*>(simt::dynamic_shared())

namespace jc {

inline void wait_for_earlier_kernels() {}
inline void let_next_kernel_start() {}

template <typename T> inline T kept(T value) { return value; }

inline simt::ByteBarrier& counted(uint64_t* b) { return *reinterpret_cast<simt::ByteBarrier*>(b); }
inline void barrier_init(uint64_t* b, int arrivals) { counted(b).init(arrivals); }
inline void barrier_init_visible() {}
inline void barrier_expect(uint64_t* b, int bytes) { counted(b).come(1, bytes); }
inline void barrier_arrive(uint64_t* b) { counted(b).come(1, 0); }
inline void barrier_wait(uint64_t* b, uint32_t phase) {
  while (counted(b).phase() == static_cast<int>(phase)) simt::wait_for_change(b, *b);
}
inline bool barrier_passed(uint64_t* b, uint32_t phase) { return counted(b).phase() != static_cast<int>(phase); }
inline uint64_t read_once_policy() { return 0; }
inline void bulk_copy(void* to, const void* from, int bytes, uint64_t* b) {
  if (reinterpret_cast<uintptr_t>(to) % 16 || reinterpret_cast<uintptr_t>(from) % 16 || bytes % 16) simt::fail("a bulk copy is not of whole 16 bytes");
  std::memcpy(to, from, bytes);
  counted(b).come(0, -bytes);
}
inline void bulk_copy_once(void* to, const void* from, int bytes, uint64_t* b, uint64_t) { bulk_copy(to, from, bytes, b); }
inline void async_copy16(void* to, const void* from) {
  if (reinterpret_cast<uintptr_t>(to) % 16 || reinterpret_cast<uintptr_t>(from) % 16) simt::fail("a copy of 16 bytes is not aligned");
  std::memcpy(to, from, 16);
}
inline void async_arrive(uint64_t* b) { barrier_arrive(b); }
inline void prefetch(const void* p) { static_cast<void>(*static_cast<const volatile char*>(p)); }
template <int kRegisters> inline void take_registers() { simt::warp_barrier(); }
template <int kRegisters> inline void leave_registers() { simt::warp_barrier(); }
template <int kThreads> inline void part_of_block_barrier() { simt::block_barrier(1, kThreads); }

inline float low_bf16(uint32_t pair) { return __uint_as_float(pair << 16); }
inline float high_bf16(uint32_t pair) { return __uint_as_float(pair & 0xffff0000u); }

// What lanes that do not want it hold must not matter: it is no number.
inline uint4 load_where(bool wanted, const uint4* at) { return wanted ? *at : uint4{0x7fc07fc0, 0x7fc07fc0, 0x7fc07fc0, 0x7fc07fc0}; }

// Sums of a row's 16 products in float32, the lower inputs first: an order, which the hardware's may not be.
inline void mma(float* c, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1) {
  struct Held {
    uint32_t a[4], b[2];
    float* c;
  };
  simt::Warp& w = *simt::self->warp;
  const int turn = w.generation & 1;
  const Held mine{{a0, a1, a2, a3}, {b0, b1}, c};
  std::memcpy(simt::slot_of<Held>(w, turn, simt::self->lane), &mine, sizeof mine);
  simt::for_warp([&] {
    float rows[16][16], columns[16][8];
    Held all[32];
    for (int lane = 0; lane < 32; lane++) {
      std::memcpy(all + lane, simt::slot_of<Held>(w, turn, lane), sizeof(Held));
      const int g = lane >> 2, t = lane & 3;
      for (int r = 0; r < 4; r++) {
        const int row = g + (r & 1) * 8, k = 2 * t + (r >> 1) * 8;
        rows[row][k] = low_bf16(all[lane].a[r]), rows[row][k + 1] = high_bf16(all[lane].a[r]);
      }
      for (int r = 0; r < 2; r++) columns[2 * t + r * 8][g] = low_bf16(all[lane].b[r]), columns[2 * t + r * 8 + 1][g] = high_bf16(all[lane].b[r]);
    }
    float sums[16][8] = {};
    for (int row = 0; row < 16; row++)
      for (int k = 0; k < 16; k++)
        for (int n = 0; n < 8; n++) sums[row][n] += rows[row][k] * columns[k][n];
    for (int lane = 0; lane < 32; lane++) {
      const int g = lane >> 2, t = lane & 3;
      for (int i = 0; i < 4; i++) all[lane].c[i] += sums[g + (i >> 1) * 8][2 * t + (i & 1)];
    }
  });
}

inline uint32_t pack_bf16(float low, float high) { return __float2bfloat16(low).bits | static_cast<uint32_t>(__float2bfloat16(high).bits) << 16; }
inline uint32_t fma_bf16x2(uint32_t a, uint32_t b, uint32_t c) {
  // products of two bf16 and such sums are exact in float64
  const auto one = [](float x, float y, float z) { return static_cast<float>(static_cast<double>(x) * y + z); };
  return pack_bf16(one(low_bf16(a), low_bf16(b), low_bf16(c)), one(high_bf16(a), high_bf16(b), high_bf16(c)));
}
inline uint32_t and_or(uint32_t a, uint32_t mask, uint32_t bits) { return (a & mask) | bits; }

inline uint4 look(const uint4* at) {
  simt::yield();
  uint4 v;
  const auto* words = reinterpret_cast<const uint32_t*>(at);
  v.x = __atomic_load_n(words, __ATOMIC_ACQUIRE), v.y = __atomic_load_n(words + 1, __ATOMIC_ACQUIRE);
  v.z = __atomic_load_n(words + 2, __ATOMIC_ACQUIRE), v.w = __atomic_load_n(words + 3, __ATOMIC_ACQUIRE);
  return v;
}
inline void send(uint4* to, const uint4& v) {
  auto* words = reinterpret_cast<uint32_t*>(to);
  __atomic_store_n(words, v.x, __ATOMIC_RELEASE), __atomic_store_n(words + 1, v.y, __ATOMIC_RELEASE);
  __atomic_store_n(words + 2, v.z, __ATOMIC_RELEASE), __atomic_store_n(words + 3, v.w, __ATOMIC_RELEASE);
}
inline uint64_t nanoseconds() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

} // namespace jc
