// Making a model: what it takes, and memory for everything. Tensors come into it by tensors.cu.
#include "fast_prefill.hpp"
#include "group.hpp"

#include <algorithm>
#include <cstdlib>

namespace jc {
namespace {

Matrix matrix_of(Weights format, int outputs, int inputs, int blocks) {
  Matrix m;
  const int depth = format_depth(format);
  m.format = format;
  m.width = round_up(outputs, kTile);
  m.inputs = round_up(inputs, depth);
  m.stripes = {m.width / kTile, m.inputs / depth, 0};
  m.stripes.blocks = std::min(blocks, m.stripes.units());
  return m;
}

void allocate(Matrix& m, cudaStream_t stream) {
  if (m.width == 0) return; // a rank without a part of the vocabulary
  m.packed.allocate(m.packed_bytes(), "the weights");
  check(cudaMemsetAsync(m.packed.as<void>(), 0, m.packed.bytes(), stream), "clearing the weights");
  std::vector<uint8_t> counts;
  for (int t = 0; t < m.stripes.tiles; t++) counts.push_back(static_cast<uint8_t>(m.stripes.parts(t)));
  m.counts.allocate(counts.size(), "the weights");
  check(cudaMemcpyAsync(m.counts.as<void>(), counts.data(), counts.size(), cudaMemcpyHostToDevice, stream), "placing a table");
  check(cudaStreamSynchronize(stream), "placing a table");
  if (scaled_by_output(m.format)) {
    m.scales.allocate(m.width * sizeof(float), "the weights' scales");
    check(cudaMemsetAsync(m.scales.as<void>(), 0, m.scales.bytes(), stream), "clearing the weights");
  }
}

size_t matrix_bytes(const Matrix& m) { return m.packed_bytes() + (scaled_by_output(m.format) ? m.width * 4 : 0); }

struct Matrices {
  Matrix qkv, out, gate_up, down, output;
  // `tokens`: rows of the output matrix.
  Matrices(const jc_model_config& c, const Shape& s, int tokens, int blocks)
      : qkv(matrix_of(s.format, s.qkv_outputs, c.hidden, blocks)),
        out(matrix_of(s.format, c.hidden, s.query_width, blocks)),
        gate_up(matrix_of(s.format, s.gate_up_outputs, c.hidden, blocks)),
        down(matrix_of(s.format, c.hidden, c.feed_forward, blocks)),
        output(matrix_of(s.output_format, tokens, c.hidden, blocks)) {}
};

size_t parts_bytes(const Matrix& m, int rows) { return static_cast<size_t>(m.stripes.most_parts()) * rows * m.width * sizeof(float); }
size_t parts_bytes(const Matrices& m, int rows) {
  return std::max({parts_bytes(m.qkv, rows), parts_bytes(m.out, rows), parts_bytes(m.gate_up, rows), parts_bytes(m.down, rows), parts_bytes(m.output, rows)});
}

// Device memory of a pass that does not depend on the sessions.
size_t working_bytes(const jc_model_config& c, const Matrices& m, int rows) {
  return parts_bytes(m, rows) + rows * (static_cast<size_t>(c.hidden) * 4 + m.qkv.inputs * 2 + m.out.inputs * 2 + m.down.inputs * 2 + static_cast<size_t>(c.heads) * padded_head(c.head_dim) * 2) +
         kMostInFlight * sizeof(PassTable) + (1 << 20);
}

// Results of chunks of attention before they are joined: [row][head][chunk].
size_t attention_places(const jc_model_config& c, int rows, int capacity) { return static_cast<size_t>(rows) * c.heads * ((capacity + kKeyChunk - 1) / kKeyChunk); }

int multiprocessors(int device) {
  int n = 0;
  check(cudaDeviceGetAttribute(&n, cudaDevAttrMultiProcessorCount, device), "asking for its multiprocessors");
  return n;
}

// Rows of the output matrix that a rank has.
int output_rows(const jc_model_config& whole, const jc_shard& shard) { return shard.ranks == 1 ? whole.vocab_rows : shard.tokens.count; }

// What one rank takes.
uint64_t bytes_of(const jc_model_config& whole, const jc_shard& shard) {
  const jc_model_config c = jc_config_of(&whole, &shard);
  const Shape s(c);
  int blocks = 132;
  if (cudaDeviceGetAttribute(&blocks, cudaDevAttrMultiProcessorCount, c.device) != cudaSuccess) blocks = 132, cudaGetLastError();
  const Matrices m(c, s, output_rows(whole, shard), blocks);
  const size_t vectors = static_cast<size_t>(2 * c.hidden + s.qkv_outputs + c.hidden + 2 * c.head_dim) * 4;
  Link link{};
  link.ranks = shard.ranks, link.hidden = c.hidden, link.rows = kMostRows;
  return c.layers * (matrix_bytes(m.qkv) + matrix_bytes(m.out) + matrix_bytes(m.gate_up) + matrix_bytes(m.down) + vectors) + matrix_bytes(m.output) +
         static_cast<size_t>(c.vocab_rows) * c.hidden * 2 + working_bytes(c, m, s.most_rows) + (shard.ranks > 1 ? link.inbox_bytes() : 0) +
         (c.fast_rows ? FastSizes(c, m.qkv, m.out, m.gate_up, m.down).total() : 0);
}

} // namespace

Shape::Shape(const jc_model_config& c) {
  query_width = c.heads * c.head_dim;
  k_offset = round_up(query_width, 16);
  v_offset = k_offset + round_up(c.kv_heads * c.head_dim, 16);
  qkv_outputs = v_offset + round_up(c.kv_heads * c.head_dim, 16);
  gate_up_outputs = 2 * round_up(c.feed_forward, kTile / 2);
  format = static_cast<Weights>(c.weights);
  output_format = format == Weights::int4 ? Weights::int8 : format == Weights::q4_0 ? Weights::q8_0 : format;
  most_rows = std::min(most_rows_of(format), most_rows_of(output_format));
}

void check_config(const jc_model_config& c) {
  if (c.abi != JC_ABI_VERSION) fail(JC_INVALID, "Expected a caller built for ABI %d, got %d: package and library are of different versions.", JC_ABI_VERSION, c.abi);
  if (c.weights < 0 || c.weights > JC_Q4_0) fail(JC_INVALID, "Expected `weights` to be one of enum jc_weights, got %d.", c.weights);
  if (c.layers < 1 || c.heads < 1 || c.kv_heads < 1 || c.heads % c.kv_heads) fail(JC_INVALID, "Expected layers and heads, and heads a multiple of key-value heads; got %d layers, %d and %d heads.", c.layers, c.heads, c.kv_heads);
  if (c.hidden < 8 || c.hidden % 8 || c.hidden > 32768) fail(JC_UNSUPPORTED, "Expected `hidden` to be a multiple of 8 up to 32768, got %d.", c.hidden);
  if (c.feed_forward < 1) fail(JC_INVALID, "Expected `feed_forward` to be at least 1, got %d.", c.feed_forward);
  const int padded = padded_head(c.head_dim);
  if (c.head_dim < 2 || c.head_dim % 2 || (padded > 128 && padded != 256)) fail(JC_UNSUPPORTED, "Expected `head_dim` to be even and at most 128, or 226 to 256, got %d.", c.head_dim);
  if (c.tokens < 1 || c.tokens > c.vocab_rows) fail(JC_INVALID, "Expected `tokens` from 1 to the rows of the embedding (%d), got %d.", c.vocab_rows, c.tokens);
  if (c.tokens > 256 * kLogitSlice) fail(JC_UNSUPPORTED, "Expected at most %d tokens, got %d.", 256 * kLogitSlice, c.tokens);
  if (c.context < 1) fail(JC_INVALID, "Expected `context` to be at least 1, got %d.", c.context);
}

uint64_t model_bytes(const jc_model_config& c) {
  check_config(c);
  return bytes_of(c, jc_shard_of(&c, 0, 1));
}

uint64_t session_bytes(const jc_model_config& c, int capacity) {
  return 2ull * c.layers * c.kv_heads * round_up(capacity, kKeyChunk) * padded_head(c.head_dim) * 2;
}

uint64_t rank_bytes(const jc_model_config& c, int ranks) {
  check_config(c);
  char why[256];
  if (!jc_divides(&c, ranks, why)) return 0;
  return bytes_of(c, jc_shard_of(&c, 0, ranks)); // the first has the largest part of the vocabulary
}

uint64_t rank_session_bytes(const jc_model_config& c, int ranks, int capacity) {
  char why[256];
  if (!jc_divides(&c, ranks, why)) return 0;
  const jc_shard shard = jc_shard_of(&c, 0, ranks);
  return session_bytes(jc_config_of(&c, &shard), capacity);
}

void choose_device(jc_model& model) {
  const int device = model.config.device;
  int count = 0, major = 0;
  check(cudaGetDeviceCount(&count), "looking for GPUs");
  if (device < 0 || device >= count) fail(JC_INVALID, "Expected `device` from 0 to %d, got %d.", count - 1, device);
  check(cudaSetDevice(device), "choosing the GPU");
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device), "asking for its generation");
  if (major < 8) fail(JC_UNSUPPORTED, "Expected a GPU of compute capability 8.0 or newer, got %d.x.", major);
  const char* force = std::getenv("JUDGE_CUDA_PORTABLE");
  model.portable = major != 9 || (force && *force == '1');
  if (!model.portable) check(product_setup(), "preparing the products' kernels");
  check(attention_setup(), "preparing attention's kernels");
  model.blocks = multiprocessors(device);
}

