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
  DeviceBuffer logits, probs, slice_max, slice_argmax, slice_sum, argmax, fault, changes, sent, rest, weights, numbers, fed, draft, out;
  PinnedBuffer sent_host, numbers_host, fed_host, out_host;
};

} // namespace jc
