#include "group.hpp"

#include "decoder.hpp"
#include "fast_prefill.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace jc {
namespace {

bool all_different(const jc_ranks& r) {
  for (int i = 0; i < r.count; i++)
    for (int j = 0; j < i; j++)
      if (r.devices[i] == r.devices[j]) return false;
  return true;
}

// True where ranks reach each other's memory, or share a GPU; false: NCCL brings what they say to each other. Refuses what cannot be.
bool check_ranks(const jc_model_config& whole, const jc_ranks& r, std::string& unreached) {
  char why[256];
  if (!jc_divides(&whole, r.count, why)) fail(JC_UNSUPPORTED, "%s", why);
  if (!r.devices) fail(JC_INVALID, "Expected `devices`, got null.");
  int count = 0;
  check(cudaGetDeviceCount(&count), "looking for GPUs");
  cudaDeviceProp first{};
  for (int i = 0; i < r.count; i++) {
    if (r.devices[i] < 0 || r.devices[i] >= count) fail(JC_INVALID, "Expected devices from 0 to %d, got %d.", count - 1, r.devices[i]);
    cudaDeviceProp p;
    check(cudaGetDeviceProperties(&p, r.devices[i]), "asking for its properties");
    if (i == 0) first = p;
    else if (p.major != first.major || p.minor != first.minor || p.multiProcessorCount != first.multiProcessorCount)
      fail(JC_UNSUPPORTED, "Expected GPUs of one kind, GPU %d is %s and GPU %d is %s: ranks would not add up in the same order.", r.devices[0], first.name, r.devices[i], p.name);
  }
  const bool different = all_different(r);
  if (!different && std::any_of(r.devices, r.devices + r.count, [&](int d) { return d != r.devices[0]; }))
    fail(JC_INVALID, "Expected a GPU for every rank, or one GPU for all of them.");
  if (!different) return true;
  for (int i = 0; i < r.count; i++)
    for (int j = 0; j < r.count; j++) {
      int can = 0;
      if (i == j) continue;
      check(cudaDeviceCanAccessPeer(&can, r.devices[i], r.devices[j]), "asking whether GPUs reach each other");
      if (can) continue;
      char text[128];
      std::snprintf(text, sizeof text, "GPU %d cannot reach the memory of GPU %d, so a model over both needs NCCL: ", r.devices[i], r.devices[j]);
      unreached = text;
      return false;
    }
  return true;
}

void reach_peers(const jc_ranks& r, int rank) {
  for (int i = 0; i < r.count; i++) {
    if (r.devices[i] == r.devices[rank]) continue;
    const cudaError_t e = cudaDeviceEnablePeerAccess(r.devices[i], 0);
    if (e == cudaErrorPeerAccessAlreadyEnabled) cudaGetLastError();
    else check(e, "reaching another GPU's memory");
  }
}

std::string say_fault(const Group& g, int code) {
  char text[200];
  if (code == kHostGaveUp) return "Another GPU's part of the work failed.";
  const int waiting = (code - 1) / kMostRanks, missing = (code - 1) % kMostRanks;
  std::snprintf(text, sizeof text, "Rank %d (GPU %d) waited %.1f s for what rank %d (GPU %d) had to send: that GPU, or the link to it, has failed.", waiting, g.models[waiting]->config.device,
                g.patience_ms / 1000.0, missing, g.models[missing]->config.device);
  return text;
}

} // namespace

Group::~Group() {
  for (size_t i = 1; i < models.size(); i++) delete models[i];
}