void furnish(jc_model& model) {
  const jc_model_config& c = model.config;
  model.inverse_frequencies.assign(c.inverse_frequencies, c.inverse_frequencies + c.head_dim / 2);
  model.config.inverse_frequencies = model.inverse_frequencies.data();
  const int tokens = output_rows(model.whole, model.shard);
  Matrices m(c, model.shape, tokens, model.blocks);
  const int rows = model.shape.most_rows;
  const size_t working = parts_bytes(m, rows);
  for (int i = 0; i < c.layers; i++) {
    Matrices own(c, model.shape, tokens, model.blocks);
    Layer l;
    l.qkv = std::move(own.qkv), l.out = std::move(own.out), l.gate_up = std::move(own.gate_up), l.down = std::move(own.down);
    for (Matrix* x : {&l.qkv, &l.out, &l.gate_up, &l.down}) allocate(*x, model.stream);
    l.attention_norm.allocate(c.hidden * 4, "a norm");
    l.feed_forward_norm.allocate(c.hidden * 4, "a norm");
    if (c.flags & (JC_Q_HAS_BIAS | JC_K_HAS_BIAS | JC_V_HAS_BIAS)) {
      l.qkv_bias.allocate(model.shape.qkv_outputs * 4, "a bias");
      check(cudaMemsetAsync(l.qkv_bias.as<void>(), 0, l.qkv_bias.bytes(), model.stream), "clearing a bias");
    }
    if (c.flags & JC_O_HAS_BIAS) l.out_bias.allocate(c.hidden * 4, "a bias");
    if (c.flags & JC_QK_NORM) l.q_norm.allocate(c.head_dim * 4, "a norm"), l.k_norm.allocate(c.head_dim * 4, "a norm");
    model.layers.push_back(std::move(l));
  }
  model.output = std::move(m.output);
  allocate(model.output, model.stream);
  model.final_norm.allocate(c.hidden * 4, "a norm");
  model.embedding.allocate(static_cast<size_t>(c.vocab_rows) * c.hidden * 2, "the embedding");
  const Layer& l = model.layers[0];
  model.parts.allocate(working, "a pass");
  model.table.allocate(sizeof(PassTable), "a pass");
  model.tables_host.at_least(kMostInFlight * sizeof(PassTable), "a pass");
  model.frequencies.allocate(c.head_dim / 2 * 4, "a pass");
  model.rotations.allocate(static_cast<size_t>(rows) * c.head_dim / 2 * 8, "a pass");
  model.residual.allocate(static_cast<size_t>(rows) * c.hidden * 4, "a pass");
  model.squares.allocate(static_cast<size_t>(kMostRows) * ((c.hidden + kTile - 1) / kTile) * 4, "a pass");
  model.normed.allocate(static_cast<size_t>(rows) * std::max(l.qkv.inputs, model.output.inputs) * 2, "a pass");
  model.attended.allocate(static_cast<size_t>(rows) * l.out.inputs * 2, "a pass");
  model.gated.allocate(static_cast<size_t>(rows) * l.down.inputs * 2, "a pass");
  model.queries.allocate(static_cast<size_t>(rows) * c.heads * padded_head(c.head_dim) * 2, "a pass");
  for (DeviceBuffer* b : {&model.normed, &model.attended, &model.gated, &model.queries}) // rows a pass does not have are read, too
    check(cudaMemsetAsync(b->as<void>(), 0, b->bytes(), model.stream), "clearing a pass");
  check(cudaMemcpyAsync(model.frequencies.as<void>(), c.inverse_frequencies, c.head_dim / 2 * 4, cudaMemcpyHostToDevice, model.stream), "placing frequencies");
  check(cudaStreamSynchronize(model.stream), "making a model");
  if (c.fast_rows) model.fast = std::make_shared<FastPrefill>(model);
}

