// From the caller's passes to runs of at most 64 or 128 rows (Shape::most_rows), and from the device's results back into the caller's arrays.
#include <algorithm>
#include <cstring>

#include "decoder.hpp"
#include "fast_prefill.hpp"
#include "group.hpp"

namespace jc {
namespace {

void check_passes(const jc_model& m, const jc_pass* passes, int count) {
  if (count < 1 || !passes) fail(JC_INVALID, "Expected at least one pass.");
  for (int i = 0; i < count; i++) {
    const jc_pass& p = passes[i];
    if (!p.session || !m.sessions.count(p.session)) fail(JC_INVALID, "Pass %d is for a session that is not of this model or was destroyed.", i);
    for (int j = 0; j < i; j++)
      if (passes[j].session == p.session) fail(JC_INVALID, "Passes %d and %d are for the same session.", j, i);
    if (p.count < 1 || !p.tokens) fail(JC_INVALID, "Expected pass %d to have at least one token.", i);
    if (p.start < 0 || p.start > p.session->capacity - p.count)
      fail(JC_INVALID, "Pass %d ends at position %lld, past the session's %d.", i, static_cast<long long>(p.start) + p.count, p.session->capacity);
    for (int j = 0; j < p.count; j++)
      if (p.tokens[j] < 0 || p.tokens[j] >= m.config.tokens) fail(JC_INVALID, "Expected token ids from 0 to %d, got %d.", m.config.tokens - 1, p.tokens[j]);
  }
}

// Builds the table of one run from rows of one or several passes.
struct TableBuilder {
  PassTable& table;
  const int rank, most_rows;
  int rows = 0, segments = 0, longest = 0;
  TableBuilder(PassTable& t, const jc_model& m) : table(t), rank(m.shard.rank), most_rows(m.shape.most_rows) {}
  bool full() const { return rows == most_rows; }
  // Takes up to `room` tokens of `p` from `first` on; returns how many.
  int add(const jc_pass& p, int first) {
    const int n = std::min(p.count - first, most_rows - rows);
    const Session& s = p.session->of(rank);
    table.segments[segments] = {s.keys.as<void>(), s.values.as<void>(), rows, n, p.start + first, s.capacity};
    for (int j = 0; j < n; j++) {
      table.tokens[rows] = p.tokens[first + j];
      table.positions[rows] = p.start + first + j;
      table.next_tokens[rows] = first + j + 1 < p.count ? p.tokens[first + j + 1] : -1;
      table.segment_of[rows] = segments;
      rows++;
    }
    longest = std::max(longest, p.start + first + n);
    segments++;
    return n;
  }
  Run run(const PassTable* on_device) const { return {on_device, rows, segments, (longest + kKeyChunk - 1) / kKeyChunk}; }
};

// Tables go to the device through a few pinned ones; when all are on their way, the stream is waited for.
int take_table(jc_model& m) {
  if (m.tables_used == kMostInFlight) {
    settle(m, "a pass");
    m.tables_used = 0;
  }
  return m.tables_used++;
}
// One table on the device: copies and kernels of a stream follow one another, and a recorded pass must find it where it was.
PassTable* send_table(jc_model& m, int slot) {
  check(cudaMemcpyAsync(m.table.as<void>(), m.tables_host.as<PassTable>() + slot, sizeof(PassTable), cudaMemcpyHostToDevice, m.stream), "sending a pass");
  return m.table.as<PassTable>();
}

// Results of one run lie one after the other in one device buffer and come back in one copy.
struct Results {
  size_t bytes = 0;
  size_t argmax = 0, chosen = 0, log_sum_exp = 0, entropy = 0, judge = 0, top_ids = 0, top_log_probs = 0, pre_norm = 0, post_norm = 0, logits = 0, layers = 0;

