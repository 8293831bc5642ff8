// Making a model: memory for everything, then tensors one by one, each uploaded, quantised and packed where it belongs.
#include "fast_prefill.hpp"
#include "group.hpp"
#include "source.cuh"

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

// Where a tensor goes and what it must look like.
struct Place {
  const char* name;
  int64_t rows, cols; // of all ranks
  Matrix* matrix;  // packed there …
  int row_offset, run, stride; // see PackArgs
  DeviceBuffer* vector; // … or kept as float32 there, at an offset in values
  int offset;
  bool wanted;
};

constexpr int kAllRows = 1 << 30; // one run

Place place_of(jc_model& model, int tensor, int layer) {
  const jc_model_config& c = model.whole;
  const Shape& s = model.shape;
  if (layer < 0 || layer >= c.layers) fail(JC_INVALID, "Expected `layer` from 0 to %d, got %d.", c.layers - 1, layer);
  Layer& l = model.layers[layer];
  const int kv = c.kv_heads * c.head_dim, queries = c.heads * c.head_dim;
  const bool first = layer == 0;
  switch (tensor) {
    case JC_EMBEDDING: return {"embedding", c.vocab_rows, c.hidden, nullptr, 0, kAllRows, 0, &model.embedding, 0, first};
    case JC_OUTPUT: return {"output", c.vocab_rows, c.hidden, &model.output, 0, kAllRows, 0, nullptr, 0, first && !(c.flags & JC_TIED)};
    case JC_FINAL_NORM: return {"final norm", c.hidden, 1, nullptr, 0, kAllRows, 0, &model.final_norm, 0, first};
    case JC_ATTENTION_NORM: return {"attention norm", c.hidden, 1, nullptr, 0, kAllRows, 0, &l.attention_norm, 0, true};
    case JC_FEED_FORWARD_NORM: return {"feed-forward norm", c.hidden, 1, nullptr, 0, kAllRows, 0, &l.feed_forward_norm, 0, true};
    case JC_Q: return {"query", queries, c.hidden, &l.qkv, 0, kAllRows, 0, nullptr, 0, true};
    case JC_K: return {"key", kv, c.hidden, &l.qkv, s.k_offset, kAllRows, 0, nullptr, 0, true};
    case JC_V: return {"value", kv, c.hidden, &l.qkv, s.v_offset, kAllRows, 0, nullptr, 0, true};
    case JC_O: return {"attention output", c.hidden, queries, &l.out, 0, kAllRows, 0, nullptr, 0, true};
    case JC_Q_BIAS: return {"query bias", queries, 1, nullptr, 0, kAllRows, 0, &l.qkv_bias, 0, (c.flags & JC_Q_HAS_BIAS) != 0};
    case JC_K_BIAS: return {"key bias", kv, 1, nullptr, 0, kAllRows, 0, &l.qkv_bias, s.k_offset, (c.flags & JC_K_HAS_BIAS) != 0};
    case JC_V_BIAS: return {"value bias", kv, 1, nullptr, 0, kAllRows, 0, &l.qkv_bias, s.v_offset, (c.flags & JC_V_HAS_BIAS) != 0};
    case JC_O_BIAS: return {"attention output bias", c.hidden, 1, nullptr, 0, kAllRows, 0, &l.out_bias, 0, (c.flags & JC_O_HAS_BIAS) != 0};
    case JC_Q_NORM: return {"query norm", c.head_dim, 1, nullptr, 0, kAllRows, 0, &l.q_norm, 0, (c.flags & JC_QK_NORM) != 0};
    case JC_K_NORM: return {"key norm", c.head_dim, 1, nullptr, 0, kAllRows, 0, &l.k_norm, 0, (c.flags & JC_QK_NORM) != 0};
    case JC_GATE: return {"gate", c.feed_forward, c.hidden, &l.gate_up, 0, kTile / 2, kTile, nullptr, 0, true};
    case JC_UP: return {"up", c.feed_forward, c.hidden, &l.gate_up, kTile / 2, kTile / 2, kTile, nullptr, 0, true};
    case JC_DOWN: return {"down", c.hidden, c.feed_forward, &l.down, 0, kAllRows, 0, nullptr, 0, true};
    default: fail(JC_INVALID, "Expected `tensor` to be one of enum jc_tensor, got %d.", tensor);
  }
}

// This rank's part of a tensor; of one rank, all of it.
jc_part part_of(const jc_model& model, int tensor, const Place& at) {
  if (model.shard.ranks == 1) return {jc_whole(static_cast<int32_t>(at.rows)), jc_whole(static_cast<int32_t>(at.cols))};
  return jc_part_of(&model.whole, &model.shard, tensor, at.rows, at.cols);
}

// `source`: all of the tensor, from row `first` on.
void pack_into(jc_model& model, Matrix& m, const Place& at, const jc_part& part, const void* source, int first, int source_type, uint64_t seed) {
  if (part.rows.count == 0) return;
  if (source && carries(m.format, source_type) && part.cols.first % kBlock)
    fail(JC_UNSUPPORTED, "Expected parts of whole blocks of %d columns over %d ranks, a rank's part of the %s begins at column %d: use int8.", kBlock, model.shard.ranks, at.name, part.cols.first);
  PackArgs p{};
  p.source = source;
  p.source_type = source_type;
  p.seed = seed;
  p.magnitude = 1.7f / std::sqrt(static_cast<float>(at.cols)); // evenly spread: a product's rows keep the size of its input
  p.rows = part.rows.count, p.cols = part.cols.count;
  p.first_row = part.rows.first - first, p.first_col = part.cols.first, p.all_cols = static_cast<int>(at.cols);
  p.row_offset = at.row_offset, p.run = at.run, p.stride = at.stride;
  p.per_tile = m.stripes.per_tile;
  p.packed = m.packed.as<uint8_t>();
  p.scales = m.scales.as<float>();
  check(run_pack(m.format, p, model.stream), "packing weights");
}