jc_model* create_model(const jc_model_config& config) {
  check_config(config);
  check_fast(config, 1);
  auto model = std::make_unique<jc_model>(config);
  choose_device(*model);
  check(cudaStreamCreateWithFlags(&model->stream, cudaStreamNonBlocking), "making a stream");
  furnish(*model);
  return model.release();
}

namespace {
// A rank's part of a session: its heads' keys and values.
void fill_session(jc_model& model, Session& session, int capacity) {
  session.model = &model;
  session.capacity = round_up(capacity, kKeyChunk);
  const size_t side = session_bytes(model.config, capacity) / 2;
  session.keys.allocate(side, "a session's cache");
  session.values.allocate(side, "a session's cache");
  // what is masked is multiplied by nought, so it must be a number
  check(cudaMemsetAsync(session.keys.as<void>(), 0, side, model.stream), "clearing a cache");
  check(cudaMemsetAsync(session.values.as<void>(), 0, side, model.stream), "clearing a cache");
  const size_t places = attention_places(model.config, model.shape.most_rows, capacity);
  model.partial.at_least(places * padded_head(model.config.head_dim) * 4, "a pass");
  model.partial_max.at_least(places * 8, "a pass");
  check(cudaStreamSynchronize(model.stream), "making a session");
}
} // namespace