jc_model* create_group(const jc_model_config& whole, const jc_ranks& given) {
  check_config(whole);
  check_fast(whole, given.count);
  std::string unreached;
  const bool reach = check_ranks(whole, given, unreached) && nccl_asked_for().empty();
  const int count = given.count;
  auto owned = std::make_shared<Group>(count);
  Group& g = *owned;
  g.patience_ms = given.patience_ms > 0 ? given.patience_ms : 10000;
  g.fault.allocate();
  if (!reach && count > 1) g.nccl = nccl_over({given.devices, given.devices + count}, unreached);
  const bool shared = count > 1 && !all_different(given);
  if (shared && !(given.flags & JC_RANKS_UNCONFINED)) {
    check(cudaSetDevice(given.devices[0]), "choosing the GPU");
    check(cudaFree(nullptr), "waking the GPU");
    g.partitions = partitions_of(given.devices[0], count);
  }
  // All bits of the handle's making are undone by its destructor from here on.
  std::unique_ptr<jc_model> handle;
  for (int rank = 0; rank < count; rank++) {
    const jc_shard shard = jc_shard_of(&whole, rank, count);
    jc_model_config own = jc_config_of(&whole, &shard);
    own.device = given.devices[rank];
    auto model = std::make_unique<jc_model>(own);
    model->whole = whole, model->shard = shard, model->group = &g;
    choose_device(*model);
    if (!g.partitions.empty()) {
      model->stream = g.partitions[rank]->make_stream();
      model->blocks = g.partitions[rank]->multiprocessors();
    } else {
      check(cudaStreamCreateWithFlags(&model->stream, cudaStreamNonBlocking), "making a stream");
      if (shared) model->blocks /= count;
      // Without a share of its own, what waits must hold nothing back: no kernel starts before the one before it has ended.
      model->serial = shared;
    }
    model->at_once = shared;
    model->link.rank = rank, model->link.ranks = count, model->link.hidden = whole.hidden;
    model->link.rows = kMostRows, model->link.gathered = g.nccl != nullptr;
    model->link.fault = g.fault.get(), model->link.patience_ms = g.patience_ms;
    g.models.push_back(model.get());
    if (rank == 0) handle = std::move(model);
    else model.release(); // the group's
  }
  handle->owned = std::move(owned);
  g.inboxes.resize(count);
  g.ranks.run([&](int rank) {
    jc_model& m = *g.models[rank];
    check(cudaSetDevice(m.config.device), "choosing the GPU");
    if (!g.nccl) reach_peers(given, rank);
    g.inboxes[rank].allocate(m.link.inbox_bytes(), "what other GPUs send");
    check(cudaMemset(g.inboxes[rank].as<void>(), 0xff, g.inboxes[rank].bytes()), "clearing an inbox");
    m.link.given_up = reinterpret_cast<int*>(g.inboxes[rank].as<uint4>() + g.inboxes[rank].bytes() / 16 - 1);
    check(cudaMemset(m.link.given_up, 0, 16), "clearing an inbox");
    g.ranks.meet();
    for (int i = 0; i < count; i++) m.link.inbox[i] = g.inboxes[i].as<uint4>();
    // the first time NCCL makes ready what it needs, which no recorded pass could hold
    if (g.nccl) g.nccl->gather(rank, g.inboxes[rank].as<void>(), 16, m.stream), check(cudaStreamSynchronize(m.stream), "reaching the other GPUs");
    furnish(m);
  });
  return handle.release();
}

void each_rank(jc_model& model, const std::function<void(jc_model&)>& work) {
  Group* g = model.group;
  if (!g) return work(model);
  g->ranks.run([&](int rank) {
    check(cudaSetDevice(g->models[rank]->config.device), "choosing the GPU");
    work(*g->models[rank]);
  });
}

void each_rank_together(jc_model& model, const std::function<void(jc_model&)>& work) {
  Group* g = model.group;
  if (!g) return work(model);
  g->under_way = false;
  try {
    each_rank(model, [&](jc_model& rank) {
      try {
        work(rank);
      } catch (const Fault& f) {
        if (g->under_way && f.code != JC_ABORTED && *g->fault.get() == 0) *g->fault.get() = kHostGaveUp;
        throw;
      }
    });
  } catch (Fault& f) {
    if (g->under_way && f.code != JC_ABORTED) f.code = JC_DEVICE;
    throw;
  }
}

void meet(jc_model& rank) {
  if (rank.group) rank.group->ranks.meet();
}

