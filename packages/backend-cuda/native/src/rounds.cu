// Rounds and sampled drafts: what is sent, in which order kernels follow, what comes back.
#include <algorithm>
#include <cmath>

#include "decoder.hpp"

namespace jc {
namespace {

int slices_of(const jc_model& m) { return (m.config.tokens + kLogitSlice - 1) / kLogitSlice; }
Stream stream_of(const jc_model& m) { return {m.stream, m.portable, m.blocks, m.serial}; }

Shaping shaping_of(const jc_shaping& s) {
  if (!(s.temperature >= 0) || !(s.top_p > 0 && s.top_p <= 1) || !(s.min_p >= 0 && s.min_p <= 1) || !(s.repetition > 0) || s.top_k < 0)
    fail(JC_INVALID, "Expected a temperature from 0, top-p above 0 and at most 1, min-p from 0 to 1, a repetition penalty above 0 and top-k from 0.");
  return {s.temperature, s.top_p, s.min_p, s.repetition, s.presence, s.frequency, s.top_k, false};
}

// The table of changed tokens, where there is anything to change.
void send_changes(jc_model& m, const jc_shaping& given, Shaping& shaping) {
  shaping.changes = given.change_count > 0 || shaping.penalises();
  if (!shaping.changes) return;
  Rounds& r = m.rounds;
  r.changes.at_least(static_cast<size_t>(m.config.tokens) * sizeof(Change), "a round");
  check(cudaMemsetAsync(r.changes.as<void>(), 0, r.changes.bytes(), m.stream), "clearing a round");
  if (!given.change_count) return;
  const size_t bytes = static_cast<size_t>(given.change_count) * sizeof(SentChange);
  r.sent.at_least(bytes, "a round");
  r.sent_host.at_least(bytes, "a round");
  auto* sent = r.sent_host.as<SentChange>();
  for (int i = 0; i < given.change_count; i++) {
    const int token = given.tokens[i];
    if (token < 0 || token >= m.config.tokens) fail(JC_INVALID, "Expected changed tokens from 0 to %d, got %d.", m.config.tokens - 1, token);
    sent[i] = {{given.bias[i], given.counts[i], given.repeated[i]}, token, 0};
  }
  check(cudaMemcpyAsync(r.sent.as<void>(), sent, bytes, cudaMemcpyHostToDevice, m.stream), "sending a round");
  check(run_changes(r.changes.as<Change>(), r.sent.as<SentChange>(), given.change_count, stream_of(m)), "starting a kernel");
}

void make_room(jc_model& m, int rows) {
  Rounds& r = m.rounds;
  const size_t values = static_cast<size_t>(rows) * m.config.tokens, slices = static_cast<size_t>(rows) * slices_of(m);
  r.logits.at_least(values * 4, "a round's scores");
  r.slice_max.at_least(slices * 8, "a round"), r.slice_argmax.at_least(slices * 4, "a round"), r.slice_sum.at_least(slices * 8, "a round");
  r.cuts.at_least(kMostRound * sizeof(RowCut), "a round");
  r.argmax.at_least(kMostRound * 4, "a round");
  r.fault.at_least(4, "a round");
  r.out.at_least(sizeof(Decisions), "a round");
  r.out_host.at_least(sizeof(Decisions), "a round");
  check(cudaMemsetAsync(r.fault.as<void>(), 0, 4, m.stream), "clearing a round");
}

void send_numbers(jc_model& m, const std::vector<double>& numbers) {
  Rounds& r = m.rounds;
  r.numbers.at_least(numbers.size() * 8, "a round");
  r.numbers_host.at_least(numbers.size() * 8, "a round");
  std::copy(numbers.begin(), numbers.end(), r.numbers_host.as<double>());
  check(cudaMemcpyAsync(r.numbers.as<void>(), r.numbers_host.as<void>(), numbers.size() * 8, cudaMemcpyHostToDevice, m.stream), "sending a round");
}

ShapeArgs shape_args(jc_model& m, const float* logits, double* probs, int rows, const Shaping& shaping) {
  Rounds& r = m.rounds;
  ShapeArgs a{};
  a.logits = logits, a.probs = probs;
  a.slice_max = r.slice_max.as<double>(), a.slice_argmax = r.slice_argmax.as<int>(), a.slice_sum = r.slice_sum.as<double>();
  a.cuts = shaping.truncates(m.config.tokens) ? r.cuts.as<RowCut>() : nullptr;
  a.argmax = r.argmax.as<int>(), a.faults = r.fault.as<int>(), a.changes = r.changes.as<Change>();
  a.rows = rows, a.tokens = m.config.tokens, a.slices = slices_of(m), a.shaping = shaping;
  return a;
}

void expect_alone(const jc_model& m) {
  if (m.group) fail(JC_UNSUPPORTED, "Expected a model on one GPU: over several the host decides sampled rounds.");
}

[[noreturn]] void fail_garbage() { fail(JC_INVALID, "Expected a row of logits with a finite largest value: the model returned garbage, or every token is banned."); }

} // namespace

// --- a round ----------------------------------------------------------------------------------------------------------

void RoundOnDevice::begin(jc_model& m, const jc_pass& pass, const jc_verify& v) {
  expect_alone(m);
  const int rows = pass.count, drafted = rows - 1;
  if (rows > kMostRound) fail(JC_UNSUPPORTED, "Expected a round of at most %d drafted tokens, got %d.", kMostRound - 1, drafted);
  if (!v.shaping || (drafted && (!v.accept || !v.recover || !v.accepted || !v.recovered || !v.chosen)) || !v.argmax) fail(JC_INVALID, "A round was asked for without its numbers, or arrays for its answers.");
  if (v.law < JC_EXACT || v.law > JC_BLOCK) fail(JC_INVALID, "Expected `law` to be one of enum jc_law, got %d.", v.law);
  shaping = shaping_of(*v.shaping);
  if ((v.law == JC_EXACT) != (shaping.temperature == 0)) fail(JC_INVALID, "Expected temperature 0 for JC_EXACT and above it for other laws, got %g.", shaping.temperature);
  Rounds& r = m.rounds;
  make_room(m, rows);
  const size_t values = static_cast<size_t>(rows) * m.config.tokens;
  r.probs.at_least(values * 8, "a round's distributions");
  r.rest.at_least(static_cast<size_t>(rows) * slices_of(m) * 8, "a round");
  r.weights.at_least(kMostRound * 8, "a round");
  r.fed.at_least(kMostRound * 4, "a round");
  r.fed_host.at_least(kMostRound * 4, "a round");
  send_changes(m, *v.shaping, shaping);
  std::copy(pass.tokens, pass.tokens + rows, r.fed_host.as<int>());
  check(cudaMemcpyAsync(r.fed.as<void>(), r.fed_host.as<void>(), rows * 4, cudaMemcpyHostToDevice, m.stream), "sending a round");
  std::vector<double> numbers(2 * rows + 1);
  for (int i = 0; i < drafted; i++) numbers[i] = v.accept[i], numbers[rows + i] = v.recover[i];
  numbers[2 * rows] = v.bonus_uniform;
  send_numbers(m, numbers);
  draft = nullptr;
  const size_t bytes = static_cast<size_t>(drafted) * m.config.tokens * 8;
  if (!drafted || v.law == JC_EXACT) return;
  if (v.draft) {
    const jc_model& other = *v.draft->model;
    if (other.config.tokens != m.config.tokens || v.draft->kept_rows < drafted || v.draft->drafted.bytes() < bytes)
      fail(JC_INVALID, "Expected a draft that kept %d distributions over %d tokens, got %d over %d.", drafted, m.config.tokens, v.draft->kept_rows, other.config.tokens);
    draft = v.draft->drafted.as<double>();
    if (other.config.device == m.config.device) return;
    r.draft.at_least(bytes, "a draft's distributions");
    check(cudaMemcpyPeerAsync(r.draft.as<void>(), m.config.device, draft, other.config.device, bytes, m.stream), "fetching a draft's distributions");
    draft = r.draft.as<double>();
  } else if (v.draft_probs) {
    r.draft.at_least(bytes, "a draft's distributions");
    check(cudaMemcpyAsync(r.draft.as<void>(), v.draft_probs, bytes, cudaMemcpyHostToDevice, m.stream), "sending a draft's distributions");
    draft = r.draft.as<double>();
  }
}

void RoundOnDevice::enqueue(jc_model& m, const jc_verify& v, const float* logits, int rows) {
  Rounds& r = m.rounds;
  ShapeArgs shape = shape_args(m, logits, r.probs.as<double>(), rows, shaping);
  shape.fed = r.fed.as<int>();
  check(run_shape(shape, true, stream_of(m)), "starting a kernel");
  DecideArgs d{};
  d.probs = shape.probs, d.slice_sum = shape.slice_sum, d.draft = draft;
  d.rest = r.rest.as<double>(), d.weights = r.weights.as<double>(), d.argmax = shape.argmax, d.fed = shape.fed;
  d.uniforms = r.numbers.as<double>(), d.out = r.out.as<Decisions>();
  d.law = static_cast<Law>(v.law), d.lenience = v.lenience;
  d.rows = rows, d.tokens = m.config.tokens, d.slices = slices_of(m);
  check(run_decide(d, stream_of(m)), "starting a kernel");
  check(cudaMemcpyAsync(&r.out.as<Decisions>()->fault, r.fault.as<void>(), 4, cudaMemcpyDeviceToDevice, m.stream), "reading a round");
  check(cudaMemcpyAsync(r.out_host.as<void>(), r.out.as<void>(), sizeof(Decisions), cudaMemcpyDeviceToHost, m.stream), "reading a round");
}

void RoundOnDevice::tell(jc_model& m, jc_verify& v, int rows) {
  const Decisions& d = *m.rounds.out_host.as<Decisions>();
  if (d.fault) fail_garbage();
  for (int i = 0; i < rows; i++) v.argmax[i] = d.argmax[i];
  for (int i = 0; i + 1 < rows; i++) v.accepted[i] = d.accepted[i], v.recovered[i] = d.recovered[i], v.chosen[i] = d.chosen[i];
  v.bonus = d.bonus;
}

// --- a sampled draft ----------------------------------------------------------------------------------------------------

void DraftOnDevice::begin(jc_model& m, const jc_pass& pass, const jc_propose& p) {
  expect_alone(m);
  if (!p.uniforms) fail(JC_INVALID, "A sampled draft was asked for without its numbers.");
  shaping = shaping_of(*p.shaping);
  make_room(m, kMostRound);
  send_changes(m, *p.shaping, shaping);
  send_numbers(m, std::vector<double>(p.uniforms, p.uniforms + p.count));
  session = pass.session;
  session->kept_rows = 0;
  all = p.keep || p.probs;
  session->drafted.at_least(static_cast<size_t>(all ? p.count : 1) * m.config.tokens * 8, "a draft's distributions");
}

// `first`: drafts before this table's; uniform numbers are counted from there.
void DraftOnDevice::step(jc_model& m, const float* logits, int row, PassTable* table, int first, int index) {
  Rounds& r = m.rounds;
  double* probs = session->drafted.as<double>() + (all ? static_cast<size_t>(first + index) * m.config.tokens : 0);
  const bool greedy = shaping.temperature == 0;
  const ShapeArgs shape = shape_args(m, logits + static_cast<size_t>(row) * m.config.tokens, probs, 1, shaping);
  check(run_shape(shape, !greedy, stream_of(m)), "starting a kernel");
  DrawArgs d{};
  d.probs = greedy ? nullptr : probs, d.slice_sum = shape.slice_sum, d.argmax = shape.argmax;
  d.one_hot = greedy ? probs : nullptr;
  d.changes = shaping.penalises() ? r.changes.as<Change>() : nullptr;
  d.uniforms = r.numbers.as<double>() + first;
  d.table = table, d.row = row, d.tokens = m.config.tokens, d.slices = slices_of(m);
  check(run_draw(d, stream_of(m)), "starting a kernel");
}

void DraftOnDevice::fetch_fault(jc_model& m) {
  check(cudaMemcpyAsync(m.rounds.out_host.as<void>(), m.rounds.fault.as<void>(), 4, cudaMemcpyDeviceToHost, m.stream), "reading a draft");
}

void DraftOnDevice::end(jc_model& m, const jc_propose& p) {
  if (*m.rounds.out_host.as<int>()) fail_garbage();
  if (p.probs)
    check(cudaMemcpy(p.probs, session->drafted.as<void>(), static_cast<size_t>(p.drafted_count) * m.config.tokens * 8, cudaMemcpyDeviceToHost), "reading a draft's distributions");
  if (p.keep) session->kept_rows = p.drafted_count;
}

void kept_probs(jc_model& m, const jc_session& session, int rows, double* probs) {
  if (rows < 1 || rows > session.kept_rows) fail(JC_INVALID, "Expected 1 to %d distributions that the last draft kept, got %d.", session.kept_rows, rows);
  check(cudaMemcpy(probs, session.drafted.as<void>(), static_cast<size_t>(rows) * m.config.tokens * 8, cudaMemcpyDeviceToHost), "reading a draft's distributions");
}

} // namespace jc
