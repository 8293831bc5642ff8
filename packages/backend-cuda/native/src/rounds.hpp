// The host's side of drawing on the device: what a call hands over, where it lies meanwhile, what comes back.
#pragma once
#include "memory.hpp"
#include "sampling.hpp"

namespace jc {

// One token's change as it is sent.
struct SentChange {
  Change change;
  int token, padding;
};
cudaError_t run_changes(Change* table, const SentChange* sent, int count, const Stream& stream);

// Working memory of drawing; made when it is first asked for.
struct Rounds {
  DeviceBuffer logits, probs, slice_max, slice_argmax, slice_sum, cuts, argmax, fault, changes, sent, rest, weights, numbers, fed, draft, out;
  PinnedBuffer sent_host, numbers_host, fed_host, out_host;
};

// One round, from what the call hands over to its answers.
struct RoundOnDevice {
  Shaping shaping;
  const double* draft; // [drafted][tokens] on this device, or null
  void begin(jc_model& model, const jc_pass& pass, const jc_verify& verify);
  void enqueue(jc_model& model, const jc_verify& verify, const float* logits, int rows);
  void tell(jc_model& model, jc_verify& verify, int rows);
};

// One sampled draft.
struct DraftOnDevice {
  Shaping shaping;
  jc_session* session;
  bool all; // every token's distribution has a place of its own
  void begin(jc_model& model, const jc_pass& pass, const jc_propose& propose);
  void step(jc_model& model, const float* logits, int row, PassTable* table, int first, int index);
  void fetch_fault(jc_model& model);
  void end(jc_model& model, const jc_propose& propose);
};

} // namespace jc
