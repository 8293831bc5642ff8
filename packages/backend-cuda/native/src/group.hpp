// A model over several ranks: one process, one host thread and one jc_model a rank. The caller's handle is rank 0.
#pragma once
#include <memory>

#include "model.hpp"
#include "nccl.hpp"
#include "partition.hpp"
#include "ranks.hpp"

namespace jc {

struct Group {
  Ranks ranks;
  std::vector<jc_model*> models; // by rank; the first is the handle, which owns this
  std::vector<DeviceBuffer> inboxes;
  std::vector<std::unique_ptr<Partition>> partitions; // of ranks that share a GPU
  std::unique_ptr<Nccl> nccl; // where GPUs do not reach each other's memory
  PinnedWord fault;
  unsigned patience_ms;
  bool under_way = false; // kernels of this call may wait for one another

  explicit Group(int count) : ranks(count) {}
  ~Group();
};

// See jc_measure_all_reduce, jc_debug_residual, jc_debug_mute.
double measure_all_reduce(jc_model& model, int rows);
void residual_of(jc_model& model, int rank, int rows, float* out);
void mute(jc_model& model, int rank);

jc_model* create_group(const jc_model_config& whole, const jc_ranks& ranks);

// Does `work` for the model, or for each rank's part of it on its own thread with its device chosen.
void each_rank(jc_model& model, const std::function<void(jc_model& rank)>& work);
// The same for passes. What fails once kernels may wait for one another is the device's failure, and ends all ranks' waits.
void each_rank_together(jc_model& model, const std::function<void(jc_model& rank)>& work);

// All ranks are here; from now on their kernels wait for one another.
void begin_together(jc_model& rank);
// All ranks are here: around what may wait for a whole GPU that ranks share.
void meet(jc_model& rank);
// Rank 0's word, where there are others.
bool agreed(jc_model& rank, int question, bool word);
// Waits for the stream. Over ranks: never for ever, and says who waited for whom.
void settle(jc_model& rank, const char* doing);

} // namespace jc