void begin_together(jc_model& rank) {
  if (!rank.group) return;
  rank.group->ranks.meet();
  if (rank.shard.rank == 0) rank.group->under_way = true;
}

bool agreed(jc_model& rank, int question, bool word) { return rank.group ? rank.group->ranks.agree(rank.shard.rank, question, word) : word; }

void settle(jc_model& rank, const char* doing) {
  if (!rank.group) return check(cudaStreamSynchronize(rank.stream), doing);
  using Clock = std::chrono::steady_clock;
  Group& g = *rank.group;
  volatile int* fault = g.fault.get();
  // the device ends its own waits: this is for one that does not answer at all
  const int seconds = g.nccl ? g.patience_ms / 1000 + 1 : 2 * g.patience_ms / 1000 + 30; // NCCL's waits have no end of their own
  const auto until = Clock::now() + std::chrono::seconds(seconds);
  for (int looks = 1;; looks++) {
    const cudaError_t e = cudaStreamQuery(rank.stream);
    if (e != cudaErrorNotReady) {
      if (e != cudaSuccess && !*fault) *fault = kHostGaveUp;
      check(e, doing);
      break;
    }
    cudaGetLastError();
    if (Clock::now() > until) {
      *fault = kHostGaveUp;
      if (g.nccl) g.nccl->give_up();
      fail(JC_DEVICE, "GPU %d has not answered for %d s.", rank.config.device, seconds);
    }
  }
  if (*fault) fail(JC_DEVICE, "%s", say_fault(g, *fault).c_str());
}

double measure_all_reduce(jc_model& model, int rows) {
  constexpr int kTimes = 1000;
  if (rows < 1 || rows > model.shape.most_rows) fail(JC_INVALID, "Expected `rows` from 1 to %d, got %d.", model.shape.most_rows, rows);
  double microseconds = 0;
  each_rank_together(model, [&](jc_model& rank) {
    cudaEvent_t begin, end;
    check(cudaEventCreate(&begin), "making an event");
    check(cudaEventCreate(&end), "making an event");
    check(cudaMemsetAsync(rank.parts.as<void>(), 0, rank.parts.bytes(), rank.stream), "clearing a pass");
    float least = 1e9f;
    for (int i = 0; i < 4; i++) { // the first loads the kernels
      check(cudaStreamSynchronize(rank.stream), "measuring");
      begin_together(rank);
      cudaEventRecord(begin, rank.stream);
      enqueue_residuals(rank, rows, kTimes);
      cudaEventRecord(end, rank.stream);
      settle(rank, "measuring");
      float ms = 0;
      cudaEventElapsedTime(&ms, begin, end);
      if (i) least = std::min(least, ms);
    }
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
    if (rank.shard.rank == 0) microseconds = least * 1000.0 / kTimes;
  });
  return microseconds;
}

namespace {
jc_model& rank_of(jc_model& model, int rank) {
  if (rank < 0 || rank >= model.shard.ranks) fail(JC_INVALID, "Expected `rank` from 0 to %d, got %d.", model.shard.ranks - 1, rank);
  return model.group ? *model.group->models[rank] : model;
}
} // namespace

void residual_of(jc_model& model, int rank, int rows, float* out) {
  const jc_model& own = rank_of(model, rank);
  if (rows < 1 || rows > own.shape.most_rows) fail(JC_INVALID, "Expected `rows` from 1 to %d, got %d.", own.shape.most_rows, rows);
  check(cudaMemcpy(out, own.residual.as<void>(), static_cast<size_t>(rows) * own.config.hidden * 4, cudaMemcpyDefault), "reading the residual stream");
}

void mute(jc_model& model, int rank) {
  jc_model& own = rank_of(model, rank);
  if (own.link.gathered) fail(JC_UNSUPPORTED, "Expected ranks that write into each other's memory: over NCCL none can fall silent alone.");
  for (int i = 0; i < own.shard.ranks; i++)
    if (i != rank) own.link.inbox[i] = own.link.inbox[rank]; // its own, in a place where nobody looks
}

} // namespace jc
