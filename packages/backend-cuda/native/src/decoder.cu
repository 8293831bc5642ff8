#include "decoder.hpp"
#include "group.hpp"

#include <cmath>
#include <cstring>

namespace jc {
namespace {

class Enqueue {
 public:
  Enqueue(jc_model& model, const Run& run) : m(model), c(model.config), run(run), stream{model.stream, model.portable, model.blocks, model.serial} {}

  void layers(const Wanted& w) {
    begin();
    for (int i = 0; i < c.layers; i++) {
      const Layer& l = m.layers[i];
      const bool more = i + 1 < c.layers;
      attention(l, i, product(l.qkv, m.normed, true));
      residual(product(l.out, m.attended, false), l.out_bias.as<float>(), l.feed_forward_norm, l.gate_up.inputs, 0);
      const Parts gate_up = product(l.gate_up, m.normed, true);
      launched(run_swiglu(gate_up, m.gated.as<__nv_bfloat16>(), c.feed_forward, l.down.inputs, run.rows, stream));
      residual(product(l.down, m.gated, false), nullptr, more ? m.layers[i + 1].attention_norm : m.final_norm, more ? l.qkv.inputs : m.output.inputs, 1);
      keep(w, i + 1);
    }
  }

  void residuals(int count) {
    const Layer& l = m.layers[0];
    const Parts parts{m.parts.as<float>(), l.out.width, static_cast<size_t>(run.rows) * l.out.width, l.out.counts.as<uint8_t>()};
    for (int i = 0; i < count; i++) residual(parts, nullptr, l.feed_forward_norm, l.gate_up.inputs, i & 1);
  }

  // What the residual stream is behind a layer that is asked for.
  void keep(const Wanted& w, int layer) {
    const size_t bytes = static_cast<size_t>(run.rows) * c.hidden * 4;
    for (int i = 0; i < w.layer_count; i++)
      if (w.layers[i] == layer)
        check(cudaMemcpyAsync(m.layer_rows.as<float>() + static_cast<size_t>(i) * kMostRows * c.hidden, m.residual.as<void>(), bytes, cudaMemcpyDeviceToDevice, m.stream), "keeping a layer");
  }

  void states(const Wanted& w) {
    StatesArgs a{};
    a.residual = m.residual.as<float>(), a.norm = m.final_norm.as<float>(), a.epsilon = c.norm_epsilon;
    a.hidden = c.hidden, a.rows = run.rows;
    a.pre_norm = w.pre_norm, a.post_norm = w.post_norm;
    a.judge = w.judge, a.terms = w.terms, a.term_states = w.term_states, a.term_count = w.judge ? w.term_count : 0;
    a.layer_rows = m.layer_rows.as<float>(), a.layer_count = w.layer_count, a.layer_states = w.layer_states;
    launched(run_states(a, stream));
  }

  void scores(const Wanted& w) {
    LogitArgs l{};
    l.table = run.table;
    if (m.output.width) l.parts = product(m.output, m.normed, true);
    l.tokens = m.shard.tokens.count, l.rows = run.rows, l.top = w.top;
    l.slices = (l.tokens + kLogitSlice - 1) / kLogitSlice;
    l.link = link(), l.first_token = m.shard.tokens.first;
    l.stats = m.stats.as<SliceStats>(), l.slice_top = m.slice_top.as<float2>();
    l.argmax = w.argmax, l.chosen = w.chosen, l.log_sum_exp = w.log_sum_exp, l.entropy = w.entropy;
    l.top_ids = w.top_ids, l.top_log_probs = w.top_log_probs, l.logits = w.logits, l.draft = w.draft;
    l.gathers = l.link.gathered;
    launched(run_logits(l, stream));
    if (!l.gathers) return;
    gather(l.link.message_slot(0, 0), l.link.message_slot(1, 0) - l.link.message_slot(0, 0));
    l.gathers = false;
    launched(run_ranks_row(l, stream));
  }

 private:
  jc_model& m;
  const jc_model_config& c;
  const Run& run;
  const Stream stream;

  static void launched(cudaError_t e) { check(e, "starting a kernel"); }
  int square_tiles() const { return (c.hidden + kTile - 1) / kTile; }

  ResidualArgs residual_args(const Parts& added, const float* bias, const DeviceBuffer& next_norm, int inputs) const {
    return {m.residual.as<float>(), added, bias, next_norm.as<float>(), m.normed.as<__nv_bfloat16>(), m.squares.as<float>(), c.hidden, square_tiles(), inputs, (inputs + kTile - 1) / kTile,
            row_blocks_for(run.rows), link(), 0};
  }
  Link link() const {
    Link l = m.link;
    if (l.gathered) l.rows = run.rows;
    return l;
  }
  // Vectors of the inbox, `each` a rank's, from all ranks to all.
  void gather(size_t first, size_t each) { m.group->nccl->gather(m.shard.rank, m.link.inbox[m.shard.rank] + first, 16 * each, m.stream); }

  void residual(const Parts& added, const float* bias, const DeviceBuffer& next_norm, int inputs, int turn) {
    ResidualArgs a = residual_args(added, bias, next_norm, inputs);
    a.turn = turn;
    if (m.link.gathered) {
      launched(run_own_part(a, run.rows, stream));
      gather(a.link.sum_slot(turn, 0, 0), a.link.sum_slot(0, 1, 0));
    }
    launched(run_residual(a, run.rows, stream));
  }

