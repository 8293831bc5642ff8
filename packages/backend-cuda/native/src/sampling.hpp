// Drawing on the device: distributions shaped as core shapes them, tokens drawn from them, rounds decided by them.
#pragma once
#include <cuda_runtime.h>

#include "kernels.hpp"

namespace jc {

// What is added to a token's logit, and how penalties see it.
struct Change {
  double bias;
  int count, repeated;
};

// How a distribution is shaped (core's SamplingOptions).
struct Shaping {
  double temperature, top_p, min_p, repetition, presence, frequency;
  int top_k; // 0: all
  bool changes; // some tokens' logits are not taken as they are
  JC_BOTH bool penalises() const { return repetition != 1 || presence != 0 || frequency != 0; }
  JC_BOTH bool truncates(int tokens) const { return (top_k > 0 && top_k < tokens) || top_p < 1 || min_p > 0; }
};

using Mass = unsigned long long; // a probability in steps of 2^-62: sums do not depend on an order
constexpr Mass kAllMass = ~0ull >> 1;
constexpr int kCutBuckets = 256;

// What top-k, top-p and min-p cut off a row: tokens below `key` (a probability's bits), and those at it with an id above `last`.
struct RowCut {
  unsigned long long key;
  double largest;
  int last, padding;
  Mass masses[kCutBuckets];
  int counts[kCutBuckets];
};

// Rows on their way from logits to probabilities. All in device memory.
struct ShapeArgs {
  const float* logits; // [rows][tokens]
  double* probs;       // [rows][tokens]: scores, then probabilities
  double* slice_max;   // [rows][slices]
  int* slice_argmax;
  double* slice_sum;   // of what `probs` holds: exponentials, then probabilities
  int* argmax;         // [rows]
  int* faults;         // one: set where a row has no finite largest score
  Change* changes;     // [tokens]
  const int* fed;      // tokens of the pass: row r has fed[1 .. r] behind the history; null for a single row
  RowCut* cuts;        // [rows], or null where nothing is cut
  int rows, tokens, slices;
  Shaping shaping;
};
// At temperature 0: scores and their argmax; where `normalised`, the softmax of the scores besides.
cudaError_t run_shape(const ShapeArgs& args, bool normalised, const Stream& stream);
// Zeros for what top-k, top-p and min-p take away, and sums of what they leave (cut.cu); called by run_shape.
cudaError_t run_cut(const ShapeArgs& args, const Stream& stream);

// The only row's token: drawn, written into the table as the next step's, and seen by penalties.
struct DrawArgs {
  const double* probs; // [tokens], or null at temperature 0
  const double* slice_sum;
  const int* argmax;
  double* one_hot;     // not null at temperature 0: [tokens], becomes certain of the token
  Change* changes;     // not null: counts the token
  const double* uniforms; // [drafts]
  PassTable* table;
  int row, tokens, slices; // `row`: of the table, the last of the pass
};
cudaError_t run_draw(const DrawArgs& args, const Stream& stream);

enum class Law : int { exact = 0, speculative = 1, block = 2 };

// What became of a round: what comes back to the host.
struct Decisions {
  int accepted[kMostRound], recovered[kMostRound], argmax[kMostRound];
  double chosen[kMostRound];
  int bonus, fault;
};
struct DecideArgs {
  const double* probs;     // [rows][tokens]
  const double* slice_sum; // [rows][slices], of probabilities
  const double* draft;     // [rows - 1][tokens], or null: the draft was certain
  double* rest;            // [rows][slices]: sums of max(0, w p - q)
  double* weights;         // [rows]: w, 1 but for block
  const int* argmax;
  const int* fed;          // [rows]: the text's last token, then the draft
  const double* uniforms;  // [rows] accept, [rows] recovered, one bonus
  Decisions* out;
  Law law;
  double lenience;
  int rows, tokens, slices;
};
cudaError_t run_decide(const DecideArgs& args, const Stream& stream);

} // namespace jc
