// The part of NCCL that the engine uses, among threads: found by name in this library like the real one in its own.
#include <condition_variable>
#include <mutex>

#include "cuda_runtime.h"

namespace {

struct Meeting {
  std::mutex mutex;
  std::condition_variable wake;
  int ranks = 0, here = 0, left = 0;
  long times = 0;
  const unsigned char* from[8] = {};

  void meet() {
    std::unique_lock<std::mutex> held(mutex);
    const long time = times;
    if (++here == ranks) here = 0, times++, wake.notify_all();
    else wake.wait(held, [&] { return times != time; });
  }
};

} // namespace

struct NcclCommunicator {
  Meeting* meeting;
  int rank;
};

extern "C" {
#define EXPORTED __attribute__((visibility("default")))

EXPORTED int ncclCommInitAll(NcclCommunicator** all, int count, const int*) {
  auto* meeting = new Meeting;
  meeting->ranks = meeting->left = count;
  for (int i = 0; i < count; i++) all[i] = new NcclCommunicator{meeting, i};
  return 0;
}
EXPORTED int ncclAllGather(const void* from, void* to, size_t count, int type, NcclCommunicator* c, cudaStream_t stream) {
  if (type != 1 || from != static_cast<unsigned char*>(to) + c->rank * count) return 4;
  emulated_enqueue(stream, [=] {
    Meeting& m = *c->meeting;
    m.from[c->rank] = static_cast<const unsigned char*>(from);
    m.meet();
    for (int q = 0; q < m.ranks; q++)
      if (q != c->rank) std::memcpy(static_cast<unsigned char*>(to) + q * count, m.from[q], count);
    m.meet(); // what others still read stays
  });
  return 0;
}
EXPORTED int ncclCommDestroy(NcclCommunicator* c) {
  if (--c->meeting->left == 0) delete c->meeting;
  delete c;
  return 0;
}
EXPORTED int ncclCommAbort(NcclCommunicator* c) { return ncclCommDestroy(c); }
EXPORTED const char* ncclGetErrorString(int) { return "an error of the emulated library"; }
}
