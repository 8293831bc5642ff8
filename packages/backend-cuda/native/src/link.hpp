// What a rank's kernels know of the other ranks.
#pragma once
#include <cuda_runtime.h>

#include <cstdint>

#include "../include/judge_cuda.h"
#include "layout.cuh"

namespace jc {

constexpr int kMostRanks = JC_MOST_RANKS;

// A row's message about its scores: a summary (two vectors), then the most likely tokens, two a vector.
constexpr int kMessageVectors = 2 + 64 / 2;

// Where the others write what they have for a rank. Vectors of 16 bytes, all bits set until they are written:
//
//   [turn: 2][from rank][row: `rows`][hidden / 8]   parts of sums: bf16
//   [from rank][row: `rows`][kMessageVectors]       messages about scores
//
// Where GPUs do not reach each other's memory (`gathered`), a rank writes its own part into its own inbox, NCCL brings the
// others' there, and a second kernel reads them: the same sums in the same order.
struct Link {
  uint4* inbox[kMostRanks]; // of every rank, as this rank's device addresses it
  int rank, ranks;          // of one rank alone: 0 of 1
  int hidden;
  int rows;                 // room for them: all that a pass can have, or where messages are gathered those that it has
  bool gathered;
  int* fault;               // of all ranks, in pinned memory: not 0 once one of them has waited in vain
  int* given_up;            // of this rank, on its device: not 0 once it has seen that
  unsigned patience_ms;

  JC_BOTH size_t sum_slot(int turn, int from, int row) const { return ((static_cast<size_t>(turn) * ranks + from) * rows + row) * (hidden / 8); }
  JC_BOTH size_t message_slot(int from, int row) const { return sum_slot(2, 0, 0) + (static_cast<size_t>(from) * rows + row) * kMessageVectors; }
  size_t inbox_bytes() const { return 16 * (message_slot(ranks, 0) + 1); } // the last vector is `given_up`
};

// What stands in `fault`: who waited for whom, or that a host thread has given up.
constexpr int kHostGaveUp = 1 << 16;
JC_BOTH constexpr int fault_of(int waiting, int missing) { return 1 + waiting * kMostRanks + missing; }

} // namespace jc
