// A grid of threads on one thread of the processor. A GPU's thread is a fiber; it runs until it has to wait for others of its
// warp or block, or looks at memory that somebody else writes. Which warp goes first is `JC_EMULATED_ORDER`: `forward`,
// `backward` or a number, from which it is drawn anew each time: what a missing barrier breaks, one of them shows.
#pragma once
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

namespace simt {

struct Warp {
  uint64_t generation = 0;
  int arrived = 0, live = 0;
  unsigned char slots[2][32][64]; // what lanes hand each other, in turns
};

struct Fiber {
  void* stack_pointer = nullptr;
  dim3 thread, block, block_size, grid_size;
  int lane = 0;
  Warp* warp = nullptr;
  const uint64_t* changes = nullptr; // runs again once this is no longer `from`
  uint64_t from = 0;
  bool done = false;
};

extern thread_local Fiber* self;

[[noreturn]] void fail(const char* what);
void run(dim3 grid, dim3 block, size_t shared, const std::function<void()>& kernel);
void* dynamic_shared();

// Waits for `count` threads (0: all that have not ended) at barrier `id`.
void block_barrier(int id, int count);
int block_or(int v);
void warp_barrier();
// Others run until a word of shared memory is not what it was.
void wait_for_change(const uint64_t* word, uint64_t was);
// Others run; for loops that look at memory that another block, or another rank, writes.
void yield();
// The last lane to come does `work` for all of them.
void for_warp(const std::function<void()>& work);

template <typename T> unsigned char* slot_of(Warp& w, int turn, int lane) {
  static_assert(sizeof(T) <= 64, "");
  return w.slots[turn][lane];
}
template <typename T> T from_lane(const T& v, int lane) {
  Warp& w = *self->warp;
  const int turn = w.generation & 1;
  std::memcpy(slot_of<T>(w, turn, self->lane), &v, sizeof v);
  warp_barrier();
  T out;
  std::memcpy(&out, slot_of<T>(w, turn, lane), sizeof out);
  return out;
}
template <typename T> unsigned lanes_with(const T& v) {
  Warp& w = *self->warp;
  const int turn = w.generation & 1;
  std::memcpy(slot_of<T>(w, turn, self->lane), &v, sizeof v);
  warp_barrier();
  unsigned out = 0;
  for (int lane = 0; lane < 32; lane++)
    if (std::memcmp(slot_of<T>(w, turn, lane), &v, sizeof v) == 0) out |= 1u << lane;
  return out;
}
inline unsigned ballot(bool v) {
  const unsigned same = lanes_with<int>(v);
  return v ? same : ~same;
}

// A barrier in shared memory that counts arrivals and bytes, in its eight bytes.
struct ByteBarrier {
  int16_t expected, pending;
  int32_t bytes_and_phase; // bytes still to come, times two, plus the phase
  int bytes() const { return bytes_and_phase >> 1; }
  int phase() const { return bytes_and_phase & 1; }
  void init(int arrivals) { expected = pending = static_cast<int16_t>(arrivals), bytes_and_phase = 0; }
  void come(int arrivals, int more_bytes) {
    pending = static_cast<int16_t>(pending - arrivals), bytes_and_phase += 2 * more_bytes;
    if (pending < 0) fail("a barrier counted more arrivals than it was made for");
    if (pending == 0 && bytes() == 0) pending = expected, bytes_and_phase ^= 1;
  }
};
static_assert(sizeof(ByteBarrier) == 8, "");

} // namespace simt
