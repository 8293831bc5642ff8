#include "simt.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

// Saves what a callee must keep, changes stacks, restores it.
asm(R"(
.text
.type jc_emulated_switch, @function
.globl jc_emulated_switch
.hidden jc_emulated_switch
jc_emulated_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size jc_emulated_switch, .-jc_emulated_switch
)");
extern "C" void jc_emulated_switch(void** save, void* to);

namespace simt {

thread_local Fiber* self = nullptr;

namespace {

constexpr size_t kStack = 256 * 1024;
constexpr int kMostThreads = 1024;

struct Barrier {
  uint64_t generation = 0;
  int arrived = 0;
};

struct Processor {
  std::vector<Fiber> fibers;
  std::vector<Warp> warps;
  Barrier barriers[16];
  int any[2] = {0, 0};
  int live = 0;
  std::vector<unsigned char> shared;
  unsigned char* stacks = nullptr;
  void* scheduler = nullptr;
  const std::function<void()>* kernel = nullptr;
  std::mt19937 order{1};
  uint64_t yields = 0;
};

Processor& processor() {
  static thread_local Processor* p = nullptr; // lives as long as the thread, and a little longer
  if (!p) p = new Processor;
  return *p;
}

void release(Barrier& b) {
  Processor& p = processor();
  b.arrived = 0;
  if (&b == p.barriers) p.any[(b.generation + 1) & 1] = 0;
  b.generation++;
}

void suspend() {
  Processor& p = processor();
  jc_emulated_switch(&self->stack_pointer, p.scheduler);
}

void leave() {
  Processor& p = processor();
  Warp& w = *self->warp;
  self->done = true;
  p.live--, w.live--;
  if (p.barriers[0].arrived > 0 && p.barriers[0].arrived == p.live) release(p.barriers[0]);
  if (w.arrived > 0 && w.arrived == w.live) w.arrived = 0, w.generation++;
  suspend();
  std::abort();
}

void enter() {
  (*processor().kernel)();
  leave();
}

void prepare(Fiber& f, unsigned char* stack) {
  void** top = reinterpret_cast<void**>(stack + kStack);
  top[-2] = reinterpret_cast<void*>(&enter);
  for (int i = 3; i <= 8; i++) top[-i] = nullptr;
  f.stack_pointer = top - 8;
}

void run_block(Processor& p, dim3 index, dim3 grid, dim3 size) {
  const int threads = static_cast<int>(size.x * size.y * size.z), warps = (threads + 31) / 32;
  p.live = threads;
  for (Barrier& b : p.barriers) b = {};
  p.any[0] = p.any[1] = 0;
  p.warps.resize(std::max<size_t>(p.warps.size(), warps)), p.fibers.resize(std::max<size_t>(p.fibers.size(), threads));
  for (int w = 0; w < warps; w++) p.warps[w].generation = 0, p.warps[w].arrived = 0, p.warps[w].live = std::min(32, threads - w * 32);
  for (int i = 0; i < threads; i++) {
    Fiber& f = p.fibers[i];
    f = {};
    f.thread = dim3(i % size.x, i / size.x % size.y, i / (size.x * size.y));
    f.block = index, f.block_size = size, f.grid_size = grid;
    f.lane = i & 31, f.warp = &p.warps[i >> 5];
    prepare(f, p.stacks + static_cast<size_t>(i) * kStack);
  }
  std::fill(p.shared.begin(), p.shared.end(), 0xff); // what nobody wrote is no number
  static const char* order = std::getenv("JC_EMULATED_ORDER");
  const bool drawn = order && *order >= '0' && *order <= '9', backward = order && *order == 'b';
  std::vector<int> turns(warps);
  for (int w = 0; w < warps; w++) turns[w] = backward ? warps - 1 - w : w;
  for (uint64_t idle = 0; p.live > 0;) {
    bool progress = false;
    const uint64_t yields = p.yields;
    if (drawn) std::shuffle(turns.begin(), turns.end(), p.order);
    for (int w : turns)
      for (int i = w * 32; i < std::min(threads, (w + 1) * 32); i++) {
        Fiber& f = p.fibers[i];
        if (f.done || (f.changes && *f.changes == f.from)) continue;
        f.changes = nullptr;
        self = &f;
        progress = true;
        jc_emulated_switch(&p.scheduler, f.stack_pointer);
      }
    if (!progress) fail("all threads of a block wait for each other");
    idle = p.yields != yields ? idle + 1 : 0;
    if (idle > 200000000) fail("a block looks at memory that nobody writes");
  }
  self = nullptr;
}

} // namespace

void wait_for_change(const uint64_t* word, uint64_t was) {
  self->changes = word, self->from = was;
  suspend();
}

void fail(const char* what) {
  std::fprintf(stderr, "emulated GPU: %s\n", what);
  std::abort();
}

void* dynamic_shared() { return reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(processor().shared.data()) + 1023) / 1024 * 1024); }

void run(dim3 grid, dim3 block, size_t shared, const std::function<void()>& kernel) {
  Processor& p = processor();
  if (!p.stacks) {
    void* mapped = mmap(nullptr, kStack * kMostThreads, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) fail("no room for stacks");
    p.stacks = static_cast<unsigned char*>(mapped);
    if (const char* order = std::getenv("JC_EMULATED_ORDER")) p.order.seed(static_cast<unsigned>(std::atoi(order)));
  }
  p.shared.resize(shared + 1024);
  p.kernel = &kernel;
  for (unsigned z = 0; z < grid.z; z++)
    for (unsigned y = 0; y < grid.y; y++)
      for (unsigned x = 0; x < grid.x; x++) run_block(p, dim3(x, y, z), grid, block);
}

void block_barrier(int id, int count) {
  Processor& p = processor();
  Barrier& b = p.barriers[id];
  const uint64_t generation = b.generation;
  if (++b.arrived == (count ? count : p.live)) return release(b);
  wait_for_change(&b.generation, generation);
}

int block_or(int v) {
  Processor& p = processor();
  const int turn = p.barriers[0].generation & 1;
  p.any[turn] |= v;
  block_barrier(0, 0);
  return p.any[turn] != 0;
}

void warp_barrier() { for_warp(nullptr); }

void for_warp(const std::function<void()>& work) {
  Warp& w = *self->warp;
  const uint64_t generation = w.generation;
  if (++w.arrived == w.live) {
    if (work) work();
    w.arrived = 0, w.generation++;
    return;
  }
  wait_for_change(&w.generation, generation);
}

void yield() {
  processor().yields++;
  suspend();
}

} // namespace simt
