// Ranks hand each other vectors of 16 bytes: written straight into the other's memory, and looked for there.
//
// What arrives is its own sign of having arrived: an inbox holds all bits set until it is written, and nobody ever writes
// that (as two bf16 it is no number our sums make). So there is one way over the link and no fence and no flag: a flag
// would have to wait until the data is known to be there, and then travel, too.
//
// Who has read a slot sets it back at once. Two sets of slots, used in turns, are enough: a rank writes a set anew after it
// has received all of the other set's, so all others have ended the kernel that read this one.
#pragma once
#include "link.hpp"
#include "sums.cuh"

namespace jc {

constexpr uint32_t kAbsent = 0xffffffffu;

__device__ __forceinline__ bool arrived(const uint4& v) { return v.x != kAbsent && v.y != kAbsent && v.z != kAbsent && v.w != kAbsent; }
__device__ __forceinline__ uint32_t sendable(uint32_t word) { return word == kAbsent ? 0x7fffffffu : word; }

// Looks until the vector is there, somebody has given up, or patience ends: no wait is for ever. The word all ranks share lies in
// the host's memory, which a thousand warps must not ask for at once: it takes a microsecond each, one after the other.
static __device__ __noinline__ uint4 keep_looking(const uint4* at, volatile int* fault, volatile int* given_up, unsigned patience_ms, int code) {
  constexpr uint64_t kSeldom = 20000000; // nanoseconds
  const uint64_t from = nanoseconds();
  uint64_t asked = from;
  for (int looks = 1;; looks++) {
    const uint4 v = look(at);
    if (arrived(v)) return v;
    if (looks & 127) continue;
    if (*given_up) return make_uint4(0, 0, 0, 0);
    const uint64_t now = nanoseconds();
    if (now - asked < kSeldom) continue;
    asked = now;
    if (now - from > patience_ms * 1000000ull && !*fault) *fault = code;
    if (*fault) *given_up = 1;
  }
}

// One vector of each rank, `mine` of this one, in the order of ranks. Slots lie `stride` apart, from `slot` on.
template <int kMost> __device__ __forceinline__ void exchange(const Link& link, size_t slot, size_t stride, const uint4& mine, uint4* all) {
#pragma unroll
  for (int i = 1; i < kMost; i++)
    if (i < link.ranks) {
      const int to = link.rank + i < link.ranks ? link.rank + i : link.rank + i - link.ranks;
      send(link.inbox[to] + slot + link.rank * stride, mine);
    }
  uint4* const own = link.inbox[link.rank] + slot;
#pragma unroll
  for (int q = 0; q < kMost; q++)
    if (q < link.ranks) all[q] = q == link.rank ? mine : look(own + q * stride);
#pragma unroll
  for (int q = 0; q < kMost; q++)
    if (q < link.ranks && q != link.rank) {
      if (!arrived(all[q])) all[q] = keep_looking(own + q * stride, link.fault, link.given_up, link.patience_ms, fault_of(link.rank, q));
      own[q * stride] = make_uint4(kAbsent, kAbsent, kAbsent, kAbsent);
    }
}

// Parts of one eight of outputs, added up in the order of ranks.
template <int kMost> __device__ __forceinline__ void add_up(const Link& link, const uint4* all, float* v) {
#pragma unroll
  for (int j = 0; j < 8; j++) v[j] = 0;
#pragma unroll
  for (int q = 0; q < kMost; q++)
    if (q < link.ranks) {
      const uint32_t words[4] = {all[q].x, all[q].y, all[q].z, all[q].w};
#pragma unroll
      for (int j = 0; j < 4; j++) v[2 * j] += __uint_as_float(words[j] << 16), v[2 * j + 1] += __uint_as_float(words[j] & 0xffff0000u);
    }
}

// Eight outputs of one row, each rank's part rounded to bf16 and added up in the order of ranks: the same bits on all of them.
template <int kMost> __device__ __forceinline__ void all_reduce8(const Link& link, int turn, int row, int k, float* v) {
  uint4 all[kMost];
  exchange<kMost>(link, link.sum_slot(turn, 0, row) + k / 8, link.sum_slot(0, 1, 0), pack8(v), all);
  add_up<kMost>(link, all, v);
}

// The same where NCCL has brought them.
template <int kMost> __device__ __forceinline__ void gathered8(const Link& link, int turn, int row, int k, float* v) {
  uint4 all[kMost];
#pragma unroll
  for (int q = 0; q < kMost; q++)
    if (q < link.ranks) all[q] = link.inbox[link.rank][link.sum_slot(turn, q, row) + k / 8];
  add_up<kMost>(link, all, v);
}

} // namespace jc