  void begin() {
    BeginArgs a{};
    a.table = run.table, a.inverse_frequencies = m.frequencies.as<float>(), a.rope_scale = c.rope_scale;
    a.half = c.head_dim / 2, a.rows = run.rows, a.rotations = m.rotations.as<float2>();
    a.embedding = m.embedding.as<void>(), a.embedding_source = m.embedding_source;
    a.to = residual_args({}, nullptr, m.layers[0].attention_norm, m.layers[0].qkv.inputs);
    launched(run_begin(a, stream));
  }

  // `normed`: the rows still lack their 1 / rms.
  Parts product(const Matrix& x, const DeviceBuffer& activations, bool normed) {
    ProductArgs a{};
    a.weights = x.packed.as<uint8_t>(), a.scales = x.scales.as<float>();
    a.activations = activations.as<uint8_t>();
    a.parts = m.parts.as<float>(), a.part_stride = static_cast<size_t>(run.rows) * x.width;
    a.squares = normed ? m.squares.as<float>() : nullptr, a.square_tiles = normed ? square_tiles() : 0;
    a.hidden = c.hidden, a.epsilon = c.norm_epsilon;
    a.width = x.width, a.rows = run.rows, a.stripes = x.stripes;
    launched(run_product(x.format, a, stream));
    return {a.parts, a.width, a.part_stride, x.counts.as<uint8_t>()};
  }

  void attention(const Layer& l, int layer, const Parts& qkv) {
    QkvArgs q{};
    q.table = run.table, q.parts = qkv;
    q.bias = l.qkv_bias.as<float>(), q.q_norm = l.q_norm.as<float>(), q.k_norm = l.k_norm.as<float>();
    q.rotations = m.rotations.as<float2>(), q.queries = m.queries.as<__nv_bfloat16>(), q.epsilon = c.norm_epsilon;
    q.layer = layer, q.heads = c.heads, q.kv_heads = c.kv_heads, q.head_dim = c.head_dim;
    q.k_offset = m.shape.k_offset, q.v_offset = m.shape.v_offset, q.rows = run.rows;
    AttentionArgs a{};
    a.table = run.table, a.queries = q.queries;
    a.partial = m.partial.as<float>(), a.partial_max = m.partial_max.as<float2>();
    a.layer = layer, a.heads = c.heads, a.kv_heads = c.kv_heads, a.head_dim = c.head_dim;
    a.rows = run.rows, a.segments = run.segments, a.chunks = run.chunks, a.row_blocks = row_blocks_for(run.rows), a.padded_out = l.out.inputs;
    a.scale = 1.4426950408889634f / std::sqrt(static_cast<float>(c.head_dim));
    a.activations = m.attended.as<__nv_bfloat16>();
    launched(run_qkv(q, stream));
    launched(run_attention(a, stream));
    launched(run_join(a, stream));
  }
};

void launch_all(jc_model& model, const Run& run, const Wanted& wanted) {
  Enqueue e(model, run);
  e.layers(wanted);
  if (wanted.states()) e.states(wanted);
  if (wanted.scores()) e.scores(wanted);
}

// Everything the kernels' arguments are made of that can differ between two runs of a model.
std::string key_of(const jc_model& m, const Run& run, const Wanted& w) {
  const void* buffers[] = {m.partial.as<void>(), m.partial_max.as<void>(), m.stats.as<void>(), m.slice_top.as<void>(), m.layer_rows.as<void>()};
  std::string key(sizeof run + sizeof w + sizeof buffers, '\0');
  std::memcpy(key.data(), &run, sizeof run);
  std::memcpy(key.data() + sizeof run, &w, sizeof w);
  std::memcpy(key.data() + sizeof run + sizeof w, buffers, sizeof buffers);
  return key;
}

constexpr size_t kMostGraphs = 128;

cudaGraphExec_t capture(jc_model& model, const Run& run, const Wanted& wanted) {
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t exec = nullptr;
  check(cudaStreamBeginCapture(model.stream, cudaStreamCaptureModeThreadLocal), "recording a pass");
  try {
    launch_all(model, run, wanted);
  } catch (...) {
    cudaStreamEndCapture(model.stream, &graph);
    if (graph) cudaGraphDestroy(graph);
    throw;
  }
  check(cudaStreamEndCapture(model.stream, &graph), "recording a pass");
  const cudaError_t made = cudaGraphInstantiate(&exec, graph, 0);
  cudaGraphDestroy(graph);
  check(made, "recording a pass");
  return exec;
}

} // namespace

Graphs::~Graphs() { clear(); }
void Graphs::clear() {
  for (auto& [key, entry] : entries)
    if (entry.exec) cudaGraphExecDestroy(entry.exec);
  entries.clear();
}

void enqueue(jc_model& model, const Run& run, const Wanted& wanted) {
  if (model.graphs.entries.size() >= kMostGraphs) {
    settle(model, "a pass");
    model.graphs.clear();
  }
  // Where ranks share a GPU, making a graph (and loading kernels) waits for all that runs there: nothing may, then, that waits for
  // this rank in turn.
  if (model.at_once) meet(model);
  Graphs::Entry& entry = model.graphs.entries[key_of(model, run, wanted)];
  if (++entry.uses < 3 && !model.at_once) return launch_all(model, run, wanted);
  if (!entry.exec) {
    entry.exec = capture(model, run, wanted);
    check(cudaGraphUpload(entry.exec, model.stream), "placing a recorded pass");
  }
  if (model.at_once) meet(model);
  check(cudaGraphLaunch(entry.exec, model.stream), "starting a pass");
}

void enqueue_residuals(jc_model& model, int rows, int count) { Enqueue(model, {nullptr, rows, 0, 0}).residuals(count); }

} // namespace jc