  Results(const jc_model& m, const jc_outputs& o, int rows) {
    const jc_model_config& c = m.config;
    const auto place = [&](bool wanted, size_t each) {
      const size_t at = bytes;
      if (wanted) bytes += (static_cast<size_t>(rows) * each * 4 + 15) / 16 * 16;
      return at;
    };
    argmax = place(o.argmax, 1), chosen = place(o.chosen, 1), log_sum_exp = place(o.log_sum_exp, 1), entropy = place(o.entropy, 1);
    judge = place(o.judge, o.term_count), top_ids = place(o.top, o.top), top_log_probs = place(o.top, o.top);
    pre_norm = place(o.pre_norm, c.hidden), post_norm = place(o.post_norm, c.hidden), logits = place(o.logits, m.shard.tokens.count);
    layers = place(o.layer_states, static_cast<size_t>(o.layer_count) * c.hidden);
  }
};

void check_outputs(const jc_model& m, const jc_outputs& o) {
  if (o.top < 0 || o.top > kMostTop || o.top > m.config.tokens) fail(JC_INVALID, "Expected `top` from 0 to %d, got %d.", std::min(kMostTop, m.config.tokens), o.top);
  if (o.top && (!o.top_ids || !o.top_log_probs)) fail(JC_INVALID, "`top` was asked for without arrays for it.");
  if (o.judge) {
    if (o.term_count < 1 || o.term_count > 64 || !o.terms) fail(JC_INVALID, "Expected 1 to 64 judge terms, got %d.", o.term_count);
    for (int t = 0; t < o.term_count; t++) {
      if (!m.terms.count(o.terms[t].id)) fail(JC_INVALID, "There is no judge term %d.", o.terms[t].id);
      if (o.terms[t].state < 0 || o.terms[t].state > 1 + o.layer_count) fail(JC_INVALID, "Expected `state` of a term from 0 to %d, got %d.", 1 + o.layer_count, o.terms[t].state);
    }
  }
  if (o.layer_count < 0 || o.layer_count > JC_MAX_LAYERS || (o.layer_count && !o.layers)) fail(JC_INVALID, "Expected at most %d layers to be read, got %d.", JC_MAX_LAYERS, o.layer_count);
  for (int i = 0; i < o.layer_count; i++)
    if (o.layers[i] < 1 || o.layers[i] >= m.config.layers) fail(JC_INVALID, "Expected layers from 1 to %d, got %d.", m.config.layers - 1, o.layers[i]);
}

// Of several ranks every one computes what concerns the vocabulary; the hidden state is on all of them, so what is read from it
// is rank 0's work alone.
jc_outputs outputs_of(const jc_model& m, jc_outputs o) {
  if (m.shard.rank) o.judge = o.pre_norm = o.post_norm = o.layer_states = nullptr, o.term_count = o.layer_count = 0;
  return o;
}

void prepare_outputs(jc_model& m, const jc_outputs& o, Wanted& w) {
  if (o.judge) {
    const size_t pointers = 64 * sizeof(float*);
    m.term_list.at_least(pointers + 64 * sizeof(int), "a pass");
    m.term_list_host.at_least(pointers + 64 * sizeof(int), "a pass");
    auto* list = m.term_list_host.as<const float*>();
    auto* states = reinterpret_cast<int*>(m.term_list_host.as<uint8_t>() + pointers);
    for (int t = 0; t < o.term_count; t++) {
      list[t] = m.terms.at(o.terms[t].id).as<float>();
      states[t] = o.terms[t].state;
    }
    check(cudaMemcpyAsync(m.term_list.as<void>(), list, pointers + 64 * sizeof(int), cudaMemcpyHostToDevice, m.stream), "sending judge terms");
    w.terms = m.term_list.as<const float*>();
    w.term_states = reinterpret_cast<const int*>(m.term_list.as<uint8_t>() + pointers);
    w.term_count = o.term_count;
  }
  w.layer_count = o.layer_count;
  std::copy(o.layers, o.layers + o.layer_count, w.layers);
  m.layer_rows.at_least(static_cast<size_t>(o.layer_count) * kMostRows * m.config.hidden * 4, "a pass");
  w.top = o.top;
  const int slices = (m.config.tokens + kLogitSlice - 1) / kLogitSlice;
  m.stats.at_least(static_cast<size_t>(kMostRows) * slices * sizeof(SliceStats), "a pass");
  if (o.top) m.slice_top.at_least(static_cast<size_t>(kMostRows) * slices * o.top * 8, "a pass");
}

void point(Wanted& w, const Results& r, const jc_outputs& o, uint8_t* base) {
  const auto at = [&](const void* wanted, size_t offset) { return wanted ? reinterpret_cast<float*>(base + offset) : nullptr; };
  w.argmax = reinterpret_cast<int*>(at(o.argmax, r.argmax));
  w.chosen = at(o.chosen, r.chosen), w.log_sum_exp = at(o.log_sum_exp, r.log_sum_exp), w.entropy = at(o.entropy, r.entropy);
  w.judge = at(o.judge, r.judge), w.pre_norm = at(o.pre_norm, r.pre_norm), w.post_norm = at(o.post_norm, r.post_norm), w.logits = at(o.logits, r.logits);
  w.layer_states = at(o.layer_states, r.layers);
  w.top_ids = reinterpret_cast<int*>(at(o.top ? o.top_ids : nullptr, r.top_ids));
  w.top_log_probs = at(o.top ? o.top_log_probs : nullptr, r.top_log_probs);
}

void hand_over(const jc_model& m, const jc_outputs& o, const Results& r, const uint8_t* from, int row, int rows) {
  const jc_model_config& c = m.config;
  const jc_range own = m.shard.tokens;
  if (o.logits)
    for (int i = 0; i < rows; i++)
      std::memcpy(o.logits + static_cast<size_t>(row + i) * c.tokens + own.first, from + r.logits + static_cast<size_t>(i) * own.count * 4, static_cast<size_t>(own.count) * 4);
  if (m.shard.rank) return;
  const auto copy = [&](void* to, size_t offset, size_t each) {
    if (to) std::memcpy(static_cast<uint8_t*>(to) + static_cast<size_t>(row) * each * 4, from + offset, static_cast<size_t>(rows) * each * 4);
  };
  copy(o.argmax, r.argmax, 1), copy(o.chosen, r.chosen, 1), copy(o.log_sum_exp, r.log_sum_exp, 1), copy(o.entropy, r.entropy, 1);
  copy(o.judge, r.judge, o.term_count), copy(o.pre_norm, r.pre_norm, c.hidden), copy(o.post_norm, r.post_norm, c.hidden);
  copy(o.layer_states, r.layers, static_cast<size_t>(o.layer_count) * c.hidden);
  if (o.top) copy(o.top_ids, r.top_ids, o.top), copy(o.top_log_probs, r.top_log_probs, o.top);
}

// `question`: how often this was asked in the call; all ranks stop at the same place, or none.
void stop_if_aborted(jc_model& m, const volatile int32_t* abort, int question) {
  if (!agreed(m, question, abort && *abort)) return;
  settle(m, "a pass");
  m.tables_used = 0;
  fail(JC_ABORTED, "The pass was aborted.");
}

int rows_at_most(const jc_model& m, const jc_pass* passes, int count) {
  int64_t rows = 0;
  for (int i = 0; i < count; i++) rows += passes[i].count;
  return static_cast<int>(std::min<int64_t>(rows, m.shape.most_rows));
}

// One rank's part of a call. `asked`: questions that were asked before.
struct Deciding {
  RoundOnDevice& round;
  jc_verify& verify;
};

void forward_on(jc_model& m, const jc_pass* passes, int count, const jc_outputs& asked_for, const volatile int32_t* abort, int& asked, bool first_part = true,
                const Deciding* deciding = nullptr) {
  const jc_outputs o = outputs_of(m, asked_for);
  Wanted w{};
  prepare_outputs(m, o, w);
  const bool anything = o.argmax || o.chosen || o.log_sum_exp || o.entropy || o.judge || o.pre_norm || o.post_norm || o.layer_states || o.logits || o.top;
  w.exchanged = m.group && (o.argmax || o.chosen || o.log_sum_exp || o.entropy || o.logits || o.top);
  if (anything) {
    const size_t most = Results(m, o, rows_at_most(m, passes, count)).bytes;
    m.results.at_least(most, "a pass's results");
    m.results_host.at_least(most, "a pass's results");
  }
  if (first_part) begin_together(m);
  int done = 0, pass = 0, first = 0, in_flight = 0;
  if (m.fast && count == 1 && !anything && !deciding) { // a prompt's rows that nobody asks about
    first = m.fast->read(m, *passes, [&] { stop_if_aborted(m, abort, asked++); });
    if (first == passes->count) pass++;
  }
  while (pass < count) {
    stop_if_aborted(m, abort, asked++);
    const int slot = take_table(m);
    TableBuilder b(m.tables_host.as<PassTable>()[slot], m);
    while (pass < count && !b.full()) {
      first += b.add(passes[pass], first);
      if (first == passes[pass].count) pass++, first = 0;
    }
    const PassTable* table = send_table(m, slot);
    const Results r(m, o, b.rows);
    if (anything) point(w, r, o, m.results.as<uint8_t>());
    if (deciding && !w.logits) w.logits = m.rounds.logits.as<float>();
    enqueue(m, b.run(table), w);
    if (deciding) deciding->round.enqueue(m, deciding->verify, w.logits, b.rows);
    if (anything) check(cudaMemcpyAsync(m.results_host.as<void>(), m.results.as<void>(), r.bytes, cudaMemcpyDeviceToHost, m.stream), "reading results");
    m.stopwatch.mark(m.stream);
    if (anything || ++in_flight == kMostInFlight / 2) {
      settle(m, "a pass");
      in_flight = 0;
    }
    if (anything) hand_over(m, o, r, m.results_host.as<uint8_t>(), done, b.rows);
    done += b.rows;
  }
  settle(m, "a pass");
  m.tables_used = 0;
}

// One rank's part of a draft; all ranks draw the same tokens.
void propose_on(jc_model& m, const jc_pass& pass, jc_propose& p, const volatile int32_t* abort) {
  const jc_range own = m.shard.tokens;
  jc_outputs none{};
  Wanted w{};
  prepare_outputs(m, none, w);
  m.results_host.at_least(kMostDrafts * 4, "a draft");
  DraftOnDevice drawing{};
  const bool sampled = p.shaping != nullptr;
  if (sampled) drawing.begin(m, pass, p);
  if (p.logits || sampled) {
    m.results.at_least(static_cast<size_t>(m.shape.most_rows) * own.count * 4, "a draft's scores");
    w.logits = m.results.as<float>();
  }
  begin_together(m);
  int asked = 0;
  // all of the text but what one run reads
  const int head = (pass.count - 1) / m.shape.most_rows * m.shape.most_rows;
  if (head) {
    jc_pass before = pass;
    before.count = head;
    forward_on(m, &before, 1, none, abort, asked, false);
  }
  p.drafted_count = 0;
  while (p.drafted_count < p.count) {
    stop_if_aborted(m, abort, asked++);
    const int steps = std::min(p.count - p.drafted_count, kMostDrafts);
    const int slot = take_table(m);
    PassTable& table = m.tables_host.as<PassTable>()[slot];
    table.drafts = 0;
    TableBuilder b(table, m);
    int length; // of the text once the step's tokens are in the cache
    if (p.drafted_count == 0) {
      jc_pass rest = pass;
      rest.tokens += head, rest.start += head, rest.count -= head;
      b.add(rest, 0);
      length = pass.start + pass.count;
    } else { // what was drafted last is not in the cache yet
      length = pass.start + pass.count + p.drafted_count;
      b.add({pass.session, p.drafted + p.drafted_count - 1, length - 1, 1}, 0);
    }
    PassTable* sent = send_table(m, slot);
    w.draft = sampled ? nullptr : sent;
    Run run = b.run(sent);
    for (int i = 0; i < steps; i++) {
      enqueue(m, run, w);
      if (sampled) drawing.step(m, w.logits, run.rows - 1, sent, p.drafted_count, i);
      if (p.logits && own.count)
        check(cudaMemcpyAsync(p.logits + static_cast<size_t>(p.drafted_count + i) * m.config.tokens + own.first, w.logits + static_cast<size_t>(run.rows - 1) * own.count,
                              static_cast<size_t>(own.count) * 4, cudaMemcpyDeviceToHost, m.stream),
              "reading a draft's scores");
      run = {sent, 1, 1, (++length + kKeyChunk - 1) / kKeyChunk};
    }
    int32_t* tokens = m.results_host.as<int32_t>();
    check(cudaMemcpyAsync(tokens, sent->drafted, steps * 4, cudaMemcpyDeviceToHost, m.stream), "reading a draft");
    if (sampled) drawing.fetch_fault(m);
    m.stopwatch.mark(m.stream);
    settle(m, "a draft");
    m.tables_used = 0;
    bool ended = false;
    for (int i = 0; i < steps && !ended; i++) {
      p.drafted[p.drafted_count++] = tokens[i];
      ended = std::find(p.end_tokens, p.end_tokens + p.end_token_count, tokens[i]) != p.end_tokens + p.end_token_count;
    }
    if (ended) break;
  }
  if (sampled) drawing.end(m, p);
}

} // namespace

void forward(jc_model& m, const jc_pass* passes, int count, const jc_outputs& o, const volatile int32_t* abort) {
  check_passes(m, passes, count);
  check_outputs(m, o);
  each_rank_together(m, [&](jc_model& rank) {
    int asked = 0;
    forward_on(rank, passes, count, o, abort, asked);
  });
}

void verify(jc_model& m, const jc_pass& pass, const jc_outputs& o, jc_verify& v, const volatile int32_t* abort) {
  check_passes(m, &pass, 1);
  check_outputs(m, o);
  RoundOnDevice round{};
  round.begin(m, pass, v);
  const Deciding deciding{round, v};
  int asked = 0;
  forward_on(m, &pass, 1, o, abort, asked, true, &deciding);
  round.tell(m, v, pass.count);
}

void propose(jc_model& m, const jc_pass& pass, jc_propose& p, const volatile int32_t* abort) {
  check_passes(m, &pass, 1);
  if (p.count < 1 || !p.drafted) fail(JC_INVALID, "Expected `count` of at least 1 and room for what is drafted.");
  if (static_cast<int64_t>(pass.start) + pass.count + p.count - 1 > pass.session->capacity) fail(JC_INVALID, "The draft ends past the session's %d positions.", pass.session->capacity);
  each_rank_together(m, [&](jc_model& rank) {
    if (rank.shard.rank == 0) return propose_on(rank, pass, p, abort);
    std::vector<int32_t> drafted(p.count);
    jc_propose own = p; // its logits are the caller's: each rank has columns of its own
    own.drafted = drafted.data();
    propose_on(rank, pass, own, abort);
  });
}

} // namespace jc