jc_session* create_session(jc_model& model, int capacity) {
  if (capacity < 1 || capacity > model.config.context) fail(JC_INVALID, "Expected `capacity` from 1 to the context of %d tokens, got %d.", model.config.context, capacity);
  auto session = std::make_unique<jc_session>();
  for (int i = 1; i < model.shard.ranks; i++) session->others.push_back(std::make_unique<Session>());
  each_rank(model, [&](jc_model& rank) {
    const int i = rank.shard.rank;
    fill_session(rank, i ? *session->others[i - 1] : *session, capacity);
  });
  session->model = &model;
  model.sessions.insert(session.get());
  return session.release();
}

void Stopwatch::start(cudaStream_t stream) {
  if (!begin) {
    check(cudaEventCreate(&begin), "making an event");
    check(cudaEventCreate(&end), "making an event");
  }
  on = true;
  check(cudaEventRecord(begin, stream), "measuring");
  check(cudaEventRecord(end, stream), "measuring");
}
uint64_t Stopwatch::nanoseconds() {
  on = false;
  float ms = 0;
  return cudaEventElapsedTime(&ms, begin, end) == cudaSuccess ? static_cast<uint64_t>(ms * 1e6) : 0;
}
Stopwatch::~Stopwatch() {
  if (begin) cudaEventDestroy(begin);
  if (end) cudaEventDestroy(end);
}

} // namespace jc

jc_model::~jc_model() {
  runner_end(&runner);
  cudaSetDevice(config.device);
  if (stream) cudaStreamSynchronize(stream);
  graphs.clear();
  for (jc_session* s : sessions) delete s;
  if (stream) cudaStreamDestroy(stream);
}