// `source`: from the first row of the rank's part on; null: made up from `seed`.
void place_tensor(jc_model& model, int tensor, int layer, const Place& at, const void* source, int type, uint64_t seed) {
  const jc_part part = part_of(model, tensor, at);
  const int first = source ? part.rows.first : 0;
  if (at.matrix) pack_into(model, *at.matrix, at, part, source, first, type, seed);
  if (at.vector) {
    const size_t begin = static_cast<size_t>(part.rows.first - first) * at.cols, count = static_cast<size_t>(part.rows.count) * at.cols;
    const bool embedding = tensor == JC_EMBEDDING, norm = at.cols == 1 && at.offset == 0 && tensor != JC_Q_BIAS && tensor != JC_O_BIAS;
    void* to = embedding ? at.vector->as<void>() : at.vector->as<float>() + at.offset;
    if (embedding && source && type != JC_SOURCE_F32) { // all of it on every rank, as stored
      model.embedding_source = type;
      check(cudaMemcpyAsync(to, source, source_bytes(type, count), cudaMemcpyDeviceToDevice, model.stream), "placing a tensor");
    } else {
      check(run_convert(source, type, seed, embedding ? 1.f : 0.02f, norm ? 1.f : 0.f, begin, count, to, embedding, model.stream), "placing a tensor");
    }
    if (embedding && (model.config.flags & JC_TIED)) {
      const bool made_up = source == nullptr; // of the embedding's own size, not of one that keeps a row's
      pack_into(model, model.output, at, part_of(model, JC_OUTPUT, at), made_up ? to : source, 0, made_up ? JC_SOURCE_BF16 : type, seed);
    }
  }
  model.given.insert({tensor, layer});
}

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

void put_tensor(jc_model& model, int tensor, int layer, int source, const void* data, int64_t rows, int64_t cols) {
  const Place at = place_of(model, tensor, layer);
  if (!at.wanted) fail(JC_INVALID, "This model has no %s in layer %d.", at.name, layer);
  if (rows != at.rows || cols != at.cols)
    fail(JC_INVALID, "Expected %s of layer %d to be [%lld, %lld], got [%lld, %lld].", at.name, layer, static_cast<long long>(at.rows), static_cast<long long>(at.cols),
         static_cast<long long>(rows), static_cast<long long>(cols));
  if (source < 0 || source > JC_SOURCE_Q4_0) fail(JC_INVALID, "Expected `source` to be one of enum jc_source, got %d.", source);
  if (source >= JC_SOURCE_Q8_0 && cols % kBlock) fail(JC_INVALID, "Expected blocks of a matrix whose columns are a multiple of %d, %s of layer %d has %lld.", kBlock, at.name, layer, static_cast<long long>(cols));
  if (model.given.count({tensor, layer})) fail(JC_INVALID, "The %s of layer %d was given twice.", at.name, layer);
  // each rank takes the rows of its part; where its part is columns, all of them: scales are those of whole rows
  each_rank(model, [&](jc_model& rank) {
    const jc_range own = part_of(rank, tensor, at).rows;
    const size_t row_bytes = source_bytes(source, cols);
    rank.upload.at_least(own.count * row_bytes, "a tensor on its way");
    if (own.count)
      check(cudaMemcpyAsync(rank.upload.as<void>(), static_cast<const uint8_t*>(data) + own.first * row_bytes, own.count * row_bytes, cudaMemcpyHostToDevice, rank.stream), "uploading a tensor");
    place_tensor(rank, tensor, layer, place_of(rank, tensor, layer), rank.upload.as<void>(), source, 0);
    check(cudaStreamSynchronize(rank.stream), "packing a tensor");
  });
}

namespace {
template <typename Visit> void each_tensor(jc_model& model, Visit visit) {
  for (int layer = 0; layer < model.config.layers; layer++)
    for (int tensor = JC_EMBEDDING; tensor <= JC_DOWN; tensor++) {
      const Place at = place_of(model, tensor, layer);
      if (at.wanted && !model.given.count({tensor, layer})) visit(tensor, layer, at);
    }
}
} // namespace

void synthesize(jc_model& model, uint64_t seed) {
  each_rank(model, [&](jc_model& rank) {
    each_tensor(rank, [&](int tensor, int layer, const Place& at) {
      place_tensor(rank, tensor, layer, at, nullptr, 0, seed * 0x9e3779b97f4a7c15ull + static_cast<uint64_t>(layer * 64 + tensor));
    });
    check(cudaStreamSynchronize(rank.stream), "making weights up");
  });
}

void finish_model(jc_model& model) {
  each_tensor(model, [](int, int layer, const Place& at) { fail(JC_INVALID, "The %s of layer %d was not given.", at.name, layer); });
  each_rank(model, [](jc_model& rank) { rank.upload.allocate(0, ""); });
  model.finished = true;
}

uint64_t packed_copy(jc_model& model, int tensor, int layer, void* out) {
  const Place at = place_of(model, tensor, layer);
  const Matrix* m = at.matrix ? at.matrix : tensor == JC_EMBEDDING ? &model.output : nullptr;
  if (!m) fail(JC_INVALID, "The %s is not packed.", at.name);
  if (out) check(cudaMemcpy(out, m->packed.as<void>(), m->packed.bytes(), cudaMemcpyDeviceToHost), "reading weights back");
  return m->packed.bytes();
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
