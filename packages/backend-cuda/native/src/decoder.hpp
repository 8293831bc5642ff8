// The order of kernels in a pass.
#pragma once
#include "model.hpp"

namespace jc {

// What one run through the layers is about; the details are in its PassTable on the device.
struct Run {
  const PassTable* table;
  int rows, segments;
  int chunks; // of attention: of the longest text among the segments
};

// Where results go, in device memory; null: not wanted.
struct Wanted {
  int* argmax;
  float *chosen, *log_sum_exp, *entropy, *judge, *pre_norm, *post_norm, *logits, *top_log_probs;
  int* top_ids;
  int top, term_count;
  const float* const* terms;
  const int* term_states;
  float* layer_states;
  int layer_count, layers[JC_MAX_LAYERS]; // whose residual stream is read behind them
  bool exchanged;   // over several ranks: all take part in what any of them is asked about scores
  PassTable* draft; // not null: the last row's argmax is drafted and becomes the table's next token

  bool scores() const { return argmax || chosen || log_sum_exp || entropy || logits || top || draft || exchanged; }
  bool states() const { return judge || pre_norm || post_norm || layer_states; }
};

// Puts all kernels of a run into the model's stream and does not wait. A run that comes again is kept as a CUDA graph: some
// three hundred launches of a few microseconds each would take longer than the kernels of a small model.
void enqueue(jc_model& model, const Run& run, const Wanted& wanted);

// `count` (even) times what follows the products of attention and of the feed-forward, and nothing else: for measuring.
void enqueue_residuals(jc_model& model, int rows, int count);

} // namespace jc
